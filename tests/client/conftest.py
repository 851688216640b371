"""A folder with one agent, a server of it that can go away, and both clients behind the same verbs."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, Built
from support.calling_agents import NUMBER
from support.standing import Standing

from gitagent.client import AsyncClient, Client
from gitagent.names import PhoneNumber, new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NEVER = 3600.0
"""Seconds between two reports, where a test says itself when there is one."""


class Awaiting:
    """An AsyncClient whose verbs are awaited by an event loop of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncClient(url, **options)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not inspect.iscoroutinefunction(member):
            return member
        return lambda *arguments, **more: self._runner.run(member(*arguments, **more))

    def __enter__(self) -> Awaiting:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


def _shop(folder: Path) -> Built:
    built = Built(folder / "agents" / "shop", pipeline="sandbox,live")
    built.publish().promote("live")
    built.agent.assign_number(
        PhoneNumber(NUMBER), "live", sip_headers={"X-Tenant": "shop"}, actor=ADA, at=built.clock()
    )
    return built


@pytest.fixture
def shop(tmp_path: Path) -> Built:
    """The agent `shop`, whose live serves v1 and answers a number, in a folder of its own."""
    return _shop(tmp_path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server of such an agent that nothing happens to, for all tests of a module."""
    server = Standing(_shop(tmp_path_factory.mktemp("still")).path.parent).start()
    yield server
    server.stop()


@pytest.fixture
def new_id() -> str:
    """A call's id that nobody used."""
    return new_ulid()


@pytest.fixture
def server(shop: Built) -> Iterator[Standing]:
    """A server of that folder, which stands."""
    server = Standing(shop.path.parent).start()
    yield server
    server.stop()


@pytest.fixture(params=["blocking", "awaited"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Make a client, of each kind, with a cache that all of them share: `connect(url)`."""
    kind: Any = Client if request.param == "blocking" else Awaiting
    with ExitStack() as stack:

        def make(url: str, **options: Any) -> Client:
            given = {"cache": tmp_path / "cache", "report_every": NEVER, "pause": 0.0, **options}
            client: Client = stack.enter_context(kind(url, **given))
            return client

        yield make
