"""Models of an ADK project's own file, its agent settings and its two channels."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from gitagent.config.adk.base import AdkModel, Name, Scalar, Text, about


class Project(AdkModel):
    """project.yaml: where the project lives in Agent Studio."""

    region: Text = None
    account_id: Text = None
    project_id: Text = None
    project_name: Text = None
    account_name: Text = None


class Languages(AdkModel):
    """agent_settings/languages.yaml: BCP 47 codes."""

    default_language: Text = None
    additional_languages: list[str] | None = None


class Category(AdkModel):
    """One category of a content filter."""

    enabled: bool | None = None
    level: Literal["lenient", "medium", "strict"] | None = None


class Categories(AdkModel):
    """The four categories of a content filter."""

    violence: Category | None = None
    hate: Category | None = None
    sexual: Category | None = None
    self_harm: Category | None = None


class SafetyFilters(AdkModel):
    """safety_filters.yaml, of the project or of one channel."""

    enabled: bool | None = None
    categories: Categories | None = None


class PlatformGuardrail(AdkModel):
    """A guardrail that the platform offers."""

    name: Name
    enabled: bool = True


class CustomGuardrail(AdkModel):
    """A guardrail of the project's own."""

    name: Name
    enabled: bool = True
    prompt: Text = None
    action: Text = None


class Guardrails(AdkModel):
    """agent_settings/guardrails.yaml."""

    platform_guardrails: list[PlatformGuardrail] | None = None
    custom_guardrails: list[CustomGuardrail] | None = None


class Personality(AdkModel):
    """agent_settings/personality.yaml, of projects that do not have a persona yet."""

    adjectives: dict[str, bool] | None = None
    custom: Text = None


class Role(AdkModel):
    """agent_settings/role.yaml, of projects that do not have a persona yet."""

    value: Text = None
    additional_info: Text = None
    custom: Text = None


class Greeting(AdkModel):
    """The first words of a conversation."""

    welcome_message: Text = about("What the agent says first; may refer to {{attr:…}} and {{vrbl:…}}.")
    language_code: Text = about("Its language, such as en-GB.")


class StylePrompt(AdkModel):
    """How the agent speaks, or writes, on this channel."""

    prompt: Text = None


class Disclaimer(AdkModel):
    """What is said before the greeting of a call."""

    message: Text = None
    enabled: bool | None = None
    language_code: Text = None


class FillerPhrases(AdkModel):
    """What is said while the caller waits."""

    enabled: bool | None = None
    phrases: list[str] | None = None
    randomize: bool | None = None
    initial_interval_seconds: float | None = Field(default=None, ge=0.5)
    interval_seconds: float | None = Field(default=None, ge=1)


class BackgroundAmbience(AdkModel):
    """What is heard under the agent's voice; loudness in decibels."""

    enabled: bool | None = None
    preset: Text = None
    loudness: float | None = Field(default=None, ge=-70, le=-20)


class Chat(AdkModel):
    """chat/configuration.yaml."""

    greeting: Greeting | None = None
    style_prompt: StylePrompt | None = None


class Voice(Chat):
    """voice/configuration.yaml."""

    disclaimer_messages: Disclaimer | None = None
    filler_phrases: FillerPhrases | None = None
    background_ambience: BackgroundAmbience | None = None


def _or_truth_value(schema: dict[str, Any]) -> None:
    schema["anyOf"].append({"type": "boolean"})


class BargeIn(AdkModel):
    """Whether a caller may interrupt."""

    enabled: bool | None = None
    allow_on_first_turn: bool | None = None
    max_per_call: int | None = Field(default=None, ge=0)


class SpeechRecognition(AdkModel):
    """voice/speech_recognition/asr_settings.yaml."""

    speech_end_delay_ms: int | None = Field(default=None, ge=200, le=1500)
    barge_in: BargeIn | None = Field(default=None, json_schema_extra=_or_truth_value)
    interaction_style: Text = None

    @field_validator("barge_in", mode="before")
    @classmethod
    def _older_projects_only_say_yes_or_no(cls, value: object) -> object:
        return {"enabled": value} if isinstance(value, bool) else value


class Keyphrase(AdkModel):
    """A phrase to listen for. A year or a bare `true` is taken as the text it is."""

    keyphrase: Scalar
    level: Text = None


class KeyphraseBoosting(AdkModel):
    """voice/speech_recognition/keyphrase_boosting.yaml."""

    keyphrases: list[Keyphrase] | None = None


class CorrectionRule(AdkModel):
    """One replacement in what was heard."""

    regular_expression: Text = None
    replacement: Text = None
    replacement_type: Literal["full", "partial", "substring"] | None = None


class Correction(AdkModel):
    """A group of replacements in what was heard."""

    name: Name
    description: Text = None
    regular_expressions: list[CorrectionRule] | None = None


class TranscriptCorrections(AdkModel):
    """voice/speech_recognition/transcript_corrections.yaml."""

    corrections: list[Correction] | None = None


class Pronunciation(AdkModel):
    """How the voice says what a pattern matches."""

    regex: str
    replacement: Text = None
    case_sensitive: bool | None = None
    language_code: Text = None
    description: Text = None


class Pronunciations(AdkModel):
    """voice/response_control/pronunciations.yaml."""

    pronunciations: list[Pronunciation] | None = None


class PhraseFilter(AdkModel):
    """What happens when the agent is about to say a phrase."""

    name: Name = Field(description="The filter's name.")
    description: Text = None
    regular_expressions: list[str] | None = about("What the agent is about to say.")
    say_phrase: bool | None = about("Whether it is said all the same.")
    language_code: Text = None
    function: Text = about("A global function to call.")


class PhraseFiltering(AdkModel):
    """voice/response_control/phrase_filtering.yaml."""

    phrase_filtering: list[PhraseFilter] | None = None


class ExperimentalConfig(AdkModel):
    """agent_settings/experimental_config.json: any features, by category."""

    __pydantic_extra__: dict[str, Any]
