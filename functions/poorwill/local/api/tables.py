"""Objects as callers want them shown: whole, as metadata alone, or as the rows of a Table."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from poorwill.kinds.kind import EVENT, Kind, Object
from poorwill.local.api.jsonpath import value_at
from poorwill.local.api.printers import PRINTED, UNKNOWN, since
from poorwill.local.api.status import StatusError

META = "meta.k8s.io/v1"


class Column(NamedTuple):
    """One column of a Table, and how its cell is made."""

    definition: Object
    cell: Callable[[Object, datetime], Any]


class View(NamedTuple):
    """How a caller wants objects: as (Table, PartialObjectMetadata or "" for whole), and what of each is in a row."""

    form: str = ""
    included: str = "Metadata"  # None, Metadata or Object


def view(accept: str, included: str) -> View:
    """Return the form that an Accept header asks for first and that there is; NotAcceptable where there is none."""
    for choice in accept.split(",") if accept else ("*/*",):
        media_type, *parameters = (part.strip() for part in choice.split(";"))
        wanted = dict(part.partition("=")[::2] for part in parameters)
        if media_type not in {"application/json", "application/*", "*/*"}:
            continue
        form = wanted.get("as", "").removesuffix("List")
        if not form or (form in {"Table", "PartialObjectMetadata"} and wanted.get("v") == "v1"):
            return View(form, included or "Metadata")
    message = (
        "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io"
    )
    raise StatusError(406, "NotAcceptable", message)


def shown(obj: Object, kind: Kind, wanted: View, now: datetime, *, columns: bool = True) -> Object:
    """Return one object as a caller wants it; in a watch only the first Table has columns."""
    if wanted.form == "Table":
        head = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        return _table([obj], kind, wanted, now, head) | ({} if columns else {"columnDefinitions": None})
    return _metadata(obj) if wanted.form else obj


def shown_list(objects: Iterable[Object], kind: Kind, wanted: View, now: datetime, metadata: Object) -> Object:
    """Return a list as a caller wants it."""
    if wanted.form == "Table":
        return _table(objects, kind, wanted, now, metadata)
    if wanted.form:
        items = [_metadata(obj) for obj in objects]
        return {"kind": "PartialObjectMetadataList", "apiVersion": META, "metadata": metadata, "items": items}
    items = list(objects)
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items}


def columns_of(kind: Kind) -> tuple[Column, ...]:
    """Return the columns of a kind, the name first; Events, which nobody knows by name, have it last."""
    name = Column(
        _definition("Name", "string", 0, "What the object is called."), lambda obj, _: obj["metadata"]["name"]
    )
    name.definition["format"] = "name"
    if kind in PRINTED:
        printed = (
            Column(_definition(one.name, one.type, one.priority, "As Kubernetes shows it."), one.cell)
            for one in PRINTED[kind]
        )
        return tuple(printed) if kind is EVENT else (name, *printed)
    prefix = "Custom resource definition column (in JSONPath format): "
    return name, *(
        Column(_definition(one.name, one.type, one.priority, prefix + one.path), _reader(one.path, one.type))
        for one in kind.columns
    )


def _definition(name: str, type_: str, priority: int, description: str) -> Object:
    return {"name": name, "type": type_, "format": "", "description": description, "priority": priority}


def _reader(path: str, type_: str) -> Callable[[Object, datetime], Any]:
    if type_ == "date":
        return lambda obj, now: since(value_at(path, obj), now) if value_at(path, obj) else UNKNOWN
    return lambda obj, _: value_at(path, obj)


def _table(objects: Iterable[Object], kind: Kind, wanted: View, now: datetime, metadata: Object) -> Object:
    columns = columns_of(kind)
    rows = [
        {"cells": [column.cell(obj, now) for column in columns], "object": _included(obj, wanted)} for obj in objects
    ]
    definitions = [column.definition for column in columns]
    return {"kind": "Table", "apiVersion": META, "metadata": metadata, "columnDefinitions": definitions, "rows": rows}


def _included(obj: Object, wanted: View) -> Object | None:
    if wanted.included == "Object":
        return obj
    return None if wanted.included == "None" else _metadata(obj)


def _metadata(obj: Object) -> Object:
    return {"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": obj["metadata"]}
