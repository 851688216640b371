"""Bodies: what requests carry in JSON, and what is wrong with one that cannot be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from gitagent.runtime.checks import LONGEST_ID, LONGEST_TEXT, LONGEST_WORD, MOST_ENTRIES
from gitagent.server.envelope import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

_Model = TypeVar("_Model", bound=BaseModel)
_MOST_PROBLEMS = 10
MOST_MESSAGES = 100

Value = Annotated[str, Field(max_length=LONGEST_TEXT)] | bool | int | float
Scalar = Value | None
Attributes = Annotated[dict[str, Scalar], Field(max_length=MOST_ENTRIES)]
Line = Annotated[str, Field(max_length=LONGEST_ID)]


def _with_examples(*examples: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class Body(BaseModel):
    """A body: nothing that is not known, and nothing taken for what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=False)


class Answered(Body):
    """With what a client answered a call itself while the server was away. A number's agent and environment then."""

    version: Line
    at: AwareDatetime
    agent: str | None = Field(None, max_length=LONGEST_ID)
    environment: Line | None = None


class Beginning(Body):
    """A call that begins: to a number, in an environment of an agent or, outbound alone, with a version."""

    model_config = _with_examples(
        {"call_id": "CA1", "to": "+442079460018", "from": "+447700900123", "sip_headers": {"X-Trunk": "7"}},
        {"call_id": "CA2", "agent": "shop", "environment": "live", "attributes": {"language": "en"}},
        {"call_id": "CA3", "agent": "shop", "version": "v1", "direction": "outbound", "to": "+447700900123"},
    )

    call_id: str = Field(min_length=1, max_length=LONGEST_ID, pattern="^[!-~]+$")
    to: Line | None = Field(None, description="The number that is called.")
    from_: Line | None = Field(None, alias="from", description="Who calls.")
    agent: str | None = Field(None, max_length=LONGEST_ID)
    environment: Line | None = None
    version: Line | None = None
    direction: Literal["inbound", "outbound"] | None = None
    sip_headers: Annotated[dict[str, str], Field(max_length=MOST_ENTRIES)] | None = None
    attributes: Attributes | None = None
    answered: Answered | None = Field(None, description="That the call began before, and with which version.")


class Change(Body):
    """What came after: a call's end, by `outcome`, `duration`, `ended_at` or `ended`, and what is added to it."""

    model_config = _with_examples(
        {"outcome": "completed", "duration": 94},
        {"ended": True, "success": False, "ended_at": "2026-03-02T09:00:00Z"},
        {"score": 0.9, "attributes": {"language": "en", "topic": None}},
    )

    ended: Literal[True] | None = Field(None, description="End the call, without saying more of it.")
    outcome: str | None = Field(None, min_length=1, max_length=LONGEST_WORD)
    success: bool | None = None
    duration: float | None = Field(None, ge=0, description="Seconds.")
    ended_at: AwareDatetime | None = None
    score: float | None = None
    attributes: Attributes | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.ends and self.success is not None:
            raise ValueError('success is said of a call that ends: add an outcome, or "ended": true')
        if not self.ends and not self.adds:
            raise ValueError("it changes nothing")
        return self

    @property
    def ends(self) -> bool:
        """Whether the call ends with it."""
        return any(each is not None for each in (self.ended, self.outcome, self.duration, self.ended_at))

    @property
    def adds(self) -> bool:
        """Whether a score or attributes are added with it."""
        return self.score is not None or bool(self.attributes)


class Message(Body):
    """What one of the two said, as chat protocols have it."""

    role: Literal["user", "assistant"]
    content: str


class Talk(Body):
    """A conversation so far, the user's message last. One that is empty, or begins with the agent, has a greeting.

    The agent's own messages are for whoever keeps the conversation: it always says the same to the same.
    """

    model_config = _with_examples(
        {"messages": [{"role": "user", "content": "When are you open?"}]},
        {"messages": [], "variables": {"opening_hours": "noon to ten"}, "channel": "webchat"},
        {
            "messages": [
                {"role": "user", "content": "A table for two, please"},
                {"role": "assistant", "content": "On which day?"},
                {"role": "user", "content": "Tomorrow at eight"},
            ],
            "fixtures": {"book_table": {"ok": True}},
        },
    )

    messages: Annotated[list[Message], Field(max_length=MOST_MESSAGES)]
    channel: Literal["voice", "webchat"] | None = None
    variables: Annotated[dict[str, Value], Field(max_length=MOST_ENTRIES)] | None = Field(
        None, description="In place of the agent's own."
    )
    variant: Line | None = Field(None, description="Of a PolyAI ADK project, in place of its default one.")
    sip_headers: Annotated[dict[str, str], Field(max_length=MOST_ENTRIES)] | None = None
    fixtures: Annotated[dict[str, JsonValue], Field(max_length=MOST_ENTRIES)] | None = Field(
        None, description="What tools answer, by their names. No service is asked."
    )

    @model_validator(mode="after")
    def _ends_with_the_user(self) -> Self:
        if self.messages and self.messages[-1].role != "user":
            raise ValueError("the last message has to be the user's")
        return self


def read(model: type[_Model], sent: bytes) -> _Model:
    """The body as its model; refused with every problem and its place."""
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        raise _refused(problems) from None


def _refused(problems: Sequence[Any]) -> RequestError:
    if problems[0]["type"] == "json_invalid":
        return RequestError(400, "body-malformed", f"the body is not JSON: {problems[0]['msg']}")
    shown = "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in problems[:_MOST_PROBLEMS])
    return RequestError(422, "body-invalid", f"the body cannot be taken: {shown}", hint="See: /openapi.json")


def _place(parts: Sequence[int | str]) -> str:
    return ".".join(str(each) for each in parts) or "body"
