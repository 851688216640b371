"""Functions: an agent's tools and handoffs as what a model can call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gitagent.config.meaning.values import Handoff, Meaning, Tool

_LONGEST_NAME = 64
_MOST = 128  # more are refused by the protocol's own server
_HAND_OVER = "hand_over"


class Functions(NamedTuple):
    """The definitions as they are sent, the tools by the name that a model calls, and that of handing over."""

    definitions: tuple[Mapping[str, object], ...]
    tools: Mapping[str, Tool]
    handing_over: str | None

    def handoff(self, meaning: Meaning, arguments: Mapping[str, object]) -> Handoff | None:
        """The handoff that a model names, in whatever case."""
        named = str(arguments.get("to", "")).casefold()
        return next((each for each in meaning.handoffs if each.name.casefold() == named), None)


def functions_of(meaning: Meaning) -> Functions:
    """What a model can call in the place of this agent. Of tools that share a name, the first."""
    tools: dict[str, Tool] = {}
    for tool in meaning.tools[: _MOST - 1]:
        tools.setdefault(_callable(tool.name), tool)
    definitions = [_definition(name, tool.description, tool.parameters) for name, tool in tools.items()]
    handing_over = None
    if meaning.handoffs:
        handing_over = _free(_HAND_OVER, tools)
        definitions.append(_definition(handing_over, _handing(meaning.handoffs), _choice(meaning.handoffs)))
    return Functions(tuple(definitions), tools, handing_over)


def _callable(name: str) -> str:
    """A name as the protocol allows it."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:_LONGEST_NAME] or "_"


def _free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _definition(name: str, description: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
    schema = {"type": "object", "properties": {}, **parameters}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _handing(handoffs: Iterable[Handoff]) -> str:
    described = "".join(f"\n{each.name}: {each.description}" for each in handoffs if each.description)
    return f"Hand the conversation over, which ends it for you. Say goodbye first.{described}"


def _choice(handoffs: Iterable[Handoff]) -> Mapping[str, object]:
    names = list(dict.fromkeys(each.name for each in handoffs))
    properties = {"to": {"type": "string", "enum": names, "description": "To whom."}}
    return {"properties": properties, "required": ["to"]}
