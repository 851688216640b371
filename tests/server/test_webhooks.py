"""Webhooks: whoever knows a secret can say that a remote changed, in each of three ways, and nobody else can."""

from __future__ import annotations

import base64
import hmac
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook
from support.asking import Asker, code
from support.sharing import Team

from gitagent.errors import InvalidName, StorageFailed
from gitagent.server.served import Served
from gitagent.server.settings import Settings
from gitagent.server.webhooks import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STANDARD = "whsec_" + base64.b64encode(b"k" * 32).decode()
PLAIN = "a secret of GitHub's and GitLab's"
BODY = b'{"type": "gitagent.events", "data": {}}'
PATH = "/v1/webhooks/desk"


def standard(body: bytes = BODY, *, secret: str = STANDARD, late: float = 0) -> dict[str, str]:
    """What a sender of Standard Webhooks signs, by the reference implementation."""
    at = datetime.now(UTC) - timedelta(seconds=late)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def github(body: bytes = BODY, *, secret: str = PLAIN) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()}


def gitlab(secret: str = PLAIN) -> dict[str, str]:
    return {"X-Gitlab-Token": secret}


class Told(Asker):
    """A server of the clone `desk`, that takes webhooks, and the team that it follows."""

    def __init__(self, served: Served, team: Team) -> None:
        super().__init__(served)
        self.team = team

    def tell(self, headers: dict[str, str], body: bytes = BODY, path: str = PATH) -> tuple[int, str]:
        answer = self.post(path, content=body, headers=headers)
        return (202, "") if answer.status_code == 202 else code(answer)

    def sandbox(self) -> str:
        found = self.get("/v1/agents/desk/environments/sandbox").json()["version"]
        assert isinstance(found, str)
        return found


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secrets") / "webhooks"
    file.write_text(f"# who may tell us\n{STANDARD}\n\n{PLAIN}\n")
    return file


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, secrets: Path) -> Iterator[Told]:
    team = Team(tmp_path_factory.mktemp("team"), pipeline="sandbox,live")
    team.ada.publish()
    folder = tmp_path_factory.mktemp("agents")
    (team.clone("desk").path).rename(folder / "desk")
    settings = Settings(str(folder), poll=0, webhook_secret_file=str(secrets))
    with Told(Served.of(settings), team) as told:
        while 'agent="desk",result="same"' not in told.get("/metrics").text:  # the look that comes with the start
            told.get("/healthz")
        yield told


@pytest.mark.parametrize("headers", [standard, github, gitlab])
def test_a_signed_message_has_the_remote_looked_at(told: Told, headers: Callable[[], dict[str, str]]) -> None:
    told.team.ada.publish(f"after {told.sandbox()}\n")
    version = str(told.team.ada.agent.version("latest").number)
    assert told.sandbox() != version

    assert told.tell(headers()) == (202, "")

    told.ask("POST", "/v1/agents/desk/refresh")  # waits for the look that is under way
    assert told.sandbox() == version


@pytest.mark.parametrize(
    "headers",
    [
        {},
        standard(b"another body"),
        standard(secret="whsec_" + base64.b64encode(b"x" * 32).decode()),
        standard(late=4_000),
        standard(late=-4_000),  # made when the tests are collected, which may be minutes ago
        {**standard(), "webhook-id": "msg_2"},
        {**standard(), "webhook-timestamp": "soon"},
        {**standard(), "webhook-timestamp": "9" * 400},
        {**standard(), "webhook-signature": "v1,"},
        {**standard(), "webhook-signature": "v1,\xe9"},
        {**github(), **{name: value for name, value in standard().items() if name != "webhook-id"}},
        github(b"another body"),
        github(secret="another secret altogether"),
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature": github()["X-Hub-Signature-256"]},
        gitlab("another secret altogether"),
        gitlab(""),
        {"Authorization": f"Bearer {PLAIN}"},
    ],
)
def test_whatever_is_not_signed_so_is_refused(told: Told, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert told.tell(encoded) == (403, "signature-invalid")  # type: ignore[arg-type]  # httpx takes bytes, too


def test_one_of_several_signatures_is_enough(told: Told) -> None:
    headers = standard()
    headers["webhook-signature"] = f"v1a,x v1,{'A' * 44} {headers['webhook-signature']}"
    assert told.tell(headers) == (202, "")


def test_an_agent_that_is_not_there_is_told_to_whoever_signs_alone(told: Told) -> None:
    assert told.tell(github(), path="/v1/webhooks/nobody") == (404, "agent-not-found")
    assert told.tell({}, path="/v1/webhooks/nobody") == (403, "signature-invalid")


def test_a_secret_can_be_changed_while_the_server_runs(told: Told, secrets: Path) -> None:
    before = secrets.read_text()
    new = "the secret that is used from now on"
    secrets.write_text(f"{new}\n")
    assert told.tell(github()) == (403, "signature-invalid")
    assert told.tell(github(secret=new)) == (202, "")
    secrets.write_text(before)
    assert told.tell(github()) == (202, "")


def test_a_server_without_secrets_takes_no_webhooks(asker: Asker) -> None:
    assert code(asker.post("/v1/webhooks/shop", content=BODY, headers=github())) == (404, "webhooks-off")


@pytest.mark.parametrize("text", ["", "# nothing\n\n", "short\n", "whsec_!!!!!!!!!!!!!!!!\n", f"{PLAIN}\nshort\n"])
def test_a_file_without_good_secrets_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(InvalidName) as refused:
        Secrets(tmp_path / "file").all()
    assert refused.value.code == "invalid-secret"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        Secrets(tmp_path / "nothing").all()
    (tmp_path / "bytes").write_bytes(os.urandom(64) + b"\xff")
    with pytest.raises(StorageFailed):
        Secrets(tmp_path / "bytes").all()
