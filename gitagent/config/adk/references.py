"""References between the files of an ADK project, and those that lead nowhere.

What the ADK itself refuses to push is an error. A flow or a step that Python code names is a warning, because
only a call shows whether that line is ever reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from gitagent.config.adk.functions import Function
from gitagent.config.adk.inventory import Inventory, Names, clean
from gitagent.config.adk.kinds import kind_of
from gitagent.config.documents import Document, Lines, Path
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import shortened

TEXTS = ("agent_settings/persona.txt", "agent_settings/rules.txt")
"""The files of plain text that may refer to others."""

_REFERENCE = re.compile(r"\{\{(fn|ft|ho|twilio_sms|attr|entity|tn):([\w-]+)\}\}")
_WRITTEN: dict[str, tuple[Path, ...]] = {
    "adk-topic": (("content",), ("actions",)),
    "adk-step": (("prompt",),),
    "adk-voice": (("greeting", "welcome_message"), ("disclaimer_messages", "message")),
    "adk-chat": (("greeting", "welcome_message"),),
    "adk-guardrails": (("custom_guardrails", "*", "action"),),
}


def dangling(
    documents: Mapping[str, Document],
    texts: Mapping[str, str],
    functions: Iterable[Function],
    inventory: Inventory,
) -> Iterator[Problem]:
    """Every reference to something that the project does not define."""
    for path, document in documents.items():
        yield from _in_document(path, document, inventory)
    for path, text in texts.items():
        lines = Lines(text)
        for prefix, name, index in _references(text):
            if (names := _names_of(prefix, path, inventory)).lack(name):
                line, column = lines.place(index)
                yield Problem(path, line, column, *_missing(names, name))
    for function in functions:
        yield from _in_function(function, inventory)


def repeated(documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Every topic, test or step of one flow whose name another one of them has."""
    first: dict[tuple[str, str], str] = {}
    for path, document in sorted(documents.items(), key=lambda item: (item[0].startswith("child_topics/"), item[0])):
        sort = {"adk-topic": "topic", "adk-test": "test", "adk-step": "step"}.get(kind_of(path) or "")
        for name in _texts(document.value, ("name",)) if sort else ():
            scope = f"{sort} of {path.split('/')[1]}" if sort == "step" else f"{sort}"
            other = first.setdefault((scope, clean(name[1])), path)
            if other != path:
                yield document.problem(
                    "duplicate-name",
                    f"the {sort} '{shortened(name[1])}' has the same name as the one in {other}",
                    at=("name",),
                    hint="Give each of them a name of its own.",
                )


def _in_document(path: str, document: Document, inventory: Inventory) -> Iterator[Problem]:
    for pattern in _WRITTEN.get(kind_of(path) or "", ()):
        for at, text in _texts(document.value, pattern):
            for prefix, name, _ in _references(text):
                if (names := _names_of(prefix, path, inventory)).lack(name):
                    code, message, hint = _missing(names, name)
                    yield document.problem(code, message, at=at, find=f"{{{{{prefix}:{name}}}}}", hint=hint)
    for pattern, names in _named(path, inventory):
        for at, name in _texts(document.value, pattern):
            if name and names.lack(name):
                code, message, hint = _missing(names, name)
                yield document.problem(code, message, at=at, hint=hint)


def _named(path: str, inventory: Inventory) -> Iterator[tuple[Path, Names]]:
    """The fields of a file that hold nothing but a name, and what they name."""
    kind = kind_of(path)
    if kind == "adk-flow":
        yield ("start_step",), inventory.steps(_folder(path))
    elif kind == "adk-step":
        yield ("conditions", "*", "child_step"), inventory.steps(_folder(path))
        yield ("conditions", "*", "required_entities", "*"), inventory.entities
        yield ("extracted_entities", "*"), inventory.entities
    elif kind == "adk-phrases":
        yield ("phrase_filtering", "*", "function"), inventory.functions
    elif kind == "adk-test":
        yield ("function_call_assertions", "*", "name"), inventory.all_functions
        yield ("variant",), inventory.variants


def _in_function(function: Function, inventory: Inventory) -> Iterator[Problem]:
    for going in function.goings:
        in_flow = function.path.startswith("flows/")
        if going.verb == "goto_step" and not in_flow:
            continue
        names = inventory.flows if going.verb == "goto_flow" else inventory.steps(_folder(function.path))
        if names.lack(going.name):
            yield Problem(
                function.path, going.line, going.column, *_missing(names, going.name), severity=Severity.WARNING
            )


def _names_of(prefix: str, path: str, inventory: Inventory) -> Names:
    if prefix == "ft":
        return inventory.flow_functions(_folder(path))
    return {
        "fn": inventory.functions,
        "ho": inventory.handoffs,
        "twilio_sms": inventory.messages,
        "attr": inventory.attributes,
        "entity": inventory.entities,
        "tn": inventory.translations,
    }[prefix]


def _folder(path: str) -> str:
    """The folder of the flow that a file belongs to; empty for a file of no flow."""
    parts = path.split("/")
    return parts[1] if parts[0] == "flows" else ""


def _references(text: str) -> Iterator[tuple[str, str, int]]:
    seen: set[str] = set()
    for match in _REFERENCE.finditer(text):
        if match[0] not in seen:
            seen.add(match[0])
            yield match[1], match[2], match.start()


def _missing(names: Names, name: str) -> tuple[str, str, str | None]:
    return "dangling-reference", f"there is no {names.sort} '{shortened(name)}'", names.hint(name)


def _texts(value: object, pattern: Path, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts at a path of keys, `*` standing for every item of a list."""
    if not pattern:
        if isinstance(value, str):
            yield at, value
        return
    part, rest = pattern[0], pattern[1:]
    if part == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, rest, (*at, index))
    elif isinstance(part, str) and isinstance(value, dict) and part in value:
        yield from _texts(value[part], rest, (*at, part))
