"""A folder with one agent, and a server of it, in process: one for each module, whose tests have their own calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.asking import Asker
from support.building import ADA, Built
from support.calling_agents import NUMBER

from gitagent.names import PhoneNumber
from gitagent.server.served import Served
from gitagent.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The agent `shop`, whose live serves v1 and answers a number, in a folder of its own."""
    built = Built(tmp_path_factory.mktemp("agents") / "shop")
    built.publish().promote("pre-release", "live")
    built.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=built.clock())
    return built


@pytest.fixture(scope="module")
def asker(shop: Built) -> Iterator[Asker]:
    """Who asks the server of that folder."""
    with Asker(Served.of(Settings(str(shop.path.parent)))) as asker:
        yield asker
