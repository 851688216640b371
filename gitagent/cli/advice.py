"""Advice: what somebody would sensibly type next, given an agent's status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from gitagent.cli.cells import clip, plain

if TYPE_CHECKING:
    from gitagent import Environment, Event, Status, VersionNumber

Step = tuple[str, str]
RolledBack = Callable[[str], "Event | None"]
LONGEST_REASON = 60
AGAIN = " again ("


def next_steps(status: Status, rolled_back: RolledBack) -> list[Step]:
    """Commands worth typing next, in order, each with what it does. `rolled_back` is the agent's.

    What would bring back a version that was rolled back comes last, after mending it.
    """
    steps = [*_draft_steps(status, rolled_back), *_promotions(status, rolled_back)]
    again = [step for step in steps if AGAIN in step[1]]
    onward = [step for step in steps if step not in again]
    draft = status.draft
    if again and draft is not None and draft.in_place and not (draft.edited or draft.unfinished):
        made = f"make it {status.last_version.next()} and put it in {status.environments[0].name}"
        onward.append(("gitagent publish", f"once the draft is edited: {made}"))
    return [*onward, *again]


def rollback_words(event: Event) -> str:
    """What a rollback took away: `v2 was rolled back from live: Too fast for some callers`."""
    reason = clip(plain((event.message or "").partition("\n")[0]), LONGEST_REASON)
    return f"{event.from_version} was rolled back from {event.environment}" + (f": {reason}" if reason else "")


def _draft_steps(status: Status, rolled_back: RolledBack) -> Iterator[Step]:
    first, draft = status.environments[0], status.draft
    if draft is not None and draft.unfinished:
        yield "gitagent save --dry-run", "see what to do about it"
    elif draft is not None and not draft.in_place:
        yield "git switch main", "go back to the draft"
    elif draft is not None and (status.behind or status.pending):
        news = f"bring {status.last_version} into the draft" if status.behind else "give what was saved its number"
        yield "gitagent sync", news
    elif draft is not None and (draft.edited or draft.base != status.last_version):
        yield "gitagent compare" + ("" if draft.edited else " latest"), "see what you changed"
        yield "gitagent publish", f"make it {status.last_version.next()} and put it in {first.name}"
    elif first.version is None or status.last_version > first.version:
        served = f", which serves {first.version}" if first.version else ""
        warning = _warning(first, status.last_version, rolled_back)
        yield f"gitagent publish {status.last_version}", f"put it in {first.name}{served}{warning}"


def _promotions(status: Status, rolled_back: RolledBack) -> Iterator[Step]:
    for before, after in pairwise(status.environments):
        if before.version is not None and (after.version is None or before.version > after.version):
            was = f"from {after.version} " if after.version else ""
            warning = _warning(after, before.version, rolled_back)
            yield f"gitagent promote {after.name}", f"move it {was}to {before.version}{warning}"


def _warning(environment: Environment, offered: VersionNumber, rolled_back: RolledBack) -> str:
    """That the version offered is the one that was just taken away."""
    event = rolled_back(str(environment.name)) if environment.version is not None else None
    return f"{AGAIN}{rollback_words(event)})" if event is not None and event.from_version == offered else ""
