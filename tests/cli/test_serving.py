"""Serving from the command line: tokens, and what keeps a server from starting."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.building import Built, git
from support.commandline import Cli, Ran
from support.hosting import fleet
from support.sharing import Team

from gitagent.server import running
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope, Tokens


@pytest.fixture
def cli(at: Callable[[Path], Cli], tmp_path: Path) -> Cli:
    """The command line in a new folder."""
    (tmp_path / "agents").mkdir()
    return at(tmp_path / "agents")


@pytest.fixture
def agents(cli: Cli) -> Built:
    """The agent `desk` in that folder."""
    return fleet(cli.folder, "desk")[0]


def added(cli: Cli, *arguments: str) -> dict[str, Any]:
    ran = cli("tokens", "add", *arguments, "--json")
    assert ran.code == 0, ran
    found = json.loads(ran.out)
    assert isinstance(found, dict)
    return found


def test_a_token_is_shown_once_on_stdout_alone(cli: Cli, agents: Built) -> None:
    ran = cli("tokens", "add", "telephony", "--scope", "call")
    token = Tokens(cli.folder / ".gitagent").find(ran.out.strip(), at=cli.clock())
    assert token is not None
    assert ran == Ran(
        0,
        ran.out,
        "Keep it well: it is shown once. Send it as: Authorization: Bearer ga_…\n"
        f"Take it back with: gitagent tokens revoke {token.id}\n",
    )
    assert (token.name, token.agents, token.expires_at) == ("telephony", None, None)
    assert token.scopes == frozenset({Scope.CALL})


def test_tokens_are_listed_with_what_they_may_do_and_never_with_their_secret(cli: Cli, agents: Built) -> None:
    assert cli("tokens").out.startswith("There is no token.")
    one = added(cli, "telephony", "--scope", "call")
    two = added(cli, "dashboard", "--scope", "read", "--scope", "call", "--agent", "desk", "--expires", "90d")
    assert cli("tokens", "revoke", one["id"]).out == f"The token {one['id']} of telephony is refused from now on.\n"
    lines = cli("tokens").out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        [one["id"], "telephony", "call"],
        [two["id"], "dashboard", "call,"],
    ]
    assert "revoked" in lines[0]
    assert lines[0].endswith("all agents")
    assert "until 2026-05-31" in lines[1]
    assert lines[1].endswith("desk")
    listed = json.loads(cli("tokens", "list", "--json").out)
    assert listed["format"] == "gitagent.tokens/1"
    assert [each["state"] for each in listed["tokens"]] == ["revoked", "valid"]
    assert two["text"][-43:] not in json.dumps(listed) + "".join(lines)


def test_a_token_in_json_is_whole(cli: Cli, agents: Built) -> None:
    found = added(cli, "dashboard", "--scope", "read", "--agent", "desk")
    assert found.pop("text").startswith(f"ga_{found.pop('id')}_")
    assert found.pop("created_at")
    assert found == {
        "format": "gitagent.tokens-add/1",
        "name": "dashboard",
        "scopes": ["read"],
        "agents": ["desk"],
        "state": "valid",
        "expires_at": None,
        "revoked_at": None,
    }


@pytest.mark.parametrize(
    ("text", "days"), [("90d", 90), ("2 weeks", 14), ("24h", 1), ("1d", 1), ("2026-03-12T09:00+00:00", 10)]
)
def test_when_a_token_ends_is_a_span_or_a_time(cli: Cli, agents: Built, text: str, days: int) -> None:
    added(cli, "dashboard", "--scope", "read", "--expires", text)
    (token,) = Tokens(cli.folder / ".gitagent").all()
    assert token.expires_at is not None
    assert abs(token.expires_at - token.created_at - timedelta(days=days)) < timedelta(hours=2)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "x"], 2, "--scope"),
        (["add", "x", "--scope", "root"], 2, "root"),
        (["add", "", "--scope", "read"], 3, "is not a name for a token"),
        (["add", "x", "--scope", "read", "--expires", "2020-01-01"], 3, "would have expired already"),
        (["add", "x", "--scope", "read", "--expires", "yesterday"], 3, "would have expired already"),
        (["add", "x", "--scope", "read", "--expires", "soon"], 2, "'soon' is not a time"),
        (["add", "x", "--scope", "read", "--agent", "desk", "--agent", "deks"], 3, "hint: Did you mean desk?"),
        (["add", "x", "--scope", "read", "--agent", "bistro"], 3, "hint: There is desk."),
        (["revoke", "abcdefgh"], 3, "there is no token abcdefgh"),
        (["-C", "nowhere"], 3, "there is no folder"),
        (["-C", "desk/.git/refs"], 3, "there is no agent in"),
    ],
)
def test_what_makes_no_token_is_refused(cli: Cli, agents: Built, arguments: list[str], code: int, said: str) -> None:
    ran = cli("tokens", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert not (cli.folder / ".gitagent/tokens.json").exists()


def test_the_tokens_of_one_agent_are_kept_out_of_its_draft(cli: Cli, agents: Built) -> None:
    assert cli("-C", "desk", "tokens", "add", "telephony", "--scope", "call").code == 0
    assert agents.git("status", "--porcelain") == ""
    assert (agents.path / ".git/gitagent/tokens.json").exists()


def test_a_token_can_be_for_a_clone_that_no_server_has_seen_yet(cli: Cli, agents: Built, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", pipeline="sandbox,live")
    git(cli.folder, "clone", "-q", "-b", "main", team.url, "bistro")
    assert added(cli, "dashboard", "--scope", "read", "--agent", "bistro")["agents"] == ["bistro"]


def test_tokens_and_agents_are_offered_by_the_shell(cli: Cli, agents: Built) -> None:
    id_, gone = (added(cli, name, "--scope", "read")["id"] for name in ("dashboard", "old"))
    cli("tokens", "revoke", gone)

    def offered(*words: str) -> list[str]:
        environ = {"_GITAGENT_COMPLETE": "bash_complete", "COMP_WORDS": "\n".join(["gitagent", *words])}
        ran = cli(environ={**environ, "COMP_CWORD": str(len(words))})
        return [line.removeprefix("plain,") for line in ran.out.splitlines() if line]

    assert offered("tokens", "revoke", "") == [id_]
    assert offered("tokens", "add", "--agent", "") == ["desk"]
    assert offered("tokens", "add", "--scope", "") == ["read", "call", "admin"]
    assert "--workers" in offered("serve", "--")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What servers were started with; each ends at once."""
    started: list[Settings] = []

    def run(settings: Settings, listening: Callable[[running.Listening], None]) -> None:
        started.append(settings)
        listening(running.Listening(settings.host, settings.port))

    monkeypatch.setattr(running, "run", run)
    return started


