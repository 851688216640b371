"""Store: one agent's repository and ledger, kept in step; where every operation is carried out."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from gitagent.agent import kept
from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.agent.versions import Version, commit_message, read_version, tag_message, tag_ref, version_made_by
from gitagent.errors import Conflict, LedgerInvalid, LedgerMoved, RuleBroken, StorageFailed
from gitagent.git.locks import abandoned, locked
from gitagent.git.worktree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gitagent.agent.events import Event
    from gitagent.agent.states import State, VersionRecord
    from gitagent.git.objects import Commit
    from gitagent.git.remote import Remote
    from gitagent.git.repository import Repository
    from gitagent.git.worktree import Entries, Index
    from gitagent.names import EnvironmentName, VersionNumber

_Result = TypeVar("_Result")
MAIN = "refs/heads/main"
REMOTE = "gitagent.remote"
"""The key of git's configuration that names the shared remote."""
MOST_ATTEMPTS = 12
LONGEST_PAUSE = 0.25
"""Seconds, times the number of attempts."""


def branch_ref(name: EnvironmentName) -> str:
    """The ref of an environment."""
    return f"refs/heads/{name}"


class Store:
    """What is kept of an agent, and the one way to change it.

    The ledger is the truth; tags, main and the environments' branches are its projection. `settle` brings a
    projection that fell behind, or that somebody moved by hand, back into step, and says so in `notices`.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.ledger = Ledger(repository)
        self.folder = repository.git_directory / "gitagent"
        self.notices: list[str] = []
        self._planned_on: str | None = None
        self._is_writing = False
        self._made: VersionNumber | None = None
        self._doubted: set[VersionNumber] = set()
        self._stuck: set[str] = set()

    @property
    def working_tree(self) -> WorkingTree:
        """The working tree; refused in a bare repository."""
        if self.repository.is_bare:
            raise RuleBroken(
                f"{self.repository.top} is bare and has no draft", hint="Work in a clone of it.", code="no-draft"
            )
        return WorkingTree(self.repository)

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    @property
    def remote(self) -> Remote | None:
        """The shared remote that is the authority; None where the ledger here is."""
        name = self.repository.config(REMOTE)
        if name is None:
            return None
        from gitagent.git.remote import Remote

        return Remote(self.repository, name)

    def in_turn(self, act: Callable[[], _Result]) -> _Result:
        """Do what records an event, while nobody else does; where somebody was faster, on what they made, again."""
        for attempt in range(MOST_ATTEMPTS):
            try:
                with self.writing():
                    self.catch_up()
                    return act()
            except LedgerMoved:
                if self.remote is None or attempt == MOST_ATTEMPTS - 1:
                    raise
                # Jitter, growing with each attempt, so that many who collided do not collide again.
                time.sleep((attempt + 1) * LONGEST_PAUSE * os.urandom(1)[0] / 256)
        raise AssertionError("every attempt returns or raises")  # pragma: no cover

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the agent's lock, everything in step."""
        with locked(self._lock, after_crash=self._clear_left_over):
            if self.ledger.exists:
                self._settle()
            # git does not know gitagent's lock: what it brings into the ledger from here on is somebody else's.
            self._planned_on = self.ledger.tip() if self.ledger.exists else None
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    def version(self, number: VersionNumber) -> Version:
        """The version of that number. A tag that was moved, or deleted for good, is put right first."""
        record = self.ledger.record(number)
        if self.repository.ref(tag_ref(number)) != record.tag and number not in self._doubted:
            self._doubted.add(number)
            if self._is_writing:
                self._settle()
            else:
                self.settle()
        return read_version(self.repository, self.ledger, number)

    def settle(self) -> None:
        """Finish what an interrupted command left, and put back what was moved by hand."""
        behind = self._interrupted() is not None or any(self._out_of_step())
        if not behind and not abandoned(self._lock):
            return
        try:
            # A command that is just running looks the same as one that died: under the lock it is one or the other.
            with self.writing():
                pass
        except (Conflict, StorageFailed) as error:
            if behind:
                self.notices.append(f"The repository is out of step with its ledger: {error.message}")

    def commit(
        self,
        event: Event,
        state: State,
        records: Mapping[VersionNumber, VersionRecord],
        *,
        index: Index | None = None,
    ) -> Event:
        """Record the event: the ledger first, then what follows from it. To be called while writing.

        `index` is git's index for the version that the event makes from the draft. LedgerMoved when the ledger is
        no longer what the event was planned on.
        """
        tip = self._planned_on
        commit = self.ledger.write(event, state, records, after=tip)
        self.repository.sync_objects()
        if self.remote is not None:
            from gitagent.agent import authority

            authority.push(self, self.remote, event, state, commit, expected=tip)
        self.ledger.move(commit, expected=tip, why=event.subject)
        self._planned_on = commit
        self._made = event.to_version if event.tag is not None else None
        for ref, wanted, found in list(self._out_of_step()):
            if ref in self._stuck:
                continue
            try:
                self._move(ref, wanted, found, event.subject, index)
            except (Conflict, StorageFailed) as error:
                if ref == MAIN and isinstance(error, LedgerMoved):
                    continue  # A plain commit on main came between; the next version takes it along.
                # The event stands, so this is no failure of the operation.
                self.notices.append(
                    f"It is done, and the ledger says so, but {error.message}. The next command brings it into step."
                )
        return event._replace(commit=commit)

    def refuse_grown_line(self) -> None:
        """Refuse, where the agent is shared, a draft that does not know what others saved."""
        if self.remote is not None:
            from gitagent.agent import authority

            authority.refuse_grown_line(self, self.remote)

    def line(self) -> VersionNumber:
        """The newest version on main: the one that the draft's line has come to."""
        last = self.ledger.state().last_version
        main = self.repository.ref(MAIN)
        if self.remote is None or main is None or main == self.ledger.record(last).commit:
            return last
        if self.repository.is_ancestor(self.ledger.record(last).commit, main):
            return last
        found = next(filter(None, map(self._version_at, self.repository.first_parents(main))), None)
        # A merge made by git may have brought newer ones, by its second parent.
        while found and self.repository.is_ancestor(self.ledger.record(found.next()).commit, main):
            found = found.next()
        return found or last

    def _version_at(self, commit: Commit) -> VersionNumber | None:
        number = version_made_by(commit.message)
        if number is None or number > self.ledger.state().last_version:
            return None
        return number if self.ledger.record(number).commit == commit.id else None

    def write_version(self, event: Event, number: VersionNumber, tree: str) -> tuple[str, str]:
        """The commit and the tag object of a new version; no ref points at them yet."""
        words = (number, event.name, event.message)
        commit = self.repository.write_commit(
            tree=tree, parents=self._parents(), message=commit_message(*words), actor=event.actor, at=event.at
        )
        tag = self.repository.write_tag(
            target=commit, name=str(number), message=tag_message(*words), actor=event.actor, at=event.at
        )
        return commit, tag

    def refuse_foreign_tag(self, number: VersionNumber) -> None:
        """Refuse when a tag that the ledger does not know holds the next number."""
        if below := self.repository.refs(f"{tag_ref(number)}/"):
            name = below[0].removeprefix("refs/tags/")
            raise RuleBroken(
                f"a tag {name} exists, and gitagent needs {number}",
                hint=f"Rename it: git tag old-{name} {name} && git tag -d {name}",
                code="name-taken",
            )
        if self.repository.ref(tag_ref(number)) is not None:
            raise LedgerInvalid(
                f"tag {number} exists, but the ledger does not know it",
                hint="Either the ledger was moved back (git reflog gitagent/ledger shows where it "
                f"stood) or the tag is not gitagent's (git tag -d {number} removes it).",
                code="tag-unknown",
            )

    def refuse_in_the_way(self, now: Entries, wanted: Entries, target: str) -> None:
        """Refuse to overwrite what is in no version and no draft."""
        if in_the_way := self.working_tree.in_the_way(now=now, wanted=wanted):
            raise RuleBroken(
                f"{in_the_way[0]} stands where {target} has something else, and is in no version and no draft",
                hint="Move it away first.",
                code="file-in-the-way",
            )

    def main(self) -> str:
        """The commit that main is on; that of the newest version where there is no main."""
        return self.repository.ref(MAIN) or self.ledger.record(self.ledger.state().last_version).commit

    def refuse_branches_below(self, name: EnvironmentName) -> None:
        """Refuse when branches such as `live/fix` keep the environment's own branch from being made."""
        if below := self.repository.refs(f"{branch_ref(name)}/"):
            branch = below[0].removeprefix("refs/heads/")
            raise RuleBroken(
                f"a branch {branch} exists, and gitagent needs {name}",
                hint=f"Rename it: git branch -m {branch} old-{branch}",
                code="name-taken",
            )

    def _parents(self) -> tuple[str, ...]:
        """A version follows the one before it by first parents; commits made on main meanwhile are taken along."""
        main = self.repository.ref(MAIN)
        if self._planned_on is None:
            return () if main is None else (main,)
        last = self.ledger.record(self.ledger.state().last_version).commit
        if main is None or self.repository.is_ancestor(main, last):
            return (last,)
        return (main,) if self._leads_to(main, last) else (last, main)

    def _leads_to(self, start: str, commit: str) -> bool:
        """Whether the first parents of `start` lead to `commit`."""
        if start == commit:
            return True
        if not self.repository.is_ancestor(commit, start):
            return False
        return any(each.id == commit for each in self.repository.first_parents(start))

    def _out_of_step(self) -> Iterator[tuple[str, str | None, str | None]]:
        """The refs that are not as the ledger has them: ref, where it belongs, where it stands."""
        state = self.ledger.state()
        served = {each.version for each in state.environments if each.version is not None}
        for number in sorted(served | self._doubted | {state.last_version}):
            yield from self._differs(tag_ref(number), self.ledger.record(number).tag)
        for environment in state.environments:
            yield from self._differs(branch_ref(environment.name), environment.commit)
        if self.remote is not None and self.repository.ref(MAIN) is not None and state.last_version != self._made:
            return  # versions that others saved come into the line of this draft by a sync alone
        last = self.ledger.record(state.last_version).commit
        main = self.repository.ref(MAIN)
        if main is None or (main != last and self.repository.is_ancestor(main, last)):
            yield MAIN, last, main

    def _differs(self, ref: str, wanted: str | None) -> Iterator[tuple[str, str | None, str | None]]:
        found = self.repository.ref(ref)
        if found != wanted:
            yield ref, wanted, found

    def _interrupted(self) -> kept.Overwriting | None:
        """What began to overwrite the draft and did not end. Another working tree than the draft's is left alone."""
        on_main = not self.repository.is_bare and self.repository.head_name() == MAIN
        return kept.interrupted(self.folder) if on_main else None

    def _settle(self, was: State | None = None) -> None:
        """Bring everything into step with the ledger, and say so; `was` is what it quietly follows the ledger from."""
        known = {branch_ref(each.name): each.commit for each in was.environments} if was is not None else {}
        if (interrupted := self._interrupted()) is not None:
            self._finish(interrupted)
        for ref, wanted, found in list(self._out_of_step()):
            name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
            if wanted is None and not self.repository.is_bare and self.repository.head_name() == ref:
                self._stuck.add(ref)
                self._say(f"The branch {name} was made by hand, and {name} serves nothing. Leave it: git switch main")
                continue
            try:
                if was is not None and found == known.get(ref):
                    self._move(ref, wanted, found, "fetch", None)
                else:
                    self._say(self._put_right(ref, name, wanted, found))
            except (Conflict, StorageFailed) as error:
                self._stuck.add(ref)
                self._say(f"{name} is out of step with the ledger: {error.message}.")

    def _put_right(self, ref: str, name: str, wanted: str | None, found: str | None) -> str:
        """Move a ref to where the ledger has it; what somebody moved it to is kept. Says what it did."""
        event = self.ledger.last_event()
        if found is None or found == event.from_commit or ref == MAIN:
            self._move(ref, wanted, found, "settle", None)
            return f"{name} is in step with the ledger again ({event.subject})."
        commit = self.repository.peeled(found)
        draft = kept.keep_commit(self, commit, reason=f"{name} moved by hand") if commit is not None else None
        try:
            self._move(ref, wanted, found, "settle", None)
        except (Conflict, StorageFailed):
            if draft is not None:
                kept.drop(self, draft)
            raise
        return f"{name} had been moved by hand to {found[:10]}; the ledger's word was restored."

    def catch_up(self) -> None:
        """Where the agent is shared, let the ledger here be what it is there. To be called while writing."""
        if self.remote is None:
            return
        from gitagent.agent import authority

        was = self.ledger.state()
        if authority.catch_up(self, self.remote):
            self._settle(was)
        self._planned_on = self.ledger.tip()

    def move_main(self, to: str) -> None:
        """Put main, and git's index, on a commit that the working tree holds already."""
        if (found := self.repository.ref(MAIN)) != to:
            self._move(MAIN, to, found, "sync", None)

    def _finish(self, interrupted: kept.Overwriting) -> None:
        """Carry an interrupted restore to its end. Where that cannot be, only work on the draft has to wait."""
        try:
            notice = kept.finish(self, interrupted)
        except (Conflict, StorageFailed) as error:
            notice = f"{interrupted.reason} was interrupted and cannot be finished: {error.message}."
        self._say(notice)

    def _say(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def _move(self, ref: str, wanted: str | None, found: str | None, why: str, index: Index | None) -> None:
        first = None
        if ref == MAIN and wanted is not None and not self.repository.is_bare and self.repository.head_name() == MAIN:
            # The index first: main in its place is the sign that nothing is left to do.
            if index is None:
                first = partial(self.working_tree.reset_index, self.repository.commit(wanted).tree)
            else:
                first = partial(self.working_tree.write_index, index)
        if wanted is not None and not self.repository.has(wanted):
            self._write_tag_again(wanted)
        self.repository.move_ref(ref, to=wanted, expected=found, why=why, first=first)

    def _write_tag_again(self, tag: str) -> None:
        """A deleted tag whose object git has pruned is made again, to the byte, from its event."""
        for event in self.ledger.events():
            if event.tag == tag:
                self.write_tag(event)
                return

    def write_tag(self, event: Event) -> str:
        """The tag object of the version that an event made, to the byte; no ref points at it yet."""
        number, commit = event.to_version, event.to_commit
        if number is None or commit is None:
            raise LedgerInvalid(f"{event.subject} made no version")
        return self.repository.write_tag(
            target=commit,
            name=str(number),
            message=tag_message(number, event.name, event.message),
            actor=event.actor,
            at=event.at,
        )

    def _clear_left_over(self) -> None:
        fixed = [LEDGER, MAIN, *kept.locked_drafts(self)]
        numbers: list[str] = []
        if self.ledger.exists:
            state = self.ledger.state()
            fixed += [branch_ref(name) for name in state.pipeline]
            versions = {each.version for each in state.environments if each.version is not None}
            versions |= {state.last_version, state.last_version.next()}
            numbers = [tag_ref(number) for number in versions]
        self.repository.clear_stale_locks(chain(fixed, numbers))
