"""Standing: which shared remotes could not be looked at, kept in one file for all workers of a folder."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.git.disk import held
from gitagent.names import new_ulid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gitagent.errors import GitagentError

FILE, LOCK = "remotes.json", "remotes.lock"
FORMAT = "gitagent.remotes/1"


class Failing(NamedTuple):
    """Why an agent's remote cannot be followed, and since when."""

    since: datetime
    code: str
    message: str


class Standing:
    """How it stands with the remotes of the agents in a folder. What is not failing is not in it.

    What cannot be kept is not shared between workers, and nothing else depends on it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = folder / LOCK
        self._stamp: tuple[int, int] | None = None
        self._known: Mapping[str, Failing] = {}

    def failing(self) -> Mapping[str, Failing]:
        """The agents whose remotes fail."""
        try:
            found = self._file.stat()
        except OSError:
            return {}
        stamp = (found.st_ino, found.st_mtime_ns)
        if stamp != self._stamp:
            self._known, self._stamp = _read(self._file), stamp
        return self._known

    def failed(self, agent: str, error: GitagentError, *, at: datetime) -> bool:
        """A look failed. Whether that is news."""
        known = self.failing().get(agent)
        if known is not None and (known.code, known.message) == (error.code, error.message):
            return False
        new = Failing(at if known is None else known.since, error.code, error.message)
        self._change(agent, new)
        return True

    def succeeded(self, agent: str) -> bool:
        """A look went well. Whether that is news."""
        if agent not in self.failing():
            return False
        self._change(agent, None)
        return True

    def _change(self, agent: str, to: Failing | None) -> None:
        self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(self._lock):
            failing = {name: each for name, each in _read(self._file).items() if name != agent}
            if to is not None:
                failing[agent] = to
            _write(self._file, failing)


def _read(file: Path) -> dict[str, Failing]:
    try:
        values = json.loads(file.read_bytes())["agents"]
        return {name: _failing(each) for name, each in values.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # torn or foreign: the next look says it again
        return {}


def _failing(values: Mapping[str, Any]) -> Failing:
    return Failing(datetime.fromisoformat(values["since"]), str(values["code"]), str(values["message"]))


def _write(file: Path, failing: Mapping[str, Failing]) -> None:
    agents = {name: {**each._asdict(), "since": each.since.isoformat()} for name, each in sorted(failing.items())}
    new = file.with_name(f".{new_ulid()}")
    try:
        new.write_text(json.dumps({"format": FORMAT, "agents": agents}), encoding="utf-8")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
