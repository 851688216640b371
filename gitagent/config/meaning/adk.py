"""An ADK project's meaning: its settings, channels, topics, functions, flows and tests in the model of every agent."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.layouts import Layout
from gitagent.config.meaning.adkflows import flows
from gitagent.config.meaning.adkfunctions import functions
from gitagent.config.meaning.adktests import tests
from gitagent.config.meaning.suites import suites
from gitagent.config.meaning.values import Action, Channel, Handoff, Meaning, Topic

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from gitagent.config.meaning.reading import Part, Reading

_TOPICS = r"topics/[^/]+\.ya?ml|child_topics/[^/]+/[^/]+\.ya?ml"
_DOING = re.compile(r"\{\{(fn|ho):([\w-]+)\}\}")
_WHY = {
    "_gen": "written by the ADK for editors",
    "agent_settings/safety_filters.yaml": "what the platform filters",
    "agent_settings/guardrails.yaml": "what the platform guards against",
    "agent_settings/experimental_config.json": "experiments of the platform",
    "chat/safety_filters.yaml": "what the platform filters",
    "config/api_integrations.yaml": "services that only the functions' code calls",
    "config/entities.yaml": "what flows collect; only the platform recognises it",
    "config/mcp.yaml": "servers whose tools only the platform calls",
    "config/sms_templates.yaml": "text messages that only the platform sends",
    "context": "notes for the project's authors",
    "voice/response_control": "how the voice speaks, not what it says",
    "voice/safety_filters.yaml": "what the platform filters",
    "voice/speech_recognition": "how the platform listens",
}


def adk_meaning(reading: Reading) -> Meaning:
    """What an ADK project says."""
    channels = tuple(_channels(reading))
    variants, default = _variants(reading)
    tools = functions(reading)
    meaning = Meaning(
        Layout.ADK,
        language=_language(reading),
        greeting=next((each.greeting for each in channels if each.greeting), ""),
        prompt=_prompt(reading),
        topics=tuple(_topic(part) for path in reading.paths(_TOPICS) if (part := reading.mapping(path))),
        tools=tools,
        handoffs=tuple(_handoffs(reading)),
        variables=variants.get(default, {}),
        variants=variants,
        channels=channels,
        flows=tuple(flows(reading)),
        suites=(*tests(reading, {each for tool in tools for each in tool.operations}), *suites(reading)),
    )
    _project(reading)
    meaning = meaning._replace(phrases=_phrases(reading, meaning.language))
    for path in reading.paths(".*"):
        if why := next((why for top, why in _WHY.items() if path == top or path.startswith(f"{top}/")), None):
            reading.leave(path, None, why)
    return meaning


def _project(reading: Reading) -> None:
    if (part := reading.mapping("project.yaml")) is not None:
        next((key for key in ("project_name", "name", "project_id") if part.text(key)), None)  # the agent's name
        part.leave_the_rest("where the project lives in Agent Studio")


def _language(reading: Reading) -> str | None:
    part = reading.mapping("agent_settings/languages.yaml")
    if part is None:
        return None
    language = part.text("default_language") or None
    part.leave_the_rest("a further language")
    return language


def _prompt(reading: Reading) -> str:
    persona = reading.text("agent_settings/persona.txt")
    pieces = [persona or "", *_older_persona(reading), reading.text("agent_settings/rules.txt") or ""]
    return "\n\n".join(piece.strip() for piece in pieces if piece.strip())


def _older_persona(reading: Reading) -> Iterator[str]:
    """Role and personality, of projects that do not have a persona yet."""
    if (role := reading.mapping("agent_settings/role.yaml")) is not None:
        yield from (role.text(key) for key in ("value", "additional_info", "custom"))
        role.leave_the_rest()
    if (personality := reading.mapping("agent_settings/personality.yaml")) is not None:
        yield ", ".join(_adjectives(personality))
        yield personality.text("custom")
        personality.leave_the_rest()


def _adjectives(personality: Part) -> Iterator[str]:
    if (part := personality.part("adjectives")) is None:
        return
    for name, holds in part.values().items():
        if holds is True:
            yield name
        else:
            part.leave(name, "not chosen")


def _channels(reading: Reading) -> Iterator[Channel]:
    for name, path in (("voice", "voice/configuration.yaml"), ("webchat", "chat/configuration.yaml")):
        if (part := reading.mapping(path)) is None:
            continue
        greeting, style = part.part("greeting"), part.part("style_prompt")
        yield Channel(
            name,
            greeting="" if greeting is None else greeting.text("welcome_message"),
            style="" if style is None else style.text("prompt"),
            language=None if greeting is None else greeting.text("language_code") or None,
        )
        for inside in filter(None, (greeting, style)):
            inside.leave_the_rest()
        part.leave("disclaimer_messages", "said by the platform before the greeting")
        part.leave_the_rest("how the platform fills pauses")


def _topic(part: Part) -> Topic:
    instructions = part.text("actions")
    topic = Topic(
        name=part.text("name") or PurePosixPath(part.path).stem,
        example_queries=part.texts("example_queries"),
        content=part.text("content"),
        actions=tuple(_actions(instructions)),
        instructions=instructions,
        enabled=part.flag("enabled", otherwise=True),
        path=part.path,
        line=part.line,
    )
    part.leave("tags", "labels that group topics")
    part.leave_the_rest()
    return topic


def _actions(instructions: str) -> Iterator[Action]:
    """What the instructions refer to; the line that does so says when, after the heading above it."""
    heading = ""
    for line in instructions.splitlines():
        if line.startswith("#"):
            heading = f"{line.strip('# ')}: "
        for sort, name in _DOING.findall(line):
            yield Action(name if sort == "fn" else None, name if sort == "ho" else None, heading + line.strip())


def _handoffs(reading: Reading) -> Iterator[Handoff]:
    part = reading.mapping("config/handoffs.yaml")
    if part is None:
        return
    for each in part.parts("handoffs"):
        sip = each.part("sip_config")
        yield Handoff(
            each.text("name"),
            None if sip is None else sip.text("phone_number") or None,
            dict(_headers(each)),
            each.text("description"),
            each.flag("is_default", otherwise=False),
        )
        if sip is not None:
            sip.leave_the_rest("how the platform transfers the call")
        each.leave_the_rest()
    part.leave_the_rest()


def _headers(handoff: Part) -> Iterator[tuple[str, str]]:
    for header in handoff.parts("sip_headers"):
        yield header.text("key"), header.text("value")
        header.leave_the_rest()


def _variants(reading: Reading) -> tuple[dict[str, dict[str, object]], str]:
    """The values of every variant by its name, and the name of the one that holds where none is asked for."""
    part = reading.mapping("config/variant_attributes.yaml")
    if part is None:
        return {}, ""
    names = list(_variant_names(part))
    default = next((name for name, is_default in names if is_default), names[0][0] if names else "")
    found: dict[str, dict[str, object]] = {name: {} for name, _ in names}
    for each in part.parts("attributes"):
        attribute, values = each.text("name"), _by_variant(each, found)
        for variant, value in values.items():
            found[variant][attribute] = value
        if not values:
            each.leave("name", "no variant has a value of it")
        each.leave("config", "which values are allowed")
        each.leave("kind", "the type of the values")
        each.leave_the_rest()
    part.leave_the_rest()
    return found, default


def _variant_names(part: Part) -> Iterator[tuple[str, bool]]:
    """Each variant's name, and whether it is the default: the first that says so."""
    decided = False
    for each in part.parts("variants"):
        is_default = each.flag("is_default", otherwise=False)
        if decided and is_default:
            each.leave("is_default", "a variant before it is the default")
        yield each.text("name"), is_default
        decided = decided or is_default
        each.leave_the_rest()


def _by_variant(attribute: Part, variants: Container[str]) -> dict[str, object]:
    """An attribute's values, by the names of the variants that there are."""
    if (part := attribute.part("values")) is None:
        return {}
    values = part.values()
    for name in [name for name in values if name not in variants]:
        part.leave(name, "there is no variant of this name")
        del values[name]
    return values


def _phrases(reading: Reading, language: str | None) -> Mapping[str, str]:
    part = reading.mapping("config/translations.yaml")
    found: dict[str, str] = {}
    if part is None:
        return found
    for each in part.parts("translations"):
        if (texts := each.part("translations")) is not None:
            found[each.text("name")] = _phrase(texts, language)
        each.leave_the_rest()
    part.leave_the_rest()
    return found


def _phrase(texts: Part, language: str | None) -> str:
    """The text in the agent's own language, or else in the first that there is."""
    written = texts.values()
    own = language if language in written else next(iter(written), "")
    for other in written:
        if other != own:
            texts.leave(other, "a further language")
    return texts.text(own or "")
