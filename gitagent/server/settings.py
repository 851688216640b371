"""Settings: what a server serves, where it listens and how it is kept up to date."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import NamedTuple

HOST, PORT = "127.0.0.1", 8321
POLL = 30.0


class Settings(NamedTuple):
    """What `gitagent serve` was asked for. Frozen, and the same in all workers.

    `poll` is how many seconds may pass between two looks at the shared remotes, 0 for never. `hosts` are names that
    the server is asked for by, besides those that it always knows; none means any name, where tokens are required.
    """

    folder: str
    host: str = HOST
    port: int = PORT
    workers: int = 1
    store: str | None = None
    poll: float = POLL
    webhook_secret_file: str | None = None
    hosts: tuple[str, ...] = ()
    graceful: float = 30.0
    """Seconds that requests in flight have to end when the server is told to stop."""

    @property
    def path(self) -> Path:
        """The folder of the agents."""
        return Path(self.folder)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address, or a name that always means one, can be reached from its own machine alone."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
