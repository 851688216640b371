"""Standing: a server of real agents on a real socket, which can be taken away and come back at the same address."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from gitagent.server.app import application
from gitagent.server.connections import Connection
from gitagent.server.served import Served
from gitagent.server.settings import Settings
from support.hosting import free_port

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 30.0


class Standing:
    """A server of all agents below a folder, in a thread of the test's own process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: _Server | None = None
        self._thread: Thread | None = None

    def start(self) -> Standing:
        """Begin to answer, with nothing known from before."""
        served = Served.of(Settings(str(self.folder)))
        self._server = _Server(application(served), self.port)
        self._thread = Thread(target=self._server.run)
        self._thread.start()
        assert self._server.stands.wait(LONGEST)
        return self

    def stop(self) -> None:
        """Answer nobody any more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(LONGEST)
            self._server = self._thread = None


class _Server(uvicorn.Server):
    def __init__(self, app: object, port: int) -> None:
        self.stands = Event()
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]  # an application; uvicorn's type of one is narrower
                port=port,
                http=Connection,
                ws="none",
                lifespan="on",
                log_config=None,
                timeout_graceful_shutdown=1,
            )
        )

    async def startup(self, *arguments: object, **more: object) -> None:
        await super().startup(*arguments, **more)  # type: ignore[arg-type]  # as it came
        self.stands.set()
