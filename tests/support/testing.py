"""Testing: agents with suites, and runs of them that come out as a test wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitagent.agent.results import Result
    from gitagent.agent.trials import Candidate, Recorded
    from support.building import Built

AGENT = "name: Corner Table\ngreeting: Hello, Corner Table.\n"
SUITE = "tests/greeting.yaml"
GREETS, BOOKS = f"{SUITE}::greets", f"{SUITE}::books"


def suite(*names: str, says: str = "Hello") -> str:
    """A suite whose cases have these names."""
    cases = (f"  - name: {name}\n    turns:\n      - expect: [{{contains: {says}}}]\n" for name in names)
    return "cases:\n" + "".join(cases)


FILES = {"agent.yaml": AGENT, SUITE: suite("greets", "books")}
ENDLESS = "cases:\n  - name: never ends\n    turns:\n      - expect: [{matches: '(\\w+ ?)+!'}]\n"
"""A suite whose case takes for ever to find out that LONG does not say it."""
LONG = AGENT.replace("Corner Table.\n", "Corner Table." + " word" * 40 + "\n")
CASE_SECONDS = 0.2


def record(built: Built, selector: str = "draft", **facts: Any) -> Recorded:
    """Record a run of what a selector names; everything passes, unless it is named as failing or skipping."""
    found = built.agent.candidate(selector).result(**{"responder": "embedded", "seconds": 0.2, **facts})
    return built.agent.record_result(found, actor=built.actor, at=built.clock())


def running(seen: list[Candidate], *, failing: Sequence[str] = (), **facts: Any) -> Callable[[Candidate], Result]:
    """What runs suites, and writes down which."""

    def run(candidate: Candidate) -> Result:
        seen.append(candidate)
        return candidate.result(**{"responder": "embedded", "seconds": 0.2, "failing": failing, **facts})

    return run


def played(candidate: Candidate, *, run_seconds: float | None = None) -> Result:
    """What comes of really playing the suites, where no case may take long."""
    from gitagent.suites.running import Wishes, run
    from gitagent.suites.runs import FAILED, SKIPPED

    wishes = Wishes(case_seconds=CASE_SECONDS, run_seconds=run_seconds)
    came = run(candidate.files, candidate.cases, wishes, responder="embedded")
    outcome = {"failing": came.names(FAILED), "skipping": came.names(SKIPPED)}
    return candidate.result(responder="embedded", seconds=came.seconds, **outcome)
