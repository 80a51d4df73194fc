"""Attribute values in HTTP headers: percent-encoded UTF-8 (HTTP binding, 3.1.3.2)."""

import re

_PLAIN = re.compile(r"[!#-$&-~]*")  # what needs no encoding: no space, no double quote, no percent sign
_UNSAFE = re.compile(rb"[^!#-$&-~]")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BACKSLASH = re.compile(r"\\(.)")


def escape(text: str) -> str:
    """Return a text as a header value; only what must be encoded is, so that others' eyes can read it."""
    if _PLAIN.fullmatch(text):
        return text
    return _UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], text.encode()).decode()


def unescape(value: str) -> str:
    """Return the text of a header value: plain, quoted, percent-encoded or, as Go sends it, bare UTF-8.

    Args:
        value: as HTTP hands it over, each byte a character (Latin-1); already decoded text is taken too.

    Raises:
        ValueError: what was encoded isn't UTF-8.
    """
    value = value.strip(" \t")
    if value.isascii() and "%" not in value and '"' not in value:
        return value
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        value = _BACKSLASH.sub(r"\1", quoted[1])
    raw = value.encode("latin-1" if all(character <= "\xff" for character in value) else "utf-8")
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw).decode()
