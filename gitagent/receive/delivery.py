"""Delivery: every webhook told of every event, in order, tried again until it has it or is given up."""

from __future__ import annotations

import fcntl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import AgentNotFound, GitagentError
from gitagent.git.repository import Repository
from gitagent.receive.approvals import write_for_all
from gitagent.receive.messages import message
from gitagent.receive.posting import post
from gitagent.receive.untold import Known, Untold
from gitagent.receive.webhooks import configured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitagent.git.objects import Commit
    from gitagent.receive.webhooks import Webhook

FOLDER = Path("gitagent", "webhooks")
PUSHES = "pushes"
"""Where the hook writes down where the ledger stood before each push, for webhooks that were never told anything."""
LOG = "log"
PAUSES = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0)
"""Seconds between the tries of one message; after the last one it is given up."""
LARGEST_LOG = 1_000_000


class Delivery(NamedTuple):
    """What a webhook, by its name, was told now, and what waits: how many events, and why if it is known."""

    name: str
    told: int = 0
    waiting: int = 0
    problem: str | None = None


class _Time(NamedTuple):
    clock: Callable[[], float]
    wait: Callable[[float], None]


def deliver(
    folder: Path,
    *,
    patient: bool,
    clock: Callable[[], float] = time.time,
    wait: Callable[[float], None] = time.sleep,
) -> list[Delivery]:
    """Tell every configured webhook of the repository in `folder` what it has not been told yet.

    What fails is tried again after a pause, each longer than the one before, if `patient`; else it waits for the next
    delivery. Only one process at a time tells a webhook anything; each webhook is told whatever becomes of the others.
    """
    if (repository := Repository.at(folder)) is None:
        raise AgentNotFound(f"{folder} is no repository", hint="Name the shared remote's folder.")
    webhooks, unusable = configured(folder)
    write_for_all(repository.git_directory)
    place = repository.git_directory / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    for each in unusable:
        _log(place, clock(), f"{each.name}: {each.problem}")
    tellers = [_Teller(each, folder, place, _Time(clock, wait)) for each in webhooks]
    _begin(place, tellers)
    told = [Delivery(each.name, problem=each.problem) for each in unusable]
    if tellers:
        with ThreadPoolExecutor(len(tellers)) as threads:
            told += threads.map(lambda teller: teller.tell(patient=patient), tellers)
    return told


class _Teller:
    """Tells one webhook. It has a repository of its own, for it runs in a thread of its own."""

    def __init__(self, webhook: Webhook, folder: Path, place: Path, at: _Time) -> None:
        self._webhook = webhook
        self._repository = Repository.discover(folder)
        self._place = place
        self._time = at
        self._lost: str | None = None
        self.untold = Untold(self._repository, place / f"{webhook.id}.json")

    def tell(self, *, patient: bool) -> Delivery:
        """Tell it everything that there is. Where another process does, that goes on alone."""
        told, problem, name = 0, None, self._webhook.name
        while waiting := self.untold.events():
            with _turn(self._place / f"{self._webhook.id}.lock") as is_ours:
                if not is_ours:
                    return Delivery(name, told, len(waiting), "another process is telling it")
                more, problem = self._tell_all(patient=patient)
            told += more
            # Whoever came while it was our turn left what they brought to us: hence another look.
            if problem is not None:
                break
        return Delivery(name, told, len(self.untold.events()), problem or self._lost)

    def _tell_all(self, *, patient: bool) -> tuple[int, str | None]:
        """How many events arrived, and why the next ones did not."""
        told = 0
        while events := self.untold.under_way():
            known = self.untold.known()
            try:
                letter = message(self._repository, events)
            except GitagentError as error:
                self._note(error.message)
                return told, error.message
            failure = post(self._webhook, letter, timestamp=int(self._time.clock()))
            if failure is None:
                told += len(events)
                self.untold.remember(Known(events[-1].id))
                continue
            tries = known.tries + 1
            self._note(f"try {tries} of {len(PAUSES) + 1}: {failure.problem}")
            if failure.is_final or tries > len(PAUSES):
                self._lost = f"given up: {_named(events)}"
                self._note(self._lost)
                self.untold.remember(Known(events[-1].id))
                continue
            self.untold.remember(known._replace(tries=tries))
            if not patient:
                return told, failure.problem
            self._time.wait(PAUSES[known.tries])
        return told, None

    def _note(self, text: str) -> None:
        _log(self._place, self._time.clock(), f"{self._webhook.name}: {text}")


def _begin(place: Path, tellers: Sequence[_Teller]) -> None:
    """Let webhooks that are new here begin with the pushes that nobody was told of yet."""
    pushes = place / PUSHES
    with _turn(place / "lock", waiting=True):
        try:
            stood = pushes.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            stood = []
        for teller in tellers:
            if not teller.untold.is_begun:
                teller.untold.begin(stood)
        pushes.unlink(missing_ok=True)


def _named(events: Sequence[Commit]) -> str:
    subjects = [event.message.partition("\n")[0] for event in events]
    return subjects[0] if len(subjects) == 1 else f"{len(subjects)} events, {subjects[0]} to {subjects[-1]}"


@contextmanager
def _turn(path: Path, *, waiting: bool = False) -> Iterator[bool]:
    """Whether it is our turn, and nobody else's until the end. The system ends it when we die."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _log(place: Path, now: float, text: str) -> None:
    """Write a line for the server's administrator; the log before is kept when it has grown large."""
    log = place / LOG
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(place / f"{LOG}.old")
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{moment} {'; '.join(text.splitlines())}\n")
