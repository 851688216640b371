"""Running: the server's processes, from the socket that they share to their end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import AddressUnusable
from gitagent.server.app import application
from gitagent.server.connections import Connection
from gitagent.server.extra import needed
from gitagent.server.metrics import figures_folder
from gitagent.server.served import Served
from gitagent.server.settings import is_loopback
from gitagent.server.supervising import ENDING, end_with_parent, receptive, supervise

with needed("uvicorn"):
    import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.server.settings import Settings

BACKLOG = 2048
IDLE = 75
"""Seconds that a connection is kept without a request on it: longer than those in front of a server keep theirs."""


class Listening(NamedTuple):
    """Where a server can be reached."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As an address for clients."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class Plain(logging.Formatter):
    """One line for each message, and nothing in it that a terminal obeys: remotes are quoted, and so are requests."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # as logging has it
        text = super().formatMessage(record)
        return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def run(settings: Settings, listening: Callable[[Listening], None]) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are answered first.

    `listening` is called once, when clients can connect; AddressUnusable where none ever could.
    """
    _log_to_stderr()
    with _listener(settings) as listener:
        listening(Listening(settings.host, listener.getsockname()[1]))
        if settings.workers == 1:
            _run_one(settings, listener)
        else:
            with figures_folder():
                supervise(_work, (settings, listener), workers=settings.workers, grace=settings.graceful)


def _run_one(settings: Settings, listener: socket.socket) -> None:
    server = _server(settings)
    # uvicorn gives the signal that ended it on to whoever was there before. It did what that asked for.
    heard = [each for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, server.handle_exit) for each in heard}
    try:
        server.run(sockets=[listener])
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _work(settings: Settings, listener: socket.socket) -> None:
    """What a worker does, which is a new process."""
    _log_to_stderr()
    server = _server(settings)
    receptive(server.handle_exit)
    Thread(target=end_with_parent, daemon=True).start()
    server.run(sockets=[listener])


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Plain("%(asctime)s %(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("gitagent.server").setLevel(logging.INFO)
    uvicorn_log = logging.getLogger("uvicorn.error")
    uvicorn_log.setLevel(logging.INFO)
    uvicorn_log.addFilter(_matters)


def _server(settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        application(Served.of(settings)),
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
    )
    _look_for_circles_seldom()
    return uvicorn.Server(config)


def _look_for_circles_seldom() -> None:
    """Let Python look less often for garbage that refers to itself, which requests hardly leave.

    As it does by itself, a sixth of a call's time goes to looking through what was loaded once and stays.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _matters(record: logging.LogRecord) -> bool:
    """What an operator has to know of what uvicorn says. It says of each request that it cut off where that stood."""
    if record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError):
        return False
    return record.levelno >= logging.WARNING or str(record.msg).startswith("Waiting for connections")


def _listener(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    with ExitStack() as unless_bound:
        listener = unless_bound.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as error:
            raise _unusable(host, port, (error.strerror or str(error)).lower()) from error
        if settings.is_loopback and not is_loopback(listener.getsockname()[0]):
            raise _unusable(host, port, "other machines can reach what this name stands for here")
        unless_bound.pop_all()
    return listener


def _unusable(host: str, port: int, reason: str) -> AddressUnusable:
    return AddressUnusable(
        f"cannot listen on {host}, port {port}: {reason}",
        hint="Choose another with --port, or see who listens there: ss -ltnp" if port else "Choose another --host.",
    )
