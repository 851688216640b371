"""`gitagent doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.failures import ANSWER_NO, DONE
from gitagent.cli.progress import working
from gitagent.cli.questions import confirm
from gitagent.cli.session import Session
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent import Repair, Repaired

EXAMPLE = """gitagent doctor --dry-run
gitagent doctor"""


@command(example=EXAMPLE, common=("yes", "dry_run"))
@click.pass_obj
def doctor(session: Session) -> int:
    """Explain what is wrong with the repository, and repair it.

    What a crash, a full disk or a foreign hand left: locks, branches and tags, git's index, a lost ledger. It says what
    it will do before it asks, and loses nothing: what it moves away is kept in gitagent drafts, or in the folder
    gitagent/aside below git's own. Ends with exit code 1 when something is left to be done.
    """
    from gitagent import Agent

    with working("Looking at the repository") as tell:
        found = Agent.plan_repairs(session.path, tell)
    agreed = [each for each in found if each.automatic]
    if session.dry_run or not agreed:
        _show(session, found, {}, None)
        return _code(found)
    _ask(session, found, len(agreed))
    with working("Repairing"):
        repaired = Agent.repair(agreed, session.path, at=session.now)
        left = Agent.plan_repairs(session.path)
    for notice in () if session.json else repaired.notices:
        session.note(f"note: {plain(notice)}")
    failures = {repair.same: why for repair, why in repaired.failed}
    _show(session, left, failures, repaired)
    return _code(left)


def _code(left: Sequence[Repair]) -> int:
    return ANSWER_NO if any(each.severity == "error" for each in left) else DONE


def _ask(session: Session, found: Sequence[Repair], number: int) -> None:
    facts = [line for each in found for line in _lines(session, each, _outlook(each))]
    if session.yes and not session.json:
        for line in facts:
            session.note(line)
    confirm(session, facts, asking="Repair it?" if number == 1 else f"Repair these {number}?")


def _show(
    session: Session, left: Sequence[Repair], failures: Mapping[tuple[str, str, str], str], repaired: Repaired | None
) -> None:
    done = repaired.done if repaired else ()
    session.show(
        "doctor",
        json=lambda: {
            "dry_run": session.dry_run,
            "sound": _code(left) == DONE,
            "repaired": [_record(each, None) for each in done],
            "left": [_record(each, failures.get(each.same)) for each in left],
            "notices": list(repaired.notices) if repaired else [],
        },
        text=lambda: _text(session, left, failures, done),
    )


def _text(
    session: Session, left: Sequence[Repair], failures: Mapping[tuple[str, str, str], str], done: Sequence[Repair]
) -> Iterator[str]:
    for each in done:
        yield _line(session, each, "repaired", "good")
    for each in left:
        why = failures.get(each.same)
        yield from _lines(session, each, f"failed: {plain(why)}" if why else _outlook(each))
    yield _summary(session, left, len(done))
    if session.dry_run:
        yield "Nothing was changed (--dry-run)."


def _summary(session: Session, left: Sequence[Repair], done: int) -> str:
    if not left:
        return session.screen.paint("Everything is repaired." if done else "Nothing is wrong.", "good")
    automatic = sum(each.automatic for each in left)
    warnings = sum(each.severity == "warning" for each in left)
    numbers = (
        (done, f"{done} repaired"),
        (automatic, f"{automatic} for gitagent to repair"),
        (len(left) - automatic - warnings, f"{len(left) - automatic - warnings} for you to do"),
        (warnings, counted(warnings, "warning")),
    )
    return f"{', '.join(words for number, words in numbers if number)}."


def _outlook(repair: Repair) -> str:
    if repair.severity == "warning":
        return "warning"
    return "gitagent can repair it" if repair.automatic else "for you to do"


def _lines(session: Session, repair: Repair, state: str) -> Iterator[str]:
    yield _line(session, repair, state, str(repair.severity))
    for line in (repair.remedy, repair.command):
        if line:
            yield f"    {session.screen.paint(plain(line), 'dim')}"


def _line(session: Session, repair: Repair, state: str, style: str) -> str:
    place = repair.place.removeprefix("refs/heads/").removeprefix("refs/")
    return f"{plain(f'{place}: {repair.code}: {repair.wrong}')} {session.screen.paint(f'({state})', style)}"


def _record(repair: Repair, failure: str | None) -> dict[str, object]:
    return {
        "code": repair.code,
        "severity": str(repair.severity),
        "place": repair.place,
        "wrong": repair.wrong,
        "remedy": repair.remedy,
        "command": repair.command,
        "automatic": repair.automatic,
        "failure": failure,
    }
