"""The native layout's meaning: agent.yaml, its prompt, topics, tools and suites."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.layouts import Layout
from gitagent.config.meaning.suites import suites
from gitagent.config.meaning.values import Action, Handoff, Meaning, Request, Tool, Topic

if TYPE_CHECKING:
    from gitagent.config.meaning.reading import Part, Reading

_NOT_DEEPER = "only files that are right in the folder are read"


def native_meaning(reading: Reading) -> Meaning:
    """What an agent in the native layout says."""
    meaning = Meaning(Layout.NATIVE)
    if (main := reading.mapping("agent.yaml")) is not None:
        meaning = _main(reading, main, meaning)
    topics = [_topic(part) for path in reading.paths(r"topics/[^/]+\.ya?ml") if (part := reading.mapping(path))]
    tools = [_tool(part) for path in reading.paths(r"tools/[^/]+\.ya?ml") if (part := reading.mapping(path))]
    for path in reading.paths(r"(?:topics|tools|tests)/.+/[^/]+\.ya?ml"):
        reading.leave(path, None, _NOT_DEEPER)
    return meaning._replace(topics=tuple(topics), tools=tuple(tools), suites=suites(reading))


def _main(reading: Reading, main: Part, meaning: Meaning) -> Meaning:
    main.text("name")
    main.leave("voice", "how the agent sounds, not what it says")
    meaning = meaning._replace(
        description=main.text("description"),
        language=main.text("language") or None,
        greeting=main.text("greeting"),
        prompt=_prompt(reading, main),
        model=main.mapping("model"),
        handoffs=tuple(_handoff(part) for part in main.parts("handoffs")),
        variables=main.scalars("variables"),
    )
    main.leave_the_rest()
    return meaning


def _prompt(reading: Reading, main: Part) -> str:
    prompt = main.text("prompt")
    if "\n" in prompt or not prompt.lower().endswith(".md"):
        return prompt
    path = posixpath.normpath(prompt)
    if not reading.has(path):
        reading.leave(main.path, "prompt", f"there is no file '{prompt}'", line=main.line_of("prompt"), broken=True)
        return ""
    return reading.text(path) or ""


def _handoff(part: Part) -> Handoff:
    handoff = Handoff(part.text("name"), part.text("number") or None, part.headers("sip_headers"))
    part.leave_the_rest()
    return handoff


def _topic(part: Part) -> Topic:
    topic = Topic(
        name=part.text("name") or PurePosixPath(part.path).stem,
        example_queries=part.texts("example_queries"),
        content=part.text("content"),
        actions=tuple(_action(each) for each in part.parts("actions")),
        enabled=part.flag("enabled", otherwise=True),
        path=part.path,
        line=part.line,
    )
    part.leave_the_rest()
    return topic


def _action(part: Part) -> Action:
    action = Action(part.text("tool") or None, part.text("handoff") or None, part.text("when"))
    part.leave_the_rest()
    return action


def _tool(part: Part) -> Tool:
    tool = Tool(
        name=part.text("name") or PurePosixPath(part.path).stem,
        description=part.text("description"),
        parameters=part.mapping("parameters"),
        request=_request(part.part("request")),
        path=part.path,
        line=part.line,
    )
    part.leave_the_rest()
    return tool


def _request(part: Part | None) -> Request | None:
    if part is None:
        return None
    request = Request(part.text("method", "GET"), part.text("url"), part.headers("headers"))
    part.leave_the_rest()
    return request
