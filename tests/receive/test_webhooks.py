"""Webhooks: which addresses are told anything, what they are told, and that they can know who tells it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.building import Built, git
from support.commandline import process
from support.hearing import SECRET

from gitagent.git.repository import Repository
from gitagent.receive.messages import message
from gitagent.receive.webhooks import Unusable, Webhook, configured, signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
SET_ONE = 'set one: git config gitagent.webhookSecret whsec_"$(openssl rand -base64 32)"'


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "r.git")
    return tmp_path / "r.git"


def test_the_signature_is_that_of_the_standard() -> None:
    webhook = Webhook("https://example.com", KEY)
    body = b'{"test": 2432232314}'
    assert (
        signature(webhook, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    assert signature(webhook, "msg_x", 1614265330, body) != signature(webhook, "msg_x", 1614265331, body)


def test_nothing_configured_is_nothing_to_tell(bare: Path) -> None:
    assert configured(bare) == ([], [])


def test_several_addresses_share_a_secret_or_have_their_own(bare: Path) -> None:
    for url in ("https://a.example/x", "http://b.example:8080/y?z=1", "https://a.example/x"):
        git(bare, "config", "--add", "gitagent.webhook", url)
    git(bare, "config", "gitagent.webhookSecret", SECRET)
    git(bare, "config", "gitagent.http://b.example:8080/y?z=1.webhookSecret", OTHER)
    assert configured(bare) == (
        [Webhook("https://a.example/x", KEY), Webhook("http://b.example:8080/y?z=1", b"o" * 32)],
        [],
    )


def test_neither_address_nor_key_is_shown_whole() -> None:
    one, other = (Webhook(f"https://a.example/{token}", KEY) for token in ("t0ken", "t0ken2"))
    assert repr(one) == f"Webhook({one.name})" == f"Webhook(https://a.example ({one.id}))"
    assert one.id != other.id
    assert len(one.id) == 8


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://a.example/x", "only http and https are told anything, not ftp"),
        ("file:///etc/passwd", "this is no address; see: git config --get-all gitagent.webhook"),
        ("a.example/x", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://a.example:port/", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://[a/", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://a.example/a b", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://a.example/\tb", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://ex\u00e4mple.com/", "this is no address; see: git config --get-all gitagent.webhook"),
        ("https://ada:pass@a.example/", "an address has no user and no password: what is sent is signed"),
    ],
)
def test_an_address_that_cannot_be_told_is_named(bare: Path, url: str, problem: str) -> None:
    git(bare, "config", "gitagent.webhook", url)
    git(bare, "config", "gitagent.webhookSecret", SECRET)
    webhooks, unusable = configured(bare)
    assert (webhooks, [each.problem for each in unusable]) == ([], [problem])
    assert "pass" not in unusable[0].name


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        (None, "no secret"),
        ("hunter2", "its secret is not whsec_ and 24 to 64 bytes in base64"),
        ("whsec_" + base64.b64encode(b"short").decode(), "its secret is not whsec_ and 24 to 64 bytes in base64"),
        ("whsec_" + base64.b64encode(b"l" * 65).decode(), "its secret is not whsec_ and 24 to 64 bytes in base64"),
        (SECRET.replace("M", "!"), "its secret is not whsec_ and 24 to 64 bytes in base64"),
    ],
)
def test_nothing_is_told_unsigned(bare: Path, secret: str | None, what: str) -> None:
    git(bare, "config", "gitagent.webhook", "https://a.example/x")
    if secret is not None:
        git(bare, "config", "gitagent.webhookSecret", secret)
    name = Webhook("https://a.example/x", b"").name
    assert configured(bare) == ([], [Unusable(name, f"{what}; {SET_ONE}")])


def told(built: Built, newest: int) -> Any:
    """What a webhook is told of the newest events."""
    repository = Repository.discover(built.path)
    commits = list(repository.first_parents(str(repository.ref("refs/heads/gitagent/ledger"))))[:newest][::-1]
    found = message(repository, commits)
    assert found == message(repository, commits)
    record = json.loads(found.body)
    assert found.id == f"evt_{record['events'][-1]['id']}"
    return record


def test_a_message_says_what_changed_in_which_environment(build: Callable[..., Built]) -> None:
    built = build(files={"agent.yaml": "name: Front desk\ndescription: x\n"}).publish("two\n").promote("pre-release")
    record = told(built, 1)
    commit = built.git("rev-parse", "v2^{}").strip()
    assert {key: record[key] for key in ("format", "agent", "repository", "environments")} == {
        "format": "gitagent.webhook/1",
        "agent": "Front desk",
        "repository": "agent",
        "environments": [
            {"environment": "sandbox", "from": "v2", "to": "v2", "commit": commit},
            {"environment": "pre-release", "from": None, "to": "v2", "commit": commit},
            {"environment": "live", "from": None, "to": None, "commit": None},
        ],
    }
    both = told(built, 2)
    assert [event["operation"] for event in both["events"]] == ["publish", "promote"]
    assert both["environments"][0] == {"environment": "sandbox", "from": None, "to": "v2", "commit": commit}


def test_an_event_looks_as_it_does_in_the_history(build: Callable[..., Built]) -> None:
    built = build().publish("zwei\n", name="\u00c4")
    whole = json.loads(process("-C", str(built.path), "history", "--json").stdout)
    assert told(built, 2)["events"] == whole["events"][::-1]


def test_the_first_event_of_all_comes_after_nothing(build: Callable[..., Built]) -> None:
    record = told(build(files={"notes.md": "x\n"}), 1)
    assert (record["agent"], record["events"][0]["operation"]) == (None, "init")
    assert {each["from"] for each in record["environments"]} == {None}
