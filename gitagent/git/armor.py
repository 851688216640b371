"""Armor: the form in which git keeps a signature, at the end of a tag and in the head of a commit."""

from __future__ import annotations

import re

_KINDS = r"PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE"
_WHOLE = re.compile(rf"-----BEGIN ({_KINDS})-----\n(?:(?!-----)[ -~]*\n)*-----END \1-----\n?".encode())
_BEGIN = re.compile(rf"^-----BEGIN (?:{_KINDS})-----".encode(), re.MULTILINE)
_FORMS = {b"SSH SIGNATURE": "ssh", b"SIGNED MESSAGE": "x509"}


def is_signature(armor: bytes) -> bool:
    """Whether this is one armored signature, as far as its form tells."""
    return _WHOLE.fullmatch(armor) is not None


def form_of(armor: bytes) -> str:
    """How a signature was made, in the words of git's gpg.format."""
    match = _WHOLE.fullmatch(armor)
    return _FORMS.get(match[1], "openpgp") if match is not None else "openpgp"


def begins_signature(text: str) -> bool:
    """Whether git would take a part of this message for a signature."""
    return _BEGIN.search(text.encode(errors="replace")) is not None


def split(content: bytes) -> tuple[bytes, bytes]:
    """A tag's text, or a message, and the signature that it ends with; empty where it ends with none."""
    begins = [match.start() for match in _BEGIN.finditer(content)] if b"-----BEGIN " in content else []
    if not begins or not is_signature(content[begins[-1] :]):
        return content, b""
    return content[: begins[-1]], content[begins[-1] :]
