"""Kinds of ADK files: where each is found, and the schema that editors get for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel

from gitagent.config.adk.base import AdkModel
from gitagent.config.adk.kinds import KINDS, kind_of, model_of
from gitagent.config.schemas import kinds, schema

NAMES = [kind.name for kind in KINDS]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("project.yaml", "adk-project"),
        ("agent_settings/languages.yaml", "adk-languages"),
        ("agent_settings/safety_filters.yaml", "adk-safety-filters"),
        ("voice/safety_filters.yaml", "adk-safety-filters"),
        ("chat/safety_filters.yaml", "adk-safety-filters"),
        ("agent_settings/guardrails.yaml", "adk-guardrails"),
        ("agent_settings/personality.yaml", "adk-personality"),
        ("agent_settings/role.yaml", "adk-role"),
        ("agent_settings/experimental_config.json", "adk-experimental"),
        ("voice/configuration.yaml", "adk-voice"),
        ("chat/configuration.yaml", "adk-chat"),
        ("voice/speech_recognition/asr_settings.yaml", "adk-speech"),
        ("voice/speech_recognition/keyphrase_boosting.yaml", "adk-keyphrases"),
        ("voice/speech_recognition/transcript_corrections.yaml", "adk-corrections"),
        ("voice/response_control/pronunciations.yaml", "adk-pronunciations"),
        ("voice/response_control/phrase_filtering.yaml", "adk-phrases"),
        ("config/api_integrations.yaml", "adk-integrations"),
        ("config/entities.yaml", "adk-entities"),
        ("config/handoffs.yaml", "adk-handoffs"),
        ("config/mcp.yaml", "adk-mcp"),
        ("config/sms_templates.yaml", "adk-sms"),
        ("config/translations.yaml", "adk-translations"),
        ("config/variant_attributes.yaml", "adk-variants"),
        ("topics/opening_hours.yaml", "adk-topic"),
        ("topics/opening_hours.yml", "adk-topic"),
        ("child_topics/west/parking.yaml", "adk-topic"),
        ("flows/booking/flow_config.yaml", "adk-flow"),
        ("flows/booking/steps/confirm.yaml", "adk-step"),
        ("test_suite/books.yaml", "adk-test"),
        ("topics/deep/er.yaml", None),
        ("topics/README.md", None),
        ("flows/booking/confirm.yaml", None),
        ("flows/booking/functions/confirm.py", None),
        ("config/unheard_of.yaml", None),
        ("backup/project.yaml", None),
        ("tests/cases.yaml", None),
        ("_gen/stubs.yaml", None),
        ("topics/two\nlines.yaml", "adk-topic"),
    ],
)
def test_a_file_is_of_the_kind_that_the_adk_takes_it_for(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_every_kind_has_a_name_and_a_model_of_its_own() -> None:
    assert len(set(NAMES)) == len({model_of(name) for name in NAMES}) == len(KINDS) == 25
    assert all(name.startswith("adk-") for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_json_schema_that_lets_newer_keys_be(name: str) -> None:
    made = schema(name)

    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["type"] == "object"
    assert made["description"]
    assert made["additionalProperties"] is True


def test_the_schema_of_a_flow_tells_an_editor_what_each_key_is_for() -> None:
    assert schema("adk-flow") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "FlowConfig",
        "additionalProperties": True,
        "description": "flows/*/flow_config.yaml.",
        "properties": {
            "name": {
                "description": "The flow's name; its folder is named after it.",
                "minLength": 1,
                "type": "string",
            },
            "description": {
                "anyOf": [{"type": "string"}, {"type": "null"}],
                "description": "What the flow does.",
            },
            "start_step": {
                "description": "The name of the step that the flow begins with.",
                "minLength": 1,
                "type": "string",
            },
        },
        "required": ["name", "start_step"],
        "type": "object",
    }


def test_the_schema_lets_older_projects_switch_barge_in_with_one_word() -> None:
    assert schema("adk-speech")["properties"]["barge_in"]["anyOf"] == [
        {"$ref": "#/$defs/BargeIn"},
        {"type": "null"},
        {"type": "boolean"},
    ]


def test_every_kind_is_offered_by_name() -> None:
    assert set(NAMES) <= set(kinds())


def models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    return {model}.union(*(models_below(each) for each in model.__subclasses__()))


def test_no_model_refuses_a_key_that_it_does_not_know() -> None:
    for name in NAMES:
        model_of(name)

    assert {model.model_config.get("extra") for model in models_below(AdkModel)} == {"allow"}
    assert {model.model_config.get("strict") for model in models_below(AdkModel)} == {True}


def test_knowing_the_kinds_takes_no_pydantic() -> None:
    code = "import sys, gitagent.config.adk.kinds as kinds; kinds.kind_of('x'); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
