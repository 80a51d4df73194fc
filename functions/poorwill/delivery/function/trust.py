"""Events without a token: a Broker shows none, so the signature of the version that one names is the credential."""

from collections.abc import Mapping

from poorwill.delivery.function.bodies import Registered
from poorwill.errors import DeniedError, Fault
from poorwill.registry.names import check_model_name
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry

CALLER = "a signed version"
"""Who asks, as the log has it, where nobody has shown who it is."""
_CREDENTIALS = "authorization", "x-api-key"


class Trust:
    """Lets in events of versions that one of some keys has signed, and what their statements grant.

    Args:
        trusted_keys: the file or folder of public keys; "" lets in nothing.
    """

    def __init__(self, trusted_keys: str) -> None:
        self._trusted_keys = trusted_keys

    def may_be(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Return whether a request may be such an event: it shows no credential that could be a wrong one."""
        shown = any(name in headers for name in _CREDENTIALS)
        return bool(self._trusted_keys) and method == "POST" and not path.strip("/") and not shown

    def check(self, registry: Registry, data: Registered) -> None:
        """Return if the version is signed and its statement grants what the event asks for.

        Raises:
            DeniedError: it is not, or does not.
            NotFoundError, UsageError, CorruptError: there is no such version, or it is not what was stored.
        """
        record = registry.resolve(VersionName(check_model_name(data.model), data.version, None))
        granted = registry.signed(record, self._trusted_keys).percent
        if data.percent > granted:
            advice = "sign a pipeline's spec that grants more, or send the event with a token"
            found = f"an event that asks for {data.percent}"
            raise DeniedError(Fault(record.name, f"at most the {granted} % that its statement grants", found, advice))
