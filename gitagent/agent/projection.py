"""Projection: tags, main and the environments' branches, made and kept as the ledger has them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gitagent.agent import kept
from gitagent.agent.lineage import MAIN
from gitagent.agent.versions import tag_ref
from gitagent.errors import Conflict, LedgerMoved, ObjectMissing, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.events import Event
    from gitagent.agent.states import State
    from gitagent.agent.store import Store
    from gitagent.git.worktree import Index
    from gitagent.names import EnvironmentName, VersionNumber


def branch_ref(name: EnvironmentName) -> str:
    """The ref of an environment."""
    return f"refs/heads/{name}"


class Projection:
    """What follows from the ledger in one repository.

    `doubted` are versions that nothing serves, but whose tags were seen not to be right.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._repository = store.repository
        self.doubted: set[VersionNumber] = set()
        self._made: VersionNumber | None = None
        self._stuck: set[str] = set()

    def follow(self, event: Event, index: Index | None) -> None:
        """Bring everything into step after an event that was just recorded here.

        `index` is git's index for the version that it made from the draft.
        """
        self._made = event.to_version if event.tag is not None else None
        for ref, wanted, found in list(self.out_of_step()):
            if ref in self._stuck:
                continue
            try:
                self.move(ref, wanted, found, event.subject, index)
            except (Conflict, StorageFailed) as error:
                if ref == MAIN and isinstance(error, LedgerMoved):
                    continue  # A plain commit on main came between; the next version takes it along.
                # The event stands, so this is no failure of the operation.
                self._say(
                    f"It is done, and the ledger says so, but {error.message}. The next command brings it into step."
                )

    def out_of_step(self) -> Iterator[tuple[str, str | None, str | None]]:
        """The refs that are not as the ledger has them: ref, where it belongs, where it stands."""
        state = self._store.ledger.state()
        served = {each.version for each in state.environments if each.version is not None}
        for number in sorted(served | self.doubted | {state.last_version}):
            yield from self._differs(tag_ref(number), self._store.ledger.record(number).tag)
        for environment in state.environments:
            yield from self._differs(branch_ref(environment.name), environment.commit)
        main = self._repository.ref(MAIN)
        if main is not None and self._store.remote is not None and state.last_version != self._made:
            return  # versions that others saved come into the line of this draft by a sync alone
        last = self._store.ledger.record(state.last_version).commit
        if main is None or (main != last and self._repository.is_ancestor(main, last)):
            yield MAIN, last, main

    def _differs(self, ref: str, wanted: str | None) -> Iterator[tuple[str, str | None, str | None]]:
        found = self._repository.ref(ref)
        if found != wanted:
            yield ref, wanted, found

    def settle(self, was: State | None = None) -> None:
        """Bring everything into step with the ledger, and say so; `was` is what it quietly follows the ledger from."""
        known: dict[str, str | None] = {}
        if was is not None:
            known = {branch_ref(each.name): each.commit for each in was.environments}
            known[MAIN] = self._store.ledger.record(was.last_version).commit
        if (interrupted := self.interrupted()) is not None:
            self._finish(interrupted)
        for ref, wanted, found in list(self.out_of_step()):
            name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
            if wanted is None and not self._repository.is_bare and self._repository.head_name() == ref:
                self._stuck.add(ref)
                self._say(f"The branch {name} was made by hand, and {name} serves nothing. Leave it: git switch main")
                continue
            try:
                if was is not None and found == known.get(ref):
                    self.move(ref, wanted, found, "fetch", None)
                else:
                    self._say(self._put_right(ref, name, wanted, found))
            except (Conflict, StorageFailed) as error:
                self._stuck.add(ref)
                self._say(f"{name} is out of step with the ledger: {error.message}.")

    def _put_right(self, ref: str, name: str, wanted: str | None, found: str | None) -> str:
        """Move a ref to where the ledger has it; what somebody moved it to is kept. Says what it did."""
        event = self._store.ledger.last_event()
        if found is None or found == event.from_commit or ref == MAIN:
            self.move(ref, wanted, found, "settle", None)
            return f"{name} is in step with the ledger again ({event.subject})."
        commit = self._repository.peeled(found)
        draft = kept.keep_commit(self._store, commit, reason=f"{name} moved by hand") if commit is not None else None
        try:
            self.move(ref, wanted, found, "settle", None)
        except (Conflict, StorageFailed):
            if draft is not None:
                kept.drop(self._store, draft)
            raise
        return f"{name} had been moved by hand to {found[:10]}; the ledger's word was restored."

    def move_main(self, to: str) -> None:
        """Put main, and git's index, on a commit that the working tree holds already."""
        if (found := self._repository.ref(MAIN)) != to:
            self.move(MAIN, to, found, "sync", None)

    def _finish(self, interrupted: kept.Overwriting) -> None:
        """Carry an interrupted restore to its end. Where that cannot be, only work on the draft has to wait."""
        try:
            notice = kept.finish(self._store, interrupted)
        except (Conflict, StorageFailed) as error:
            notice = f"{interrupted.reason} was interrupted and cannot be finished: {error.message}."
        self._say(notice)

    def _say(self, notice: str) -> None:
        if notice not in self._store.notices:
            self._store.notices.append(notice)

    def move(self, ref: str, wanted: str | None, found: str | None, why: str, index: Index | None) -> None:
        first = None
        if ref == MAIN and wanted is not None and not self._repository.is_bare and self._repository.head_name() == MAIN:
            # The index first: main in its place is the sign that nothing is left to do.
            if index is None:
                first = partial(self._store.working_tree.reset_index, self._repository.commit(wanted).tree)
            else:
                first = partial(self._store.working_tree.write_index, index)
        if wanted is not None and not self._repository.has(wanted):
            self._write_tag_again(wanted)
            if not self._repository.has(wanted):  # git lets a ref point at nothing, and fails at it from then on
                raise ObjectMissing(
                    f"what {ref} points at, {wanted[:10]}, is missing", hint="Fetch it from a clone that has it."
                )
        self._repository.move_ref(ref, to=wanted, expected=found, why=why, first=first)

    def _write_tag_again(self, tag: str) -> None:
        """A deleted tag whose object git has pruned is made again, to the byte, from its event."""
        for event in self._store.ledger.events():
            if event.tag == tag:
                self._store.write_tag(event)
                return

    def interrupted(self) -> kept.Overwriting | None:
        """What began to overwrite the draft and did not end. Another working tree than the draft's is left alone."""
        on_main = not self._repository.is_bare and self._repository.head_name() == MAIN
        return kept.interrupted(self._store.folder) if on_main else None
