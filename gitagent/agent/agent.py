"""Agent: one agent's life, from draft to live and back. The public Python API.

What only some of the verbs need is imported by those verbs: each module is a millisecond of every command's start.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gitagent.agent.events import checked_time
from gitagent.agent.governing import Governing
from gitagent.agent.store import Store
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gitagent.agent.ailments import Repair
    from gitagent.agent.authority import Synced
    from gitagent.agent.rehearsals import InitPlan
    from gitagent.agent.repairs import Repaired
    from gitagent.agent.sharing import Sharing
    from gitagent.config.files import Files
    from gitagent.names import Actor, PhoneNumber
    from gitagent.runtime.calls import Calls
    from gitagent.runtime.folders import Agents
    from gitagent.runtime.resolutions import Resolution

DEFAULT_PIPELINE = ("sandbox", "pre-release", "live")


class Agent(Governing):
    """One agent: a git repository with its draft, versions, environments and ledger.

    Selectors are texts as users type them: `v7` or `7`, an environment's name, `latest`, `draft`, or the id of a
    kept draft. Verbs take who acts and at what time (`at`, with its zone). Each checks everything first and then
    changes everything in one step; a refusal (`GitagentError`) changed nothing. An Agent belongs to one thread.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
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
