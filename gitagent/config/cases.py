"""Cases: how many there are in an agent's suites, what each is called, and a digest that changes with any of them."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from gitagent.config.layouts import Layout, layout_of
from gitagent.config.links import follow
from gitagent.config.texts import LARGEST

if TYPE_CHECKING:
    from gitagent.config.files import Files

_SUITE = re.compile(r"tests/[^/]+\.ya?ml")
_ADK_TEST = re.compile(r"test_suite/[^/]+\.ya?ml")


class Cases(NamedTuple):
    """The cases of a configuration: a digest of the suites' files, and the cases' names in the order of the files.

    A case is called by its file and its own name, `tests/booking.yaml::books a table`; one of an ADK project, which
    has a file of its own, by that file. Both are the same for the same files, whoever asks.
    """

    digest: str
    names: tuple[str, ...]


def cases_of(files: Files) -> Cases:
    """The cases of a configuration; those of a file that cannot be read are none, and its content counts all the same.

    A plain folder of files has none: there is nothing in it that could answer.
    """
    layout, digest, names = layout_of(files), sha256(), list[str]()
    for path in sorted(files) if layout is not Layout.PLAIN else ():
        whole = layout is Layout.ADK and _ADK_TEST.fullmatch(path) is not None
        if not whole and _SUITE.fullmatch(path) is None:
            continue
        content = _content(files, path)
        name = path.encode(errors="surrogateescape")
        digest.update(b"%d %b %d %b" % (len(name), name, len(content), content))
        if not whole:
            names += _named(path, content)
        elif _is_case(content, PurePosixPath(path).suffix):
            names.append(path)
    return Cases(digest.hexdigest(), tuple(each.encode(errors="backslashreplace").decode() for each in names))


def _content(files: Files, path: str) -> bytes:
    file = follow(files, path)
    return b"" if file is None or file.size > LARGEST else file.read()


def _named(path: str, content: bytes) -> list[str]:
    """Every case of a suite; one whose name another has already, or that has none, is told by its position."""
    found: dict[str, None] = {}
    for position, name in enumerate(_names(content, PurePosixPath(path).suffix), 1):
        own = f"{path}::{name or f'#{position}'}"
        while own in found:
            own += f"#{position}"
        found[own] = None
    return list(found)


@lru_cache(maxsize=512)
def _names(content: bytes, suffix: str) -> tuple[str | None, ...]:
    """The names of a suite's cases. The same suites are asked for with every move."""
    value = _value(content, suffix)
    cases = value.get("cases") if isinstance(value, dict) else None
    found = [each.get("name") for each in cases if isinstance(each, dict)] if isinstance(cases, list) else []
    return tuple(name if isinstance(name, str) else None for name in found)


@lru_cache(maxsize=512)
def _is_case(content: bytes, suffix: str) -> bool:
    return isinstance(_value(content, suffix), dict)


def _value(content: bytes, suffix: str) -> object:
    from gitagent.config.yaml import parse

    return parse(content, f"suite{suffix}").value
