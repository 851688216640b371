"""Messages: what webhooks are told: some events, and what each environment serves after them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.agent.events import parse_event
from gitagent.agent.files import tree_files
from gitagent.agent.records import event_record, text_or_none
from gitagent.agent.replay import snapshot, state_of
from gitagent.config.layouts import agent_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.agent.rules import Snapshot
    from gitagent.agent.states import State
    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository

FORMAT = "gitagent.webhook/1"


class Message(NamedTuple):
    """What is sent: the same events come under the same id and with the same body, however often they are sent."""

    id: str
    body: bytes


def message(repository: Repository, commits: Sequence[Commit]) -> Message:
    """What is to be told of these commits of the ledger, which follow each other, oldest first."""
    first, last = commits[0], commits[-1]
    before = state_of(repository, repository.commit(first.parents[0]).tree) if first.parents else None
    after = snapshot(repository, last.id)
    events = [parse_event(commit) for commit in commits]
    record = {
        "format": FORMAT,
        "agent": _agent(repository, after),
        "repository": repository.top.name.removesuffix(".git"),
        "events": [event_record(event) for event in events],
        "environments": _environments(before, after.state),
    }
    return Message(f"evt_{events[-1].id}", json.dumps(record, ensure_ascii=False).encode(errors="replace"))


def _agent(repository: Repository, after: Snapshot) -> str | None:
    """The agent's name, as the newest version's files give it."""
    record = after.record(after.state.last_version)
    return None if record is None else agent_name(tree_files(repository, repository.commit(record.commit).tree))


def _environments(before: State | None, after: State) -> list[dict[str, Any]]:
    """What each environment serves, in the pipeline's order, and what it served before these events."""
    was = {} if before is None else {each.name: each.version for each in before.environments}
    return [
        {
            "environment": str(each.name),
            "from": text_or_none(was.get(each.name)),
            "to": text_or_none(each.version),
            "commit": each.commit,
        }
        for each in after.environments
    ]
