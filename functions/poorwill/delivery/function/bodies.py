"""What the deploy function takes: one JSON object for each verb, named as the command's arguments are."""

from typing import TypeVar

import msgspec

from poorwill.errors import Fault, InvalidRequestError


class DeployBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`poorwill deploy`."""

    version: str  # digits@3
    image: str = ""  # by digest
    wait: bool = True
    dry_run: bool = False


class SplitBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`poorwill split`."""

    model: str
    split: dict[str, int]  # percents by tag, {"v2": 90, "v3": 10}
    dry_run: bool = False


class RollbackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`poorwill rollback`."""

    model: str
    dry_run: bool = False


class DeleteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`poorwill delete`."""

    name: str  # digits, or digits@3
    with_traffic: bool = False  # a whole model though it has traffic
    dry_run: bool = False


class Registered(msgspec.Struct, frozen=True):
    """The data of `dev.poorwill.model.registered`; members that a later schema adds are passed over."""

    model: str
    version: int
    digest: str = ""  # where it is given, the version must have it
    percent: int = 0  # of the model's traffic, if the version is new to it


Body = TypeVar("Body", DeployBody, SplitBody, RollbackBody, DeleteBody, Registered)


def decoded(kind: type[Body], content: bytes, where: str = "body") -> Body:
    """Return what a JSON text means; InvalidRequestError, unquoted, where it is not of that kind."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        optional = {field.name for field in msgspec.structs.fields(kind) if not field.required}
        members = ", ".join(
            f"{name} (may be left out)" if name in optional else name for name in kind.__struct_fields__
        )
        fault = Fault(where, f"a JSON object of {members}", "something else", "see docs/delivery.md")
        raise InvalidRequestError(fault) from None
