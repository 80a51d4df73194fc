"""Names of images as Knative reads them: go-containerregistry's pkg/name, weakly validated, as in Serving 1.23.0."""

import re

_REPOSITORY = re.compile(r"[a-z0-9_\-./]{2,255}", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_\-.]{1,128}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_REGISTRY = re.compile(r"([A-Za-z0-9\-._~!$&'()*+,;=<>\"]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?", re.ASCII)


def is_image(text: str) -> bool:
    """Return whether a text names an image, by tag, by digest, or both."""
    if _is_tagged(text):
        return True
    base, at, digest = text.partition("@")
    return bool(at) and _DIGEST.fullmatch(digest) is not None and (_is_tagged(base) or _is_repository(base))


def tag(text: str) -> str:
    """Return an image's tag as Kubernetes reads it: latest where it has neither tag nor digest."""
    base, at, _ = text.partition("@")
    _, colon, name = base.rpartition(":")
    return name if colon and "/" not in name else "" if at else "latest"


def _is_tagged(text: str) -> bool:
    base, colon, tag = text.rpartition(":")
    if not colon or "/" in tag:
        return _is_repository(text)
    return (not tag or _TAG.fullmatch(tag) is not None) and _is_repository(base)


def _is_repository(text: str) -> bool:
    registry, slash, path = text.partition("/")
    if slash and ("." in registry or ":" in registry):
        return _REPOSITORY.fullmatch(path) is not None and _REGISTRY.fullmatch(registry) is not None
    return _REPOSITORY.fullmatch(text) is not None
