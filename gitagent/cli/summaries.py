"""Summaries: an agent's meaning as `gitagent show --summary` prints it, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gitagent.cli.cells import clip, plain
from gitagent.cli.suggestions import listed
from gitagent.cli.tables import pairs, table
from gitagent.cli.wording import counted
from gitagent.config.meaning.records import record_of

if TYPE_CHECKING:
    from gitagent.agent.records import Record
    from gitagent.cli.screen import Screen
    from gitagent.config.meaning.values import Meaning, Tool, Topic, Unread

MOST_UNREAD = 50
"""So many of what is no part of the model are listed for people; programs get all."""
_LONGEST = 60


def meaning_record(meaning: Meaning) -> Record:
    """The whole model, by the names of its parts."""
    return {name: record_of(part) for name, part in meaning._asdict().items()}


def summary_lines(meaning: Meaning, words: str, screen: Screen) -> Iterator[str]:
    """The model, a heading and a few lines for each of its parts; `words` say whose it is."""
    language = f", {plain(meaning.language)}" if meaning.language else ""
    yield screen.paint(
        f"{plain(meaning.name or 'An agent without a name')} ({meaning.layout} layout{language})", "title"
    )
    yield f"  {words}"
    if meaning.description:
        yield f"  {plain(meaning.description)}"
    for title, rows in _sections(meaning):
        if rows:
            yield ""
            yield screen.paint(title, "title")
            yield from (f"  {line}" for line in table(rows, screen._replace(width=screen.width - 2), gives=0))
    yield from _unread_lines(meaning.unread, screen)


def _sections(meaning: Meaning) -> Iterator[tuple[str, Sequence[tuple[str, ...]]]]:
    channels: list[tuple[str, ...]] = [(each.name, _short(each.greeting)) for each in meaning.channels if each.greeting]
    yield "Greeting", channels or [(_short(meaning.greeting, 200),)] * bool(meaning.greeting)
    lines = len(meaning.prompt.splitlines())
    yield "Prompt", [(counted(lines, "line"), _short(meaning.prompt))] * bool(meaning.prompt)
    yield f"Topics ({len(meaning.topics)})", [_topic_row(each) for each in meaning.topics]
    yield f"Tools ({len(meaning.tools)})", [_tool_row(each) for each in meaning.tools]
    handoffs = [(each.name, each.number or "ends the call", _pairs(each.sip_headers)) for each in meaning.handoffs]
    yield f"Handoffs ({len(handoffs)})", handoffs
    variables = [(name, _short(str(value))) for name, value in meaning.variables.items()]
    yield f"Variables ({len(variables)})", variables
    variants = [(name, _pairs(values)) for name, values in meaning.variants.items()]
    yield f"Variants ({len(variants)})", variants
    flows = [(each.name, counted(len(each.steps), "step"), _short(each.description)) for each in meaning.flows]
    yield f"Flows ({len(flows)})", flows
    suites = [(each.name, counted(len(each.cases), "case"), each.path) for each in meaning.suites]
    yield f"Suites ({len(suites)})", suites


def _topic_row(topic: Topic) -> tuple[str, ...]:
    number = len(topic.example_queries)
    queries = f"{number:,} example {'query' if number == 1 else 'queries'}"
    names = dict.fromkeys(each.tool or each.handoff or "" for each in topic.actions)
    does = f"may use {listed(names)}" if names else ""
    return topic.name, queries if topic.enabled else f"{queries}, disabled", does


def _tool_row(tool: Tool) -> tuple[str, ...]:
    properties = tool.parameters.get("properties")
    arguments = ", ".join(map(str, properties)) if isinstance(properties, dict) else ""
    where = f"{tool.request.method} {tool.request.url}" if tool.request else tool.path
    return tool.name, _short(arguments) or "no arguments", where


def _unread_lines(unread: Sequence[Unread], screen: Screen) -> Iterator[str]:
    if not unread:
        return
    yield ""
    yield screen.paint(f"Not in this model ({len(unread)})", "title")
    first = sorted(unread, key=lambda each: not each.broken)[:MOST_UNREAD]
    yield from pairs([(_place(each), each.why) for each in first], screen)
    if len(unread) > len(first):
        yield f"  and {len(unread) - len(first):,} more: --json names them all"


def _place(unread: Unread) -> str:
    where = f"{unread.path}:{unread.line}" if unread.line else unread.path
    return clip(plain(f"{where} {unread.key}" if unread.key else where), _LONGEST)


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {_short(str(value))}" for name, value in values.items())


def _short(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a text, on one line."""
    return clip(" ".join(plain(text[: 2 * longest].replace("\n", " ")).split()), longest)
