"""Overwriting the draft: how restore and discard ask, and how they tell where the old draft went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitagent.cli.progress import working
from gitagent.cli.questions import confirm
from gitagent.cli.records import change_records, kept_record, text_or_none
from gitagent.cli.wording import change_lines, counted, unchanged_words

if TYPE_CHECKING:
    from gitagent import Restored, RestorePlan
    from gitagent.cli.session import Session


def restore(session: Session, command: str, selector: str) -> None:
    """Bring a version or a kept draft into the draft, having asked when the draft is edited."""
    plan = session.agent.plan_restore(selector)
    if session.dry_run:
        _show_planned(session, command, plan)
        return
    actor = session.actor
    if plan.draft_edited:
        confirm(session, _facts(session), asking=f"Overwrite the draft with {plan.target}?")
    with working("Restoring"):
        restored = session.agent.restore(selector, actor=actor, at=session.now)
    now = "" if restored.changes else "; it was so already"
    _show_done(session, command, restored, f"The draft is now {_as(restored.target)}{now}.")


def discard(session: Session, to: str | None) -> None:
    """Give the draft up, having asked when it is edited."""
    plan = session.agent.plan_discard(to)
    if session.dry_run:
        _show_planned(session, "discard", plan)
        return
    actor = session.actor
    if plan.draft_edited:
        confirm(session, _facts(session), asking=f"Discard the draft and go back to {plan.target}?")
    with working("Discarding"):
        restored = session.agent.discard(to=to, actor=actor, at=session.now)
    was_so = not restored.changes and restored.kept is None
    done = f"it is {restored.target} {'already' if was_so else 'again'}."
    differed = f" It differed from {restored.target} in:" if restored.changes else ""
    _show_done(session, "discard", restored, f"The draft is given up; {done}{differed}", newest_stays=to is None)


def _as(target: str) -> str:
    return f"the kept {target}" if target.startswith("draft ") else f"as {target}"


def _facts(session: Session) -> Iterator[str]:
    draft = session.agent.draft()
    yield f"{draft.label}. Its edits would be kept; 'gitagent drafts' lists them."
    yield from change_lines(draft.changes, session.screen)


def _show_planned(session: Session, command: str, plan: RestorePlan) -> None:
    session.show(
        command,
        json=lambda: {
            "dry_run": True,
            "target": plan.target,
            "draft_edited": plan.draft_edited,
            "changes": change_records(plan.changes),
        },
        text=lambda: _planned(session, plan),
    )


def _planned(session: Session, plan: RestorePlan) -> Iterator[str]:
    files = counted(len(plan.changes), "file")
    yield f"This would make the draft {_as(plan.target)}, changing {files}{':' if plan.changes else '.'}"
    yield from change_lines(plan.changes, session.screen)
    if plan.draft_edited:
        yield "The edits in the draft would be kept; 'gitagent drafts' would list them."
    yield "Nothing was changed (--dry-run)."


def _show_done(session: Session, command: str, restored: Restored, first: str, *, newest_stays: bool = False) -> None:
    session.show(
        command,
        json=lambda: {
            "dry_run": False,
            "target": restored.target,
            "version": text_or_none(restored.version),
            "kept": kept_record(restored.kept) if restored.kept else None,
            "changes": change_records(restored.changes),
        },
        text=lambda: _done(session, restored, first, newest_stays=newest_stays),
    )


def _done(session: Session, restored: Restored, first: str, *, newest_stays: bool) -> Iterator[str]:
    yield first
    yield from change_lines(restored.changes, session.screen)
    if restored.kept:
        yield f"The draft before is kept: gitagent drafts restore {restored.kept.id}"
    newest = session.agent.version("latest").number
    if newest_stays and restored.version is not None and newest > restored.version:
        yield f"{newest} stays as it was saved: gitagent restore {newest}"
    yield f"No version and no environment changed: {unchanged_words(session.agent.environments())}."
