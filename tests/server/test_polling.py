"""Polling: what others promote on a shared remote is served, by one look for all workers, and nothing holds it up."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.asking import Asker, code
from support.building import Built, git
from support.sharing import Team

from gitagent.agent import following
from gitagent.errors import RemoteUnreachable
from gitagent.server import polling
from gitagent.server.served import Served
from gitagent.server.settings import Settings
from gitagent.server.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OFTEN = 0.05
"""Seconds: looks come as fast as they can."""
LONGEST = 60.0
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """An agent whose sandbox and live serve v1, on a shared remote."""
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", pipeline="sandbox,live")
    team.ada.publish().promote("live")
    return team


@pytest.fixture
def folder(tmp_path: Path, team: Team) -> Path:
    """A folder to be served, that holds a clone called `desk`."""
    folder = tmp_path / "agents"
    folder.mkdir()
    team.clone("desk").path.rename(folder / "desk")
    return folder


class Following(Asker):
    """A server that polls, and waits for what it comes to."""

    is_ended = False

    def live(self, agent: str = "desk") -> str | None:
        answer = self.get(f"/v1/agents/{agent}/environments/live")
        return answer.json()["version"] if answer.status_code == 200 else None

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        async def tick() -> None:
            await asyncio.sleep(0.02)

        for _ in range(int(LONGEST / 0.02)):
            if is_so():
                return
            self._runner.run(tick())
        raise AssertionError("it did not come to it")

    def end(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            self.__exit__()

    def troubles(self) -> list[str]:
        return sorted(each.code for each in self.served.polling.failing().values())


@pytest.fixture
def serving(folder: Path) -> Iterator[Callable[..., Following]]:
    """Start servers of that folder, each as another worker would be."""
    started: list[Following] = []

    def serve(**more: Any) -> Following:
        asker = Following(Served.of(Settings(str(folder), **{"poll": OFTEN, **more})))
        started.append(asker.__enter__())
        return asker

    yield serve
    for each in started:
        each.end()


def test_what_another_clone_promotes_is_served(serving: Callable[..., Following], team: Team) -> None:
    server = serving()
    assert server.live() == "v1"
    team.ada.publish("two\n").promote("live")
    server.wait_until(lambda: server.live() == "v2")
    team.ada.rollback("live")
    server.wait_until(lambda: server.live() == "v1")


def test_a_refresh_looks_at_once_and_says_what_it_found(serving: Callable[..., Following], team: Team) -> None:
    server = serving(poll=0)
    server.wait_until(lambda: looks(server) == 1)
    team.ada.publish("two\n").promote("live")
    answer = server.post("/v1/agents/desk/refresh")
    assert answer.json() == {"format": "gitagent.refresh/1", "agent": "desk", "url": team.url, "new": True}
    assert server.live() == "v2"
    assert server.post("/v1/agents/desk/refresh").json()["new"] is False


def test_without_an_interval_what_was_missed_is_still_found_at_the_start(
    serving: Callable[..., Following], team: Team
) -> None:
    team.ada.publish("two\n").promote("live")
    server = serving(poll=0)
    server.wait_until(lambda: server.live() == "v2")


def test_an_agent_without_a_remote_has_nothing_to_refresh(serving: Callable[..., Following], folder: Path) -> None:
    Built(folder / "alone").publish()
    server = serving(poll=0)
    assert code(server.post("/v1/agents/alone/refresh")) == (409, "remote-missing")
    assert code(server.post("/v1/agents/nobody/refresh")) == (404, "agent-not-found")


def test_a_remote_that_is_away_is_a_trouble_and_what_is_known_is_served_until_it_is_back(
    serving: Callable[..., Following], team: Team, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LONGEST_PAUSE", OFTEN)
    server = serving()
    server.wait_until(lambda: looks(server) > 0)
    moved = team.remote.rename(team.folder / "moved.git")
    server.wait_until(lambda: server.troubles() == ["remote-unreachable"])
    assert server.live() == "v1"
    assert server.get("/readyz").json()["status"] == "degraded"
    assert server.get("/v1/agents").json()["agents"] == [{"agent": "desk", "trouble": "remote-unreachable"}]
    assert server.get("/v1/agents/desk").json()["trouble"] == "remote-unreachable"
    assert code(server.post("/v1/agents/desk/refresh")) == (502, "remote-unreachable")

    moved.rename(team.remote)
    server.wait_until(lambda: server.troubles() == [])
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("desk: ")]
    assert [text.startswith(f"desk: there is no git repository at {team.url}") for text in said] == [True, False]
    assert said[1] == f"desk: {team.url} answers again"


def test_a_remote_that_never_answers_holds_up_neither_the_others_nor_the_end(
    serving: Callable[..., Following], team: Team, folder: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for number in range(3):
            other = folder / f"silent{number}"
            git(folder, "clone", "-q", team.url, str(other))
            git(other, "config", "gitagent.remote", "origin")
            git(other, "branch", "-q", "gitagent/ledger", "origin/gitagent/ledger")
            git(other, "remote", "set-url", "origin", f"git://127.0.0.1:{silent.getsockname()[1]}/x.git")
        server = serving()
        team.ada.publish("two\n").promote("live")
        server.wait_until(lambda: server.live() == "v2")
        assert [server.live(f"silent{number}") for number in range(3)] == ["v1"] * 3
        server.end()  # while git still waits
    assert server.troubles() == []


def test_a_plain_clone_that_comes_into_the_folder_is_joined_and_served(
    serving: Callable[..., Following], team: Team, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LOOK_FOR_CLONES", 0.0)
    monkeypatch.setattr("gitagent.runtime.folders.LOOK_FOR_AGENTS", 0.0)
    server = serving()
    git(folder, "clone", "-q", team.url, "plain")
    server.wait_until(lambda: server.live("plain") == "v1")
    team.ada.publish("two\n").promote("live")
    server.wait_until(lambda: server.live("plain") == "v2")


def test_what_is_no_refusal_ends_no_polling(
    serving: Callable[..., Following], team: Team, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(polling, "LOOK_FOR_CLONES", 0.0)
    monkeypatch.setattr(polling, "clones", broken)
    server = serving()
    server.wait_until(lambda: any(record.exc_info for record in caplog.records))
    monkeypatch.undo()
    team.ada.publish("two\n").promote("live")
    server.wait_until(lambda: server.live() == "v2")


def test_a_remote_that_nobody_follows_any_more_fails_no_longer(
    serving: Callable[..., Following], team: Team, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitagent.runtime.folders.LOOK_FOR_AGENTS", 0.0)
    monkeypatch.setattr(polling, "LONGEST_PAUSE", OFTEN)
    team.clone("other").path.rename(folder / "other")
    server = serving()
    team.remote.rename(team.folder / "moved.git")
    server.wait_until(lambda: server.troubles() == ["remote-unreachable"] * 2)
    git(folder / "desk", "config", "--unset", "gitagent.remote")
    server.wait_until(lambda: server.troubles() == ["remote-unreachable"])
    assert code(server.post("/v1/agents/desk/refresh")) == (409, "remote-missing")
    (folder / "other").rename(team.folder / "other")
    server.wait_until(lambda: server.get("/readyz").json()["troubles"] == [])
    assert server.troubles() == []


def looks(server: Following, agent: str = "desk") -> float:
    """How many looks at the agent's remote this worker made."""
    return server.served.metrics._fetches.labels(agent, "same")._value.get()  # type: ignore[no-any-return]


