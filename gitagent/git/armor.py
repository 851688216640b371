"""Armor: the form in which git keeps a signature, in the head of a commit and at the end of a tag."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pygit2
from pygit2.enums import ObjectType

if TYPE_CHECKING:
    from gitagent.git.repository import Repository

_KINDS = r"PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE"
# Compiled where they are first used, which in most runs is nowhere.
_WHOLE = rf"-----BEGIN ({_KINDS})-----\n(?:(?!-----)[ -~]*\n)*-----END \1-----\n?".encode()
_BEGIN = rf"(?m)^-----BEGIN (?:{_KINDS})-----".encode()
_FORMS = {b"SSH SIGNATURE": "ssh", b"SIGNED MESSAGE": "x509"}


class Signature(NamedTuple):
    """A signature, and the text that it is to be one of."""

    text: bytes
    armor: bytes

    @property
    def form(self) -> str:
        """How it was made, in the words of git's gpg.format."""
        match = re.fullmatch(_WHOLE, self.armor)
        return _FORMS.get(match[1], "openpgp") if match is not None else "openpgp"


def signature_of(repository: Repository, id_: str) -> Signature | None:
    """The signature of a commit or of a tag; None where there is none, or no such object."""
    try:
        kind, content = repository.raw.read(id_)
    except (KeyError, ValueError, pygit2.GitError):
        return None
    if kind == ObjectType.COMMIT:
        return in_commit(content)
    return in_tag(content) if kind == ObjectType.TAG else None


def in_commit(content: bytes) -> Signature | None:
    """The signature that stands in a commit's head; None where there is none, or where two stand."""
    head, _, message = content.partition(b"\n\n")
    before, found, rest = head.partition(b"\ngpgsig ")
    lines = rest.split(b"\n")
    count = next((number for number, line in enumerate(lines) if number and not line.startswith(b" ")), len(lines))
    armor = b"".join(line.removeprefix(b" ") + b"\n" for line in lines[:count])
    after = b"".join(b"\n" + line for line in lines[count:])
    if not found or b"\ngpgsig" in after or not is_signature(armor):
        return None
    return Signature(b"%b%b\n\n%b" % (before, after, message), armor)


def in_tag(content: bytes) -> Signature | None:
    """The signature that a tag's text ends with; None where it ends with none."""
    text, armor = split(content)
    return Signature(text, armor) if armor else None


def is_signature(armor: bytes) -> bool:
    """Whether this is one armored signature, as far as its form tells."""
    return re.fullmatch(_WHOLE, armor) is not None


def begins_signature(text: str) -> bool:
    """Whether git would take a part of this message for a signature."""
    return re.search(_BEGIN, text.encode(errors="replace")) is not None


def split(content: bytes) -> tuple[bytes, bytes]:
    """A tag's text, or a message, and the signature that it ends with; empty where it ends with none."""
    begins = [match.start() for match in re.finditer(_BEGIN, content)] if b"-----BEGIN " in content else []
    if not begins or not is_signature(content[begins[-1] :]):
        return content, b""
    return content[: begins[-1]], content[begins[-1] :]
