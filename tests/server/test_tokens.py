"""Tokens: made once, kept as hashes, refused as soon as they are revoked, whoever looks."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.building import START

from gitagent.errors import GitagentError, InvalidName, ScopeMissing, StorageFailed, TokenNotFound, TokenRefused
from gitagent.server.authorization import OPEN, grant_of
from gitagent.server.tokens import Scope, Tokens

if TYPE_CHECKING:
    from pathlib import Path

LATER = START + timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".gitagent"


@pytest.fixture
def tokens(folder: Path) -> Tokens:
    return Tokens(folder)


def test_a_token_is_found_by_its_text(tokens: Tokens) -> None:
    added = tokens.add("telephony", [Scope.CALL], at=START)
    assert added.text.startswith(f"ga_{added.token.id}_")
    assert len(added.text) == len("ga_") + 8 + 1 + 43
    assert tokens.find(added.text, at=START) == added.token
    assert tokens.all() == [added.token]


@pytest.mark.parametrize("wrong", ["", "ga_", "ga_aaaaaaaa_" + "A" * 43, "nonsense", "ga_ä_" + "A" * 43])
def test_no_other_text_finds_one(tokens: Tokens, wrong: str) -> None:
    tokens.add("telephony", [Scope.CALL], at=START)
    assert tokens.find(wrong, at=START) is None


def test_the_secret_of_one_is_not_that_of_another(tokens: Tokens) -> None:
    one, two = (tokens.add(name, [Scope.CALL], at=START) for name in ("one", "two"))
    assert tokens.find(f"ga_{one.token.id}_{two.text[-43:]}", at=START) is None
    assert tokens.find(f"{one.text}A", at=START) is None


def test_only_the_hash_is_kept_and_only_its_owner_reads_it(tokens: Tokens) -> None:
    added = tokens.add("telephony", [Scope.CALL], at=START)
    assert added.text[-43:] not in tokens.file.read_text()
    assert stat.S_IMODE(tokens.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tokens.file.parent.stat().st_mode) == 0o700
    assert not [each for each in tokens.file.parent.iterdir() if each.name.startswith(".tokens")]


def test_what_is_kept_is_read_as_it_was(tokens: Tokens, folder: Path) -> None:
    tokens.add("dashboard", [Scope.READ], at=START, agents=["bistro", "clinic"], expires_at=LATER)
    tokens.revoke(tokens.add("old", [Scope.ADMIN, Scope.CALL], at=START).token.id, at=LATER)
    assert Tokens(folder).all() == tokens.all()


def test_a_revoked_token_is_refused_at_once_by_who_knew_it(tokens: Tokens, folder: Path) -> None:
    other = Tokens(folder)
    for _ in range(20):  # quicker than a file's time tells
        added = tokens.add("telephony", [Scope.CALL], at=START)
        assert other.find(added.text, at=START) is not None
        assert tokens.revoke(added.token.id, at=LATER).state_at(LATER) == "revoked"
        assert other.find(added.text, at=START) is None
        assert tokens.find(added.text, at=START) is None


def test_tokens_that_are_gone_leave_a_server_closed_until_there_are_some_again(tokens: Tokens, folder: Path) -> None:
    server, added = Tokens(folder), tokens.add("telephony", [Scope.CALL], at=START)
    assert server.find(added.text, at=START) is not None
    away = folder.rename(folder.with_name("away"))
    for _ in range(2):
        with pytest.raises(StorageFailed, match="they are gone"):
            grant_of(None, server, required=False, at=START)
    new = tokens.add("new", [Scope.READ], at=START)
    assert (server.find(added.text, at=START), server.find(new.text, at=START)) == (None, new.token)
    (folder / "tokens.json").unlink()
    away.joinpath("tokens.json").rename(folder / "tokens.json")
    assert server.all() == [added.token]


def test_a_token_is_refused_from_its_end_on(tokens: Tokens) -> None:
    added = tokens.add("telephony", [Scope.CALL], at=START, expires_at=LATER)
    assert tokens.find(added.text, at=LATER - timedelta(seconds=1)) is not None
    assert tokens.find(added.text, at=LATER) is None
    assert added.token.state_at(LATER) == "expired"


def test_revoking_again_changes_nothing_and_what_is_not_there_is_said(tokens: Tokens) -> None:
    id_ = tokens.add("telephony", [Scope.CALL], at=START).token.id
    assert tokens.revoke(id_, at=START) == tokens.revoke(id_, at=LATER)
    with pytest.raises(TokenNotFound):
        tokens.revoke("nothing", at=START)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81])
def test_a_name_that_cannot_be_shown_is_refused(tokens: Tokens, name: str) -> None:
    with pytest.raises(InvalidName):
        tokens.add(name, [Scope.READ], at=START)
    assert not tokens.file.exists()


def test_a_token_needs_a_scope_and_time_to_live(tokens: Tokens) -> None:
    with pytest.raises(InvalidName):
        tokens.add("nobody", [], at=START)
    with pytest.raises(InvalidName):
        tokens.add("late", [Scope.READ], at=LATER, expires_at=START)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "gitagent.tokens/9", "tokens": []}', '{"tokens": [{}]}'])
def test_a_file_that_is_not_right_lets_nobody_in(tokens: Tokens, text: str) -> None:
    added = tokens.add("telephony", [Scope.CALL], at=START)
    tokens.file.write_text(text)
    with pytest.raises(StorageFailed) as refused:
        grant_of(f"Bearer {added.text}", tokens, required=False, at=START)
    assert refused.value.code == "tokens-unreadable"
    with pytest.raises(StorageFailed):
        tokens.add("another", [Scope.CALL], at=START)
    assert tokens.file.read_text() == text


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed):
        Tokens(tmp_path / "file").add("telephony", [Scope.CALL], at=START)


ADD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gitagent.server.tokens import Scope, Tokens
tokens = Tokens(Path(sys.argv[1]))
for number in range(20):
    tokens.add(f"{sys.argv[2]}-{number}", [Scope.READ], at=datetime.now(UTC))
"""


