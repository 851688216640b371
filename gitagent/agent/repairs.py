"""Repairs: everything that is wrong with an agent's repository, and the mending of it without anything being lost."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import ailments, mishaps
from gitagent.agent.ailments import Aside, Repair
from gitagent.agent.lostledgers import is_here, lost_ledger
from gitagent.agent.misplacements import other_remote, out_of_place
from gitagent.agent.verification import verify
from gitagent.errors import AgentBusy, GitagentError, LedgerInvalid, ObjectMissing, VersionNotFound
from gitagent.git.leftovers import is_held
from gitagent.git.locks import abandoned, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gitagent.agent.ailments import Ailment
    from gitagent.agent.findings import Finding
    from gitagent.agent.store import Store

LONGEST_WAIT = 10.0
"""Seconds that another command is waited for."""
_OF_REFS = ("tag-", "branch-", "main-")


class Repaired(NamedTuple):
    """What was repaired, what could not be and why, and what there is to say about it."""

    done: tuple[Repair, ...]
    failed: tuple[tuple[Repair, str], ...]
    notices: tuple[str, ...]


def plan_repairs(store: Store, progress: Callable[[int, int], None] | None = None) -> tuple[Repair, ...]:
    """Everything that is wrong, in the order in which it is mended; nothing is changed.

    AgentNotFound where there is no agent, and no sign of a ledger that was lost.
    """
    _wait_for_others(store)
    found: list[Repair] = []
    for each in _ailments(store, died=abandoned(store.folder / "lock")):
        if ("ref-broken", each.repair.place) not in {(one.code, one.place) for one in found}:
            found.append(each.repair)
    if not is_here(store):
        return tuple(found)
    known = {(each.code, each.place) for each in found} | {("repository-unreadable", each.place) for each in found}
    mended = {each.place for each in found if each.automatic}
    for finding in verify(store, progress).findings:
        place = finding.ref or finding.place
        if (finding.code, place) in known or _is_of_tag(finding, mended):
            continue
        remedy = finding.hint or "Nothing is known that mends it."
        found.append(Repair(finding.code, place, finding.message, remedy, None, False, finding.severity))
    return tuple(found)


def repair(store: Store, agreed: Sequence[Repair], *, at: datetime) -> Repaired:
    """Mend what was agreed to and is still wrong, as `plan_repairs` told it; the rest stays as it is.

    AgentBusy while another command is writing. One failure does not keep the others from being mended.
    """
    wanted = {each.same for each in agreed if each.automatic}
    everything = any(each.code in {"ledger-lost", "packed-refs-broken"} for each in agreed)
    made_way = {each.place for each in agreed if each.code == "ref-broken"}
    aside = Aside(store.folder, at)
    done: list[Repair] = []
    failed: list[tuple[Repair, str]] = []
    deaths: list[bool] = []
    with locked(store.folder / "lock", after_crash=lambda: deaths.append(True), longest_wait=LONGEST_WAIT):
        for found in _ailments(store, died=bool(deaths)):
            # What stood in the place of a ref is gone, or the ledger is back: what follows from it comes back, too.
            follows = found.repair.code.startswith(_OF_REFS) and (everything or found.repair.place in made_way)
            if found.mend is None or not (follows or found.repair.same in wanted):
                continue
            try:
                found.mend(aside)
            except (GitagentError, OSError) as error:
                failed.append((found.repair, getattr(error, "message", str(error))))
            else:
                done.append(found.repair)
    return Repaired(tuple(done), tuple(failed), tuple(dict.fromkeys(store.notices)))


def _ailments(store: Store, *, died: bool) -> Iterator[Ailment]:
    """What is wrong, each found when it is asked for: what was mended before is no longer in its way."""
    yield from ailments.left_over(store, died=died)
    yield from ailments.broken_files_of_refs(store)
    yield from ailments.broken_refs(store)
    yield from lost_ledger(store)
    yield from mishaps.unreadable_notes(store)
    yield from mishaps.broken_index(store)
    if is_here(store):
        with suppress(LedgerInvalid, ObjectMissing, VersionNotFound):  # `verify` says so
            yield from mishaps.interrupted(store)
            yield from out_of_place(store)
            yield from other_remote(store)
    yield from mishaps.in_the_way_of_saving(store)


def _wait_for_others(store: Store) -> None:
    """Half of what a running command does looks like damage."""
    give_up = time.monotonic() + LONGEST_WAIT
    while is_held(store.folder / "lock"):
        if time.monotonic() >= give_up:
            raise AgentBusy(
                f"another command has been writing to this agent for over {LONGEST_WAIT:.0f} seconds",
                hint="Wait for it to end, or end it, then try again.",
            )
        time.sleep(0.01)


def _is_of_tag(finding: Finding, mended: set[str]) -> bool:
    """Whether it is the tag object of a tag that will be made again, or fetched."""
    return finding.code == "object-missing" and finding.message.startswith("the tag object") and finding.ref in mended