def test_a_server_says_on_stderr_what_it_serves_and_where(cli: Cli, agents: Built, started: list[Settings]) -> None:
    ran = cli("serve")
    assert ran.out == ""
    assert ran.err.endswith("on http://127.0.0.1:8321; everybody on this machine may ask.\nStopped.\n")
    assert ran.err.startswith("Serving 1 agent in ")
    assert started == [Settings(str(cli.folder))]


def test_every_option_of_a_server_reaches_it(cli: Cli, agents: Built, started: list[Settings]) -> None:
    added(cli, "telephony", "--scope", "call")
    (cli.folder / "secrets").write_text("a secret of sixteen characters\n")
    options = "--host ::1 --port 0 --workers 4 --store sqlite:////x/calls.db --poll 2.5 --webhook-secret-file secrets"
    ran = cli("serve", "desk/..", *options.split(), "--allow-host", "Calls.Example", "--grace", "5")
    assert ran.err.splitlines()[-2].endswith("on http://[::1]:0; a token is needed.")
    assert started == [
        Settings(
            f"{cli.folder}/desk/..",
            "::1",
            0,
            4,
            "sqlite:////x/calls.db",
            2.5,
            f"{cli.folder}/secrets",
            ("calls.example",),
            5,
        )
    ]


def test_a_server_in_json_says_where_it_is(cli: Cli, agents: Built, started: list[Settings]) -> None:
    told = json.loads(cli("serve", "--json").out)
    assert told.pop("folder").endswith(cli.folder.name)
    assert told == {
        "format": "gitagent.serve/1",
        "url": "http://127.0.0.1:8321",
        "agents": ["desk"],
        "open": True,
        "notices": [],
    }


def test_the_store_can_stand_in_the_environment(cli: Cli, agents: Built, started: list[Settings]) -> None:
    cli("serve", environ={"GITAGENT_CALLS": "sqlite:////x/calls.db"})
    cli("serve", "--store", "sqlite:////y/calls.db", environ={"GITAGENT_CALLS": "sqlite:////x/calls.db"})
    assert [each.store for each in started] == ["sqlite:////x/calls.db", "sqlite:////y/calls.db"]


