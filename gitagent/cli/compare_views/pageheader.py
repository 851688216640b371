"""Page header: whose change an HTML page shows - the agent, both sides, who made them, when and why."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.compare.visible import visible

if TYPE_CHECKING:
    from gitagent.agent.compare.comparison import Comparison


class Side(NamedTuple):
    """What is known of one side: the version's name, who made it when, and what they said."""

    name: str | None = None
    made: str | None = None
    message: str | None = None


class About(NamedTuple):
    """What a page says besides the changes: the agent, both sides, and by whom the page was made when."""

    agent: str
    old: Side
    new: Side
    made: str


def agent_line(about: About | None) -> str:
    """The agent's name above the heading."""
    return "" if about is None else f'<p class="agent">{_text(about.agent)}</p>\n'


def sides_list(comparison: Comparison, about: About | None) -> str:
    """Both sides, each with its name, who made it when, and the message."""
    if about is None:
        return ""
    labels = (comparison.old_label, comparison.new_label)
    items = "".join(
        f"<dt>{_text(label)}</dt><dd>{'<br>'.join(_facts(side))}</dd>\n"
        for label, side in zip(labels, (about.old, about.new), strict=True)
    )
    return f'<dl class="sides">\n{items}</dl>\n'


def footer(about: About | None) -> str:
    """When and by whom the page was made."""
    return "" if about is None else f"<footer>{_text(about.made)}</footer>\n"


def _facts(side: Side) -> Iterator[str]:
    if side.name:
        yield f"<strong>{_text(side.name)}</strong>"
    if side.made:
        yield _text(side.made)
    if side.message:
        yield from (_text(line) for line in side.message.splitlines())


def _text(text: str) -> str:
    return escape(visible(text))
