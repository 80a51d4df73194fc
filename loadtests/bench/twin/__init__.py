"""What the twin adds: to a warm request, to a wake, and to a machine on which two hundred versions sleep."""
