"""Models of what an ADK agent says and does: its topics, the steps of its flows, its tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gitagent.config.adk.base import AdkModel, Name, Scalar, Text, about


class Topic(AdkModel):
    """topics/*.yaml and child_topics/*/*.yaml."""

    name: Name = Field(description="The topic's name; the file is named after it.")
    enabled: bool = Field(default=True, description="Whether the agent uses the topic.")
    tags: list[str] | None = about("Labels that group topics; they change nothing for callers.")
    example_queries: list[str] | None = about("How callers ask about it; at most 20.", max_length=20)
    content: Text = about("What the agent knows: facts, and no references.")
    actions: Text = about("What the agent does; may refer to {{fn:…}}, {{attr:…}}, {{ho:…}} and {{twilio_sms:…}}.")


class FlowConfig(AdkModel):
    """flows/*/flow_config.yaml."""

    name: Name = Field(description="The flow's name; its folder is named after it.")
    description: Text = about("What the flow does.")
    start_step: Name = Field(description="The name of the step that the flow begins with.")


class Condition(AdkModel):
    """When, and to which step, a step is left."""

    name: Text = about("The condition's name.")
    condition_type: Text = about("step_condition to go to a step, exit_flow_condition to leave the flow.")
    description: Text = about("When the condition holds.")
    child_step: Text = about("The step to go to: its name, or the file name of a function step.")
    required_entities: list[str] | None = about("What must have been collected before.")


class AsrBiasing(AdkModel):
    """What kind of words to expect in a turn."""

    is_enabled: bool | None = None
    alphanumeric: bool | None = None
    name_spelling: bool | None = None
    numeric: bool | None = None
    party_size: bool | None = None
    precise_date: bool | None = None
    relative_date: bool | None = None
    single_number: bool | None = None
    time: bool | None = None
    yes_no: bool | None = None
    address: bool | None = None
    custom_keywords: list[Scalar] | None = None


class DtmfConfig(AdkModel):
    """What is taken from the keypad; `end_key` may be a bare digit."""

    is_enabled: bool | None = None
    inter_digit_timeout: float | None = Field(default=None, ge=0)
    max_digits: int | None = Field(default=None, ge=0)
    end_key: Scalar | None = None
    collect_while_agent_speaking: bool | None = None
    is_pii: bool | None = None


class AsrOverride(AdkModel):
    """Which recogniser listens in a turn."""

    provider: Text = None
    model: Text = None


class VadOverride(AdkModel):
    """When a turn counts as begun and ended."""

    provider: Text = None
    vad_start: float | None = Field(default=None, ge=0)
    vad_end: float | None = Field(default=None, ge=0)
    speech_threshold: float | None = None
    silence_threshold: float | None = None


class BargeInOverride(AdkModel):
    """Whether the caller may interrupt in a turn."""

    is_enabled: bool | None = None


class LlmOverride(AdkModel):
    """Which model answers in a turn."""

    provider_model_id: Text = None
    reasoning_effort: Text = None


class Step(AdkModel):
    """flows/*/steps/*.yaml."""

    step_type: Literal["default_step", "advanced_step"] = Field(
        description="default_step without code, or advanced_step, which may call functions."
    )
    name: Name = Field(description="The step's name; the file is named after it.")
    prompt: Text = about("What the agent does in this step.")
    conditions: list[Condition] | None = about("The ways out of a default step.")
    extracted_entities: list[str] | None = about("What a default step collects, from config/entities.yaml.")
    asr_biasing: AsrBiasing | None = None
    dtmf_config: DtmfConfig | None = None
    asr: AsrOverride | None = None
    vad: VadOverride | None = None
    barge_in: BargeInOverride | None = None
    llm: LlmOverride | None = None


class ExpectedArgument(AdkModel):
    """What a function must have been called with."""

    parameter_name: Name
    expected_value: Any = None
    value_type: Literal["string", "integer", "number", "boolean"] | None = None


class FunctionCall(AdkModel):
    """A function that must have been called."""

    name: Name
    arguments: list[ExpectedArgument] | None = None
    is_asserted: bool | None = None


class MockResponse(AdkModel):
    """What a service answers."""

    status: int = Field(ge=100, le=599)
    body: Any = None
    headers: dict[str, Scalar | None] | None = None


class MockRule(AdkModel):
    """What a service answers, and how often."""

    respond: MockResponse
    repeat: int | None = Field(default=None, ge=-1)


class Simulation(AdkModel):
    """test_suite/*.yaml."""

    name: Name = Field(description="The test's name; the file is named after it.")
    scenario: Text = about("What the simulated user wants.")
    channel: Literal["voice", "webchat"] | None = about("Where the conversation takes place.")
    language: Text = about("The language of the conversation, such as en-GB.")
    tags: list[str] | None = about("Labels that group tests.")
    variant: Text = about("The variant that the test runs with.")
    simulated_at: Text = about("The time that it is in the test, in ISO 8601.")
    caller_number: Text = about("The number that the call comes from, in quotes.")
    sip_headers: dict[str, Scalar | None] | None = about("SIP headers that the call arrives with.")
    integration_attributes: dict[str, Any] | None = about("What the channel passes in; each value keeps its type.")
    api_mocks: dict[str, dict[str, list[MockRule]]] | None = about(
        "What services answer, by integration and operation."
    )
    prompt_assertions: list[str] | None = about("What the agent should say or do, one sentence each.")
    function_call_assertions: list[FunctionCall] | None = about("Functions that must have been called.")
