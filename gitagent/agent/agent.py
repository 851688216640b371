"""Agent: one agent's life, from draft to live and back. The public Python API.

What only some of the verbs need is imported by those verbs: each module is a millisecond of every command's start.
"""

from __future__ import annotations

from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gitagent.agent import draft, environments, kept, lineage, selectors
from gitagent.agent.events import Event, Operation, checked_time
from gitagent.agent.files import draft_files, tree_files
from gitagent.agent.overview import Configuration, Served, Status
from gitagent.agent.store import Store
from gitagent.errors import DraftNotFound, InvalidName, NeverServed
from gitagent.git.repository import Repository
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gitagent.agent.access import Access
    from gitagent.agent.ailments import Repair
    from gitagent.agent.approvals import Approval, Approved
    from gitagent.agent.authority import Synced
    from gitagent.agent.compare import Comparison
    from gitagent.agent.draft import Draft, Restored, RestorePlan, SavePlan
    from gitagent.agent.environments import Environment, Move, Moved
    from gitagent.agent.files import Tree
    from gitagent.agent.grants import Grant
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.numbers import EnvironmentChange
    from gitagent.agent.operations import Saved, Words
    from gitagent.agent.pending import PendingSave
    from gitagent.agent.rehearsals import InitPlan
    from gitagent.agent.repairs import Repaired
    from gitagent.agent.sharing import Sharing
    from gitagent.agent.states import AssignedNumber
    from gitagent.agent.verification import Verification
    from gitagent.agent.versions import Version
    from gitagent.config.files import Files
    from gitagent.config.problems import Problem
    from gitagent.names import Actor, EnvironmentName, PhoneNumber
    from gitagent.runtime.calls import Calls
    from gitagent.runtime.folders import Agents
    from gitagent.runtime.resolutions import Resolution

DEFAULT_PIPELINE = ("sandbox", "pre-release", "live")
MOVES = (Operation.PUBLISH, Operation.PROMOTE, Operation.ROLLBACK)
MOST_EVENTS_LOOKED_AT = 100


