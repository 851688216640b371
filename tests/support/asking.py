"""Asking: a server's application asked in process, without a socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import httpx

from gitagent.server.app import application

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.server.served import Served


class Asker:
    """What is served, and a client of it. It is started when it is entered, and stopped when it is left."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(application(served), raise_app_exceptions=True)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    def __enter__(self) -> Self:
        self._runner.run(self.served.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self.served.stop())
        self._runner.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, answered."""
        return self._runner.run(self._client.request(method, path, **more))

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Many requests at once: method, path and what goes with each."""

        async def all_() -> list[httpx.Response]:
            return await asyncio.gather(
                *(self._client.request(method, path, **more) for method, path, more in requests)
            )

        return self._runner.run(all_())

    def while_waiting(
        self,
        others: list[tuple[str, str]],
        asked: tuple[str, str],
        *,
        until: Callable[[], bool],
        let_go: Callable[[], None],
        **more: Any,
    ) -> httpx.Response:
        """One request, answered while others wait, as `until` says that they do; then they are let go.

        With each of the others goes `more`.
        """

        async def both() -> httpx.Response:
            waiting = [asyncio.create_task(self._client.request(*each, **more)) for each in others]
            try:
                while not until():
                    await asyncio.sleep(0)
                return await self._client.request(*asked)
            finally:
                let_go()
                await asyncio.gather(*waiting)

        return self._runner.run(both())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def patch(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("PATCH", path, **more)

    def begin(self, call_id: str, **asked: Any) -> httpx.Response:
        """Begin a call, to the number of `support.calling_agents` unless something else is said."""
        if not asked.keys() & {"to", "agent"}:
            asked["to"] = "+442079460018"
        return self.post("/v1/calls", json={"call_id": call_id, **asked})


def code(response: httpx.Response) -> tuple[int, str]:
    """A refusal's status and code; its form is checked."""
    body = response.json()
    assert response.headers["content-type"] == "application/json"
    assert body["format"] == "gitagent.error/1"
    assert body.keys() == {"format", "error"}
    assert body["error"].keys() == {"code", "message", "hint"}
    return response.status_code, body["error"]["code"]
