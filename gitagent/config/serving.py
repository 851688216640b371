"""Serving: a configuration as what answers a call is given it, one document with its variables filled in."""

from __future__ import annotations

import json
import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitagent.config.layouts import Layout, agent_name, layout_of
from gitagent.config.links import follow
from gitagent.config.texts import LARGEST, decode

if TYPE_CHECKING:
    from gitagent.config.files import Files

FORMAT = "gitagent.configuration/1"
_MAIN = "agent.yaml"
_TOPIC = re.compile(r"topics/[^/]+\.ya?ml")
_TOOL = re.compile(r"tools/[^/]+\.ya?ml")
_SUITE = re.compile(r"tests/[^/]+\.ya?ml")
_DATA = re.compile(r".*\.(?:ya?ml|json)", re.DOTALL)
_KEYS = ("description", "language", "greeting", "prompt", "model", "voice")


def served(files: Files) -> bytes:
    """The document, as JSON.

    Every layout has `format`, `layout`, `name` and `files`: YAML and JSON files as their values, other texts as they
    are, and null for what is no text or larger than a configuration file may be. The native layout has what agent.yaml
    says by its keys, the prompt's text, `topics` and `tools` instead of their files; its suites are left out.
    """
    layout = layout_of(files)
    document: dict[str, Any] = {"format": FORMAT, "layout": str(layout), "name": agent_name(files)}
    if layout is Layout.NATIVE:
        document |= _native(files)
    else:
        document["files"] = dict(_contents(files))
    return _to_json(document)


def _native(files: Files) -> dict[str, Any]:
    from gitagent.config.native.filling import filled, values_of

    main = _mapping(_content(files, _MAIN))
    variables = values_of(_mapping(main.get("variables")))
    own = {key: main.get(key) for key in _KEYS}
    own["prompt"], prompt_path = _prompt(files, own["prompt"])
    topics: Any = [_mapping(_content(files, path)) for path in sorted(files) if _TOPIC.fullmatch(path)]
    topics = filled(topics, variables)
    tools = [_mapping(_content(files, path)) for path in sorted(files) if _TOOL.fullmatch(path)]
    elsewhere = [_MAIN, prompt_path]
    return {
        **own,
        **{key: filled(own[key], variables) for key in ("greeting", "prompt")},
        "variables": {name: filled(value, {}) for name, value in variables.items()},
        "handoffs": filled(main.get("handoffs") or [], variables),
        "topics": [{**topic, "enabled": topic.get("enabled", True)} for topic in topics],
        "tools": [_tool(tool, variables) for tool in tools],
        "files": {
            path: content
            for path, content in _contents(files)
            if path not in elsewhere and not any(each.fullmatch(path) for each in (_TOPIC, _TOOL, _SUITE))
        },
    }


def _tool(tool: Mapping[str, Any], variables: Mapping[str, object]) -> dict[str, Any]:
    """A tool; its arguments, which come with each use of it, are not filled in."""
    from gitagent.config.native.filling import filled

    arguments = _mapping(_mapping(tool.get("parameters")).get("properties"))
    request = {"request": filled(tool["request"], variables, later=arguments)} if "request" in tool else {}
    return {**tool, **request}


def _prompt(files: Files, prompt: object) -> tuple[object, str | None]:
    """The prompt's text, and the file that it stands in."""
    path = posixpath.normpath(prompt) if isinstance(prompt, str) and prompt.lower().endswith(".md") else None
    if path is None or path not in files:
        return prompt, None
    return _content(files, path), path


def _contents(files: Files) -> Iterator[tuple[str, object]]:
    return ((path, _content(files, path)) for path in sorted(files))


def _content(files: Files, path: str) -> object:
    """A file's value or text; None where it is neither."""
    file = follow(files, path)
    if file is None or file.size > LARGEST:
        return None
    data = file.read()
    if _DATA.fullmatch(path):
        from gitagent.config.yaml import parse

        document = parse(data, path)
        if document.complete:
            return document.value
    text, problem = decode(data, path)
    return None if problem is not None or "\0" in text else text


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _to_json(document: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except ValueError:  # YAML has numbers that JSON has not
        text = json.dumps(_finite(document), ensure_ascii=False)
    return text.encode()


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return value
