"""Running: real servers, how they start, what keeps them from it, and how they end."""

from __future__ import annotations

import http.client
import json
import logging
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.building import git
from support.hosting import NUMBERS, SERVE, Host, fleet, free_port, hosting, token, wait_until
from support.sharing import Team

from gitagent.server.running import Plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.building import Built

LONGEST = 60.0
BODY = json.dumps({"call_id": "slow", "to": NUMBERS[0]}).encode()
HEAD = b"POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An agent with sandbox and live in a folder of its own; live serves v2."""
    return fleet(tmp_path_factory.mktemp("agents"), "desk")[0]


@pytest.fixture(scope="module")
def host(desk: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server with three workers of that folder, for all tests that do not end it."""
    with hosting(desk.path.parent, tmp_path_factory.mktemp("log") / "log", workers=3) as host:
        host.wait_for_workers(3)
        yield host


def asked(host: Host, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    """The status and the body of an answer, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=LONGEST)
    try:
        given = {"Content-Type": "application/json", **headers}
        connection.request(method, path, None if body is None else json.dumps(body), given)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if answer.headers["Content-Type"] == "application/json" else text
    finally:
        connection.close()


def live(host: Host, agent: str = "desk") -> str | None:
    found = asked(host, "GET", f"/v1/agents/{agent}/environments/live")[1]
    return None if found is None else str(found["version"])