def test_one_worker_looks_for_all_and_another_goes_on_when_it_ends(serving: Callable[..., Following]) -> None:
    one = serving()
    one.wait_until(lambda: looks(one) > 0)
    two = serving()
    was = looks(one)
    one.wait_until(lambda: looks(one) > was + 2)
    two.wait_until(lambda: True)
    assert looks(two) == 0
    one.end()
    two.wait_until(lambda: looks(two) > 0)


def test_what_one_worker_finds_out_about_a_remote_all_of_them_tell(
    serving: Callable[..., Following], team: Team
) -> None:
    one, two = serving(), serving(poll=0)
    team.remote.rename(team.folder / "moved.git")
    one.wait_until(lambda: one.troubles() == ["remote-unreachable"])
    assert two.troubles() == ["remote-unreachable"]
    assert two.get("/readyz").json()["troubles"] == [{"code": "remote-unreachable", "count": 1}]


def test_who_asks_while_a_look_is_under_way_shares_the_next_one(
    serving: Callable[..., Following], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, count = threading.Event(), threading.Event(), []
    follow = following.follow

    def slow(*arguments: Any) -> Any:
        count.append(1)
        begun.set()
        go.wait(LONGEST)
        return follow(*arguments)

    server = serving(poll=0)
    server.wait_until(lambda: looks(server) == 1)
    monkeypatch.setattr(polling, "follow", slow)

    async def ask() -> list[object]:
        first = asyncio.create_task(server.served.polling.refresh("desk"))
        await asyncio.to_thread(begun.wait, LONGEST)
        others = [asyncio.create_task(server.served.polling.refresh("desk")) for _ in range(10)]
        await asyncio.sleep(0)
        go.set()
        return list(await asyncio.gather(first, *others))

    assert len({str(each) for each in server._runner.run(ask())}) == 1
    assert len(count) == 2


def test_a_folder_that_cannot_be_written_to_is_polled_all_the_same(
    serving: Callable[..., Following], team: Team, folder: Path
) -> None:
    for name in ("polling.lock", "remotes.lock"):
        (folder / ".gitagent" / name).mkdir(parents=True)
    server = serving()
    team.ada.publish("two\n").promote("live")
    server.wait_until(lambda: server.live() == "v2")
    team.remote.rename(team.folder / "moved.git")
    assert code(server.post("/v1/agents/desk/refresh")) == (502, "remote-unreachable")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"agents": {"desk": 7}}', '{"agents": {"desk": {"since": "x"}}}'])
def test_a_torn_note_of_what_fails_is_written_again(tmp_path: Path, text: str) -> None:
    standing = Standing(tmp_path)
    error = RemoteUnreachable("it is away")
    assert standing.failed("desk", error, at=NOW)
    (tmp_path / "remotes.json").write_text(text)
    assert standing.failing() == {}
    assert standing.failed("desk", error, at=NOW)
    assert json.loads((tmp_path / "remotes.json").read_text())["agents"].keys() == {"desk"}


def test_a_remote_fails_since_its_first_failure(tmp_path: Path) -> None:
    standing = Standing(tmp_path)
    assert standing.failed("desk", RemoteUnreachable("it is away"), at=NOW)
    assert not standing.failed("desk", RemoteUnreachable("it is away"), at=NOW.replace(hour=10))
    assert standing.failed("desk", RemoteUnreachable("it is gone"), at=NOW.replace(hour=11))
    found = standing.failing()["desk"]
    assert (found.since, found.message) == (NOW, "it is gone")
    assert standing.succeeded("desk")
    assert not standing.succeeded("desk")
    assert standing.failing() == {}
