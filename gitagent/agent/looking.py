"""Looking: what an agent can be asked. Nothing of it changes by that."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.agent import draft, environments, kept, lineage, selectors
from gitagent.agent.events import Event, Operation
from gitagent.agent.files import draft_files, tree_files
from gitagent.agent.overview import Configuration, Served, Status
from gitagent.agent.store import Store
from gitagent.errors import DraftNotFound, NeverServed
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from gitagent.agent.access import Access
    from gitagent.agent.approvals import Approval
    from gitagent.agent.compare import Comparison
    from gitagent.agent.draft import Draft
    from gitagent.agent.environments import Environment
    from gitagent.agent.files import Tree
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.pending import PendingSave
    from gitagent.agent.results import Result
    from gitagent.agent.sharing import Sharing
    from gitagent.agent.states import AssignedNumber
    from gitagent.agent.trials import Candidate
    from gitagent.agent.verification import Verification
    from gitagent.agent.versions import Version
    from gitagent.config.files import Files
    from gitagent.config.problems import Problem
    from gitagent.names import Actor, EnvironmentName

MOVES = (Operation.PUBLISH, Operation.PROMOTE, Operation.ROLLBACK)
MOST_EVENTS_LOOKED_AT = 100


class Looking:
    """What is there to be seen of an agent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._configurations: dict[str, tuple[str, Configuration]] = {}

    @property
    def path(self) -> Path:
        """The top of the working tree, or the repository itself where it is bare."""
        return self._store.repository.top

    @property
    def notices(self) -> tuple[str, ...]:
        """What had to be put right when the agent was opened or changed, in sentences."""
        return tuple(self._store.notices)

    @property
    def name(self) -> str:
        """The agent's name, as its files give it; else its folder's."""
        from gitagent.config.layouts import agent_name

        store = self._store
        files = self._files("latest") if store.repository.is_bare else draft_files(store.working_tree)
        return agent_name(files) or self.path.name

    @property
    def pipeline(self) -> tuple[EnvironmentName, ...]:
        """The environments' names, in order."""
        return self._store.ledger.state().pipeline

    def identity(self, environ: Mapping[str, str] | None = None) -> Actor:
        """Who acts according to git; IdentityMissing when it knows nobody. `environ` may hold git's variables."""
        from gitagent.git.identity import identity

        return identity(self._store.repository, environ or {})

    def status(self) -> Status:
        """The agent at a glance."""
        state = self._store.ledger.state()
        looked = None if self._store.repository.is_bare else draft.look(self._store)
        newest_published = state.pipeline[0] in self._store.ledger.record(state.last_version).served
        return Status(
            name=self.name,
            path=self.path,
            draft=looked,
            environments=self.environments(),
            last_version=state.last_version,
            last_published=state.last_published,
            unpublished=(looked is not None and looked.edited) or not newest_published,
            sharing=self.shared,
            line=lineage.line(self._store),
            pending=len(self.pending_saves()),
        )

    def draft(self) -> Draft:
        """The draft's state; refused in a bare repository."""
        return draft.look(self._store)

    def environments(self) -> tuple[Environment, ...]:
        """Every environment, in the pipeline's order."""
        return environments.environment_values(self._store, self._store.ledger.state())

    def environment(self, name: str) -> Environment:
        """One environment; EnvironmentNotFound when there is none of that name."""
        wanted = selectors.select_environment(self._store, str(name))
        return next(each for each in self.environments() if each.name == wanted)

    def configuration(self, environment: str) -> Configuration:
        """What an environment serves now; NeverServed when it serves nothing. Read once for as long as it stays."""
        tip = self._store.ledger.tip()
        known = self._configurations.get(environment)
        if known is not None and known[0] == tip:
            return known[1]
        state = self._store.ledger.state().environment(selectors.select_environment(self._store, environment))
        if state.version is None or state.commit is None:
            raise NeverServed(f"{state.name} serves no version yet", hint="See: gitagent environments")
        if known is not None and known[1].commit == state.commit:
            configuration = known[1]
        else:
            files = tree_files(self._store.repository, self._store.repository.commit(state.commit).tree)
            configuration = Configuration(state.name, state.version, state.commit, files)
        self._configurations[environment] = (tip, configuration)
        return configuration

    def files(self, selector: str = "draft") -> Files:
        """The files of a version, of what an environment serves, of the draft or of a kept draft."""
        return self._files(selector)

    def validate(self, selector: str = "draft") -> list[Problem]:
        """Every problem of a configuration, sorted by place."""
        from gitagent.config.validation import validate

        return validate(self._files(selector))

    def validate_staged(self, environ: Mapping[str, str] | None = None) -> list[Problem]:
        """Every problem of what git is about to commit; `environ` may name its index, as git does for a hook."""
        from gitagent.agent.files import stored_files
        from gitagent.config.validation import validate
        from gitagent.git.staging import staged_entries

        repository = self._store.repository
        return validate(stored_files(repository, staged_entries(repository, environ or {})))

    def verify(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        allowed_signers: str | Path | None = None,
    ) -> Verification:
        """Every rule checked over the whole repository, offline; nothing is written or put right.

        `progress` is told again and again how much of how much is done. Open without `settle` to see what it mends.
        Signatures by ssh are checked against the file of allowed signers, git's own unless one is named; the others
        by gpg.
        """
        from gitagent.agent.verification import verify
        from gitagent.git.signatures import Signers
        from gitagent.git.signing import settings

        repository = self._store.repository
        allowed = None if allowed_signers is None else Path(allowed_signers)
        return verify(self._store, progress, signers=Signers(repository.top, settings(repository), allowed))

    def version(self, selector: str) -> Version:
        """The version that a selector names."""
        return self._store.version(selectors.select_version(self._store, selector))

    def versions(self, *, limit: int | None = None, before: VersionNumber | None = None) -> Iterator[Version]:
        """Versions, newest first, each read when it is asked for; `before` leaves out that one and newer ones."""
        newest = self._store.ledger.state().last_version.number
        start = newest if before is None else min(newest, before.number - 1)
        end = 0 if limit is None else max(0, start - limit)
        return (self._store.version(VersionNumber(number)) for number in range(start, end, -1))

    def serving(self) -> dict[VersionNumber, tuple[EnvironmentName, ...]]:
        """The versions that are served, each with its environments in the pipeline's order."""
        found: dict[VersionNumber, tuple[EnvironmentName, ...]] = {}
        for each in self._store.ledger.state().environments:
            if each.version is not None:
                found[each.version] = (*found.get(each.version, ()), each.name)
        return found

    def history(
        self,
        *,
        environment: str | None = None,
        operation: Operation | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Event]:
        """The ledger's events, newest first, each read when it is asked for."""
        name = None if environment is None else selectors.select_environment(self._store, environment)
        found = (
            event
            for event in self._store.ledger.events()
            if (name is None or event.environment == name)
            and (operation is None or event.operation is operation)
            and (since is None or event.at >= since)
        )
        return islice(found, limit)

    def rolled_back(self, environment: str) -> Event | None:
        """The rollback that put an environment where it stands; None where it was no rollback, or long ago.

        "Long ago" is so many events that looking for it would take longer than a look at the agent may.
        """
        name = selectors.select_environment(self._store, environment)
        newest = islice(self._store.ledger.events(), MOST_EVENTS_LOOKED_AT)
        moved = next((event for event in newest if event.environment == name and event.operation in MOVES), None)
        return moved if moved is not None and moved.operation is Operation.ROLLBACK else None

    def serving_at(self, environment: str, when: datetime) -> Served:
        """What an environment served at that time, since when and until when."""
        name, until = selectors.select_environment(self._store, environment), None
        for event in self._store.ledger.events():
            if event.environment == name and event.operation in MOVES:
                if event.at <= when:
                    return Served(event.to_version, event.at, until)
                until = event.at
        return Served(None, None, until)

    def compare(self, old: str, new: str) -> Comparison:
        """The differences between what two selectors name."""
        from gitagent.agent.compare import compare

        labels = [selectors.select(self._store, each).label for each in (old, new)]
        return compare(self._files(old), self._files(new), old_label=labels[0], new_label=labels[1])

    def drafts(self) -> tuple[KeptDraft, ...]:
        """The kept drafts, newest first."""
        return kept.kept_drafts(self._store)

    def kept_draft(self, selector: str) -> KeptDraft:
        """The kept draft of that id, or the one whose id begins so; DraftNotFound when there is none."""
        if (found := kept.find_draft(self._store, selector)) is not None:
            return found
        raise DraftNotFound(
            f"no kept draft has an id that begins with '{selector}'",
            hint=f"Give {kept.SHORTEST_PREFIX} characters or more: gitagent drafts",
        )

    def pending_saves(self) -> tuple[PendingSave, ...]:
        """The saves that wait for the shared remote, oldest first."""
        if self._store.remote is None:
            return ()
        from gitagent.agent import pending

        return pending.pending_saves(self._store)

    @property
    def shared(self) -> Sharing | None:
        """The shared remote that is the authority, and when it was last looked at; None where there is none."""
        if self._store.remote is None:
            return None
        from gitagent.agent import sharing

        return sharing.sharing(self._store, self._store.remote)

    @property
    def access(self) -> Access | None:
        """Who holds which role; None where everybody may do everything."""
        return self._store.ledger.state().access

    def approvals(self, selector: str) -> tuple[Approval, ...]:
        """How far a version is approved, for each environment that asks for approvals or that it was approved for."""
        from gitagent.agent import approvals

        return approvals.approvals(self._store, selectors.select_version(self._store, selector))

    def candidate(self, selector: str = "draft") -> Candidate:
        """What a selector names, as it is to be tested: its tree, its files as they stay, and their cases."""
        from gitagent.agent import trials

        return trials.candidate(self._store, selector)

    def result(self, selector: str = "draft") -> Result | None:
        """The newest result recorded of the files that a selector names; None where there is none."""
        from gitagent.agent import trials

        return trials.result(self._store, selector)

    def versions_of(self, trees: Iterable[str]) -> dict[str, VersionNumber]:
        """The version that has each of these trees, among the newest thousand; a tree of none is left out."""
        return lineage.versions_of(self._store, trees)

    def numbers(self) -> tuple[AssignedNumber, ...]:
        """Every assigned number, in the pipeline's order."""
        return tuple(number for each in self._store.ledger.state().environments for number in each.numbers)

    def _files(self, selector: str) -> Tree:
        found = selectors.select(self._store, selector)
        if found.commit is None:
            return draft_files(self._store.working_tree)
        return tree_files(self._store.repository, self._store.repository.commit(found.commit).tree)
