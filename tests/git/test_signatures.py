"""Signatures: found where git keeps them and nowhere else, and whose they are by ssh's and gpg's own word."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.building import ADA, GRACE, START, git
from support.commandline import Stream
from support.signing import Keys, gpg

from gitagent.git.armor import Signature, begins_signature, in_commit, in_tag, is_signature, signature_of, split
from gitagent.git.repository import Repository
from gitagent.git.signatures import Outcome, Signers
from gitagent.git.signing import Signer, settings

ARMOR = b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
PGP = b"-----BEGIN PGP SIGNATURE-----\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----\n"
HEAD = b"tree 1\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000"
TEXT = b"what is signed\n"


@pytest.fixture(autouse=True)
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stream())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "agent")


def header(armor: bytes) -> bytes:
    return b"\ngpgsig " + armor.rstrip(b"\n").replace(b"\n", b"\n ")


# The form


@pytest.mark.parametrize(
    ("armor", "is_one"),
    [
        (ARMOR, True),
        (PGP, True),
        (ARMOR.rstrip(), True),
        (ARMOR.replace(b"SSH SIGNATURE", b"SIGNED MESSAGE"), True),
        (ARMOR + ARMOR, False),
        (ARMOR + b"and more\n", False),
        (b"\n" + ARMOR, False),
        (ARMOR.replace(b"END SSH", b"END PGP"), False),
        (ARMOR.replace(b"SSH SIGNATURE", b"PUBLIC KEY"), False),
        (ARMOR.replace(b"U1NI", b"\xff\xff"), False),
        (ARMOR.partition(b"-----END")[0], False),
        (b"", False),
    ],
)
def test_a_signature_is_one_whole_block_of_armor(armor: bytes, is_one: bool) -> None:
    assert is_signature(armor) is is_one


@pytest.mark.parametrize("armor", [ARMOR, PGP])
def test_a_signature_ends_a_tag(armor: bytes) -> None:
    assert in_tag(b"object 1\n\nv1\n" + armor) == Signature(b"object 1\n\nv1\n", armor)
    assert split(b"v1\n" + armor) == (b"v1\n", armor)
    for content in (b"object 1\n\nv1\n", b"v1\n" + armor + b"more\n", b"v1\n  " + armor, b"v1 " + armor):
        assert in_tag(content) is None
        assert split(content) == (content, b"")


def test_the_last_of_several_signatures_is_that_of_all_before_it() -> None:
    assert in_tag(b"v1\n" + PGP + ARMOR) == Signature(b"v1\n" + PGP, ARMOR)


@pytest.mark.parametrize("armor", [ARMOR, PGP])
@pytest.mark.parametrize("after", [b"", b"\nnote to myself"])
def test_a_signature_stands_in_a_commits_head(armor: bytes, after: bytes) -> None:
    content = HEAD + header(armor) + after + b"\n\nsubject\n\ngpgsig no\n"
    assert in_commit(content) == Signature(HEAD + after + b"\n\nsubject\n\ngpgsig no\n", armor)


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        HEAD + header(ARMOR) + header(ARMOR),
        HEAD + header(ARMOR) + header(ARMOR).replace(b"gpgsig", b"gpgsig-sha256"),
        HEAD + header(ARMOR + b"more\n"),
        HEAD + b"\ngpgsig me",
        HEAD + b"\ngpgsig-sha256 " + ARMOR.strip().replace(b"\n", b"\n "),
    ],
)
def test_two_signatures_or_half_of_one_are_none(head: bytes) -> None:
    assert in_commit(head + b"\n\nsubject\n\ngpgsig " + ARMOR) is None


def test_how_a_signature_was_made_is_told_by_its_form() -> None:
    forms = [Signature(b"", each).form for each in (ARMOR, PGP, ARMOR.replace(b"SSH SIGNATURE", b"SIGNED MESSAGE"))]
    assert forms == ["ssh", "openpgp", "x509"]


def test_a_message_that_git_would_take_for_signed_is_known() -> None:
    assert begins_signature("why\n\n" + ARMOR.decode())
    assert begins_signature(PGP.decode())
    assert not begins_signature("why:\n  -----BEGIN SSH SIGNATURE-----")
    assert not begins_signature("-----BEGIN CERTIFICATE-----\ud800")


def test_what_is_neither_commit_nor_tag_has_no_signature(repository: Repository) -> None:
    blob = repository.write_blob(b"v1\n" + ARMOR)
    assert [signature_of(repository, id_) for id_ in (blob, "1" * 40, "no id")] == [None, None, None]


def test_a_tags_message_is_read_without_its_signature(repository: Repository, keys: Keys) -> None:
    keys.sign_with("ada", repository.top)
    commit = repository.write_commit(tree=repository.write_tree(None, {}), parents=(), message="x", actor=ADA, at=START)
    words = {"target": commit, "name": "v1", "message": "Autumn\n\nwhy\n", "actor": ADA, "at": START}
    plain = repository.tag(repository.write_tag(**words))  # type: ignore[arg-type]  # keywords of several types
    signer = Signer(repository, ADA)
    signed = repository.tag(repository.write_tag(**words, signer=signer))  # type: ignore[arg-type]
    assert plain is not None
    assert signed is not None
    assert signed._replace(id="") == plain._replace(id="", is_signed=True)


# By ssh


def by_ssh(repository: Repository, keys: Keys, name: str = "ada", text: bytes = TEXT) -> Signature:
    keys.sign_with(name, repository.top)
    return Signature(text, Signer(repository, ADA).sign(text))


def signers(repository: Repository, allowed: Path | None = None) -> Signers:
    return Signers(repository.top, settings(repository), allowed)


def test_a_signature_by_the_key_that_is_allowed_the_actor_is_good(repository: Repository, keys: Keys) -> None:
    signature = by_ssh(repository, keys)
    assert signers(repository, keys.allowed).verdict(signature, ADA.email, START).is_good
    keys.trust(repository.top)
    assert signers(repository).verdict(signature, ADA.email, START).is_good
    git(repository.top, "config", "gpg.ssh.allowedSignersFile", "near")
    (repository.top / "near").write_text(keys.allowed.read_text())
    assert signers(repository).verdict(signature, ADA.email, START).is_good


def test_a_signature_of_something_else_is_wrong(repository: Repository, keys: Keys) -> None:
    signature = by_ssh(repository, keys)._replace(text=b"something else\n")
    verdict = signers(repository, keys.allowed).verdict(signature, ADA.email, START)
    assert verdict == (Outcome.WRONG, "carries a signature that is not one of what it says")
    garbage = Signature(TEXT, ARMOR)
    assert signers(repository, keys.allowed).verdict(garbage, ADA.email, START) == verdict


def test_a_signature_by_somebody_elses_key_names_both(repository: Repository, keys: Keys) -> None:
    outcome, why = signers(repository, keys.allowed).verdict(by_ssh(repository, keys, "grace"), ADA.email, START)
    assert outcome is Outcome.OTHER
    assert why.startswith("is signed with the ssh key SHA256:")
    assert why.endswith(" of grace@example.com, and not by ada@example.com")


def test_a_signature_by_a_key_that_nobody_allowed_is_a_strangers(repository: Repository, keys: Keys) -> None:
    outcome, why = signers(repository, keys.allowed).verdict(by_ssh(repository, keys, "mallory"), ADA.email, START)
    assert outcome is Outcome.STRANGER
    assert why.endswith(", which allowed_signers does not allow")


def test_a_key_counts_for_the_time_for_which_it_is_allowed(repository: Repository, keys: Keys) -> None:
    signature = by_ssh(repository, keys)
    allowed = keys.allow((ADA, "ada"), options='valid-after="20260101",valid-before="20260601" ', file="for-a-while")
    verdict = signers(repository, allowed).verdict
    assert verdict(signature, ADA.email, START).is_good
    for at in (datetime(2025, 12, 30, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)):
        assert verdict(signature, ADA.email, at).outcome in (Outcome.SPENT, Outcome.STRANGER)


def test_a_key_that_was_revoked_does_not_count(repository: Repository, keys: Keys, tmp_path: Path) -> None:
    signature = by_ssh(repository, keys)
    (tmp_path / "revoked").write_text((keys.folder / "ada.pub").read_text())
    git(repository.top, "config", "gpg.ssh.revocationFile", str(tmp_path / "revoked"))
    assert signers(repository, keys.allowed).verdict(signature, ADA.email, START).outcome is Outcome.SPENT


def test_a_key_that_is_allowed_for_other_things_does_not_count(repository: Repository, keys: Keys) -> None:
    allowed = keys.allow((ADA, "ada"), options='namespaces="file" ', file="for-files")
    verdict = signers(repository, allowed).verdict(by_ssh(repository, keys), ADA.email, START)
    assert verdict.outcome in (Outcome.SPENT, Outcome.STRANGER)


def test_without_a_file_of_allowed_signers_nothing_is_known(repository: Repository, keys: Keys) -> None:
    signature = by_ssh(repository, keys)
    verdict = signers(repository).verdict(signature, ADA.email, START)
    assert verdict == (Outcome.UNCHECKED, "is signed by an ssh key, and no file of allowed signers is known")
    assert not verdict.is_checked
    git(repository.top, "config", "gpg.ssh.allowedSignersFile", "~/gone")
    assert signers(repository).missing == Path("~/gone").expanduser()
    assert signers(repository, keys.allowed).missing is None


def test_without_the_program_nothing_is_known(repository: Repository, keys: Keys) -> None:
    signature = by_ssh(repository, keys)
    git(repository.top, "config", "gpg.ssh.program", "/nowhere")
    git(repository.top, "config", "gpg.program", "/nowhere")
    verdict = signers(repository, keys.allowed).verdict
    assert verdict(signature, ADA.email, START).why == "is signed by an ssh key, and there is no program /nowhere"
    unknown = verdict(Signature(TEXT, PGP), ADA.email, START)
    assert unknown == (Outcome.UNCHECKED, "is signed, and /nowhere, which could check it, is not installed")


# By gpg


def by_gpg(repository: Repository) -> Signature:
    return Signature(TEXT, Signer(repository, ADA).sign(TEXT))


def test_a_signature_by_a_key_of_the_actors_e_mail_is_good(repository: Repository, gnupg: Path) -> None:
    assert gnupg.is_dir()
    verdict = signers(repository).verdict
    assert verdict(by_gpg(repository), "Ada@Example.com", START).is_good
    other = verdict(by_gpg(repository), GRACE.email, START)
    assert other.outcome is Outcome.OTHER
    assert other.why.endswith(" of ada@example.com, and not by grace@example.com")


def test_gpg_knows_a_signature_of_something_else(repository: Repository, gnupg: Path) -> None:
    signature = by_gpg(repository)
    verdict = signers(repository).verdict
    assert verdict(signature._replace(text=b"something else\n"), ADA.email, START).outcome is Outcome.WRONG
    assert verdict(Signature(TEXT, PGP), ADA.email, START).outcome is Outcome.WRONG
    again = signature.armor.replace(b"-----END", b"\n-----END", 1)
    assert is_signature(again)


def test_a_key_that_gpg_does_not_have_cannot_be_checked(
    repository: Repository, gnupg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = by_gpg(repository)
    (tmp_path / "empty").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "empty"))
    verdict = signers(repository).verdict(signature, ADA.email, START)
    assert verdict.outcome is Outcome.UNCHECKED
    assert verdict.why.endswith(", which gpg does not know")


def test_gpg_has_to_trust_a_key_as_far_as_git_asks(
    repository: Repository, gnupg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, public = by_gpg(repository), gpg("--armor", "--export", ADA.email)
    (tmp_path / "other").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "other"))
    gpg("--import", given=public)
    assert signers(repository).verdict(signature, ADA.email, START).is_good
    git(repository.top, "config", "gpg.minTrustLevel", "marginal")
    assert signers(repository).verdict(signature, ADA.email, START).outcome is Outcome.STRANGER


def status(*lines: str) -> list[list[str]]:
    return [line.split(" ") for line in lines]


VALID = "VALIDSIG AAAA 2026-03-02 1772442120 0 4 0 22 8 00 BBBB"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (["GOODSIG K Ada", VALID], Outcome.GOOD),
        (["GOODSIG K Ada", VALID, "TRUST_UNDEFINED 0 pgp"], Outcome.GOOD),
        (["GOODSIG K Ada", VALID, "TRUST_NEVER 0 pgp"], Outcome.STRANGER),
        (["EXPKEYSIG K Ada", "KEYEXPIRED 1772442121", VALID], Outcome.GOOD),
        (["EXPKEYSIG K Ada", "KEYEXPIRED 1772442119", VALID], Outcome.SPENT),
        (["EXPKEYSIG K Ada", VALID], Outcome.SPENT),
        (["EXPKEYSIG K Ada", "KEYEXPIRED 1772442121", VALID.replace("1772442120", "20260302T090200")], Outcome.SPENT),
        (["EXPSIG K Ada", VALID], Outcome.SPENT),
        (["REVKEYSIG K Ada", VALID], Outcome.SPENT),
        (["BADSIG K Ada"], Outcome.WRONG),
        (["ERRSIG K 22 8 00 1 9", "NO_PUBKEY K"], Outcome.UNCHECKED),
        (["ERRSIG K 22 8 00 1 4"], Outcome.WRONG),
        (["GOODSIG K Ada"], Outcome.WRONG),
        (["GOODSIG K Ada", VALID, "GOODSIG L Eve", VALID], Outcome.WRONG),
        (["NODATA 4"], Outcome.WRONG),
        ([], Outcome.WRONG),
    ],
)
def test_what_gpg_says_is_taken_to_the_letter(tmp_path: Path, said: list[str], outcome: Outcome) -> None:
    assert Signers(tmp_path, {})._of_status(status(*said)).outcome is outcome


def test_the_program_of_x509_is_asked_as_gpg_is(repository: Repository, tmp_path: Path) -> None:
    program = tmp_path / "stand-in"
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\ncase $* in\n'
        f"*--list-keys*) for name in CN=Ada '<ada@example.com>'; do echo \"uid:u::::1::X::$name:::\"; done;;\n"
        f"*) printf '[GNUPG:] GOODSIG K Ada\\n[GNUPG:] {' '.join(VALID.split()[:10])}\\n';;\nesac\n"
    )
    program.chmod(0o755)
    git(repository.top, "config", "gpg.x509.program", str(program))
    signature = Signature(TEXT, ARMOR.replace(b"SSH SIGNATURE", b"SIGNED MESSAGE"))
    verdict = signers(repository).verdict
    assert verdict(signature, ADA.email, START).is_good
    assert verdict(signature, GRACE.email, START).outcome is Outcome.OTHER
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["--status-fd=1", "--batch", "--status-fd=1"], "keys are asked once"
