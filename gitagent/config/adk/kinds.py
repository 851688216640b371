"""Kinds of files in an ADK project: which path holds which, and the model of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class AdkKind:
    """One kind of file: its name, the paths that hold one, and its model as `module.Class` of this package."""

    name: str
    paths: re.Pattern[str]
    model: str


def _kind(name: str, paths: str, model: str) -> AdkKind:
    return AdkKind(name, re.compile(paths), model)


_YAML = r"[^/]+\.ya?ml"
KINDS = (
    _kind("adk-project", r"project\.yaml", "settings.Project"),
    _kind("adk-languages", r"agent_settings/languages\.yaml", "settings.Languages"),
    _kind("adk-safety-filters", r"(?:agent_settings|voice|chat)/safety_filters\.yaml", "settings.SafetyFilters"),
    _kind("adk-guardrails", r"agent_settings/guardrails\.yaml", "settings.Guardrails"),
    _kind("adk-personality", r"agent_settings/personality\.yaml", "settings.Personality"),
    _kind("adk-role", r"agent_settings/role\.yaml", "settings.Role"),
    _kind("adk-experimental", r"agent_settings/experimental_config\.json", "settings.ExperimentalConfig"),
    _kind("adk-voice", r"voice/configuration\.yaml", "settings.Voice"),
    _kind("adk-chat", r"chat/configuration\.yaml", "settings.Chat"),
    _kind("adk-speech", r"voice/speech_recognition/asr_settings\.yaml", "settings.SpeechRecognition"),
    _kind("adk-keyphrases", r"voice/speech_recognition/keyphrase_boosting\.yaml", "settings.KeyphraseBoosting"),
    _kind(
        "adk-corrections",
        r"voice/speech_recognition/transcript_corrections\.yaml",
        "settings.TranscriptCorrections",
    ),
    _kind("adk-pronunciations", r"voice/response_control/pronunciations\.yaml", "settings.Pronunciations"),
    _kind("adk-phrases", r"voice/response_control/phrase_filtering\.yaml", "settings.PhraseFiltering"),
    _kind("adk-integrations", r"config/api_integrations\.yaml", "resources.ApiIntegrations"),
    _kind("adk-entities", r"config/entities\.yaml", "resources.Entities"),
    _kind("adk-handoffs", r"config/handoffs\.yaml", "resources.Handoffs"),
    _kind("adk-mcp", r"config/mcp\.yaml", "resources.McpServers"),
    _kind("adk-sms", r"config/sms_templates\.yaml", "resources.SmsTemplates"),
    _kind("adk-translations", r"config/translations\.yaml", "resources.Translations"),
    _kind("adk-variants", r"config/variant_attributes\.yaml", "resources.VariantAttributes"),
    _kind("adk-topic", rf"topics/{_YAML}|child_topics/[^/]+/{_YAML}", "conversations.Topic"),
    _kind("adk-flow", r"flows/[^/]+/flow_config\.yaml", "conversations.FlowConfig"),
    _kind("adk-step", rf"flows/[^/]+/steps/{_YAML}", "conversations.Step"),
    _kind("adk-test", rf"test_suite/{_YAML}", "conversations.Simulation"),
)
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(path: str) -> str | None:
    """The kind of the file at a path; None where the ADK reads nothing from it."""
    return next((kind.name for kind in KINDS if kind.paths.fullmatch(path)), None)


def model_of(name: str) -> type[BaseModel]:
    """The model of a kind."""
    module, _, cls = _BY_NAME[name].model.partition(".")
    model: type[BaseModel] = getattr(import_module(f"gitagent.config.adk.{module}"), cls)
    return model
