"""Pictures: the pipeline drawn in text, side by side where there is room, one below the other elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain, width, wrap
from gitagent.cli.times import local, relative
from gitagent.cli.wording import counted, served_words, tests_words

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent import Environment
    from gitagent.cli.screen import Screen

ARROW = " → "
NARROWEST = 18
WIDEST = 34
_FRAME = 4  # a border and a space on either side


def pipeline(environments: Sequence[Environment], screen: Screen, *, now: datetime) -> Iterator[str]:
    """The pipeline in lines: boxes on a terminal that has room for them, a list elsewhere."""
    room = (screen.width - len(ARROW) * (len(environments) - 1)) // len(environments) - _FRAME
    if screen.terminal and room >= NARROWEST:
        return _boxes(environments, screen, min(room, WIDEST), now)
    return _list(environments, screen, now)


def _facts(environment: Environment, now: datetime) -> list[tuple[str, str | None]]:
    """What is to be said of an environment, a fact a line, each with its style."""
    facts: list[tuple[str, str | None]] = [(served_words(environment), "version" if environment.version else "dim")]
    if environment.since is not None:
        ago = relative(environment.since, now=now)
        facts.append((ago if ago == "just now" else f"since {ago}", None))
        facts.append((local(environment.since), "dim"))
    if environment.by is not None:
        facts.append((f"by {plain(environment.by.name)}", None))
    facts += [(str(assigned.number), "good") for assigned in environment.numbers]
    if not environment.numbers:
        facts.append(
            ("no number, but requires one", "warning") if environment.requires_number else ("no number", "dim")
        )
    if environment.approvals:
        facts.append((f"asks for {counted(environment.approvals, 'approval')}", "dim"))
    if environment.requires_signature:
        facts.append(("requires signatures", "dim"))
    if environment.tests:
        facts.append((tests_words(environment.tests), "dim"))
    if environment.not_worse:
        facts.append(("takes nothing worse", "dim"))
    return facts


def _boxes(environments: Sequence[Environment], screen: Screen, room: int, now: datetime) -> Iterator[str]:
    columns = []
    for environment in environments:
        facts = _facts(environment, now)
        columns.append([(line, style) for text, style in facts for line in wrap(text, room)])
    inner = [_inner(e, column, room) for e, column in zip(environments, columns, strict=True)]
    gap = " " * len(ARROW)
    yield gap.join(_top(e, cells, screen) for e, cells in zip(environments, inner, strict=True))
    for number, row in enumerate(zip_longest(*columns, fillvalue=("", None))):
        joint = ARROW if number == 0 else gap
        yield joint.join(_side(text, style, cells, screen) for (text, style), cells in zip(row, inner, strict=True))
    yield gap.join(f"└{'─' * (cells + 2)}┘" for cells in inner)


def _inner(environment: Environment, column: Sequence[tuple[str, str | None]], room: int) -> int:
    longest = max(width(text) for text, _ in column)
    return min(max(longest, NARROWEST, len(str(environment.name)) + 2), room)


def _top(environment: Environment, cells: int, screen: Screen) -> str:
    from gitagent.cli.cells import clip

    name = clip(str(environment.name), cells - 1)
    return f"┌─ {screen.paint(name, 'title')} {'─' * (cells - 1 - width(name))}┐"


def _side(text: str, style: str | None, cells: int, screen: Screen) -> str:
    painted = screen.paint(text, style) if style else text
    return f"│ {painted}{' ' * (cells - width(text))} │"


def _list(environments: Sequence[Environment], screen: Screen, now: datetime) -> Iterator[str]:
    margin = max(len(str(environment.name)) for environment in environments) + 2
    if stacked := screen.width - margin < NARROWEST + 4:
        margin = 2
    for position, environment in enumerate(environments):
        if position:
            yield "  ↓"
        name = screen.paint(str(environment.name), "title")
        if stacked:
            yield name
            name = " " * margin
        else:
            name += " " * (margin - len(str(environment.name)))
        for text, style in _list_facts(environment, now):
            for line in wrap(text, max(screen.width - margin, NARROWEST)) if screen.terminal else [text]:
                yield name + (screen.paint(line, style) if style else line)
                name = " " * margin


def _list_facts(environment: Environment, now: datetime) -> list[tuple[str, str | None]]:
    first, *rest = _facts(environment, now)
    if environment.since is None:
        return [first, *rest]
    since, at, *rest = rest
    who = f", {rest.pop(0)[0]}" if environment.by else ""
    return [first, (f"{since[0]} ({at[0]}){who}", None), *rest]
