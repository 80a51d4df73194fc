"""The Open Inference Protocol's messages as they travel, and the call they mean."""

from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import numpy as np

from poorwill.serving.message import HEADER_LENGTH as HEADER_LENGTH  # noqa: PLC0414 - under the protocol's roof

Data = TypeVar("Data")
"""What `data` is read as: a flat list where all inputs are of one datatype, else the text of it for each to read."""


class WireTensor(msgspec.Struct, Generic[Data]):
    """One input of a request."""

    name: str
    shape: tuple[int, ...]
    datatype: str
    data: Data | msgspec.UnsetType = msgspec.UNSET
    parameters: dict[str, Any] | None = None


class WireOutput(msgspec.Struct):
    """One output that a request asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class WireRequest(msgspec.Struct, Generic[Data]):
    """An infer request; unknown members, which real clients send, are ignored."""

    inputs: list[WireTensor[Data]]
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
