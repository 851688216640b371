"""`gitagent compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitagent.cli.command import command
from gitagent.cli.failures import ANSWER_NO, DONE
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from gitagent.agent.compare import Comparison

VIEWS = ("side-by-side", "unified", "keys")
WIDE = 100
STDOUT = "-"
EXAMPLE = """gitagent compare
gitagent compare live draft --view keys
gitagent compare v3 v7 --view unified > changes.patch"""


@command(example=EXAMPLE)
@argument("old", "The old side; what the draft is based on unless given.", required=False, completes="selectors")
@argument("new", "The new side; the draft unless given.", default="draft", completes="selectors")
@click.option("--view", type=click.Choice(VIEWS), help="How to show it; side-by-side on a wide terminal, else unified.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    help="Write one self-contained page into this file; - for stdout.",
)
@click.option("--exit-code", is_flag=True, help="End with exit code 1 when there are differences.")
@click.pass_obj
def compare(session: Session, old: str | None, new: str, view: str | None, page: Path | None, exit_code: bool) -> int:
    """Show what differs between versions, environments or the draft.

    'unified' is a patch that 'git apply' takes; 'keys' tells by configuration key what was set to what.
    """
    if page and session.json and str(page) == STDOUT:
        raise click.UsageError("--json and --html - exclude each other", click.get_current_context())
    agent = session.agent
    if page and str(page) != STDOUT:
        from gitagent.cli.pagefile import refuse_unfit

        refuse_unfit(agent, page)
    with working("Comparing"):
        old = old or str(agent.draft().base)
        comparison = agent.compare(old, new)
        shown = (
            _page(session, comparison, old, new) if page else b"" if session.json else _view(session, comparison, view)
        )
    if page and str(page) != STDOUT:
        _write(session, page, shown)
    elif not session.json:
        session.write(shown)
    if session.json:
        from gitagent.cli.compare_views.records import record

        session.write_json("compare", record(comparison))
    return ANSWER_NO if exit_code and comparison else DONE


def _page(session: Session, comparison: Comparison, old: str, new: str) -> bytes:
    from gitagent.cli.compare_views.page import html
    from gitagent.cli.pagefile import about

    return html(comparison, about(session, old, new)).encode("utf-8", "backslashreplace")


def _write(session: Session, page: Path, content: bytes) -> None:
    from gitagent.cli.pagefile import is_in_draft

    page.write_bytes(content)
    inside = " It is a file of the draft now." if is_in_draft(session.agent, page) else ""
    session.note(f"Wrote {page}.{inside}")


def _view(session: Session, comparison: Comparison, view: str | None) -> bytes:
    screen = session.screen
    view = view or ("side-by-side" if screen.terminal and screen.width >= WIDE else "unified")
    if view == "unified" and not screen.terminal:
        from gitagent.agent.compare.patch import patch

        return patch(comparison)
    if view == "unified":
        from gitagent.cli.compare_views.headings import sides, totals
        from gitagent.cli.compare_views.unified import unified

        heading = f"{screen.paint(sides(comparison), 'title')}  {totals(comparison)}\n\n" if comparison else ""
        text = heading + unified(comparison, color=screen.colour)
    elif view == "keys":
        from gitagent.cli.compare_views.keytable import keys

        text = keys(comparison, width=screen.width, color=screen.colour)
    else:
        from gitagent.cli.compare_views.sides import side_by_side

        text = side_by_side(comparison, width=screen.width, color=screen.colour)
    return text.encode(sys.stdout.encoding or "utf-8", "gitagent.shown")
