"""Signatures at the server: those of others are refused, where it knows whose keys count, and missing ones by rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.attacking import Attack
from support.building import ADA, GRACE
from support.forging import LEDGER, plumb
from support.refusing import refusal
from support.signing import Keys, signing

from gitagent.agent.ledger import LEDGER as LEDGER_REF
from gitagent.git.armor import signature_of
from gitagent.git.repository import Repository
from gitagent.receive.judging import judged
from gitagent.receive.pushes import RefUpdate

if TYPE_CHECKING:
    from support.sharing import Member

MOVED = ("gitagent/ledger", "pre-release")
MADE = ("gitagent/ledger", "main", "v4")


@pytest.fixture
def guarded(attack: Attack, keys: Keys) -> Attack:
    """A remote that knows the keys of Ada and of Grace, and Mallory's clone, in which things are signed as Ada does."""
    folder = attack.remote / "gitagent"
    folder.mkdir(exist_ok=True)
    (folder / "allowed_signers").write_text(keys.allowed.read_text())
    signing(attack.mallory, keys)
    return attack


def signed_by(attack: Attack, keys: Keys, name: str) -> Member:
    signing(attack.mallory, keys, name)
    return attack.mallory


def require(attack: Attack, environment: str = "pre-release") -> None:
    """Let the remote's environment require signatures."""
    attack.mallory.agent.set_rules(
        environment, actor=ADA, at=attack.mallory.clock(), requires_signature=True, sign=attack.mallory.sign
    )
    assert attack.push("origin", "gitagent/ledger").taken


def test_what_ada_signed_is_taken(guarded: Attack) -> None:
    guarded.mallory.save("four\n")
    assert guarded.push("--atomic", "origin", *MADE).taken
    assert plumb(guarded.remote, "rev-parse", "v4") == guarded.git("rev-parse", "v4")


def test_what_somebody_signed_whom_the_server_does_not_know_is_refused(guarded: Attack, keys: Keys) -> None:
    before = guarded.refs()
    signed_by(guarded, keys, "mallory").save("four\n")
    pushed = guarded.push("--atomic", "origin", *MADE)
    assert not pushed.taken
    assert "refused: rule-signature: event " in pushed.said
    assert "which allowed_signers does not allow" in pushed.said
    assert "Sign with a key that the server knows as yours: git config user.signingKey" in pushed.said
    assert guarded.refs() == before


def test_what_somebody_else_signed_is_refused(guarded: Attack, keys: Keys) -> None:
    signed_by(guarded, keys, "grace").save("four\n")
    pushed = guarded.push("--atomic", "origin", *MADE)
    assert not pushed.taken
    assert "of grace@example.com, and not by ada@example.com" in pushed.said


def test_what_nobody_signed_is_taken_where_nothing_asks_for_it(guarded: Attack) -> None:
    guarded.mallory.sign = False
    guarded.mallory.save("four\n")
    assert guarded.push("--atomic", "origin", *MADE).taken


def test_a_shared_agent_signs_and_is_checked_by_the_way(guarded: Attack, keys: Keys) -> None:
    ada = guarded.ada
    signing(ada, keys)
    ada.agent.sync(actor=ADA, at=ada.clock())
    ada.publish("four\n").promote("pre-release")
    keys.sign_with("grace", ada.path)
    refused = refusal(lambda: ada.promote("live"))
    assert (refused.kind, refused.code) == ("RemoteRefused", "remote-refused")
    assert "rule-signature" in refused.message
    ada.actor = GRACE
    ada.promote("live")


# Where they are required


def test_a_version_that_a_stranger_signed_before_the_server_knew_keys_is_refused_there(
    guarded: Attack, keys: Keys
) -> None:
    file = guarded.remote / "gitagent/allowed_signers"
    file.unlink()
    signed_by(guarded, keys, "mallory").publish("four\n")
    assert guarded.push("--atomic", "origin", *MADE, "sandbox").taken
    file.write_text(keys.allowed.read_text())
    signing(guarded.mallory, keys)
    require(guarded)
    guarded.mallory.promote("pre-release")
    pushed = guarded.push("--atomic", "origin", *MOVED)
    assert not pushed.taken
    assert "rule-signature: the tag v4 is signed with the ssh key" in pushed.said


