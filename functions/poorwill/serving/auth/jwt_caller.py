"""JWTs of one issuer: the only file that knows PyJWT, which takes 100 ms to import."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from time import time
from typing import Any, NamedTuple

import jwt

from poorwill.errors import DeniedError, Fault, UsageError
from poorwill.serving.auth.caller import Caller, invalid
from poorwill.serving.auth.key_set import KeySet

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
"""Asymmetric ones only: with a shared secret, whoever can check tokens can make them."""
_RSA_BITS = 2048
_BELIEVED = 1024  # tokens that need no second look
_WANTED = "a valid JWT"
_UNKNOWN_KEY = "one signed by an unknown key"
# RFC 7519 names; PyJWT's own words may quote the token
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (jwt.ExpiredSignatureError, "one that has expired"),
    (jwt.ImmatureSignatureError, "one that is not valid yet"),
    (jwt.InvalidAudienceError, "one for another audience"),
    (jwt.InvalidIssuerError, "one of another issuer"),
    (jwt.MissingRequiredClaimError, "one without iss, aud, sub or exp"),
    (jwt.InvalidSignatureError, "one whose signature is wrong"),
    (jwt.InvalidAlgorithmError, "one of an algorithm that is not allowed"),
)


class Rules(NamedTuple):
    """What a token must be."""

    issuer: str
    audience: str
    subjects: frozenset[str] = frozenset()  # empty: all
    leeway_seconds: float = 30.0


class _Believed(NamedTuple):
    """A token that was found valid; only by its digest, so that no token lies in memory for long."""

    caller: Caller
    until: float  # seconds since 1970
    generation: int  # of the keys
    key_id: str


class JwtCaller:
    """Judges JWTs; a valid one is looked at by its signature once."""

    def __init__(self, keys: KeySet, rules: Rules, clock: Callable[[], float] = time) -> None:
        self._keys, self._rules, self._clock = keys, rules, clock
        self._believed: dict[bytes, _Believed] = {}

    def __call__(self, credential: str) -> Caller | None:
        """Return whose token it is; see caller.Check."""
        if credential.count(".") != 2:
            return None
        digest = sha256(credential.encode("latin-1", "replace")).digest()
        known = self._believed.get(digest)
        if known and known.until > self._clock() and known.generation == self._keys.generation:
            if self._keys.get(known.key_id) is None:  # asked each time: it reads old keys again beside the requests
                raise invalid(_WANTED, _UNKNOWN_KEY)
            if known.generation == self._keys.generation:
                return known.caller
        generation = self._keys.generation
        key_id, claims = self._claims(credential)
        if self._rules.subjects and claims["sub"] not in self._rules.subjects:
            raise DeniedError(Fault("JWT", "a subject that is let in", "another one", "have it added to the list"))
        caller = Caller(claims["sub"], "jwt")
        if len(self._believed) >= _BELIEVED:
            self._believed.clear()
        until = claims["exp"] + self._rules.leeway_seconds
        self._believed[digest] = _Believed(caller, until, generation, key_id)
        return caller

    def _claims(self, token: str) -> tuple[str, dict[str, Any]]:
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            key = self._keys.get(key_id)
            if key is None:
                raise invalid(_WANTED, _UNKNOWN_KEY)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=self._rules.leeway_seconds,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            words = next((words for kind, words in _FAULTS if isinstance(error, kind)), "something else")
            raise invalid(_WANTED, words) from None
        except (ValueError, TypeError, RecursionError):  # of what nobody signed
            raise invalid(_WANTED, "something else") from None
        return key_id, claims


def parse_keys(content: bytes) -> Mapping[str, jwt.PyJWK]:
    """Return the keys of a JWKS that can be used here: public ones to verify by, of an allowed algorithm, with an id.

    Raises:
        UsageError: none.
    """
    import msgspec

    try:
        document = msgspec.json.decode(content)
        listed = document["keys"]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        listed = []
    found = {}
    for each in listed if isinstance(listed, list) else []:
        key = _key(each)
        if key is not None:
            found[str(each.get("kid", ""))] = key
    if not found:
        wanted = f"a JWKS with a public key for {', '.join(sorted(ALGORITHMS))}"
        raise UsageError(Fault("--jwks", wanted, "none that can be used", "check what the issuer publishes"))
    return found


def _key(document: Any) -> jwt.PyJWK | None:
    if not isinstance(document, dict) or document.get("use", "sig") != "sig" or "d" in document:
        return None  # a private key has no business in a JWKS
    try:
        key = jwt.PyJWK(document)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if key.algorithm_name not in ALGORITHMS or getattr(key.key, "key_size", _RSA_BITS) < (
        _RSA_BITS if key.algorithm_name == "RS256" else 0
    ):
        return None
    return key