def ran(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A server that does not come to serve."""
    return subprocess.run(
        [*SERVE, *arguments],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        env={**os.environ, **environ},
        check=False,
    )


def test_a_promotion_on_the_same_machine_is_served_by_all_workers(host: Host, desk: Built) -> None:
    assert {live(host) for _ in range(10)} == {"v2"}
    desk.publish("three\n").promote("live")
    assert {live(host) for _ in range(10)} == {"v3"}
    wait_until(lambda: "INFO: desk: live serves v3\n" in host.log, host)
    desk.rollback("live", "v2")
    assert {live(host) for _ in range(10)} == {"v2"}


def test_a_worker_that_is_killed_is_replaced_and_the_figures_of_all_are_kept(host: Host) -> None:
    call_ids = [f"c{number}" for number in range(12)]
    for call_id in call_ids:
        assert asked(host, "POST", "/v1/calls", {"call_id": call_id, "to": NUMBERS[0]})[0] == 201
    killed = host.workers()[0]
    host.kill(killed)
    host.wait_for_workers(3, but=killed)
    wait_until(lambda: f"worker {killed} ended (SIGKILL)" in host.log, host)
    assert [asked(host, "GET", f"/v1/calls/{each}")[0] for each in call_ids] == [200] * 12
    for _ in range(5):
        text = asked(host, "GET", "/metrics")[1].decode()
        assert 'gitagent_calls_begun_total{agent="desk",environment="live",version="v2"} 12.0' in text.splitlines()


def test_a_token_is_needed_by_all_workers_as_soon_as_there_is_one(host: Host, desk: Built) -> None:
    folder = desk.path.parent
    assert {asked(host, "GET", "/v1/agents")[0] for _ in range(6)} == {200}
    mine = {"Authorization": f"Bearer {token(folder, 'read')}"}
    try:
        assert {asked(host, "GET", "/v1/agents")[0] for _ in range(6)} == {401}
        assert {asked(host, "GET", "/v1/agents", **mine)[0] for _ in range(6)} == {200}
    finally:
        (folder / ".gitagent/tokens.json").unlink()


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_requests_in_flight_are_answered_before_the_end(
    desk: Built, tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    with hosting(desk.path.parent, tmp_path / "log", workers=workers) as host:
        with socket.create_connection(("127.0.0.1", host.port), timeout=LONGEST) as connection:
            connection.sendall(HEAD % len(BODY) + BODY[:5])
            assert live(host) == "v2"  # by then, what was sent before has been read by whoever reads it
            os.kill(host.process.pid, number)
            wait_until(lambda: "Waiting for connections" in host.log, host)
            connection.sendall(BODY[5:])
            assert b"HTTP/1.1 20" in connection.recv(65536).partition(b"\r\n")[0]
        assert host.process.wait(LONGEST) == 0
        assert host.log.splitlines()[-1] == "Stopped."


def test_what_is_not_answered_in_time_is_cut_off(desk: Built, tmp_path: Path) -> None:
    options = ["--grace", "0"]
    with (
        hosting(desk.path.parent, tmp_path / "log", workers=2, options=options) as host,
        socket.create_connection(("127.0.0.1", host.port), timeout=LONGEST) as connection,
    ):
        connection.sendall(HEAD % len(BODY) + BODY[:5])
        assert live(host) is not None
        host.process.terminate()
        assert host.process.wait(LONGEST) == 0
        assert b"HTTP/1.1 20" not in connection.recv(65536)


def test_workers_end_when_their_parent_is_killed(desk: Built, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*SERVE, str(desk.path.parent), "--workers=2", "--port=0", "--json"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = ""
    while not told.endswith("}\n"):
        told += process.stdout.readline()
    address = ("127.0.0.1", int(json.loads(told)["url"].rpartition(":")[2]))
    process.kill()
    # Its workers hold its output open: it ends with the last of them.
    assert process.stdout.read() == ""
    process.wait()
    process.stdout.close()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(address):
        pass


def test_what_is_logged_cannot_steer_a_terminal_nor_forge_a_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "%s: %s", ("desk", "a\n2026 ERROR: b\x1b[2J é"), None)
    assert Plain("%(levelname)s: %(message)s").format(record) == r"WARNING: desk: a\n2026 ERROR: b\x1b[2J é"


def test_a_port_that_is_taken_is_said(host: Host, desk: Built) -> None:
    done = ran(str(desk.path.parent), f"--port={host.port}")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"error: cannot listen on 127.0.0.1, port {host.port}: address already in use\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_of_another_machine_is_said(desk: Built) -> None:
    token(desk.path.parent, "read")
    done = ran(str(desk.path.parent), "--host=203.0.113.7", f"--port={free_port()}", "--json")
    (desk.path.parent / ".gitagent/tokens.json").unlink()
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "address-unusable"


def test_workers_that_cannot_start_end_the_server(desk: Built, tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import sys\n"
        "if 'spawn_main' in ' '.join(sys.orig_argv):\n"
        "    import gitagent.server.served as served\n"
        "    async def start(self): raise RuntimeError('broken')\n"
        "    served.Served.start = start\n"
    )
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    done = ran(str(desk.path.parent), "--workers=2", f"--port={free_port()}", PYTHONPATH=path)
    assert done.returncode == 5
    assert "error: the server's workers cannot start\n" in done.stderr


def test_a_promotion_by_another_clone_is_served_within_the_interval_and_a_remote_that_is_away_is_said(
    tmp_path: Path,
) -> None:
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", pipeline="sandbox,live")
    team.ada.publish().promote("live")
    folder = tmp_path / "agents"
    folder.mkdir()
    git(folder, "clone", "-q", "--mirror", team.url, "mirror.git")
    git(folder, "clone", "-q", "-b", "main", team.url, "plain")
    with hosting(folder, tmp_path / "log", workers=2, options=["--poll", "0.2"]) as host:
        assert (live(host, "mirror"), live(host, "plain")) == ("v1", "v1")
        team.clone("grace").publish("two\n").promote("live")
        wait_until(lambda: (live(host, "mirror"), live(host, "plain")) == ("v2", "v2"), host)
        team.remote.rename(tmp_path / "moved.git")
        wait_until(lambda: "plain: there is no git repository at" in host.log, host)
        assert (live(host, "mirror"), live(host, "plain")) == ("v2", "v2")
        wait_until(lambda: asked(host, "GET", "/readyz")[1]["status"] == "degraded", host)  # good for a second