@pytest.mark.parametrize("server_knows_keys", [True, False])
def test_a_signature_that_was_taken_off_is_missed(guarded: Attack, server_knows_keys: bool) -> None:
    if not server_knows_keys:
        (guarded.remote / "gitagent/allowed_signers").unlink()
    guarded.mallory.publish("four\n")
    assert guarded.push("--atomic", "origin", *MADE, "sandbox").taken
    require(guarded)
    guarded.mallory.promote("pre-release")
    whole = guarded.git("rev-parse", LEDGER)
    signature = signature_of(Repository.discover(guarded.path), whole)
    assert signature is not None
    bare = guarded.plumb("hash-object", "-t", "commit", "-w", "--stdin", given=signature.text.decode())
    guarded.git("update-ref", LEDGER, bare)
    pushed = guarded.push("--atomic", "origin", *MOVED)
    assert not pushed.taken
    assert "rule-signature: event" in pushed.said
    assert "it is not signed, and pre-release requires signatures" in pushed.said
    guarded.git("update-ref", LEDGER, whole)
    assert guarded.push("--atomic", "origin", *MOVED).taken


def test_requiring_signatures_is_not_given_up_without_one(guarded: Attack) -> None:
    require(guarded)
    whole = guarded.git("rev-parse", LEDGER)
    guarded.mallory.agent.set_rules(
        "pre-release", actor=ADA, at=guarded.mallory.clock(), requires_signature=False, sign=True
    )
    signature = signature_of(Repository.discover(guarded.path), guarded.git("rev-parse", LEDGER))
    assert signature is not None
    guarded.git(
        "update-ref",
        LEDGER,
        guarded.plumb("hash-object", "-t", "commit", "-w", "--stdin", given=signature.text.decode()),
    )
    assert "rule-signature" in guarded.push("origin", "gitagent/ledger").said
    assert plumb(guarded.remote, "rev-parse", LEDGER) == whole


# Judged without a push


class Judge:
    """A clone in which Ada signed v4 and its publication, judged as a push would be by a server that is set so."""

    def __init__(self, attack: Attack) -> None:
        self.path = attack.path
        self.old = attack.git("rev-parse", LEDGER)
        attack.mallory.publish("four\n")
        self.repository = Repository.discover(attack.path)

    def allow(self, file: Path) -> None:
        (self.path / ".git/gitagent/allowed_signers").write_text(file.read_text())

    def code(self, *, new: bool = False) -> str | None:
        refs = {LEDGER_REF: self.old, "refs/heads/main": None, "refs/heads/sandbox": None, "refs/tags/v4": None}
        if new:
            refs = dict.fromkeys([*refs, "refs/heads/live", "refs/heads/pre-release", *map(_tag, (1, 2, 3))])
        updates = [RefUpdate(ref, old, plumb(self.path, "rev-parse", ref)) for ref, old in refs.items()]
        try:
            judged(self.repository, updates, None)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is compared
            return f"{getattr(error, 'code', error)}: {error}"
        return None


def _tag(number: int) -> str:
    return f"refs/tags/v{number}"


@pytest.fixture
def judge(guarded: Attack) -> Judge:
    return Judge(guarded)


def test_a_server_that_knows_no_keys_takes_any_signature(judge: Judge) -> None:
    assert judge.code() is None


def test_the_file_in_gitagents_folder_counts_before_gits_own(judge: Judge, keys: Keys) -> None:
    keys.trust(judge.path, keys.allow((GRACE, "grace"), file="grace-alone"))
    assert str(judge.code()).startswith("rule-signature: event ")
    judge.allow(keys.allowed)
    assert judge.code() is None


def test_a_file_that_is_not_there_takes_nothing_that_is_signed(judge: Judge, keys: Keys, tmp_path: Path) -> None:
    keys.trust(judge.path, tmp_path / "gone")
    assert "is not there, and no signature was checked" in str(judge.code())


def test_a_key_of_the_past_signs_nothing_new_but_what_it_signed_may_come_to_a_new_server(
    judge: Judge, keys: Keys
) -> None:
    soon = datetime.now(UTC) - timedelta(days=2)
    past = keys.allow((ADA, "ada"), options=f'valid-before="{soon:%Y%m%d}" ', file="past")
    judge.allow(past)
    assert str(judge.code()).startswith("rule-signature: event ")
    assert judge.code(new=True) is None


def test_garbage_is_no_signature_to_a_server_that_knows_keys(judge: Judge, keys: Keys) -> None:
    judge.allow(keys.allowed)
    repository = judge.repository
    text = signature_of(repository, plumb(judge.path, "rev-parse", LEDGER))
    assert text is not None
    head, _, message = text.text.partition(b"\n\n")
    garbage = b"\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n\n"
    id_ = plumb(judge.path, "hash-object", "-t", "commit", "-w", "--stdin", given=head + garbage + message)
    plumb(judge.path, "update-ref", LEDGER, id_)
    assert str(judge.code()).endswith("carries a signature that is not one of what it says")
