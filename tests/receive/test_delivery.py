"""Delivery of webhooks: every event once and in order, again after what went wrong, and never in a push's way."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook
from support.building import Built, git
from support.commandline import process
from support.hearing import CLOSED, HELD, SECRET, SILENT, Ear, Heard, listening
from support.refusing import refusal
from support.serving import over_http, over_ssh
from support.sharing import Team

from gitagent.receive import posting
from gitagent.receive.delivery import PAUSES, Delivery, deliver
from gitagent.receive.installing import install
from gitagent.receive.webhooks import configured, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MONDAY = 1_772_442_000.0
"""2026-03-02T09:00:00+00:00"""


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as server:
        yield server


class Server:
    """A repository whose webhooks are told in this process, when the test says so. No push is needed for that."""

    def __init__(self, built: Built) -> None:
        self.built = built.publish("two\n").publish("three\n")
        self.remote = built.path
        self.place = built.path / ".git/gitagent/webhooks"
        self.pauses: list[float] = []

    def publish(self, *texts: str) -> None:
        for text in texts:
            self.built.publish(f"{text}\n")

    def deliver(self, *, patient: bool = False) -> list[Delivery]:
        return deliver(self.remote, patient=patient, clock=lambda: MONDAY, wait=self.pauses.append)

    def log(self) -> list[str]:
        """The log's lines, without when and who they are about."""
        lines = (self.place / "log").read_text().splitlines()
        return [re.sub(r"^2026-03-02T09:00:00\+00:00 http://127\.0\.0\.1:\d+ \([0-9a-f]{8}\): ", "", x) for x in lines]


@pytest.fixture
def server(build: Callable[..., Built], ear: Ear) -> Server:
    """A server whose webhook was told everything so far: v1 to v3."""
    made = Server(build())
    ear.listen_to(made.remote)
    made.deliver()
    ear.forget()
    return made


def name_of(remote: Path) -> str:
    return configured(remote)[0][0].name


def is_signed(heard: Heard, remote: Path) -> bool:
    """Whether a request is what the webhook can believe."""
    webhook = configured(remote)[0][0]
    given = heard.headers["webhook-signature"]
    return given == signature(webhook, heard.id, int(heard.headers["webhook-timestamp"]), heard.body)


@pytest.mark.usefixtures("private_umask")
def test_a_group_that_shares_the_repository_can_go_on_after_a_delivery_by_hand(server: Server) -> None:
    for each in server.place.iterdir():
        each.unlink()
    server.place.rmdir()
    (server.remote / ".git/objects").chmod(0o2770)
    server.deliver()
    modes = {each.name.partition(".")[2]: each.stat().st_mode & 0o777 for each in server.place.iterdir()}
    assert (server.place.stat().st_mode & 0o777, modes) == (0o770, {"": 0o660, "lock": 0o660, "json": 0o660})


def test_what_was_pushed_is_told_once_signed_and_in_order(server: Server, ear: Ear) -> None:
    server.publish("four", "five")
    assert server.deliver() == [Delivery(name_of(server.remote), told=2)]
    assert ear.subjects() == [["publish v4", "publish v5"]]
    heard = ear.heard[0]
    assert is_signed(heard, server.remote)
    assert (heard.path, heard.headers["content-type"]) == ("/hook?token=hidden", "application/json")
    assert heard.headers["webhook-timestamp"] == str(int(MONDAY))
    assert heard.record["environments"][0]["from"] == "v3"
    assert heard.record["environments"][0]["to"] == "v5"
    assert server.deliver() == [Delivery(name_of(server.remote))]
    assert len(ear.heard) == 1


def test_a_new_webhook_hears_of_the_newest_event_first(build: Callable[..., Built], ear: Ear) -> None:
    made = Server(build())
    ear.listen_to(made.remote)
    made.deliver()
    assert ear.subjects() == [["publish v3"]]


def test_a_new_webhook_begins_with_the_pushes_that_waited_for_it(server: Server, ear: Ear) -> None:
    place = server.place
    next(place.glob("*.json")).unlink()
    before = git(server.remote, "rev-parse", "gitagent/ledger")
    server.publish("four", "five")
    (place / "pushes").write_text(f"{before}{git(server.remote, 'rev-parse', 'gitagent/ledger~1')}")
    server.deliver()
    assert ear.subjects() == [["publish v4", "publish v5"]]
    assert not (place / "pushes").exists()


