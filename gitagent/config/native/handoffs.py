"""Handoffs: the numbers that calls are handed to, and the SIP headers that go along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.headers import is_core_sip_name, is_header_value, is_sip_name
from gitagent.config.native.definitions import Definitions
from gitagent.config.native.references import is_reference
from gitagent.config.native.values import items_at, pairs_at, text_at
from gitagent.config.problems import Problem
from gitagent.config.suggestions import shortened

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PUNCTUATION = re.compile(r"[\s().\-/]+")


def check_handoffs(document: Document, handoffs: Definitions) -> Iterator[Problem]:
    """The problems of an agent's handoffs, which are taken into `handoffs`."""
    for at, _ in items_at(document, ("handoffs",)):
        yield from handoffs.define(document, (*at, "name"))
        yield from _check_number(document, (*at, "number"))
        seen: set[str] = set()
        for header, name, value in pairs_at(document, (*at, "sip_headers")):
            if is_core_sip_name(name):
                message = f"the SIP header '{shortened(name)}' belongs to the call itself"
                hint = f"Use a name of your own, such as X-{shortened(name)}."
                yield document.problem("bad-header", message, at=header, on_key=True, hint=hint)
            elif name.lower() in seen:
                message = f"the SIP header '{shortened(name)}' stands twice: upper and lower case are the same"
                yield document.problem("bad-header", message, at=header, on_key=True, hint="Remove one of them.")
            seen.add(name.lower())
            yield from check_header(document, header, name, value)


def check_header(document: Document, at: Path, name: str, value: object) -> Iterator[Problem]:
    """The problems of a SIP header at `at`, whosoever it is."""
    if not is_sip_name(name):
        message = f"'{shortened(name)}' cannot name a SIP header"
        hint = "Use letters, digits and - . ! % * _ + ` ' ~ without spaces, such as X-Queue."
        yield document.problem("bad-header", message, at=at, on_key=True, hint=hint)
    if isinstance(value, str) and not is_header_value(value):
        message = f"the value of '{shortened(name)}' has a line break or a control character"
        yield document.problem("bad-header", message, at=at, hint="Write the value in one line.")


def _check_number(document: Document, at: Path) -> Iterator[Problem]:
    number = text_at(document, at)
    if number is None or is_reference(number) or _E164.fullmatch(number):
        return
    bare = _PUNCTUATION.sub("", number)
    bare = "+" + bare[2:] if bare.startswith("00") else bare
    example = bare if _E164.fullmatch(bare) else "+442079460018"
    hint = f'Write + and the country code, digits only and in quotes, such as "{example}".'
    yield document.problem("bad-number", f"'{shortened(number)}' is not in E.164 form", at=at, hint=hint)
