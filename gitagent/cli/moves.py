"""Moves: how publish, promote and rollback ask, and how they tell what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain
from gitagent.cli.questions import confirm
from gitagent.cli.records import event_record, move_record
from gitagent.cli.suggestions import listed
from gitagent.cli.wording import asked_words, counted, result_words, unchanged_words, version_words

if TYPE_CHECKING:
    from gitagent import Candidate, Move, Moved, Result, VersionNumber
    from gitagent.cli.progress import Bar
    from gitagent.cli.session import Session


def runner(session: Session, bar: Bar | None, environment: str, selector: str | None) -> Callable[[Candidate], Result]:
    """What plays the suites of what moves, where they have to be; nothing of it is imported before."""

    def run(candidate: Candidate) -> Result:
        from gitagent.cli.trying import runner

        return runner(session, bar, environment, selector)(candidate)

    return run


def ask(session: Session, move: Move, *, forced: bool = False) -> None:
    """Ask whether to make this move, saying first what it replaces, changes and affects."""
    target = move.to_version.number
    questions = {
        "publish": f"Publish {target} to {move.environment}?",
        "promote": f"Promote {move.environment} to {target}?",
        "rollback": f"Roll {move.environment} back to {target}?",
    }
    confirm(session, _facts(session, move, forced=forced), asking=questions[str(move.operation)])


def _facts(session: Session, move: Move, *, forced: bool) -> Iterator[str]:
    now = version_words(move.from_version) if move.from_version else "nothing"
    then = version_words(move.to_version) + (", made from the draft" if move.new else "")
    yield f"{move.environment} serves {now}; after this it serves {then}."
    if move.from_version is not None:
        yield from _difference(session, move.from_version.number, "draft" if move.new else str(move.to_version.number))
    if move.numbers:
        yield f"New calls to {listed(str(each.number) for each in move.numbers)} get {move.to_version.number} at once."
    if move.approved:
        approved = listed(plain(each) for each in move.approved)
        yield f"{move.to_version.number} is approved for {move.environment} by {approved}."
    yield from _tests(session, move, forced=forced)
    yield from _taken_away(session, move)
    yield from _warnings(move)


def _tests(session: Session, move: Move, *, forced: bool) -> Iterator[str]:
    """What its tests came to, where the environment asks for them."""
    if move.gate is None:
        return
    if move.gate.short is not None and not forced:
        rule = asked_words(session.agent.environment(str(move.environment)))
        yield f"{plain(move.gate.short.message)}: the suites are played first, and {rule}."
    elif move.gate.short is not None:
        yield f"Beware: {plain(move.gate.short.message)}."
    elif move.gate.result is not None:
        yield f"Its tests: {result_words(move.gate.result)}."


def _taken_away(session: Session, move: Move) -> Iterator[str]:
    """That the version to be put in is the one that was just rolled back."""
    event = session.agent.rolled_back(str(move.environment)) if move.fast_forward else None
    if event is not None and event.from_version == move.to_version.number:
        from gitagent.cli.advice import rollback_words
        from gitagent.cli.wording import when_and_who

        yield f"Beware: {rollback_words(event)}."
        yield f"  That was {when_and_who(event.at, event.actor, now=session.now)}."


def _difference(session: Session, before: VersionNumber, after: str) -> Iterator[str]:
    lines = session.agent.compare(str(before), after).summary_lines
    yield from (f"  {line}" for line in lines or ("Their files are the same.",))


def show_planned(session: Session, command: str, move: Move, *, forced: bool = False) -> None:
    """Show what a move would do; nothing was changed."""
    session.show(
        command,
        json=lambda: {"dry_run": True, **move_record(move)},
        text=lambda: _planned_lines(session, move, forced=forced),
    )


def _planned_lines(session: Session, move: Move, *, forced: bool) -> Iterator[str]:
    verb = {"publish": "publish", "promote": "promote", "rollback": "roll back"}[str(move.operation)]
    yield f"This would {verb}:"
    for line in _facts(session, move, forced=forced):
        yield f"  {line}"
    yield "Nothing was changed (--dry-run)."


def show_done(session: Session, command: str, moved: Moved, *, asked: bool = True) -> None:
    """Show what a move did, and what it did not touch; what changed, too, where no question showed it."""
    session.show(
        command,
        json=lambda: {"dry_run": False, **move_record(moved.move), "event": event_record(moved.event)},
        text=lambda: _done_lines(session, moved, asked=asked),
    )


def _done_lines(session: Session, moved: Moved, *, asked: bool) -> Iterator[str]:
    move = moved.move
    before = str(move.from_version.number) if move.from_version else "nothing"
    version = session.screen.paint(version_words(moved.version), "version")
    match str(move.operation):
        case "publish":
            yield f"Published {version} to {move.environment}, which served {before}."
        case "promote":
            yield f"Promoted {move.environment} to {version}; it served {before}."
        case "rollback":
            yield f"Rollback succeeded: {move.environment} is back on {version}; it served {before}."
    if moved.event.forced is not None and move.gate is not None and move.gate.short is not None:
        yield f"That was forced: {plain(move.gate.short.message)}."
    if not asked and move.from_version is not None:
        yield from _difference(session, move.from_version.number, str(moved.version.number))
    if move.unchanged:
        yield f"Nothing else moved: {unchanged_words(move.unchanged)}."
    if move.numbers:
        numbers = listed(str(each.number) for each in move.numbers)
        yield f"New calls to {numbers} get {moved.version.number}; calls in progress keep the version they began with."
    yield from _warnings(move)


def _warnings(move: Move) -> Iterator[str]:
    if move.problems:
        # In a plan the version has no commit yet, and what is to be looked at is the draft.
        selector = str(move.to_version.number) if move.to_version.commit else "draft"
        yield f"It has {counted(len(move.problems), 'warning')}: gitagent validate {selector}"