def test_tokens_made_at_the_same_time_are_all_kept(folder: Path) -> None:
    commands = [[sys.executable, "-c", ADD, str(folder), name] for name in ("one", "two", "three")]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len({each.name for each in Tokens(folder).all()}) == 60
    assert len(json.loads((folder / "tokens.json").read_text())["tokens"]) == 60


def refusal(header: str | None, tokens: Tokens, *, required: bool = True) -> str:
    with pytest.raises(GitagentError) as refused:
        grant_of(header, tokens, required=required, at=START)
    assert isinstance(refused.value, TokenRefused)
    return refused.value.code


def test_who_brings_a_token_may_do_what_it_is_for(tokens: Tokens) -> None:
    text = tokens.add("telephony", [Scope.CALL], at=START, agents=["bistro"]).text
    for header in (f"Bearer {text}", f"bearer  {text} "):
        grant = grant_of(header, tokens, required=False, at=START)
        assert grant.allows("call")
        assert grant.allows("read", "call")
        assert not grant.allows("read")
        assert grant.sees("bistro")
        assert not grant.sees("clinic")


def test_a_scope_that_is_missing_is_named(tokens: Tokens) -> None:
    text = tokens.add("telephony", [Scope.CALL], at=START).text
    grant = grant_of(f"Bearer {text}", tokens, required=True, at=START)
    with pytest.raises(ScopeMissing, match="has the scope call, and admin is needed") as refused:
        grant.require("admin")
    assert refused.value.code == "scope-missing"


def test_admin_is_all_scopes_and_all_agents(tokens: Tokens) -> None:
    text = tokens.add("root", [Scope.ADMIN], at=START).text
    grant = grant_of(f"Bearer {text}", tokens, required=True, at=START)
    assert all(grant.allows(scope) for scope in Scope)
    assert grant.sees("whatever")


def test_without_any_token_only_this_machine_may_ask(tokens: Tokens) -> None:
    assert grant_of(None, tokens, required=False, at=START) == OPEN
    assert grant_of("Bearer old", tokens, required=False, at=START) == OPEN
    assert refusal(None, tokens, required=True) == "token-missing"


def test_once_there_was_a_token_one_is_needed_also_after_it_was_revoked(tokens: Tokens) -> None:
    added = tokens.add("telephony", [Scope.CALL], at=START)
    assert refusal(None, tokens, required=False) == "token-missing"
    tokens.revoke(added.token.id, at=START)
    assert refusal(None, tokens, required=False) == "token-missing"
    assert refusal(f"Bearer {added.text}", tokens, required=False) == "token-invalid"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "ga_aaaaaaaa_x", "Bearer nonsense", "Bearer ga_é"])
def test_any_other_header_is_refused(tokens: Tokens, header: str) -> None:
    tokens.add("telephony", [Scope.CALL], at=START)
    assert refusal(header, tokens) == "token-invalid"
