"""Hosting: a real `gitagent serve` in front of real agents, its workers within reach of a test."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gitagent.names import PhoneNumber
from gitagent.server.tokens import Scope, Tokens
from support.building import Built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LONGEST_START = 60.0
"""Seconds within which all workers have to answer, on a machine that has other things to do."""
LONGEST_END = 30.0
SERVE = (sys.executable, "-m", "gitagent", "serve")
NUMBERS = ("+442079460018", "+442079460021", "+442079460034")
"""What reaches live of the first agent, of the second one, and so on."""


class Host:
    """A server that runs. `log` is what it wrote on its standard output and error."""

    def __init__(
        self, process: subprocess.Popen[bytes], folder: Path, port: int, log: Path, *, has_workers: bool
    ) -> None:
        self.process = process
        self.folder = folder
        self._has_workers = has_workers
        self.port = port
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[int]:
        """The processes that answer: the one that was started, or the children that it has now."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = [int(each) for each in path.read_text().split()]
        return (
            [each for each in children if b"spawn_main" in _command(each)] if self._has_workers else [self.process.pid]
        )

    def kill(self, worker: int) -> None:
        """End a worker at once, whatever it is doing."""
        os.kill(worker, signal.SIGKILL)

    def wait_for_workers(self, count: int, *, but: int | None = None) -> None:
        """Wait until there are so many workers, `but` not being one of them."""
        wait_until(lambda: len(set(self.workers()) - {but}) == count, self)

    def ready(self) -> Any:
        """What the server says of itself at /readyz; None where it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        """Wait until the server says that it is ready, and that no call waits for the store."""

        def is_ready() -> bool:
            said = self.ready()
            return said is not None and (said.get("status"), said.get("waiting")) == ("ready", 0)

        wait_until(is_ready, self)

    def wait_until_degraded(self) -> None:
        """Wait until the server says that calls are answered, and that something is not as it should be."""
        wait_until(lambda: (self.ready() or {}).get("status") == "degraded", self)


@contextmanager
def hosting(
    folder: Path,
    log: Path,
    *,
    workers: int = 1,
    store: str | None = None,
    options: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Iterator[Host]:
    """A server of all agents below a folder, that ends in order with this, and has failed at nothing until then."""
    port = free_port()
    command = [*SERVE, str(folder), f"--port={port}", f"--workers={workers}"]
    command += [*options, *([] if store is None else [f"--store={store}"])]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environ or {})},
            start_new_session=True,
        )
    host = Host(process, folder, port, log, has_workers=workers > 1)
    try:
        host.wait_until_ready()
        yield host
        process.terminate()
        code = process.wait(LONGEST_END)
    finally:
        _end(host)
    assert code == 0, host.log
    assert "Traceback" not in host.log, host.log


def fleet(folder: Path, *names: str, versions: int = 2) -> list[Built]:
    """Agents with sandbox and live, each with a number. All versions were in sandbox; live serves the second.

    What a version's configuration says is in notes.md: the agent, and the version's number.
    """
    built = []
    for name, number in zip(names, NUMBERS, strict=False):
        agent = Built(folder / name, files={"notes.md": f"{name} v1\n"}, pipeline="sandbox,live")
        for version in range(2, versions + 1):
            agent.publish(f"{name} v{version}\n")
            if version == 2:
                agent.promote("live")
        agent.agent.assign_number(PhoneNumber(number), "live", actor=agent.actor, at=agent.clock())
        built.append(agent)
    return built


def token(folder: Path, *scopes: str, agents: Sequence[str] | None = None) -> str:
    """The text of a new token of the server of a folder."""
    wanted = [Scope(each) for each in scopes]
    return Tokens(folder / ".gitagent").add("tests", wanted, agents=agents, at=datetime.now(UTC)).text


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until(is_so: Callable[[], bool], host: Host, *, longest: float = LONGEST_START) -> None:
    """Look again and again at something that another process has to do. It fails the test where it does not."""
    give_up = time.monotonic() + longest
    while not is_so():
        if host.process.poll() is not None or time.monotonic() > give_up:
            pytest.fail(f"the server did not come to it (it ended with {host.process.poll()}):\n{host.log}")
        time.sleep(0.02)


def _end(host: Host) -> None:
    """End whatever is left of a server: it and its workers are a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(host.process.pid, signal.SIGKILL)
    host.process.wait()


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
