"""Standing: a server that stands while it is measured."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator


class Standing(NamedTuple):
    """A server of one process: its port on this machine, and the process."""

    port: str
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> float:
        """The most that it has taken so far, in megabytes."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


@contextmanager
def standing(command: list[str]) -> Iterator[Standing]:
    """A server, which says on stderr where it is."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment()) as server:
        try:
            assert server.stderr is not None
            said = re.search(r"http://127\.0\.0\.1:(\d+)", server.stderr.readline())
            assert said is not None
            found = Standing(said[1], server.pid)
            _wait_for(found.url)
            yield found
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            httpx.get(f"{url}/openapi.json")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GITAGENT_")}
