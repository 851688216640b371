"""Advice: what somebody would sensibly type next, given an agent's status."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from gitagent.cli.cells import clip, plain
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent import Agent, Environment, Event, Status, VersionNumber

Step = tuple[str, str]
LONGEST_REASON = 60
AGAIN = " again ("


def next_steps(status: Status, agent: Agent) -> list[Step]:
    """Commands worth typing next, in order, each with what it does. Where the agent would refuse one, what it lacks.

    What would bring back a version that was rolled back comes last, after mending it.
    """
    steps = [*_draft_steps(status, agent), *_promotions(status, agent)]
    again = [step for step in steps if AGAIN in step[1]]
    onward = [step for step in steps if step not in again]
    draft = status.draft
    if again and draft is not None and draft.in_place and not (draft.edited or draft.unfinished):
        command, made = _to_make_it(status)
        onward.append((command, f"once the draft is edited: {made}"))
    return [*onward, *again]


def rollback_words(event: Event) -> str:
    """What a rollback took away: `v2 was rolled back from live: Too fast for some callers`."""
    reason = clip(plain((event.message or "").partition("\n")[0]), LONGEST_REASON)
    return f"{event.from_version} was rolled back from {event.environment}" + (f": {reason}" if reason else "")


def _draft_steps(status: Status, agent: Agent) -> Iterator[Step]:
    first, draft = status.environments[0], status.draft
    if draft is not None and draft.unfinished:
        yield "gitagent save --dry-run", "see what to do about it"
    elif draft is not None and not draft.in_place:
        yield "git switch main", "go back to the draft"
    elif draft is not None and (status.behind or status.pending):
        news = f"bring {status.last_version} into the draft" if status.behind else "give what was saved its number"
        yield "gitagent sync", news
    elif draft is not None and (draft.edited or draft.base != status.last_version):
        yield "gitagent compare" + ("" if draft.edited else " latest"), "see what you changed"
        yield _to_make_it(status)
    elif first.version is None or status.last_version > first.version:
        if (step := _lacking(first, status.last_version, agent)) is not None:
            yield step
            return
        served = f", which serves {first.version}" if first.version else ""
        warning = _warning(first, status.last_version, agent)
        yield f"gitagent publish {status.last_version}", f"put it in {first.name}{served}{warning}"


def _to_make_it(status: Status) -> Step:
    """How the draft becomes a version, and goes on from there."""
    number, first = status.last_version.next(), status.environments[0]
    if first.approvals:
        return "gitagent save", f"make it {number}, which others can approve for {first.name}"
    return "gitagent publish", f"make it {number} and put it in {first.name}"


def _promotions(status: Status, agent: Agent) -> Iterator[Step]:
    for before, after in pairwise(status.environments):
        if before.version is not None and (after.version is None or before.version > after.version):
            if (step := _lacking(after, before.version, agent)) is not None:
                yield step
                continue
            was = f"from {after.version} " if after.version else ""
            warning = _warning(after, before.version, agent)
            yield f"gitagent promote {after.name}", f"move it {was}to {before.version}{warning}"


def _lacking(environment: Environment, offered: VersionNumber, agent: Agent) -> Step | None:
    """What comes before a version may go into an environment, as far as a look at the agent has the time to tell."""
    return _approval(environment, offered, agent) or _failed(environment, offered, agent)


def _failed(environment: Environment, offered: VersionNumber, agent: Agent) -> Step | None:
    """What to look at where too many cases of a version have failed. The suites themselves are not read."""
    if not (environment.tests or environment.not_worse) or (result := agent.result(str(offered))) is None:
        return None
    from gitagent.agent.gates import play_again, too_few

    if not too_few(environment.tests, result):
        return None
    passed = f"{result.passed} of {counted(result.cases, 'case')}"
    return play_again(str(offered), result), f"see what fails: {environment.name} asks for tests, and {passed} passed"


def _approval(environment: Environment, offered: VersionNumber, agent: Agent) -> Step | None:
    """What others have to do before a version may go into an environment."""
    if not environment.approvals:
        return None
    found = next((each for each in agent.approvals(str(offered)) if each.environment == environment.name), None)
    if found is None or not found.missing:
        return None
    has = f"{len(found.by)} of {counted(found.required, 'approval')}"
    return f"gitagent approve {offered} --for {environment.name}", f"for others than its author: it has {has}"


def _warning(environment: Environment, offered: VersionNumber, agent: Agent) -> str:
    """That the version offered is the one that was just taken away."""
    event = agent.rolled_back(str(environment.name)) if environment.version is not None else None
    return f"{AGAIN}{rollback_words(event)})" if event is not None and event.from_version == offered else ""