def test_other_machines_are_not_served_without_a_token_that_is_valid(
    cli: Cli, agents: Built, started: list[Settings]
) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "server.example"):  # noqa: S104  # what is refused
        ran = cli("serve", "--host", host)
        assert (ran.code, started) == (3, [])
        assert f"error: on {host} other machines can ask, and there is no token yet\n" in ran.err
        assert "tokens add telephony --scope call" in ran.err
    cli("tokens", "revoke", added(cli, "old", "--scope", "call")["id"])
    assert cli("serve", "--host", "::").code == 3
    added(cli, "telephony", "--scope", "call")
    assert cli("serve", "--host", "::").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 3, "there is no folder"),
        (["empty"], 3, "there is no agent in"),
        (["plain"], 3, "there is no agent in"),
        (["--port", "70000"], 2, "70000"),
        (["--workers", "0"], 2, "0"),
        (["--poll", "-1"], 2, "-1"),
        (["--store", "redis://x"], 3, "is no store of calls"),
        (["--webhook-secret-file", "nothing"], 2, "nothing"),
        (["--webhook-secret-file", "short"], 3, "less than 16 characters"),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_listens(
    cli: Cli, agents: Built, started: list[Settings], arguments: list[str], code: int, said: str
) -> None:
    (cli.folder / "empty").mkdir()
    git(cli.folder, "init", "-q", "plain")
    (cli.folder / "short").write_text("secret\n")
    ran = cli("serve", *arguments)
    assert (ran.code, ran.out, started) == (code, "", [])
    assert said in ran.err


def test_what_is_in_trouble_is_said_and_the_rest_is_served(
    cli: Cli, agents: Built, started: list[Settings], tmp_path: Path
) -> None:
    (cli.folder / ".gitagent").mkdir()
    (cli.folder / ".gitagent/calls.db").mkdir()
    git(cli.folder, "clone", "-q", "--bare", str(agents.path), "copy.git")
    tear(cli.folder / "torn.git")
    ran = cli("serve")
    assert ran.code == 0
    notes = [line for line in ran.err.splitlines() if line.startswith("note: ")]
    assert any("calls are answered all the same, and recorded once it is there" in note for note in notes)
    assert any("+442079460018 belongs to copy and desk; none of them answers it" in note for note in notes)
    assert any("copy does not follow what it was cloned from" in note for note in notes)
    assert any(note.startswith("note: torn: ") for note in notes)
    assert "Serving 3 agents" in ran.err


def tear(path: Path) -> None:
    """A repository whose ledger leads nowhere."""
    git(path.parent, "init", "-q", "--bare", str(path))
    (path / "refs/heads/gitagent").mkdir()
    (path / "refs/heads/gitagent/ledger").write_text(f"{'1' * 40}\n")


def test_plain_clones_are_joined_before_the_start_and_their_drafts_stay(
    cli: Cli, started: list[Settings], tmp_path: Path
) -> None:
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", pipeline="sandbox,live")
    team.ada.publish().promote("live")
    for folder in ("one", "deep/two"):
        git(cli.folder, "clone", "-q", "-b", "main", team.url, folder)
        (cli.folder / folder / "notes.md").write_text("edited\n")
    assert json.loads(cli("serve", "--json").out)["agents"] == ["one", "two"]
    assert (cli.folder / "one/notes.md").read_text() == "edited\n"
    assert json.loads(cli("serve", "one", "--json").out)["agents"] == ["one"]


def test_a_clone_that_cannot_be_joined_keeps_no_other_from_being_served(
    cli: Cli, agents: Built, started: list[Settings], tmp_path: Path
) -> None:
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", pipeline="sandbox,live")
    git(cli.folder, "clone", "-q", "-b", "main", "--no-single-branch", "--depth=1", f"file://{team.url}", "cut")
    ran = cli("serve")
    assert "cut is a clone that cannot be joined" in ran.err
    assert "Serving 1 agent" in ran.err


def test_without_the_extra_what_is_missing_is_said(cli: Cli, agents: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "from gitagent.cli.main import main\n"
        f"sys.exit(main(['-C', {str(cli.folder)!r}, 'serve', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"] == {
        "code": "extra-missing",
        "message": "the server needs uvicorn, which is not installed",
        "hint": "pip install 'gitagent-config[server]'",
    }
