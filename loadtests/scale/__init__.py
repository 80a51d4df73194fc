"""How far one registry and one twin carry: commands and memory with a thousand models and ten thousand versions."""
