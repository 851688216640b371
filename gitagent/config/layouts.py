"""Layouts: the ways of laying out an agent's files that are understood."""

from __future__ import annotations

import re
from enum import StrEnum

from gitagent.config.files import FileKind, Files
from gitagent.config.links import follow
from gitagent.config.texts import LARGEST


class Layout(StrEnum):
    """Whose layout the files have."""

    NATIVE = "native"
    ADK = "adk"
    PLAIN = "plain"


_MAIN = {"agent.yaml": Layout.NATIVE, "project.yaml": Layout.ADK}
_NAMES = {Layout.NATIVE: ("name",), Layout.ADK: ("project_name", "name", "project_id")}
_LONGEST_NAME = 100
# A key of the top level with an ordinary unquoted text: most names, read without a YAML parser, which costs
# `gitagent status` a fifth of its time to import.
_PLAIN_NAME = re.compile(
    r"^(name|project_name): +([A-Za-z][A-Za-z0-9]*(?:[ '.-]+[A-Za-z0-9]+)*) *(?:#.*)?\r?$"
    r"(?!\n(?:[ \t]*\r?\n)*[ \t]+[^\s#])",  # an indented line goes on with the text
    re.MULTILINE,
)
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def layout_of(files: Files) -> Layout:
    """The native layout where there is an agent.yaml, the ADK's where there is a project.yaml, else neither."""
    return next((layout for path, layout in _MAIN.items() if _is_file(files, path)), Layout.PLAIN)


def agent_name(files: Files) -> str | None:
    """The name that the agent's files give it; None where they give none, or cannot be read."""
    layout = layout_of(files)
    for path, main in _MAIN.items():
        if main is layout:
            return _name_in(files, path, _NAMES[layout])
    return None


def _is_file(files: Files, path: str) -> bool:
    return path in files and files[path].kind is not FileKind.SUBMODULE


def _name_in(files: Files, path: str, keys: tuple[str, ...]) -> str | None:
    file = follow(files, path)
    if file is None or file.size > LARGEST:
        return None
    content = file.read()
    plain: dict[str, str] = dict(_PLAIN_NAME.findall(content.decode("utf-8", "replace")))
    if (name := plain.get(keys[0])) and _is_name(name) and name.lower() not in _NOT_TEXT:
        return name
    from gitagent.config.yaml import parse

    value = parse(content, path).value
    names = [value.get(key) for key in keys] if isinstance(value, dict) else []
    return next((name for name in names if isinstance(name, str) and _is_name(name)), None)


def _is_name(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= _LONGEST_NAME
