"""Values: the parts of an agent's meaning, each with the place in its files where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gitagent.config.layouts import Layout

NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_NO_MOCKS: Mapping[str, tuple[Mock, ...]] = MappingProxyType({})


class Action(NamedTuple):
    """Something to do in a topic: a tool to call, or a handoff to hand the call to, and in words when."""

    tool: str | None
    handoff: str | None
    when: str = ""


class Topic(NamedTuple):
    """Something that callers ask about. `instructions` is what to do in words, where the layout has such."""

    name: str
    example_queries: tuple[str, ...] = ()
    content: str = ""
    actions: tuple[Action, ...] = ()
    instructions: str = ""
    enabled: bool = True
    path: str = ""
    line: int = 0


class Request(NamedTuple):
    """The HTTP request that a tool makes."""

    method: str
    url: str
    headers: Mapping[str, str] = _NO_HEADERS


class Tool(NamedTuple):
    """Something that the agent can do; `parameters` is a JSON Schema. One of a `flow` can be called in that alone.

    `operations` is what its code asks services for, each as `service.operation`.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, object] = NOTHING
    request: Request | None = None
    flow: str | None = None
    path: str = ""
    line: int = 0
    operations: tuple[str, ...] = ()


class Handoff(NamedTuple):
    """Where a call can be handed to; one without a number ends it."""

    name: str
    number: str | None = None
    sip_headers: Mapping[str, str] = _NO_HEADERS
    description: str = ""
    default: bool = False


class Way(NamedTuple):
    """A way out of a step: to the step `to`, or out of the flow where that is None, and in words when.

    It is open once everything in `needs` is known.
    """

    to: str | None
    when: str = ""
    needs: tuple[str, ...] = ()
    name: str = ""


class Step(NamedTuple):
    """A step of a flow, and the ways out of it."""

    name: str
    prompt: str = ""
    ways: tuple[Way, ...] = ()
    path: str = ""
    line: int = 0


class Flow(NamedTuple):
    """A conversation led step by step, from the step `start` on."""

    name: str
    description: str = ""
    start: str | None = None
    steps: tuple[Step, ...] = ()
    path: str = ""
    line: int = 0


class Channel(NamedTuple):
    """What is said, and how, on one channel: `voice` or `webchat`."""

    name: str
    greeting: str = ""
    style: str = ""
    language: str | None = None


class Expectation(NamedTuple):
    """What an answer must be like: a kind such as `contains`, and its value as the file has it."""

    kind: str
    value: object
    line: int = 0


class Turn(NamedTuple):
    """What the user says, None for the greeting alone, and what is expected of the answer."""

    user: str | None
    expect: tuple[Expectation, ...] = ()
    line: int = 0


class Mock(NamedTuple):
    """What a service answers, and how many `times` before the next answer; -1 is for ever."""

    status: int
    body: object = None
    times: int = 1


class Case(NamedTuple):
    """One conversation that must keep working.

    One without turns is a `scenario` that somebody has to play; `expect` holds for the conversation as a whole, and
    `mocks` says what services answer in it, by `service.operation`.
    """

    name: str
    path: str = ""
    line: int = 0
    variables: Mapping[str, object] = NOTHING
    fixtures: Mapping[str, object] = NOTHING
    turns: tuple[Turn, ...] = ()
    channel: str | None = None
    sip_headers: Mapping[str, str] = _NO_HEADERS
    language: str | None = None
    variant: str | None = None
    caller: str | None = None
    at: str | None = None
    tags: tuple[str, ...] = ()
    scenario: str = ""
    expect: tuple[Expectation, ...] = ()
    mocks: Mapping[str, tuple[Mock, ...]] = _NO_MOCKS


class Suite(NamedTuple):
    """Cases that belong together; `fixtures` is what tools answer in all of them."""

    name: str
    path: str
    fixtures: Mapping[str, object] = NOTHING
    cases: tuple[Case, ...] = ()
    description: str = ""


class Unread(NamedTuple):
    """What an agent's files have and the model has not: a file, or one key of it with its value, and why.

    `broken` says that it should have been read and could not be.
    """

    path: str
    key: str | None
    why: str
    line: int = 0
    value: object = None
    broken: bool = False


class Meaning(NamedTuple):
    """What an agent is and does.

    `variants` are sets of values that replace those in `variables`, by name; `phrases` are texts by name in the
    agent's own language.
    """

    layout: Layout
    name: str | None = None
    description: str = ""
    language: str | None = None
    greeting: str = ""
    prompt: str = ""
    model: Mapping[str, object] = NOTHING
    topics: tuple[Topic, ...] = ()
    tools: tuple[Tool, ...] = ()
    handoffs: tuple[Handoff, ...] = ()
    variables: Mapping[str, object] = NOTHING
    variants: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    phrases: Mapping[str, str] = _NO_HEADERS
    channels: tuple[Channel, ...] = ()
    flows: tuple[Flow, ...] = ()
    suites: tuple[Suite, ...] = ()
    unread: tuple[Unread, ...] = ()

    def filled(self, overrides: Mapping[str, object] = NOTHING, *, variant: str | None = None) -> Meaning:
        """With the values of its variables in its texts, those of `variant` and `overrides` before its own.

        `${env:NAME}` stays, for where the agent runs, and so does every reference whose value is not known.
        """
        from gitagent.config.meaning.filling import fill

        return fill(self, {**self.variables, **self.variants.get(variant or "", NOTHING), **overrides})

    def on(self, channel: str | None) -> Meaning:
        """As it is on one channel, where that has a greeting, a style or a language of its own."""
        for each in self.channels:
            if each.name == channel:
                return self._replace(
                    greeting=each.greeting or self.greeting,
                    prompt="\n\n".join(filter(None, [self.prompt, each.style])),
                    language=each.language or self.language,
                )
        return self
