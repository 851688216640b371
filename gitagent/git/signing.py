"""Signing: a tag's or a commit's text signed the way that git's own settings say."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

from gitagent.errors import SigningFailed, SigningKeyMissing
from gitagent.git.armor import is_signature
from gitagent.git.remote import run_git
from gitagent.git.signatures import PROGRAMS, programs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.git.repository import Repository
    from gitagent.names import Actor

LONGEST_UNATTENDED = 60.0
"""Seconds that a program gets where nobody sits at a terminal: a key on a token waits for a finger."""
_STATUS = "[GNUPG:] "
_UNSIGNED = "Without a signature: --no-sign"
_NOT_UNLOCKED = frozenset({11, 85, 99, 177})
"""gpg's numbers for a passphrase that was wrong, or could not be asked for, or was not given."""
_NO_SECRET_KEY = frozenset({9, 17})


class Signer:
    """Somebody's key, and the program that signs with it: git's gpg.format, user.signingKey and their like."""

    def __init__(self, repository: Repository, actor: Actor) -> None:
        self._top = repository.top
        self._actor = actor
        self._settings = settings(repository)
        self._form = self._settings.get("gpg.format", "openpgp").lower()
        if self._form not in PROGRAMS:
            raise SigningFailed(
                f"git's gpg.format is '{self._form}', which is no way to sign",
                hint=f"git config gpg.format ssh, or one of {', '.join(PROGRAMS)}",
            )
        self._program = programs(self._settings)[self._form]

    def sign(self, content: bytes) -> bytes:
        """The signature of a text, armored. SigningKeyMissing or SigningFailed when there is none to be had."""
        armored = self._by_ssh(content) if self._form == "ssh" else self._by_gpg(content)
        signature = armored.replace(b"\r\n", b"\n").strip() + b"\n"
        if not is_signature(signature):
            raise SigningFailed(f"what {self._program} wrote is no signature", hint="See: git config --get-regexp gpg")
        return signature

    def unlock(self) -> None:
        """Let what has to be asked of somebody at a terminal be asked now, before others have to wait for it."""
        if self._form != "ssh" and _is_attended():
            self._by_gpg(b"")

    def _by_ssh(self, content: bytes) -> bytes:
        key = self._settings.get("user.signingkey") or self._default_key()
        literal = key.removeprefix("key::") if key.startswith(("key::", "ssh-")) else None
        with TemporaryDirectory(prefix="gitagent-") as folder:
            text, public = Path(folder, "text"), Path(folder, "key.pub")
            text.write_bytes(content)
            public.write_text(f"{literal}\n", encoding="utf-8")
            file = str(public) if literal is not None else os.path.expanduser(key)  # noqa: PTH111  # "~ada/key", too
            done = self._run(["-Y", "sign", "-n", "git", "-f", file, str(text)])
            if done.returncode != 0:
                self._refuse_ssh(key, done.stderr.decode(errors="replace"))
            return text.with_suffix(".sig").read_bytes()

    def _default_key(self) -> str:
        """What gpg.ssh.defaultKeyCommand prints, where user.signingKey says nothing."""
        command = self._settings.get("gpg.ssh.defaultkeycommand")
        if not command:
            raise SigningKeyMissing(
                "git knows no key to sign with",
                hint=f"git config user.signingKey ~/.ssh/id_ed25519.pub\n{_UNSIGNED}",
            )
        done = self._run([], program=shlex.split(command))
        first = done.stdout.decode(errors="replace").partition("\n")[0].strip()
        if done.returncode != 0 or not first.startswith(("key::", "ssh-")):
            raise SigningKeyMissing(
                f"gpg.ssh.defaultKeyCommand, {command}, names no key",
                hint="It has to print a line such as 'key::ssh-ed25519 AAAA...', as ssh-add -L does.",
            )
        return first

    def _by_gpg(self, content: bytes) -> bytes:
        key = self._settings.get("user.signingkey") or str(self._actor)
        quiet = ["--batch", "--no-tty", "--pinentry-mode=error"]
        is_gpg = Path(self._program).name.startswith("gpg")  # others follow git's three options and no more
        options = quiet if is_gpg and not _is_attended() else []
        done = self._run([*options, "--status-fd=2", "-bsau", key], given=content)
        said = done.stderr.decode(errors="replace").splitlines()
        if done.returncode != 0 or not any(line.startswith(f"{_STATUS}SIG_CREATED ") for line in said):
            self._refuse_gpg(key, said)
        return done.stdout

    def _run(
        self, arguments: Sequence[str], *, given: bytes | None = None, program: Sequence[str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program where git would. Without a terminal it cannot ask: it has none, and is not waited for long."""
        environ, attended = dict(os.environ), _is_attended()
        if attended and sys.stdin is not None:
            with suppress(OSError):  # in some containers a terminal has no name
                environ.setdefault("GPG_TTY", os.ttyname(sys.stdin.fileno()))
        else:
            environ["SSH_ASKPASS_REQUIRE"] = "never"
            environ.pop("GPG_TTY", None)
        command = [*(program or [self._program]), *arguments]
        source: dict[str, Any] = {"stdin": None if attended else subprocess.DEVNULL}
        if given is not None:
            source = {"input": given}
        try:
            return subprocess.run(
                command,
                cwd=self._top,
                env=environ,
                capture_output=True,
                check=False,
                start_new_session=not attended,
                timeout=None if attended else LONGEST_UNATTENDED,
                **source,
            )
        except subprocess.TimeoutExpired as error:
            raise SigningFailed(
                f"{command[0]} did not sign within {LONGEST_UNATTENDED:.0f} seconds",
                hint="It may wait for somebody; there is no terminal here to ask on.",
            ) from error
        except OSError as error:
            named = "gpg.program" if self._form == "openpgp" else f"gpg.{self._form}.program"
            raise SigningFailed(
                f"{command[0]}, which signs, cannot be started: {error.strerror}",
                hint=f"Install it, or say where it is: git config {named} PATH\n{_UNSIGNED}",
            ) from error

    def _refuse_ssh(self, key: str, said: str) -> NoReturn:
        reason = "; ".join(filter(None, map(str.strip, said.splitlines())))
        if "passphrase" in said:
            _refuse_locked(f"the ssh key {key}", "Give it to the agent first: ssh-add")
        if "No private key" in said or "agent" in said:
            raise SigningFailed(
                f"there is no private key for {key}, neither in a file nor in the ssh agent",
                hint="See what the agent has: ssh-add -L; give it the key: ssh-add",
                code="signing-key-absent",
            )
        raise SigningFailed(
            f"{self._program} could not sign with {key}: {reason}", hint="See: git config user.signingKey"
        )

    def _refuse_gpg(self, key: str, said: Sequence[str]) -> NoReturn:
        numbers = {_number(line) for line in said if line.startswith((f"{_STATUS}FAILURE", f"{_STATUS}INV_SGNR"))}
        if numbers & _NOT_UNLOCKED:
            _refuse_locked(
                f"the key of {key}", f"Let gpg ask once, on a terminal: gpg --clear-sign -u '{key}' </dev/null"
            )
        if numbers & _NO_SECRET_KEY:
            raise SigningKeyMissing(
                f"gpg has no secret key of {key}",
                hint="Name one: git config user.signingKey KEY; those there are: gpg --list-secret-keys\n"
                f"An ssh key does, too: git config gpg.format ssh\n{_UNSIGNED}",
            )
        reason = "; ".join(line for line in said if line and not line.startswith(_STATUS))
        raise SigningFailed(
            f"{self._program} could not sign with the key of {key}: {reason}", hint="gpg --list-secret-keys"
        )


def settings(repository: Repository) -> dict[str, str]:
    """What git's configuration says of signatures, wherever it says so; the names in lower case."""
    asked = run_git(repository.top, "config", "-z", "--get-regexp", r"^(user\.signingkey|gpg\..*)$").stdout
    pairs = (each.partition("\n") for each in asked.split("\0") if each)
    return {name.lower(): value for name, _, value in pairs}


def signed_commit(content: bytes, signer: Signer) -> bytes:
    """A commit's text with its signature in it, as git puts it there: the last line of its head."""
    head, _, message = content.partition(b"\n\n")
    signature = signer.sign(content).rstrip(b"\n").replace(b"\n", b"\n ")
    return b"%b\ngpgsig %b\n\n%b" % (head, signature, message)


def _refuse_locked(what: str, hint: str) -> NoReturn:
    why = "it was not given rightly" if _is_attended() else "there is no terminal here to ask for it"
    raise SigningFailed(
        f"{what} needs its passphrase, and {why}", hint=f"{hint}\n{_UNSIGNED}", code="signing-passphrase"
    )


def _number(line: str) -> int:
    """What went wrong, by the number that gpg gives it: the last word, or the first one of INV_SGNR."""
    words = line.removeprefix(_STATUS).split()
    told = words[1] if words[0] == "INV_SGNR" else words[-1]
    return int(told) & 0xFFFF if told.isdecimal() else 0


def _is_attended() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
