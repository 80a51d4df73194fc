"""Where the functions' own files are, which functions-framework loads by their path."""

from pathlib import Path

SPEC_FILE = "pipeline.yaml"
"""What the folder of a pipeline has, as that of a function has a main.py."""

_PACKAGED = Path(__file__).parents[2] / "functions"  # in a wheel and in an image
_CHECKOUT = Path(__file__).parents[3]


def main_file(name: str) -> Path:
    """Return a function's main.py."""
    packaged = _PACKAGED / name / "main.py"
    return packaged if packaged.is_file() else _CHECKOUT / name / "main.py"
