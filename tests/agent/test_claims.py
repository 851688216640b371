"""Checking signatures: every one has to be that of who acted, made of what it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, Built
from support.forging import LEDGER, plumb
from support.signing import Keys, signing

from gitagent import Actor, Agent
from gitagent.agent import verification
from gitagent.git.armor import signature_of
from gitagent.git.repository import Repository
from gitagent.git.signing import Signer, signed_commit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent import Verification

GARBAGE = b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture
def signed(build: Callable[..., Built], keys: Keys) -> Built:
    """An agent with v2 and v3 in sandbox, all but v1 signed by Ada."""
    return signing(build(), keys).publish("two\n").publish("three\n")


def found(done: Verification) -> list[tuple[str, str]]:
    """The code and the place of every finding about a signature."""
    return [(each.code, each.place) for each in done.findings if each.code.startswith(("signature", "signers"))]


def looked(built: Built, keys: Keys | Path | None = None) -> list[tuple[str, str]]:
    allowed = keys.allowed if isinstance(keys, Keys) else keys
    return found(Agent.open(built.path, settle=False).verify(allowed_signers=allowed))


def content(built: Built, name: str) -> bytes:
    """An object as git keeps it."""
    repository = Repository.discover(built.path)
    return bytes(repository.raw.read(plumb(built.path, "rev-parse", name))[1])


def put_event(built: Built, text: bytes) -> None:
    """Let the ledger's newest commit be another."""
    id_ = plumb(built.path, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", given=text)
    plumb(built.path, "update-ref", LEDGER, id_)


def put_tag(built: Built, text: bytes) -> None:
    """Let v3 have another tag object, and the newest event make that one, unsigned."""
    id_ = plumb(built.path, "hash-object", "-t", "tag", "-w", "--stdin", "--literally", given=text)
    old, event = plumb(built.path, "rev-parse", "v3"), unsigned(built, LEDGER)
    path = "versions/0/v3.yaml"
    tree = plumb(built.path, "rev-parse", f"{LEDGER}^{{tree}}")
    record = plumb(built.path, "cat-file", "blob", f"{tree}:{path}").replace(old, id_) + "\n"
    store = Repository.discover(built.path)
    other = store.write_tree(tree, {path: store.write_blob(record.encode())})
    put_event(built, event.replace(old.encode(), id_.encode()).replace(tree.encode(), other.encode()))
    plumb(built.path, "update-ref", "refs/tags/v3", id_)


def unsigned(built: Built, name: str) -> bytes:
    """What is signed of an object."""
    signature = signature_of(Repository.discover(built.path), plumb(built.path, "rev-parse", name))
    assert signature is not None
    return signature.text


def armor(built: Built, name: str) -> bytes:
    signature = signature_of(Repository.discover(built.path), plumb(built.path, "rev-parse", name))
    assert signature is not None
    return signature.armor


def in_head(text: bytes, signature: bytes) -> bytes:
    """A commit's text with this in the place of its signature."""
    head, _, message = text.partition(b"\n\n")
    return head + b"\ngpgsig " + signature.rstrip().replace(b"\n", b"\n ") + b"\n\n" + message


EVENT = [("signature-wrong", "gitagent/ledger:3")]


def test_what_everybody_signed_themselves_is_sound(signed: Built, keys: Keys) -> None:
    keys.sign_with("grace", signed.path)
    signed.actor = GRACE
    signed.promote("pre-release")
    done = signed.agent.verify(allowed_signers=keys.allowed)
    assert (done.findings, done.signatures, done.events) == ((), 5, 4)


def test_the_file_that_git_knows_is_taken_where_none_is_named(signed: Built, keys: Keys) -> None:
    keys.trust(signed.path, keys.allow((GRACE, "grace"), file="grace-alone"))
    assert {code for code, _ in looked(signed)} == {"signature-stranger"}
    assert looked(signed, keys) == []


def test_a_signature_by_another_key_is_found(signed: Built, keys: Keys) -> None:
    keys.sign_with("mallory", signed.path)
    signed.publish("four\n")
    assert looked(signed, keys) == [("signature-stranger", "gitagent/ledger:4"), ("signature-stranger", "tags/v4")]


def test_a_signer_who_is_not_the_actor_is_found(signed: Built, keys: Keys) -> None:
    keys.sign_with("grace", signed.path)
    signed.promote("pre-release")
    done = signed.agent.verify(allowed_signers=keys.allowed)
    assert found(done) == [("signature-other", "gitagent/ledger:4")]
    assert done.findings[0].message.startswith("event 4, promote pre-release v3, is signed with the ssh key SHA256:")
    assert done.findings[0].message.endswith(" of grace@example.com, and not by ada@example.com")


def test_an_actor_whom_nobody_knows_is_not_vouched_for_by_a_known_key(signed: Built, keys: Keys) -> None:
    signed.actor = Actor("Ada Lovelace", "ada@elsewhere.example")
    signed.promote("pre-release")
    assert looked(signed, keys) == [("signature-other", "gitagent/ledger:4")]


def test_a_signature_that_was_copied_from_another_tag_is_found(signed: Built, keys: Keys) -> None:
    put_tag(signed, unsigned(signed, "v3") + armor(signed, "v2"))
    assert looked(signed, keys) == [("signature-wrong", "tags/v3")]


def test_a_signature_that_was_copied_from_another_event_is_found(signed: Built, keys: Keys) -> None:
    put_event(signed, in_head(unsigned(signed, LEDGER), armor(signed, f"{LEDGER}~1")))
    assert looked(signed, keys) == EVENT


def test_a_signature_of_the_event_is_none_of_the_tag(signed: Built, keys: Keys) -> None:
    put_tag(signed, unsigned(signed, "v3") + armor(signed, LEDGER))
    assert looked(signed, keys) == [("signature-wrong", "tags/v3")]


@pytest.mark.parametrize("garbage", [GARBAGE, GARBAGE.replace(b"SSH", b"PGP")])
def test_garbage_is_found(signed: Built, keys: Keys, gnupg: Path, garbage: bytes) -> None:
    assert gnupg.is_dir()
    put_event(signed, in_head(unsigned(signed, LEDGER), garbage))
    assert looked(signed, keys) == EVENT


def test_words_that_were_changed_under_a_signature_are_found(signed: Built, keys: Keys) -> None:
    text = unsigned(signed, LEDGER)
    put_event(signed, in_head(text.replace(b" 1772", b" 1771"), armor(signed, LEDGER)))
    assert looked(signed, keys) == EVENT


def test_two_signatures_in_one_event_break_the_rules(signed: Built, keys: Keys) -> None:
    put_event(signed, in_head(in_head(unsigned(signed, LEDGER), armor(signed, LEDGER)), armor(signed, LEDGER)))
    done = Agent.open(signed.path, settle=False).verify(allowed_signers=keys.allowed)
    assert "rule-actor" in [each.code for each in done.findings]


def test_two_signatures_on_one_tag_are_not_its_words(signed: Built, keys: Keys) -> None:
    put_tag(signed, content(signed, "v3") + armor(signed, "v3"))
    done = Agent.open(signed.path, settle=False).verify(allowed_signers=keys.allowed)
    assert [each.code for each in done.findings if each.ref == "refs/tags/v3"] == ["tag-words", "signature-wrong"]


def test_text_after_the_words_of_a_tag_is_not_taken_for_a_signature(signed: Built, keys: Keys) -> None:
    put_tag(signed, unsigned(signed, "v3") + b"and what somebody added\n")
    done = Agent.open(signed.path, settle=False).verify(allowed_signers=keys.allowed)
    assert [each.code for each in done.findings if each.ref == "refs/tags/v3"] == ["tag-words"]


def test_an_event_whose_signature_was_taken_off_is_an_unsigned_one(signed: Built, keys: Keys) -> None:
    put_event(signed, unsigned(signed, LEDGER))
    done = Agent.open(signed.path, settle=False).verify(allowed_signers=keys.allowed)
    assert (done.findings, done.signatures) == ((), 3), "nothing asks for it, and the tag is Ada's still"


# Where they are required


@pytest.fixture
def strict(signed: Built) -> Built:
    """The same, sandbox requiring signatures, with v4 published there after that."""
    signed.agent.set_rules("sandbox", actor=ADA, at=signed.clock(), requires_signature=True)
    return signed.publish("four\n")


def rules_broken(built: Built, keys: Keys) -> list[tuple[str, str]]:
    done = Agent.open(built.path, settle=False).verify(allowed_signers=keys.allowed)
    return [(each.code, each.message.partition(": ")[2]) for each in done.findings if each.code.startswith("rule")]


def test_an_event_whose_signature_was_taken_off_breaks_the_rule(strict: Built, keys: Keys) -> None:
    assert rules_broken(strict, keys) == []
    put_event(strict, unsigned(strict, LEDGER))
    assert rules_broken(strict, keys) == [("rule-signature", "it is not signed, and sandbox requires signatures")]


def test_a_signed_event_does_not_make_up_for_an_unsigned_version(strict: Built, keys: Keys) -> None:
    tag, plain = plumb(strict.path, "rev-parse", "v4"), unsigned(strict, "v4")
    other = plumb(strict.path, "hash-object", "-t", "tag", "-w", "--stdin", given=plain)
    text = unsigned(strict, LEDGER).replace(tag.encode(), other.encode())
    put_event(strict, signed_commit(text, Signer(Repository.discover(strict.path), ADA)))
    assert rules_broken(strict, keys) == [("rule-signature", "v4 is not signed, and sandbox requires signatures")]


def test_a_signed_version_does_not_make_up_for_an_unsigned_event(strict: Built, keys: Keys) -> None:
    text = unsigned(strict, LEDGER)
    put_event(strict, text)
    assert signature_of(Repository.discover(strict.path), plumb(strict.path, "rev-parse", "v4")) is not None
    assert [code for code, _ in rules_broken(strict, keys)] == ["rule-signature"]


# What cannot be checked


def test_as_long_as_nobody_said_whose_keys_count_it_is_one_warning(signed: Built) -> None:
    done = signed.agent.verify()
    assert [(each.code, str(each.severity), each.message) for each in done.findings] == [
        (
            "signature-unchecked",
            "warning",
            "4 signatures were not checked: the first is signed by an ssh key, and no file of allowed signers is known",
        )
    ]
    assert "gitagent verify --allowed-signers FILE" in (done.findings[0].hint or "")


def test_a_file_that_is_not_there_is_an_error(signed: Built, keys: Keys, tmp_path: Path) -> None:
    keys.trust(signed.path, tmp_path / "gone")
    done = signed.agent.verify()
    assert [(each.code, str(each.severity)) for each in done.findings] == [("signers-missing", "error")]
    assert looked(signed, keys) == []


def test_where_some_can_be_checked_the_others_are_errors(
    signed: Built, keys: Keys, gnupg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gnupg.is_dir()
    signed.git("config", "gpg.format", "openpgp")
    signed.git("config", "user.signingKey", ADA.email)
    signed.promote("pre-release")
    assert looked(signed, keys) == []
    assert [code for code, _ in looked(signed)] == ["signature-unchecked"] * 4, "gpg's own can be"
    (tmp_path / "empty").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "empty"))
    assert looked(signed, keys) == [("signature-unchecked", "gitagent/ledger:4")]
    assert len(looked(signed)) == 1


def test_how_much_is_done_is_told_to_the_end(signed: Built, keys: Keys) -> None:
    told: list[tuple[int, int]] = []
    signed.agent.verify(lambda *amount: told.append(amount), allowed_signers=keys.allowed)
    assert told[-1] == (10, 10)
    assert told == sorted(told)


def test_an_unsigned_agent_needs_no_file(build: Callable[..., Built], tmp_path: Path) -> None:
    done = build().publish().agent.verify(allowed_signers=tmp_path / "gone")
    assert (done.findings, done.signatures) == ((), 0)
