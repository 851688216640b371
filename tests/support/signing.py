"""Signing: real keys of ssh and gpg, made once for a test run, and git set to sign with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.building import ADA, GRACE, Built, git
from support.serving import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent import Actor

MALLORY = "mallory@example.com"
SECRET = "a secret"


class Keys:
    """Keys of Ada, of Grace and of Mallory, whom nobody allows; `locked` is Ada's second one, with a passphrase."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program("ssh-keygen")
        for name in ("ada", "grace", "mallory"):
            self.make(name)
        self.make("locked", SECRET)
        self.allowed = folder / "allowed_signers"
        self.allow((ADA, "ada"), (GRACE, "grace"))

    def make(self, name: str, passphrase: str = "") -> Path:
        """A new ssh key of that name."""
        path = self.folder / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path

    def public(self, name: str) -> str:
        """A public key, without what it is called."""
        return " ".join((self.folder / f"{name}.pub").read_text().split()[:2])

    def allow(self, *allowed: tuple[Actor, str], options: str = "", file: str = "allowed_signers") -> Path:
        """Write a file of allowed signers."""
        path = self.folder / file
        path.write_text("".join(f"{actor.email} {options}{self.public(name)}\n" for actor, name in allowed))
        return path

    def sign_with(self, name: str, folder: Path) -> None:
        """Let git sign with this key in a repository."""
        git(folder, "config", "gpg.format", "ssh")
        git(folder, "config", "user.signingKey", str(self.folder / name))

    def trust(self, folder: Path, allowed: Path | None = None) -> None:
        """Let git know the allowed signers in a repository."""
        git(folder, "config", "gpg.ssh.allowedSignersFile", str(allowed or self.allowed))


def gpg(*arguments: str, given: str = "") -> str:
    """What gpg prints, in the home of its own that the environment names."""
    done = subprocess.run(["gpg", "--batch", *arguments], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def gpg_home() -> Iterator[Path]:
    """A home of gpg with the keys of Ada and, locked, of Grace. Its sockets need a path that is short."""
    program("gpg")
    home = Path(tempfile.mkdtemp(prefix="gpg-"))
    home.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GNUPGHOME", os.fspath(home))
        for actor, passphrase in ((ADA, ""), (GRACE, SECRET)):
            options = ["--pinentry-mode", "loopback", "--passphrase", passphrase]
            gpg(*options, "--quick-gen-key", str(actor), "ed25519", "sign", "never")
        forget_passphrases()
        try:
            yield home
        finally:
            forget_passphrases()
            shutil.rmtree(home, ignore_errors=True)


def forget_passphrases() -> None:
    """End gpg's agent of this home, which remembers them."""
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, capture_output=True)


def signing(built: Built, keys: Keys, name: str = "ada") -> Built:
    """The agent, everything that is done in it from now on signed with this key."""
    keys.sign_with(name, built.path)
    built.sign = True
    return built
