"""The native layout's files as pydantic models: what they may hold, and the texts that editors show."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from gitagent.config.models import Model

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
_VARIABLES = "Values by name, used in texts as ${name}."
_VARIABLES_SCHEMA: dict[str, Any] = {
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
_CALL_SCHEMA: dict[str, Any] = {
    "type": ["string", "object"],
    "minLength": 1,
    "properties": {"name": {"type": "string", "minLength": 1}, "arguments": {"type": "object"}},
    "required": ["name"],
    "additionalProperties": False,
}
_FIXTURES = "What tools answer in place of their service, by tool name."


def _optional(description: str, **options: Any) -> Any:
    """A key that may be left out, which is what None stands for: written in a file, null is not allowed."""
    return Field(default=None, description=description, **options)


class LanguageModel(Model):
    """The language model that answers."""

    provider: Text = _optional("Who runs the model, such as openai.")
    name: Text = _optional("The provider's name for the model.")
    temperature: float = _optional("0 for the same answer each time, up to 2.", ge=0, le=2)


class Voice(Model):
    """The voice that speaks."""

    provider: Text = _optional("Who makes the voice.")
    name: Text = _optional("The provider's name for the voice.")
    speed: float = _optional("1 is the voice's own speed; from 0.25 to 4.", ge=0.25, le=4)


class Handoff(Model):
    """A person or a desk that a call can be handed to."""

    name: Name = Field(description="The name by which topics and tests refer to it.")
    number: Text = Field(description='In E.164 form and in quotes, such as "+442079460018", or ${env:NAME}.')
    sip_headers: dict[str, str] = _optional("SIP headers that go along with the call.")


class Agent(Model):
    """An agent: who it is, how it speaks and whom it hands over to."""

    name: Name = Field(description="The agent's name.")
    description: str = _optional("What the agent is for.")
    language: Text = _optional("The language it speaks, as a BCP 47 tag such as en-GB.")
    greeting: str = _optional("What it says first.")
    prompt: Text = _optional("The system prompt, or the name of a Markdown file that holds it.")
    model: LanguageModel = _optional("The language model that answers.")
    voice: Voice = _optional("The voice that speaks.")
    variables: dict[str, Any] = _optional(_VARIABLES, json_schema_extra=_VARIABLES_SCHEMA)
    handoffs: list[Handoff] = _optional("Where calls can be handed to.")


class Action(Model):
    """Something to do in a topic: call a tool, or hand the call over."""

    tool: Text = _optional("The name of a tool.")
    handoff: Text = _optional("The name of a handoff.")
    when: Text = _optional("When to do it, in words.")


class Topic(Model):
    """Something that callers ask about, and what the agent knows of it."""

    name: Name = Field(description="The topic's name.")
    enabled: bool = Field(default=True, description="Whether the agent uses the topic.")
    example_queries: list[Text] = _optional("How callers ask about it.")
    content: str = _optional("What the agent knows and says about it.")
    actions: list[Action] = _optional("What the agent may do about it.")


class Request(Model):
    """The HTTP request that a tool makes."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(default="GET", description="The HTTP method.")
    url: Text = Field(description="Where it goes; may hold ${variable} and ${env:NAME}.")
    headers: dict[str, str] = _optional("HTTP headers; secrets as ${env:NAME}.")


class Tool(Model):
    """Something that the agent can do by calling a service."""

    name: Name = Field(
        description="The name that the model calls: letters, digits, _ and -.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]{1,64}$"},
    )
    description: Text = Field(description="What it does, for the model to decide when to call it.")
    parameters: dict[str, Any] = _optional("The arguments, as a JSON Schema of type object.")
    request: Request = _optional("The HTTP request that does it.")


class Expectation(Model):
    """What an answer must be like."""

    contains: Text = _optional("A text that the answer contains, in capitals or not.")
    not_contains: Text = _optional("A text that the answer does not contain.")
    matches: Text = _optional("A regular expression that is found in the answer.")
    not_matches: Text = _optional("A regular expression that is not found in the answer.")
    equals: str = _optional("The whole answer.")
    topic: Text = _optional("The topic that the answer comes from.")
    tool_called: Annotated[str | dict[str, Any], WithJsonSchema(_CALL_SCHEMA)] = _optional(
        "The tool that was called; with 'name' and 'arguments', what it was called with, too."
    )
    handoff: Text = _optional("The handoff that the call went to.")
    max_turns: int = _optional("The most turns that the conversation has had by now.", ge=1)
    max_seconds: float = _optional("The longest that the answer may take, in seconds.", gt=0)
    judge: Text = _optional("A question about the answer that a model must answer with yes.")


class Turn(Model):
    """What the user says, and what is expected of the answer."""

    user: Text = _optional("What the user says; left out in a first turn that checks the greeting.")
    expect: list[Expectation] = _optional("What the answer must be like.")


class Case(Model):
    """One conversation."""

    name: Name = Field(description="What the case shows.")
    variables: dict[str, Any] = _optional(_VARIABLES, json_schema_extra=_VARIABLES_SCHEMA)
    fixtures: dict[str, Any] = _optional(_FIXTURES)
    channel: Literal["voice", "webchat"] = _optional("Where the conversation takes place; voice if left out.")
    sip_headers: dict[str, str] = _optional("SIP headers that the call arrives with.")
    turns: list[Turn] = Field(min_length=1, description="The conversation, turn by turn.")


class Suite(Model):
    """A suite of regression tests."""

    name: Name = _optional("The suite's name; the file's name if left out.")
    description: str = _optional("What the suite is about.")
    fixtures: dict[str, Any] = _optional(_FIXTURES)
    cases: list[Case] = Field(min_length=1, description="The conversations.")
