"""The names of files that hold a model's big tensors beside it; they come from the model file, so nobody trusts them.

https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
"""

from posixpath import normpath

MODEL_FILE = "model.onnx"
"""The model's own name, wherever Poorwill writes one beside its external data."""


def is_inside(name: str) -> bool:
    """Return whether the name is a path that stays in the model's folder, written the one plain way."""
    plain = name.isprintable() and "\\" not in name and ":" not in name and not name.startswith(("/", "~"))
    return plain and name == normpath(name) and name not in {"", ".", ".."} and not name.startswith("../")
