"""The gate in front of a function: a request's head alone decides whether its body is read."""

from collections.abc import Mapping

from poorwill.errors import Fault, PoorwillError, UsageError
from poorwill.serving.auth.caller import Caller, Check, invalid, unknown
from poorwill.settings import Settings
from poorwill.telemetry import Log

OPEN_PATHS = frozenset({"/v2/health/live", "/v2/health/ready"})
"""What kubelet and queue-proxy ask, who have no credentials; they say nothing but yes or no."""
_KINDS = {"api-keys": "an API key", "jwt": "a JWT"}


class Gate:
    """Lets in callers who show who they are.

    Args:
        checks: what judges a credential, the quickest first.
        wanted: in words, what callers must show.
    """

    def __init__(self, checks: tuple[Check, ...], wanted: str) -> None:
        self._checks = checks
        self._wanted = wanted

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> PoorwillError | None:
        """Return why a request is not let in, None for one that is; never raises."""
        if path in OPEN_PATHS and method in {"GET", "HEAD"} and _bodiless(headers):
            return None
        try:
            self.caller(headers)
        except PoorwillError as error:
            return error
        except Exception:  # noqa: BLE001 - what can't be judged stays out
            return invalid(self._wanted, "something else")
        return None

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Return who asks.

        Raises:
            UnauthenticatedError: nobody knows.
            DeniedError: one who is not let in.
            UnavailableError: that can't be told now.
        """
        credential = _credential(headers)
        if not credential:
            raise unknown(self._wanted)
        for check in self._checks:
            found = check(credential)
            if found is not None:
                return found
        raise invalid(self._wanted, "one that is not known here")


def open_gate(settings: Settings, log: Log) -> Gate | None:
    """Return the gate that the settings ask for, None where they ask for none.

    Raises:
        UsageError: what they ask for can't be had as they are: nobody is let in by mistake.
        UnavailableError: the issuer's keys can't be read now.
    """
    wanted = _wanted(settings)
    if not wanted:
        return None

    def told(error: PoorwillError) -> None:
        log.line("ERROR", "keys stay as they were", kind=error.kind, detail=str(error))

    checks: list[Check] = []
    if "api-keys" in wanted:
        from poorwill.serving.auth.api_keys import ApiKeys, parse_digests

        if settings.api_keys:
            digests = parse_digests(settings.api_keys, "--api-keys (POORWILL_API_KEYS)")
            checks.append(ApiKeys(lambda: digests))
        if settings.api_keys_file:
            from pathlib import Path

            from poorwill.serving.auth.api_key_files import file_version, read_digests

            path = Path(settings.api_keys_file)
            checks.append(ApiKeys(lambda: read_digests(path), lambda: file_version(path), told=told))
    if "jwt" in wanted:
        from poorwill.serving.auth.jwt_caller import JwtCaller, Rules, parse_keys
        from poorwill.serving.auth.key_set import KeySet, reader_of

        subjects = frozenset(name.strip() for name in settings.jwt_subjects.split(",") if name.strip())
        rules = Rules(settings.jwt_issuer, settings.jwt_audience, subjects, settings.jwt_leeway_seconds)
        checks.append(JwtCaller(KeySet(reader_of(settings.jwks), parse_keys, told=told), rules))
    return Gate(tuple(checks), " or ".join(words for kind, words in _KINDS.items() if kind in wanted))


def _wanted(settings: Settings) -> set[str]:
    """Return the kinds of credentials that are asked for; each must be configured, whole."""
    keys = {"--api-keys": settings.api_keys or settings.api_keys_file}
    tokens = {
        "--jwt-issuer": settings.jwt_issuer,
        "--jwt-audience": settings.jwt_audience,
        "--jwks": settings.jwks,
    }
    named = {kind.strip() for kind in settings.authentication.split(",") if kind.strip()}
    configured = {kind for kind, parts in (("api-keys", keys), ("jwt", tokens)) if any(parts.values())}
    faults = []
    if named - _KINDS.keys():
        where = "--authentication (POORWILL_AUTHENTICATION)"
        faults.append(Fault(where, "api-keys, jwt, or both", "something else", "leave it out for none"))
    if named and configured - named:
        found = "keys or tokens of another kind configured, too"
        faults.append(Fault("--authentication", "what is configured", found, "name it there, or take it out"))
    for kind, parts in (("api-keys", keys), ("jwt", tokens)):
        if kind in named | configured:
            faults += [
                Fault(flag, f"a value, for {kind}", "none", "set it") for flag, given in parts.items() if not given
            ]
    if faults:
        raise UsageError(*faults)
    return named | configured


def _credential(headers: Mapping[str, str]) -> str:
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()


def _bodiless(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
