"""Signing as git's settings say: by ssh, by gpg, by what stands for them, and what is said where it cannot be."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.building import ADA, GRACE, START, git
from support.commandline import Stream
from support.refusing import refusal
from support.signing import Keys, forget_passphrases, gpg

from gitagent.git import signing
from gitagent.git.armor import in_commit, in_tag, signature_of
from gitagent.git.identity import signs_by_default
from gitagent.git.repository import Repository
from gitagent.git.signing import Signer

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.fixture(autouse=True)
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stream())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "agent")


def signed(repository: Repository, signer: Signer | None = None) -> tuple[str, str]:
    """A commit and a tag on it, both signed."""
    signer = signer or Signer(repository, ADA)
    tree = repository.write_tree(None, {})
    commit = repository.write_commit(tree=tree, parents=(), message="é\n\nwhy\n", actor=ADA, at=START, signer=signer)
    tag = repository.write_tag(target=commit, name="v1", message="one\n", actor=ADA, at=START, signer=signer)
    return commit, tag


def stand_in(folder: Path, text: str) -> str:
    """A program that stands in for one that signs."""
    path = folder / "stand-in"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_what_an_ssh_key_signs_is_good_by_gits_own_word(repository: Repository, keys: Keys) -> None:
    keys.sign_with("ada", repository.top)
    keys.trust(repository.top)
    commit, tag = signed(repository)
    git(repository.top, "update-ref", "refs/tags/v1", tag)
    git(repository.top, "verify-commit", commit)
    git(repository.top, "verify-tag", "v1")
    said = git(repository.top, "log", "-1", "--format=%G? %GS %s%n%b", commit)
    assert said == "G ada@example.com é\nwhy\n\n"
    assert git(repository.top, "fsck", "--strict") == ""


def test_what_gpg_signs_is_good_by_gits_own_word(repository: Repository, gnupg: Path) -> None:
    assert gnupg.is_dir()
    commit, tag = signed(repository)
    git(repository.top, "update-ref", "refs/tags/v1", tag)
    git(repository.top, "verify-commit", commit)
    git(repository.top, "verify-tag", "v1")
    assert git(repository.top, "log", "-1", "--format=%G? %GS", commit) == "U Ada Lovelace <ada@example.com>\n" or (
        git(repository.top, "log", "-1", "--format=%G?", commit) == "G\n"
    )


def test_a_signature_is_all_that_a_signed_object_has_besides(repository: Repository, keys: Keys) -> None:
    keys.sign_with("ada", repository.top)
    commit, tag = signed(repository)
    words = {"tree": EMPTY, "parents": (), "message": "é\n\nwhy\n", "actor": ADA, "at": START}
    plain = repository.write_commit(**words)  # type: ignore[arg-type]  # keywords of several types
    other = repository.write_tag(target=commit, name="v1", message="one\n", actor=ADA, at=START)
    for id_, unsigned, take in ((commit, plain, in_commit), (tag, other, in_tag)):
        found = take(repository.raw.read(id_)[1])
        assert found is not None
        assert found == signature_of(repository, id_)
        assert found.text == repository.raw.read(unsigned)[1]
        assert found.form == "ssh"
        assert signature_of(repository, unsigned) is None
    assert repository.commit(commit)._replace(id=plain) == repository.commit(plain)


def test_git_signs_by_the_key_that_its_settings_name(repository: Repository, keys: Keys, tmp_path: Path) -> None:
    git(repository.top, "config", "gpg.format", "ssh")
    for key in (str(keys.folder / "grace"), str(keys.folder / "grace.pub")):
        git(repository.top, "config", "user.signingKey", key)
        assert b"BEGIN SSH SIGNATURE" in Signer(repository, ADA).sign(b"text\n")
    (repository.top / "near").write_bytes((keys.folder / "ada").read_bytes())
    (repository.top / "near").chmod(0o600)
    git(repository.top, "config", "user.signingKey", "near")
    assert Signer(repository, ADA).sign(b"text\n") == _by_hand(keys, "ada", b"text\n", tmp_path)


def _by_hand(keys: Keys, name: str, text: bytes, folder: Path) -> bytes:
    """What ssh-keygen itself makes of a text; a signature by such a key is always the same."""
    (folder / "text").write_bytes(text)
    command = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(keys.folder / name), str(folder / "text")]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "text.sig").read_bytes()


def test_an_agent_signs_with_a_key_that_is_named_by_its_text(
    repository: Repository, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "socket")], stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "socket"))
        subprocess.run(["ssh-add", "-q", str(keys.folder / "ada")], check=True, capture_output=True)
        git(repository.top, "config", "gpg.format", "ssh")
        expected = _by_hand(keys, "ada", b"text\n", tmp_path)
        for key in (f"key::{keys.public('ada')}", keys.public("ada")):
            git(repository.top, "config", "user.signingKey", key)
            assert Signer(repository, ADA).sign(b"text\n") == expected
        git(repository.top, "config", "--unset", "user.signingKey")
        git(repository.top, "config", "gpg.ssh.defaultKeyCommand", "ssh-add -L")
        assert Signer(repository, ADA).sign(b"text\n") == expected
    finally:
        agent.terminate()
        agent.communicate()


def test_without_an_agent_a_key_named_by_its_text_cannot_sign(
    repository: Repository, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(repository.top / "none"))
    git(repository.top, "config", "gpg.format", "ssh")
    key = f"key::{keys.public('ada')}"
    git(repository.top, "config", "user.signingKey", key)
    assert refusal(lambda: Signer(repository, ADA).sign(b"")) == (
        "SigningFailed",
        "signing-key-absent",
        f"there is no private key for {key}, neither in a file nor in the ssh agent",
        "See what the agent has: ssh-add -L; give it the key: ssh-add",
    )


def test_where_git_knows_no_key_it_is_said_how_to_name_one(repository: Repository) -> None:
    git(repository.top, "config", "gpg.format", "ssh")
    assert refusal(lambda: Signer(repository, ADA).sign(b"")) == (
        "SigningKeyMissing",
        "signing-key-missing",
        "git knows no key to sign with",
        "git config user.signingKey ~/.ssh/id_ed25519.pub\nWithout a signature: --no-sign",
    )
    for command in ("echo nothing", "false"):
        git(repository.top, "config", "gpg.ssh.defaultKeyCommand", command)
        failed = refusal(lambda: Signer(repository, ADA).sign(b""))
        assert failed.message == f"gpg.ssh.defaultKeyCommand, {command}, names no key"


def test_a_key_that_is_not_there_cannot_sign(repository: Repository) -> None:
    git(repository.top, "config", "gpg.format", "ssh")
    git(repository.top, "config", "user.signingKey", "~/nowhere")
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert (failed.kind, failed.code) == ("SigningFailed", "signing-failed")
    assert failed.message.startswith("ssh-keygen could not sign with ~/nowhere: ")
    assert "No such file" in failed.message


def test_an_ssh_key_with_a_passphrase_is_refused_where_nobody_can_be_asked(repository: Repository, keys: Keys) -> None:
    keys.sign_with("locked", repository.top)
    assert refusal(lambda: Signer(repository, ADA).sign(b"")) == (
        "SigningFailed",
        "signing-passphrase",
        f"the ssh key {keys.folder / 'locked'} needs its passphrase, and there is no terminal here to ask for it",
        "Give it to the agent first: ssh-add\nWithout a signature: --no-sign",
    )


def test_a_gpg_key_with_a_passphrase_is_refused_where_nobody_can_be_asked(
    repository: Repository, gnupg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_passphrases()
    monkeypatch.setenv("GPG_TTY", "/dev/tty")
    failed = refusal(lambda: Signer(repository, GRACE).sign(b""))
    assert (failed.kind, failed.code) == ("SigningFailed", "signing-passphrase")
    assert failed.message == f"the key of {GRACE} needs its passphrase, and there is no terminal here to ask for it"
    gpg("--pinentry-mode", "loopback", "--passphrase", "a secret", "-u", GRACE.email, "--clear-sign", given="x")
    assert b"BEGIN PGP SIGNATURE" in Signer(repository, GRACE).sign(b""), "gpg's agent remembers it"


def test_gpg_without_the_key_says_how_to_name_one(repository: Repository, gnupg: Path) -> None:
    git(repository.top, "config", "user.signingKey", "nobody@example.com")
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert (failed.kind, failed.message) == ("SigningKeyMissing", "gpg has no secret key of nobody@example.com")
    assert "gpg --list-secret-keys" in (failed.hint or "")


@pytest.mark.parametrize("form", ["openpgp", "x509", "ssh"])
def test_a_program_that_is_not_there_is_named(repository: Repository, form: str) -> None:
    git(repository.top, "config", "gpg.format", form)
    git(repository.top, "config", f"gpg.{form}.program", "/nowhere/to/be/found")
    git(repository.top, "config", "user.signingKey", "key")
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert failed.message == "/nowhere/to/be/found, which signs, cannot be started: No such file or directory"
    assert f"git config gpg.{'' if form == 'openpgp' else f'{form}.'}program PATH" in (failed.hint or "")


def test_a_program_of_ones_own_is_given_what_git_gives_it(repository: Repository, tmp_path: Path) -> None:
    program = stand_in(
        tmp_path,
        f'echo "$*" > {tmp_path}/asked; cat > {tmp_path}/given; echo "[GNUPG:] SIG_CREATED D" >&2\n'
        'printf -- "-----BEGIN SIGNED MESSAGE-----\\r\\nAAAA\\r\\n-----END SIGNED MESSAGE-----\\r\\n"',
    )
    git(repository.top, "config", "gpg.format", "x509")
    git(repository.top, "config", "gpg.x509.program", program)
    git(repository.top, "config", "user.signingKey", "0xABCD")
    armor = Signer(repository, ADA).sign(b"text\n")
    assert armor == b"-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n"
    assert (tmp_path / "asked").read_text() == "--status-fd=2 -bsau 0xABCD\n"
    assert (tmp_path / "given").read_bytes() == b"text\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit 0", "could not sign with the key of Ada Lovelace <ada@example.com>: "),
        (
            "echo 'out of paper' >&2; exit 2",
            "could not sign with the key of Ada Lovelace <ada@example.com>: out of paper",
        ),
        ("echo '[GNUPG:] FAILURE sign 67108962' >&2; echo bad >&2; exit 2", "<ada@example.com>: bad"),
    ],
)
def test_a_program_that_does_not_sign_is_quoted(
    repository: Repository, tmp_path: Path, text: str, message: str
) -> None:
    git(repository.top, "config", "gpg.program", stand_in(tmp_path, text))
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert (failed.code, failed.message.endswith(message)) == ("signing-failed", True), failed.message


def test_what_is_no_signature_is_not_written(repository: Repository, tmp_path: Path) -> None:
    program = stand_in(tmp_path, "echo '[GNUPG:] SIG_CREATED D' >&2; echo nonsense")
    git(repository.top, "config", "gpg.program", program)
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert failed.message == f"what {program} wrote is no signature"


def test_a_program_that_waits_for_somebody_is_given_up_where_nobody_is(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "LONGEST_UNATTENDED", 0.1)
    git(repository.top, "config", "gpg.program", stand_in(tmp_path, "exec sleep 60"))
    failed = refusal(lambda: Signer(repository, ADA).sign(b""))
    assert failed.message.endswith("did not sign within 0 seconds")


def test_a_way_to_sign_that_git_does_not_know_is_refused(repository: Repository) -> None:
    git(repository.top, "config", "gpg.format", "wax")
    failed = refusal(lambda: Signer(repository, ADA))
    assert failed.message == "git's gpg.format is 'wax', which is no way to sign"


def test_only_gpg_and_only_at_a_terminal_is_unlocked_beforehand(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = stand_in(tmp_path, f"echo \"$GPG_TTY $*\" >> {tmp_path}/asked; echo '[GNUPG:] SIG_CREATED D' >&2")
    git(repository.top, "config", "gpg.program", program)
    git(repository.top, "config", "gpg.ssh.program", program)
    Signer(repository, ADA).unlock()
    assert not (tmp_path / "asked").exists()
    ours, theirs = os.openpty()
    try:
        with open(theirs, closefd=False) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            Signer(repository, ADA).unlock()
            expected = f"{os.ttyname(theirs)} --status-fd=2 -bsau {ADA}\n"
            git(repository.top, "config", "gpg.format", "ssh")
            Signer(repository, ADA).unlock()
    finally:
        os.close(ours)
        os.close(theirs)
    assert (tmp_path / "asked").read_text() == expected


def test_git_says_whether_tags_are_signed_by_themselves(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not signs_by_default(repository, {})
    for value, meant in (("true", True), ("off", False), ("1", True), ("nonsense", False)):
        git(repository.top, "config", "tag.gpgSign", value)
        assert signs_by_default(repository, {}) is meant
    git(repository.top, "config", "--unset", "tag.gpgSign")
    (tmp_path / "config").write_text("[tag]\n\tgpgSign\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert signs_by_default(repository, os.environ)


def test_without_any_standard_input_nobody_is_there(
    repository: Repository, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    keys.sign_with("locked", repository.top)
    assert refusal(lambda: Signer(repository, ADA).sign(b"")).code == "signing-passphrase"
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert refusal(lambda: Signer(repository, ADA).sign(b"")).code == "signing-passphrase"