@pytest.mark.parametrize(("most", "told"), [(99, ["init v1", "publish v2", "publish v3"]), (1, ["publish v3"])])
def test_of_an_agent_that_is_new_as_much_is_told_as_fits(
    server: Server, ear: Ear, monkeypatch: pytest.MonkeyPatch, most: int, told: list[str]
) -> None:
    monkeypatch.setattr("gitagent.receive.untold.MOST_EVENTS", most)
    next(server.place.glob("*.json")).unlink()
    (server.place / "pushes").write_text("0" * 40)
    server.deliver()
    assert ear.subjects() == [told]


def test_many_events_come_in_several_messages(server: Server, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitagent.receive.untold.MOST_EVENTS", 2)
    server.publish("four", "five", "six")
    assert server.deliver() == [Delivery(name_of(server.remote), told=3)]
    assert ear.subjects() == [["publish v4", "publish v5"], ["publish v6"]]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (500, "it answered 500"),
        (404, "it answered 404"),
        (CLOSED, "RemoteDisconnected"),
        (SILENT, "it did not answer within 0.2 s"),
    ],
)
def test_what_fails_is_tried_again_after_a_longer_pause(
    server: Server, ear: Ear, monkeypatch: pytest.MonkeyPatch, answer: int, problem: str
) -> None:
    monkeypatch.setattr(posting, "LONGEST_SILENCE", 0.2)
    ear.answers = [answer, answer]
    server.publish("four")
    assert server.deliver(patient=True) == [Delivery(name_of(server.remote), told=1)]
    assert server.pauses == [5, 30] == sorted(PAUSES)[:2]
    assert ear.subjects() == [["publish v4"]] * 3
    assert len({(heard.id, heard.body) for heard in ear.heard}) == 1
    assert len(server.log()) == 2
    assert server.log()[0].startswith(f"try 1 of 8: {problem}")


def test_without_patience_it_waits_for_the_next_delivery(server: Server, ear: Ear) -> None:
    ear.answers = [503]
    server.publish("four", "five")
    assert server.deliver() == [Delivery(name_of(server.remote), 0, 2, "it answered 503")]
    server.publish("six")
    assert server.deliver() == [Delivery(name_of(server.remote), 3)]
    assert ear.subjects() == [["publish v4", "publish v5"], ["publish v4", "publish v5"], ["publish v6"]]
    assert ear.heard[0].id == ear.heard[1].id != ear.heard[2].id
    assert server.pauses == []


def test_a_message_is_given_up_in_the_end_and_the_next_one_is_told(server: Server, ear: Ear) -> None:
    ear.answers = [500] * 8
    server.publish("four", "five")
    lost = "given up: 2 events, publish sandbox v3 -> v4 to publish sandbox v4 -> v5"
    assert server.deliver(patient=True) == [Delivery(name_of(server.remote), problem=lost)]
    assert server.pauses == list(PAUSES) == sorted(PAUSES)
    assert len(ear.heard) == 8
    assert server.log()[-1] == lost
    server.publish("six")
    assert server.deliver() == [Delivery(name_of(server.remote), told=1)]
    assert ear.heard[-1].subjects == ["publish v6"]


def test_a_webhook_that_is_gone_is_not_asked_again(server: Server, ear: Ear) -> None:
    ear.answers = [410]
    server.publish("four")
    server.deliver(patient=True)
    assert server.log() == ["try 1 of 8: it answered 410", "given up: publish sandbox v3 -> v4"]
    assert server.pauses == []


def test_redirects_are_not_followed(server: Server, ear: Ear) -> None:
    with listening() as elsewhere:
        ear.answers, ear.location = [302, 307], elsewhere.url
        server.publish("four")
        assert server.deliver()[0].problem == "it answered 302"
        assert server.deliver()[0].problem == "it answered 307"
        assert elsewhere.heard == []


