"""Ledger: the append-only branch that holds the truth about an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent import states
from gitagent.agent.events import Event, format_event, parse_event
from gitagent.errors import AgentNotFound, ObjectMissing, VersionNotFound
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitagent.agent.states import EnvironmentState, State, VersionRecord
    from gitagent.git.repository import Repository
    from gitagent.git.signing import Signer
    from gitagent.names import EnvironmentName

LEDGER = "refs/heads/gitagent/ledger"


class Ledger:
    """The ledger of one repository. What is read of it is kept for as long as its tip stays where it is."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: tuple[str, State] | None = None
        self._records: dict[str, VersionRecord] = {}

    @property
    def exists(self) -> bool:
        return self._repository.ref(LEDGER) is not None

    def tip(self) -> str:
        """The ledger's newest commit; AgentNotFound where there is no ledger."""
        if (tip := self._repository.ref(LEDGER)) is not None:
            return tip
        self.refuse_lost()
        raise AgentNotFound(
            f"{self._repository.top} is a git repository, but no agent yet", hint="Make it one with: gitagent init"
        )

    def refuse_lost(self) -> None:
        """Refuse where the ledger is missing although there was one: in a clone, or after its branch was deleted."""
        top = self._repository.top
        for ref in self._repository.refs("refs/remotes/"):
            _, _, branch = ref.removeprefix("refs/remotes/").partition("/")
            if f"refs/heads/{branch}" == LEDGER:
                raise AgentNotFound(
                    f"{top} is a clone of an agent, still without its ledger, the branch {branch}",
                    hint="Join it: gitagent sync",
                    code="ledger-missing",
                )
        if any(self._made_a_version(ref) for ref in self._repository.refs("refs/tags/v")):
            raise AgentNotFound(
                f"the agent in {top} has lost its ledger, the branch gitagent/ledger",
                hint="Let gitagent look for it: gitagent doctor; or fetch the branch from a clone.",
                code="ledger-missing",
            )

    def _made_a_version(self, ref: str) -> bool:
        """Whether gitagent made this tag. Others number their releases v1 and v2, too."""
        name, id_ = ref.removeprefix("refs/tags/"), self._repository.ref(ref)
        tag = self._repository.tag(id_) if id_ is not None else None
        commit = self._repository.peeled(tag.target) if tag is not None and tag.name == name else None
        if commit is None or not VersionNumber.matches(name):
            return False
        return f"Gitagent-Version: {name}" in self._repository.commit(commit).message.splitlines()

    def state(self) -> State:
        """What is true now."""
        tip = self.tip()
        if self._known is not None and self._known[0] == tip:
            return self._known[1]
        tree = self._repository.commit(tip).tree
        found = states.parse_state(lambda path: self._read(tree, path))
        self._known = (tip, found)
        return found

    def newest_at(self, commit: str) -> tuple[State, VersionRecord]:
        """The state as another ledger commit has it, and the record of its newest version."""
        tree = self._repository.commit(commit).tree
        state = states.parse_state(lambda path: self._read(tree, path))
        return state, states.parse_record(self._read(tree, states.version_path(state.last_version)))

    def environment_at(self, commit: str, name: EnvironmentName) -> EnvironmentState:
        """An environment as an earlier ledger commit has it."""
        tree = self._repository.commit(commit).tree
        return states.parse_environment(name, lambda path: self._read(tree, path))

    def record(self, number: VersionNumber) -> VersionRecord:
        """What is kept of a version; VersionNotFound when it was never made."""
        tree = self._repository.commit(self.tip()).tree
        blob = self._repository.entry(tree, states.version_path(number))
        if blob is None:
            last = self.state().last_version
            raise VersionNotFound(f"there is no version {number}", hint=f"The newest is {last}: gitagent versions")
        if blob not in self._records:
            self._records[blob] = states.parse_record(self._repository.blob(blob))
        return self._records[blob]

    def last_event(self) -> Event:
        """The newest event."""
        return parse_event(self._repository.commit(self.tip()))

    def events(self) -> Iterator[Event]:
        """Every event, newest first, each read when it is asked for. ObjectMissing where the history was cut off."""
        for commit in self._repository.first_parents(self.tip()):
            event = parse_event(commit)
            yield event
        if event.seq != 1:
            raise ObjectMissing(
                f"the history before {event.subject} is not in this clone", hint="Get it: git fetch --unshallow"
            )

    def write(
        self,
        event: Event,
        state: State,
        records: Mapping[VersionNumber, VersionRecord],
        *,
        after: str | None,
        signer: Signer | None = None,
        beside: Mapping[str, bytes] | None = None,
    ) -> str:
        """The ledger commit of an event, following the commit `after`. No ref points at it yet.

        `beside` are files of the ledger besides those of the state and the records.
        """
        files = states.format_state(state) | dict(beside or {})
        files |= {states.version_path(number): states.format_record(record) for number, record in records.items()}
        old = self._repository.commit(after).tree if after is not None else None
        tree = self._repository.write_tree(old, self._repository.changed_blobs(old, files))
        parents = () if after is None else (after,)
        commit = self._repository.write_commit(
            tree=tree, parents=parents, message=format_event(event), actor=event.actor, at=event.at, signer=signer
        )
        self._known = (commit, state)
        return commit

    def move(self, to: str, *, expected: str | None, why: str) -> None:
        """The commit point of every operation: LedgerMoved unless the tip still is `expected`."""
        self._repository.move_ref(LEDGER, to=to, expected=expected, why=why)

    def _read(self, tree: str, path: str) -> bytes:
        blob = self._repository.entry(tree, path)
        if blob is None:
            raise KeyError(f"{path} is missing")
        return self._repository.blob(blob)
