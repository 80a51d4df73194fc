"""What a version's Service is made from, and what of one that is there no deployment takes away by the way."""

from pathlib import Path

from poorwill.delivery.components import laid_over
from poorwill.delivery.manifests import base, container_of, starting_service, variables
from poorwill.delivery.owned import FIELD_MANAGER, abandoned, owned
from poorwill.errors import ConflictError, Fault
from poorwill.kinds.kind import Object
from poorwill.registry.records import VersionRecord

_DIGEST, _AUTHENTICATION = "POORWILL_DIGEST", "POORWILL_AUTHENTICATION"


def base_of(before: Object | None, start: Path | None, components: tuple[str, ...], usual: tuple[str, ...]) -> Object:
    """Return what a version's Service is made from: what was asked for; else what it was made from before.

    Args:
        before: the Service that is there, None where there is none.
        start: see manifests.starting_service.
        components: laid over it.
        usual: laid over a Service that is new, where neither of these is said.
    """
    if start is not None or components:
        return starting_service(start, components)
    mine = owned(before, (FIELD_MANAGER, *abandoned(before))) if before else {}
    template = (mine.get("spec") or {}).get("template") or {}
    if (template.get("spec") or {}).get("containers"):
        return mine
    return laid_over(base().parent / "components", starting_service(), () if before else usual)


def check_kept(before: Object | None, service: Object) -> None:
    """Raise ConflictError where a deployment would let in whoever had to show who they are."""
    if before is None or _AUTHENTICATION not in _values(before) or _AUTHENTICATION in _values(service):
        return
    advice = "name the component again (--with authentication/api-keys, /jwt or /both), or delete the version first"
    fault = Fault(f"Service {service['metadata']['name']}", f"{_AUTHENTICATION} as it has it", "none", advice)
    raise ConflictError(fault)


def check_bytes(before: Object | None, record: VersionRecord) -> None:
    """Raise ConflictError where a Service serves other bytes under the version's number."""
    has = _values(before).get(_DIGEST) if before else None
    if not has or has == record.blob.digest:
        return
    advice = "look which store it went to; push what is new as a version of its own, or delete this one first"
    where = f"Service {record.model}-v{record.version}"
    raise ConflictError(Fault(where, f"the digest that the store has of {record.name}", "another one", advice))


def _values(service: Object) -> dict[str, str]:
    return variables(container_of(service))