def test_a_host_that_is_not_there_is_named_by_its_reason(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        git(server.remote, "config", "gitagent.webhook", f"http://127.0.0.1:{free.getsockname()[1]}/")
        assert server.deliver()[0].problem == "Connection refused"


@pytest.mark.parametrize("host", [".example.com", f"{'a' * 64}.example.com"])
def test_a_name_that_no_host_can_have_is_a_failure_too(server: Server, host: str) -> None:
    git(server.remote, "config", "gitagent.webhook", f"http://{host}/")
    assert server.deliver()[0].problem == "there can be no such host"


def test_what_does_not_speak_http_is_a_failure_too(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, ThreadPoolExecutor(1) as threads:

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(65_536)

        git(server.remote, "config", "gitagent.webhook", f"http://127.0.0.1:{other.getsockname()[1]}/")
        threads.submit(greet)
        assert server.deliver()[0].problem == "its answer is not HTTP: BadStatusLine"


def test_one_that_fails_keeps_no_other_from_being_told(server: Server, ear: Ear) -> None:
    with listening() as other:
        other.listen_to(server.remote)
        server.deliver()
        ear.forget()
        other.forget()
        ear.answers = [500]
        server.publish("four")
        assert sorted(each.told for each in server.deliver()) == [0, 1]
        assert (len(ear.heard), other.subjects()) == (1, [["publish v4"]])


def test_a_webhook_that_cannot_be_told_is_named_with_the_way_out(server: Server, ear: Ear) -> None:
    git(server.remote, "config", "--add", "gitagent.webhook", "ftp://example.com/t0ken")
    server.publish("four")
    first, second = server.deliver()
    assert (first.problem, first.name.partition(" ")[0]) == (
        "only http and https are told anything, not ftp",
        "ftp://example.com",
    )
    assert second.told == 1
    assert len(server.log()) == 1


def test_nothing_secret_is_written_down(server: Server, ear: Ear) -> None:
    ear.answers = [500]
    server.publish("four")
    done = process("-C", str(server.remote), "hooks", "deliver", ".")
    written = "".join(each.read_text() for each in (server.place).iterdir())
    for text in (done.stdout, done.stderr, written, repr(configured(server.remote))):
        assert "hidden" not in text
        assert SECRET not in text
    assert (done.returncode, done.stdout.partition(")")[2]) == (
        1,
        "  told of 0 events, 1 event waiting: it answered 500\n",
    )


def test_a_ledger_put_in_the_place_of_another_is_told_from_its_newest_event(server: Server, ear: Ear) -> None:
    file = next((server.place).glob("*.json"))
    for content in ('{"told": "' + "1" * 40 + '"}', '{"told": "x"}', '{"told": 1}', "", '{"else": 1}', "[]"):
        file.write_text(content)
        ear.forget()
        server.deliver()
        assert ear.subjects() == [["publish v3"]]


def test_a_repository_without_an_agent_has_nothing_to_tell(tmp_path: Path, ear: Ear) -> None:
    git(tmp_path, "init", "-q", "--bare", "r.git")
    ear.listen_to(tmp_path / "r.git")
    assert [each.told for each in deliver(tmp_path / "r.git", patient=True)] == [0]
    assert refusal(lambda: deliver(tmp_path, patient=True)).kind == "AgentNotFound"


def test_an_event_that_cannot_be_read_is_no_end_of_it_all(
    server: Server, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.publish("four")
    ledger = git(server.remote, "rev-parse", "gitagent/ledger").strip()
    tree = git(server.remote, "rev-parse", "gitagent/ledger^{tree}").strip()
    strange = git(server.remote, "commit-tree", tree, "-p", ledger, "-m", "strange").strip()
    git(server.remote, "update-ref", "refs/heads/gitagent/ledger", strange)
    assert str(server.deliver()[0].problem).startswith(f"ledger commit {strange} is not an event")
    git(server.remote, "update-ref", "refs/heads/gitagent/ledger", ledger)
    server.deliver()
    assert ear.subjects() == [["publish v4"]]


def test_a_large_log_is_begun_anew(server: Server, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitagent.receive.delivery.LARGEST_LOG", 10)
    ear.answers = [500, 500]
    server.publish("four")
    server.deliver(patient=True)
    assert server.log() == ["try 2 of 8: it answered 500"]
    assert "try 1" in (server.place / "log.old").read_text()


def deliverer(remote: Path, *options: str) -> subprocess.Popen[bytes]:
    """A process of its own that tells the webhooks."""
    return subprocess.Popen([sys.executable, "-m", "gitagent", "hooks", "deliver", *options, str(remote)])


def test_two_deliverers_tell_nothing_twice(server: Server, ear: Ear) -> None:
    ear.answers = [SILENT]
    server.publish("four")
    with deliverer(server.remote, "--patient") as first:
        ear.wait()
        busy = [Delivery(name_of(server.remote), 0, 1, "another process is telling it")]
        assert server.deliver() == busy
        server.publish("five")
        assert server.deliver()[0].waiting == 2
        first.kill()
    assert server.deliver() == [Delivery(name_of(server.remote), 2)]
    assert ear.subjects() == [["publish v4"], ["publish v4"], ["publish v5"]]
    assert ear.heard[0].id == ear.heard[1].id


def test_what_comes_while_one_is_told_is_told_by_the_same_process(server: Server, ear: Ear) -> None:
    server.publish("four")
    ear.answers = [HELD]
    with deliverer(server.remote, "--patient") as first:
        ear.wait()
        server.publish("five")
        assert server.deliver()[0].problem == "another process is telling it"
        ear.let_go.set()
        assert first.wait() == 0
    assert ear.subjects() == [["publish v4"], ["publish v5"]]


@pytest.fixture(params=["path", "http", pytest.param("ssh", marks=pytest.mark.scale)])
def pushed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ear: Ear) -> Iterator[Team]:
    """A team on a remote with hooks and a webhook, reached in different ways."""
    with ExitStack() as stack:
        address = str(tmp_path)
        if request.param != "path":
            serving = over_http(tmp_path) if request.param == "http" else over_ssh(tmp_path, monkeypatch)
            address = stack.enter_context(serving)
        team = Team(tmp_path, url=f"{address}/remote.git")
        install(team.remote, server=True)
        ear.listen_to(team.remote)
        yield team


def test_a_push_tells_the_webhooks_and_waits_for_none_of_them(pushed: Team, ear: Ear) -> None:
    ear.answers = [HELD]
    pushed.ada.publish("two\n")  # comes back although nobody was answered
    assert ear.wait().subjects == ["publish v2"]
    pushed.ada.promote("pre-release")
    ear.let_go.set()
    heard = ear.wait()
    assert heard.subjects == ["promote v2"]
    environments = Webhook(SECRET).verify(heard.body, heard.headers)["environments"]
    assert [(each["from"], each["to"]) for each in environments] == [("v2", "v2"), (None, "v2"), (None, None)]
    assert (pushed.remote / "gitagent/webhooks/log").read_text() == ""


def test_the_hook_that_stood_there_before_is_told_too(tmp_path: Path, ear: Ear) -> None:
    team = Team(tmp_path)
    before = team.remote / "hooks/post-receive"
    before.write_text("#!/bin/sh\ncat >told\nexit 1\n")
    before.chmod(0o755)
    install(team.remote, server=True)
    team.ada.publish("two\n")
    assert "refs/heads/gitagent/ledger" in (team.remote / "told").read_text()
    assert not (team.remote / "gitagent/webhooks").exists()


def test_a_push_that_does_nothing_to_the_agent_tells_nobody(pushed: Team) -> None:
    git(pushed.ada.path, "push", "-q", "origin", "main:feature")
    assert not (pushed.remote / "gitagent/webhooks").exists()


@pytest.mark.parametrize(("objects", "files"), [(0o2775, 0o664), (0o755, 0o644)])
def test_in_a_group_everybody_can_go_on_with_what_another_began(
    tmp_path: Path, ear: Ear, objects: int, files: int
) -> None:
    team = Team(tmp_path)
    install(team.remote, server=True)
    ear.listen_to(team.remote)
    (team.remote / "objects").chmod(objects)
    ear.answers = [HELD]
    team.ada.publish("two\n")
    assert ear.wait().subjects == ["publish v2"]
    assert {each.stat().st_mode & 0o777 for each in (team.remote / "gitagent/webhooks").iterdir()} == {files}


def test_a_hook_whose_gitagent_is_gone_undoes_no_push(tmp_path: Path, ear: Ear) -> None:
    team = Team(tmp_path)
    install(team.remote, server=True)
    hook = team.remote / "hooks/post-receive"
    hook.write_text(hook.read_text().replace(sys.executable, "/nowhere/python"))
    ear.listen_to(team.remote)
    team.ada.publish("two\n")
    assert team.ledger()[-1] == "publish sandbox v2"
    assert deliver(team.remote, patient=False)[0].told == 1
    assert ear.subjects() == [["publish v2"]]
