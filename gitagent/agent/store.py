"""Store: one agent's repository and ledger, kept in step; where every operation is carried out."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from gitagent.agent import kept
from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.agent.lineage import MAIN, parents
from gitagent.agent.projection import Projection, branch_ref
from gitagent.agent.versions import Version, commit_message, read_version, tag_message, tag_ref
from gitagent.errors import Conflict, LedgerInvalid, LedgerMoved, RuleBroken, StorageFailed
from gitagent.git.locks import abandoned, locked
from gitagent.git.worktree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gitagent.agent.events import Event
    from gitagent.agent.states import State, VersionRecord
    from gitagent.git.remote import Remote
    from gitagent.git.repository import Repository
    from gitagent.git.signing import Signer
    from gitagent.git.worktree import Entries, Index
    from gitagent.names import EnvironmentName, VersionNumber

_Result = TypeVar("_Result")
REMOTE = "gitagent.remote"
"""The key of git's configuration that names the shared remote."""
MOST_ATTEMPTS = 20


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
        self.turn: str | None = None
        """The id that the next operation has to have, where it waited for its turn."""
        self._planned_on: str | None = None
        self._is_writing = False
        self.projection = Projection(self)

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

        names = self.repository.remotes()
        if name not in names:  # renamed by git
            name = next((each for each in names if Remote(self.repository, each).seen(LEDGER)), name)
        return Remote(self.repository, name)

    def in_turn(self, act: Callable[[], _Result]) -> _Result:
        """Do what records an event, while nobody else does; where somebody was faster, on what they made, again."""
        if (remote := self.remote) is None:
            return self._attempt(act)
        from gitagent.agent.turns import Turns

        with Turns(self, remote) as turns:
            for _ in range(MOST_ATTEMPTS - 1):
                with suppress(LedgerMoved):
                    return self._attempt(act)
                turns.wait()
            return self._attempt(act)

    def _attempt(self, act: Callable[[], _Result]) -> _Result:
        with self.writing():
            self.catch_up()
            return act()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the agent's lock, everything in step."""
        with locked(self._lock, after_crash=self._clear_left_over):
            if self.ledger.exists:
                self.projection.settle()
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
        if self.repository.ref(tag_ref(number)) != record.tag and number not in self.projection.doubted:
            self.projection.doubted.add(number)
            if self._is_writing:
                self.projection.settle()
            else:
                self.settle()
        return read_version(self.repository, self.ledger, number)

    def settle(self) -> None:
        """Finish what an interrupted command left, and put back what was moved by hand."""
        behind = self.projection.interrupted() is not None or any(self.projection.out_of_step())
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
        signer: Signer | None = None,
        preceded_by: tuple[Event, State] | None = None,
        beside: Mapping[str, bytes] | None = None,
    ) -> Event:
        """Record the event: the ledger first, then what follows from it. To be called while writing.

        `index` is git's index for the version that the event makes from the draft; `beside` are files of the ledger
        that are in no state. An event that it is `preceded_by`, which moves no environment, is recorded in the same
        step. LedgerMoved when the ledger is no longer what the event was planned on.
        """
        tip = after = self._planned_on
        if preceded_by is not None:
            after = self.ledger.write(*preceded_by, {}, after=tip, signer=signer)
        commit = self.ledger.write(event, state, records, after=after, signer=signer, beside=beside)
        is_whole = True
        self.repository.sync_objects()
        if self.remote is not None:
            from gitagent.agent import authority

            is_whole = authority.push(self, self.remote, event, state, commit, expected=tip)
            self.turn = None
        self.ledger.move(commit, expected=tip, why=event.subject)
        self._planned_on = commit
        self.projection.follow(event, index)
        if self.remote is not None and event.tag is not None and is_whole:
            from gitagent.agent import underway

            underway.end_at(self, event.to_commit)
        return event._replace(commit=commit)

    def refuse_grown_line(self) -> None:
        """Refuse, where the agent is shared, a draft that does not know what others saved."""
        if self.remote is not None:
            from gitagent.agent import authority

            authority.refuse_grown_line(self, self.remote)

    def write_version(
        self, event: Event, number: VersionNumber, tree: str, *, signer: Signer | None = None
    ) -> tuple[str, str]:
        """The commit and the tag object of a new version; no ref points at them yet."""
        words = (number, event.name, event.message)
        before = parents(self, first=self._planned_on is None)
        commit = self.repository.write_commit(
            tree=tree, parents=before, message=commit_message(*words), actor=event.actor, at=event.at
        )
        text = tag_message(*words)
        tag = self.repository.write_tag(
            target=commit, name=str(number), message=text, actor=event.actor, at=event.at, signer=signer
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

    def tell_uncovered(self, wanted: Entries, target: str) -> None:
        """Tell of files that git ignored until the draft was overwritten, and that are part of it now."""
        if uncovered := sorted(self.working_tree.entries().keys() - wanted.keys()):
            self.notices.append(
                f"{target} does not let git ignore {', '.join(uncovered[:3])}{' …' if len(uncovered) > 3 else ''}: "
                "now part of the draft."
            )

    def refuse_branches_below(self, name: EnvironmentName) -> None:
        """Refuse when branches such as `live/fix` keep the environment's own branch from being made."""
        if below := self.repository.refs(f"{branch_ref(name)}/"):
            branch = below[0].removeprefix("refs/heads/")
            raise RuleBroken(
                f"a branch {branch} exists, and gitagent needs {name}",
                hint=f"Rename it: git branch -m {branch} old-{branch}",
                code="name-taken",
            )

    def catch_up(self) -> None:
        """Where the agent is shared, let the ledger here be what it is there. To be called while writing."""
        if self.remote is None:
            return
        from gitagent.agent import fetching

        was = self.ledger.state()
        if fetching.catch_up(self, self.remote):
            self.projection.settle(was)
        self._planned_on = self.ledger.tip()

    def write_tag(self, event: Event) -> str:
        """The tag object of the version that an event made, unsigned, to the byte; no ref points at it yet."""
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