class Agent:
    """One agent: a git repository with its draft, versions, environments and ledger.

    Selectors are texts as users type them: `v7` or `7`, an environment's name, `latest`, `draft`, or the id of a
    kept draft. Verbs take who acts and at what time (`at`, with its zone). Each checks everything first and then
    changes everything in one step; a refusal (`GitagentError`) changed nothing. An Agent belongs to one thread.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._configurations: dict[str, tuple[str, Configuration]] = {}
        self._calls: Calls | None = None

    @classmethod
    def open(cls, path: str | Path = ".", *, settle: bool = True) -> Self:
        """The agent in this folder or one above it; what an interrupted command left is finished, see `notices`.

        Without `settle` nothing is touched, as it has to be while git itself is in the middle of a commit.
        """
        store = Store(Repository.discover(Path(path)))
        if settle:
            store.settle()
        else:
            store.ledger.tip()  # AgentNotFound where there is none
        return cls(store)

    @classmethod
    def init(
        cls,
        path: str | Path,
        *,
        actor: Actor,
        at: datetime,
        files: Files | None = None,
        source: str | Path | None = None,
        pipeline: Sequence[str] = DEFAULT_PIPELINE,
        name: str | None = None,
        message: str | None = None,
    ) -> Self:
        """Make an agent in `path`, v1 included: of `files`, of a copy of the folder `source`, or of what stands there.

        A git repository is taken over with its history. Refused when the folder is not empty where it has to be,
        when the configuration has problems, or when a branch or tag has a name that gitagent needs.
        """
        from gitagent.agent.takeover import parse_pipeline, take_over

        origin = None if source is None else Path(source)
        return cls(
            take_over(
                Path(path),
                pipeline=parse_pipeline(pipeline),
                files=files,
                source=origin,
                name=name,
                message=message,
                actor=actor,
                at=at,
            )
        )

    @classmethod
    def clone(cls, url: str, path: str | Path) -> Self:
        """Join an agent on a shared remote, in the new folder `path`. RemoteUnreachable when git cannot clone it."""
        from gitagent.agent import cloning

        return cls(cloning.clone(url, Path(path)))

    @classmethod
    def join(cls, path: str | Path = ".") -> Self:
        """Make an agent of a plain git clone of one: its ledger and environments as the remote has them."""
        from gitagent.agent import sharing

        return cls(sharing.join(Repository.discover(Path(path))))

    @staticmethod
    def plan_init(
        path: str | Path,
        *,
        actor: Actor,
        at: datetime,
        files: Files | None = None,
        source: str | Path | None = None,
        pipeline: Sequence[str] = DEFAULT_PIPELINE,
        name: str | None = None,
        message: str | None = None,
    ) -> InitPlan:
        """What `init` would make."""
        from gitagent.agent.rehearsals import rehearse
        from gitagent.agent.takeover import parse_pipeline

        return rehearse(
            Path(path),
            pipeline=parse_pipeline(pipeline),
            files=files,
            source=None if source is None else Path(source),
            name=name,
            message=message,
            actor=actor,
            at=at,
        )

    @staticmethod
    def plan_repairs(path: str | Path = ".", progress: Callable[[int, int], None] | None = None) -> tuple[Repair, ...]:
        """Everything that is wrong with the agent in this folder, and what `repair` would do about it.

        It need not be one that can be opened. `progress` is told again and again how much of how much is done.
        """
        from gitagent.agent.repairs import plan_repairs

        return plan_repairs(Store(Repository.discover(Path(path))), progress)

    @staticmethod
    def repair(agreed: Sequence[Repair], path: str | Path = ".", *, at: datetime) -> Repaired:
        """Mend what was agreed to of what `plan_repairs` told, as far as it is still wrong; nothing is lost by it."""
        from gitagent.agent.repairs import repair

        return repair(Store(Repository.discover(Path(path))), agreed, at=at)

    # Looking

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

    # Saving, publishing, moving

    def plan_save(self, *, actor: Actor | None = None) -> SavePlan:
        """What `save` would do. Here and in every plan, an `actor` who may not do it is refused."""
        self._permit(actor, Operation.SAVE)
        return draft.plan_save(self._store)[0]

    def save(
        self,
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sync: bool = False,
        sign: bool = False,
    ) -> Saved:
        """Make a version of the draft; nothing is served. Refused when it is the same as the newest, or invalid.

        With `sync`, what others saved is merged into the draft first, and nobody comes between. With `sign`, here and
        in every verb that takes it, the version's tag and the event are signed as git's settings say.
        """
        from gitagent.agent import operations

        return operations.save(self._store, self._words(actor, at, name, message, sign), sync=sync)

    def save_pending(
        self,
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> PendingSave:
        """Save the draft while the shared remote is out of reach; `sync` makes a version of it, with its number.

        What is signed here is signed once more by `sync`, as a version.
        """
        from gitagent.agent import pending

        return pending.keep(self._store, self._words(actor, at, name, message, sign))

    def pending_saves(self) -> tuple[PendingSave, ...]:
        """The saves that wait for the shared remote, oldest first."""
        from gitagent.agent import pending

        return pending.pending_saves(self._store) if self._store.remote is not None else ()

    def plan_publish(
        self,
        selector: str = "draft",
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Move:
        """The move that `publish` would make."""
        from gitagent.agent import operations
        from gitagent.agent.operations import Words

        words = Words.checked(actor, at, name, message)
        self._permit(actor, Operation.PUBLISH)
        if selector == selectors.DRAFT:
            move = operations.plan_draft_publication(self._store, words)[0]
        else:
            number = selectors.select_version(self._store, selector)
            move = operations.plan_version_publication(self._store, number, words)
        return self._as_asked(move, sign)

    def publish(
        self,
        selector: str = "draft",
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sync: bool = False,
        sign: bool = False,
    ) -> Moved:
        """Make a version of the draft, or take a saved one, and let the first environment serve it.

        With `expect`, a plan that was agreed to, EnvironmentMoved is raised when the move would now be another. With
        `sync` instead, what others saved is merged into the draft first, and nobody comes between.
        """
        from gitagent.agent import operations

        words = self._words(actor, at, name, message, sign)
        if selector == selectors.DRAFT:
            return operations.publish_draft(self._store, words, expect, sync=sync)
        number = self._named(selector)
        return operations.publish_version(self._store, number, words, expect)

    def plan_promote(
        self, environment: str, version: str | None = None, *, actor: Actor | None = None, sign: bool = False
    ) -> Move:
        """The move that `promote` would make."""
        name, number = self._target(environment, version)
        self._permit(actor, Operation.PROMOTE, name)
        return self._as_asked(environments.promotion(self._store, name, number), sign)

    def promote(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        version: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sign: bool = False,
    ) -> Moved:
        """Move an environment forward to what the one before it serves, or served when `version` names it."""
        from gitagent.agent import operations

        target = self._target(environment, version)
        return operations.promote(self._store, *target, self._words(actor, at, None, message, sign), expect)

    def plan_rollback(
        self, environment: str, to: str | None = None, *, actor: Actor | None = None, sign: bool = False
    ) -> Move:
        """The move that `rollback` would make."""
        name, number = self._target(environment, to)
        self._permit(actor, Operation.ROLLBACK, name)
        return self._as_asked(environments.reversion(self._store, name, number), sign)

    def rollback(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        to: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sign: bool = False,
    ) -> Moved:
        """Move an environment back to an earlier version that it served; by default the one served before."""
        from gitagent.agent import operations

        target = self._target(environment, to)
        return operations.roll_back(self._store, *target, self._words(actor, at, None, message, sign), expect)

    # The draft

    def plan_restore(self, selector: str) -> RestorePlan:
        """What `restore` would do."""
        return self._restoration(selector)[0]

    def restore(self, selector: str, *, actor: Actor, at: datetime) -> Restored:
        """Copy the files of a version or of a kept draft into the draft; an edited draft is kept first."""
        with self._store.writing():
            plan, commit = self._restoration(selector)
            reason = f"restore {plan.target}"
            return draft.restore(self._store, plan, commit, reason=reason, actor=actor, at=checked_time(at))

    def plan_discard(self, to: str | None = None) -> RestorePlan:
        """What `discard` would do."""
        return self._restoration(to or self._discard_target())[0]

    def discard(self, *, actor: Actor, at: datetime, to: str | None = None) -> Restored:
        """Give the draft up: back to the version published last, or to `to`. An edited draft is kept first."""
        with self._store.writing():
            plan, commit = self._restoration(to or self._discard_target())
            return draft.restore(self._store, plan, commit, reason="discard", actor=actor, at=checked_time(at))

    def drop_draft(self, selector: str) -> KeptDraft:
        """Remove a kept draft for good; DraftNotFound when there is none of that id."""
        found = self.kept_draft(selector)
        with self._store.writing():
            kept.drop(self._store, found)
        return found

    # The shared remote

    @property
    def shared(self) -> Sharing | None:
        """The shared remote that is the authority, and when it was last looked at; None where there is none."""
        if self._store.remote is None:
            return None
        from gitagent.agent import sharing

        return sharing.sharing(self._store, self._store.remote)

    def share(self, url: str) -> Sharing:
        """Put the agent on an empty remote, which from then on is the authority; refused when it holds another."""
        from gitagent.agent import sharing

        return sharing.share(self._store, url)

    def sync(self, *, actor: Actor, at: datetime, sign: bool = True) -> Synced:
        """Catch up with the shared remote both ways, and merge what others saved into the draft.

        Saves that waited and were signed are signed as versions, unless `sign` is false.
        """
        from gitagent.agent import authority

        return authority.sync(self._store, actor=actor, at=checked_time(at), sign=sign)

    # Rules and numbers

    def plan_rules(
        self,
        environment: str,
        *,
        requires_number: bool | None = None,
        approvals: int | None = None,
        requires_signature: bool | None = None,
        actor: Actor | None = None,
    ) -> EnvironmentChange:
        """What `set_rules` would do."""
        from gitagent.agent import numbers
        from gitagent.agent.settings import Settings

        self._permit(actor, Operation.RULES, selectors.select_environment(self._store, environment))
        return numbers.rules(self._store, environment, Settings(requires_number, approvals, requires_signature))

    def set_rules(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        requires_number: bool | None = None,
        approvals: int | None = None,
        requires_signature: bool | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Change an environment's rules; None leaves one as it is. Refused where none of them would change."""
        plan = partial(
            self.plan_rules,
            environment,
            requires_number=requires_number,
            approvals=approvals,
            requires_signature=requires_signature,
        )
        return self._change(self._words(actor, at, None, message, sign), plan)

    def numbers(self) -> tuple[AssignedNumber, ...]:
        """Every assigned number, in the pipeline's order."""
        return tuple(number for each in self._store.ledger.state().environments for number in each.numbers)

    def plan_assign_number(
        self,
        number: PhoneNumber,
        environment: str,
        sip_headers: Mapping[str, str] | None = None,
        *,
        actor: Actor | None = None,
    ) -> EnvironmentChange:
        """What `assign_number` would do."""
        from gitagent.agent import numbers

        self._permit(actor, Operation.ASSIGN_NUMBER, selectors.select_environment(self._store, environment))
        return numbers.assignment(self._store, number, environment, sip_headers)

    def assign_number(
        self,
        number: PhoneNumber,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        sip_headers: Mapping[str, str] | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Assign a number to an environment; refused when another environment has it.

        `sip_headers` replace those that it has; None keeps them.
        """
        words = self._words(actor, at, None, message, sign)
        return self._change(words, lambda: self.plan_assign_number(number, environment, sip_headers))

    def plan_release_number(self, number: PhoneNumber, *, actor: Actor | None = None) -> EnvironmentChange:
        """What `release_number` would do."""
        from gitagent.agent import numbers

        if (found := next((each for each in self.numbers() if each.number == number), None)) is not None:
            self._permit(actor, Operation.RELEASE_NUMBER, found.environment)
        return numbers.release(self._store, number)

    def release_number(
        self, number: PhoneNumber, *, actor: Actor, at: datetime, message: str | None = None, sign: bool = False
    ) -> Event:
        """Take a number from its environment; NumberNotFound when none has it."""
        return self._change(self._words(actor, at, None, message, sign), lambda: self.plan_release_number(number))

    # Traffic

    def resolve(self, number: PhoneNumber | str, sip_headers: Mapping[str, str] | None = None) -> Resolution:
        """Which version answers a number now, and its configuration; NumberNotFound, or NeverServed, where none does.

        As quick as one look at a file, so that it can be asked for every call. `sip_headers` are those that came with
        the call; the number's own are put over them.
        """
        return self._agents.number(number, sip_headers)

    @property
    def calls(self) -> Calls:
        """The calls of this agent: where they begin and end, and what became of them.

        Kept in the repository's own folder, or where git's `gitagent.calls` says. `open_calls` names another place.
        """
        if self._calls is None:
            self._calls = self.open_calls()
        return self._calls

    def open_calls(self, store: str | None = None) -> Calls:
        """The calls of this agent that are kept in a store: a file's path, `sqlite:///…` or `postgresql://…`."""
        from gitagent.runtime.places import open_calls

        return open_calls(self._agents, store)

    @cached_property
    def _agents(self) -> Agents:
        from gitagent.runtime.folders import Agents

        return Agents.only(self.path)

    # Roles and approvals

    @property
    def access(self) -> Access | None:
        """Who holds which role; None where everybody may do everything."""
        return self._store.ledger.state().access

    def plan_grant(self, role: str, who: str, *, environment: str | None = None, actor: Actor) -> Grant:
        """What `grant` would do."""
        return self._grant(Operation.GRANT, role, who, environment, actor)

    def grant(
        self,
        role: str,
        who: str,
        *,
        actor: Actor,
        at: datetime,
        environment: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Give a role to somebody, by their e-mail, or to `everybody`; for one environment alone if it is named.

        The first role of an agent is an admin's. From then on admins alone give and take roles.
        """
        words = self._words(actor, at, None, message, sign)
        return self._give(Operation.GRANT, role, who, environment, words)

    def plan_revoke(self, role: str, who: str | None, *, environment: str | None = None, actor: Actor) -> Grant:
        """What `revoke` would do."""
        return self._grant(Operation.REVOKE, role, who, environment, actor)

    def revoke(
        self,
        role: str,
        who: str | None,
        *,
        actor: Actor,
        at: datetime,
        environment: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Take a role from somebody to whom it was given. Without `who`, an environment follows the general role again.

        Refused for the last admin.
        """
        words = self._words(actor, at, None, message, sign)
        return self._give(Operation.REVOKE, role, who, environment, words)

    def approvals(self, selector: str) -> tuple[Approval, ...]:
        """How far a version is approved, for each environment that asks for approvals or that it was approved for."""
        from gitagent.agent import approvals

        return approvals.approvals(self._store, selectors.select_version(self._store, selector))

    def plan_approve(self, selector: str, environment: str, *, actor: Actor) -> Approval:
        """What `approve` would do."""
        from gitagent.agent import approvals

        name = selectors.select_environment(self._store, environment)
        return approvals.plan(self._store, self._named(selector), name, actor)

    def approve(
        self,
        selector: str,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        message: str | None = None,
        sign: bool = False,
    ) -> Approved:
        """Approve a version for an environment; refused for its author, and for who has done so already."""
        from gitagent.agent import approvals

        name = selectors.select_environment(self._store, environment)
        words = self._words(actor, at, None, message, sign)
        return approvals.approve(self._store, self._named(selector), name, words)

    def _named(self, selector: str) -> VersionNumber:
        """The version of that name; one that others may have made meanwhile by its number, looked for when needed."""
        if VersionNumber.matches(selector) and self._store.remote is not None:
            return VersionNumber.parse(selector)
        return selectors.select_version(self._store, selector)

    def _permit(self, actor: Actor | None, operation: Operation, environment: EnvironmentName | None = None) -> None:
        if actor is not None and self.access is not None:
            from gitagent.agent.access import refuse_without_role

            refuse_without_role(self.access, actor, operation, environment)

    def _grant(self, operation: Operation, role: str, who: str | None, environment: str | None, actor: Actor) -> Grant:
        from gitagent.agent import grants

        return grants.grant(self._store, grants.read_change(self._store, operation, role, who, environment), actor)

    def _give(self, operation: Operation, role: str, who: str | None, environment: str | None, words: Words) -> Event:
        from gitagent.agent import grants

        change = grants.read_change(self._store, operation, role, who, environment)
        return grants.carry_out(self._store, change, words)

    # Signatures

    def signs_by_default(self, environ: Mapping[str, str] | None = None) -> bool:
        """Whether git is set to sign every tag; `environ` may hold git's variables."""
        from gitagent.git.signing import signs_by_default

        return signs_by_default(self._store.repository, environ or {})

    def _words(self, actor: Actor, at: datetime, name: str | None, message: str | None, sign: bool) -> Words:
        from gitagent.agent.operations import Words

        if not sign:
            return Words.checked(actor, at, name, message)
        from gitagent.git.signing import Signer

        signer = Signer(self._store.repository, actor)
        words = Words.checked(actor, at, name, message, signer)
        signer.unlock()
        return words

    def _as_asked(self, move: Move, sign: bool) -> Move:
        """The move, refused where it has to be signed and is not to be."""
        from gitagent.agent.signatures import refuse_unsigned

        refuse_unsigned(self._store, move.environment, signed=sign)
        return move

    def _change(self, words: Words, plan: Callable[[], EnvironmentChange]) -> Event:
        from gitagent.agent import numbers

        return numbers.carry_out(self._store, words, plan)

    def _files(self, selector: str) -> Tree:
        found = selectors.select(self._store, selector)
        if found.commit is None:
            return draft_files(self._store.working_tree)
        return tree_files(self._store.repository, self._store.repository.commit(found.commit).tree)

    def _target(self, environment: str, version: str | None) -> tuple[EnvironmentName, VersionNumber | None]:
        name = selectors.select_environment(self._store, environment)
        return name, None if version is None else self._named(version)

    def _restoration(self, selector: str) -> tuple[RestorePlan, str]:
        found = selectors.select(self._store, selector)
        if found.commit is None:
            raise InvalidName("the draft is what is being edited", hint="Name a version, such as v7 or live.")
        return draft.plan_restore(self._store, found.label, found.version, found.commit), found.commit

    def _discard_target(self) -> str:
        state = self._store.ledger.state()
        return str(state.last_published or state.last_version)
