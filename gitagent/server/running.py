"""Running: the server's processes, from the socket that they share to their end."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import contextmanager
from multiprocessing import parent_process
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import AddressUnusable
from gitagent.server.connections import Connection
from gitagent.server.extra import needed
from gitagent.server.metrics import FOLDER
from gitagent.server.settings import SETTINGS, Settings

with needed("uvicorn"):
    import uvicorn
    from uvicorn.supervisors import Multiprocess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

BACKLOG = 2048
IDLE = 75
"""Seconds that a connection is kept without a request on it: longer than those in front of a server keep theirs."""
LONGEST_PING = 30
"""Seconds after which a worker that does not answer its parent is taken for dead."""


class Listening(NamedTuple):
    """Where a server can be reached."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As an address for clients."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def run(settings: Settings, listening: Callable[[Listening], None]) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are answered first.

    `listening` is called once, when clients can connect; AddressUnusable where none ever could.
    """
    with _bound(settings) as server, _environment(settings):
        listening(Listening(settings.host, server.getsockname()[1]))
        config = _config(settings)
        if settings.workers == 1:
            _run_one(config, server)
        else:
            Multiprocess(config, sockets=[server]).run()


def worker() -> ASGIApp:
    """The application of one worker, which finds its settings in its environment."""
    from gitagent.server.app import application
    from gitagent.server.served import Served

    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent.join,), daemon=True).start()
    return application(Served.of(Settings.of_environment(os.environ)))


def _end_with(join: Callable[[], None]) -> None:
    """End when the parent is gone: nobody else would end a worker of one that was killed."""
    join()
    os.kill(os.getpid(), signal.SIGTERM)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        f"{__name__}:{worker.__name__}",
        factory=True,
        workers=settings.workers,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=round(settings.graceful),
        timeout_worker_healthcheck=LONGEST_PING,
    )


def _run_one(config: uvicorn.Config, listener: socket.socket) -> None:
    server = uvicorn.Server(config)
    # uvicorn gives the signal that ended it on to whoever was there before. It did what that asked for.
    before = {each: signal.signal(each, server.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listener])
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What workers, which are new processes, need to know."""
    with TemporaryDirectory(prefix="gitagent-metrics-") as folder:
        os.environ[SETTINGS] = settings.to_json()
        if settings.workers > 1:
            os.environ[FOLDER] = folder
        try:
            yield
        finally:
            os.environ.pop(SETTINGS, None)
            os.environ.pop(FOLDER, None)


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        server = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, port, error) from error
    with server:
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(address)
            server.listen(BACKLOG)
        except OSError as error:
            raise _unusable(host, port, error) from error
        server.set_inheritable(True)
        yield server


def _unusable(host: str, port: int, error: OSError) -> AddressUnusable:
    reason = (error.strerror or str(error)).lower()
    return AddressUnusable(
        f"cannot listen on {host}, port {port}: {reason}",
        hint="Choose another with --port, or see who listens there: ss -ltnp" if port else "Choose another --host.",
    )
