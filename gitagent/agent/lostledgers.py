"""Lost ledgers: where the ledger's branch may be found again, and whether what is found is one."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.ailments import Ailment, Aside, Repair
from gitagent.agent.events import parse_event
from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.agent.store import REMOTE, Store
from gitagent.agent.verification import verify
from gitagent.config.problems import Severity
from gitagent.errors import AgentNotFound, GitagentError, LedgerInvalid, StorageFailed, VersionNotFound
from gitagent.git import leftovers
from gitagent.git.remote import run_git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.events import Event
    from gitagent.git.repository import Repository

_DANGLING = re.compile(r"dangling commit ([0-9a-f]{40})")


class Found(NamedTuple):
    """A ledger's newest commit, as its reflog, a remote's branch or an object that nothing points at has it."""

    event: Event
    source: str


def is_here(store: Store) -> bool:
    """Whether the ledger's branch is there and leads to a commit."""
    try:
        tip = store.repository.ref(LEDGER)
        return tip is not None and bool(store.repository.commit(tip))
    except StorageFailed:
        return False


def lost_ledger(store: Store) -> Iterator[Ailment]:
    """The ledger's branch, where it is gone or cannot be read. AgentNotFound where there never was one."""
    if is_here(store):
        return
    refuse_what_is_no_agent(store)
    name = LEDGER.removeprefix("refs/heads/")
    wrong = f"the ledger's branch {name} is lost"
    if (found := find(store)) is None:
        remedy = f"Fetch it from a clone that has it, a colleague's or a backup: git fetch CLONE {name}:{name}"
        yield Ailment(Repair("ledger-lost", LEDGER, wrong, remedy, automatic=False))
        return
    event = found.event
    yield Ailment(
        Repair(
            "ledger-lost",
            LEDGER,
            wrong,
            f"Put it back to event {event.seq}, {event.subject}, found in {found.source} and checked; "
            "and all else as it says.",
            f"git update-ref {LEDGER} {event.commit}",
        ),
        partial(_put_back, store, event.commit),
    )


def refuse_what_is_no_agent(store: Store) -> None:
    """Let through what lost its ledger. A folder that is no agent, or a clone that never joined, has lost nothing."""
    repository = store.repository
    if (repository.git_directory / LEDGER).exists() or leftovers.reflog(repository, LEDGER):
        return
    try:
        store.ledger.tip()
    except AgentNotFound as error:
        joined = repository.config(REMOTE) is not None
        if error.code != "ledger-missing" or (_tracked(repository) and not joined):
            raise


def find(store: Store) -> Found | None:
    """The newest sound ledger that can be found: noted by git, known from a remote, or else among all objects."""
    repository = store.repository
    noted = [(id_, "the reflog") for id_ in leftovers.reflog(repository, LEDGER)]
    known = [*noted, *((id_, ref.removeprefix("refs/remotes/")) for ref, id_ in _tracked(repository))]
    events = [Found(event, source) for id_, source in known if (event := _event(repository, id_)) is not None]
    for found in sorted(events, key=lambda each: -each.event.seq):
        if _is_sound(repository, found.event.commit):
            return found
    dangling = [Found(event, "an object that nothing points at") for event in _dangling(repository)]
    return next((found for found in dangling if _is_sound(repository, found.event.commit)), None)


def moved_back_from(store: Store) -> str | None:
    """The newest commit that the ledger stood on according to its reflog, and that follows where it stands now."""
    repository, tip = store.repository, store.ledger.tip()
    for id_ in leftovers.reflog(repository, LEDGER):
        if id_ != tip and _event(repository, id_) is not None and repository.is_ancestor(tip, id_):
            return id_ if _is_sound(repository, id_) else None
    return None


def _tracked(repository: Repository) -> list[tuple[str, str]]:
    name = LEDGER.removeprefix("refs/heads/")
    refs = [ref for ref in repository.refs("refs/remotes/") if ref.split("/", 3)[-1] == name]
    found: list[tuple[str, str]] = []
    for ref in refs:
        with suppress(StorageFailed):
            found.append((ref, repository.ref(ref) or ""))
    return found


def _dangling(repository: Repository) -> list[Event]:
    """The newest events of ledgers that nothing points at, the longest first; then what agrees with the most refs.

    The longest may end with an event of a command that died before it was done. What a user asked for is then done
    after all: the other way round, an event that was recorded could be lost, and its number be used again.
    """
    options = ["--connectivity-only", "--no-reflogs", "--no-progress", "--dangling"]
    ranked: list[tuple[int, int, Event]] = []
    for id_ in _DANGLING.findall(run_git(repository.top, "fsck", *options).stdout):
        if (event := _event(repository, id_)) is not None:
            with suppress(LedgerInvalid, StorageFailed, VersionNotFound):
                apart = len(list(_as_if(repository, id_).projection.out_of_step()))
                ranked.append((-event.seq, apart, event))
    return [event for *_, event in sorted(ranked, key=lambda each: each[:2])]


def _event(repository: Repository, id_: str) -> Event | None:
    with suppress(GitagentError, ValueError):
        return parse_event(repository.commit(id_))
    return None


def _is_sound(repository: Repository, commit: str) -> bool:
    """Whether every event up to that commit keeps the rules; branches and tags may be anywhere."""
    done = verify(_as_if(repository, commit))
    wrong = [each for each in done.findings if each.severity is Severity.ERROR]
    return done.versions > 0 and not any(each.seq is not None or each.ref == LEDGER for each in wrong)


def _as_if(repository: Repository, commit: str) -> Store:
    """The agent as it would be if its ledger stood on that commit."""
    store = Store(repository)
    store.ledger = _Supposed(repository, commit)
    return store


class _Supposed(Ledger):
    """A ledger whose newest commit is supposed to be this one."""

    def __init__(self, repository: Repository, commit: str) -> None:
        super().__init__(repository)
        self._supposed = commit

    def tip(self) -> str:
        return self._supposed


def _put_back(store: Store, commit: str, aside: Aside) -> None:
    if LEDGER in leftovers.broken_refs(store.repository):
        aside.take(store.repository.git_directory / LEDGER)
    store.repository.move_ref(LEDGER, to=commit, expected=store.repository.ref(LEDGER), why="doctor")
