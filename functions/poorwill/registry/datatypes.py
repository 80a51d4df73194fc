"""The tensor types of the Open Inference Protocol v2, each with its numpy and its ONNX name.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
BYTES tensors are object arrays of bytes; BF16, which numpy lacks, is kept as its 16 bits in uint16.
"""

from typing import NamedTuple

import numpy as np


class Datatype(NamedTuple):
    """One tensor type: the protocol's name, numpy's, ONNX's, and its size (0 for BYTES, which has none)."""

    name: str
    numpy: np.dtype
    onnx: str
    size_bytes: int


_ROWS = (
    ("BOOL", "?", "tensor(bool)"),
    ("UINT8", "<u1", "tensor(uint8)"),
    ("UINT16", "<u2", "tensor(uint16)"),
    ("UINT32", "<u4", "tensor(uint32)"),
    ("UINT64", "<u8", "tensor(uint64)"),
    ("INT8", "<i1", "tensor(int8)"),
    ("INT16", "<i2", "tensor(int16)"),
    ("INT32", "<i4", "tensor(int32)"),
    ("INT64", "<i8", "tensor(int64)"),
    ("FP16", "<f2", "tensor(float16)"),
    ("FP32", "<f4", "tensor(float)"),
    ("FP64", "<f8", "tensor(double)"),
    ("BF16", "<u2", "tensor(bfloat16)"),
    ("BYTES", "O", "tensor(string)"),
)

DATATYPES = {
    name: Datatype(name, np.dtype(kind), onnx, 0 if kind == "O" else np.dtype(kind).itemsize)
    for name, kind, onnx in _ROWS
}
FROM_ONNX = {row.onnx: row.name for row in DATATYPES.values()}
