"""The Open Inference Protocol's messages as they travel, and the call they mean."""

from typing import Any, NamedTuple

import msgspec
import numpy as np

HEADER_LENGTH = "inference-header-content-length"
"""Length of the JSON part of a request or answer whose tensors follow in binary."""


class WireTensor(msgspec.Struct):
    """One input of a request; `data` is decoded by its datatype."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] | None = None


class WireOutput(msgspec.Struct):
    """One output that a request asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class WireRequest(msgspec.Struct):
    """An infer request; unknown members, which real clients send, are ignored."""

    inputs: list[WireTensor]
    id: str | None = None
    parameters: dict[str, Any] | None = None
    outputs: list[WireOutput] | None = None


class Wanted(NamedTuple):
    """An output to send, and whether it goes as binary."""

    name: str
    binary: bool


class Call(NamedTuple):
    """A request whose inputs fit the signature; `outputs` None means all of them, as JSON."""

    inputs: dict[str, np.ndarray]
    outputs: tuple[Wanted, ...] | None = None
    id: str | None = None
