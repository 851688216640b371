"""Filling: an agent's meaning with the values of its variables, in the references of its layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Action, Handoff, Meaning, Request, Step, Tool, Topic
from gitagent.config.native.filling import filled, spoken, values_of

_ADK = re.compile(r"\{\{(attr|vrbl|tn):([\w-]+)\}\}")
_SIMPLE = (str, bool, int, float)


def fill(meaning: Meaning, variables: Mapping[str, object]) -> Meaning:
    """The meaning with these values in its texts, and as its variables."""
    if meaning.layout is Layout.ADK:
        return _with_texts(meaning, _adk_filler(variables, meaning.phrases), variables)
    values = values_of({name: value for name, value in variables.items() if isinstance(value, _SIMPLE)})
    fill_text = _native_filler(values)
    tools = tuple(_tool(tool, values) for tool in meaning.tools)
    return _with_texts(meaning._replace(tools=tools), fill_text, values)


def _native_filler(values: Mapping[str, object]) -> Callable[[str], str]:
    return lambda text: cast("str", filled(text, values)) if "${" in text else text


def _adk_filler(values: Mapping[str, object], phrases: Mapping[str, str]) -> Callable[[str], str]:
    def replaced(match: re.Match[str]) -> str:
        value = phrases.get(match[2]) if match[1] == "tn" else values.get(match[2])
        return match[0] if value is None else spoken(value)

    return lambda text: _ADK.sub(replaced, text) if "{{" in text else text


def _with_texts(meaning: Meaning, text: Callable[[str], str], variables: Mapping[str, object]) -> Meaning:
    return meaning._replace(
        greeting=text(meaning.greeting),
        prompt=text(meaning.prompt),
        variables=variables,
        topics=tuple(_topic(topic, text) for topic in meaning.topics),
        handoffs=tuple(_handoff(handoff, text) for handoff in meaning.handoffs),
        channels=tuple(
            each._replace(greeting=text(each.greeting), style=text(each.style)) for each in meaning.channels
        ),
        flows=tuple(flow._replace(steps=tuple(_step(step, text) for step in flow.steps)) for flow in meaning.flows),
    )


def _topic(topic: Topic, text: Callable[[str], str]) -> Topic:
    return topic._replace(
        example_queries=tuple(map(text, topic.example_queries)),
        content=text(topic.content),
        actions=tuple(Action(each.tool, each.handoff, text(each.when)) for each in topic.actions),
        instructions=text(topic.instructions),
    )


def _step(step: Step, text: Callable[[str], str]) -> Step:
    ways = tuple(way._replace(when=text(way.when)) for way in step.ways)
    return step._replace(prompt=text(step.prompt), ways=ways)


def _handoff(handoff: Handoff, text: Callable[[str], str]) -> Handoff:
    return handoff._replace(
        number=text(handoff.number) if handoff.number else None,
        sip_headers={name: text(value) for name, value in handoff.sip_headers.items()},
    )


def _tool(tool: Tool, values: Mapping[str, object]) -> Tool:
    """A tool; its arguments, which come with each use of it, are not filled in."""
    if tool.request is None:
        return tool
    properties = tool.parameters.get("properties")
    arguments = properties if isinstance(properties, dict) else {}
    url, headers = (filled(each, values, later=arguments) for each in (tool.request.url, dict(tool.request.headers)))
    return tool._replace(
        request=Request(tool.request.method, cast("str", url), cast("Mapping[str, str]", headers)),
    )
