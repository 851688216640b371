"""Signatures: whose they are, by the word of ssh and of gpg."""

from __future__ import annotations

import os
import re
import subprocess
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gitagent.git.armor import Signature

PROGRAMS = {"openpgp": "gpg", "ssh": "ssh-keygen", "x509": "gpgsm"}
"""The ways to sign that git knows, and the program of each where its configuration names no other."""
_FINGERPRINT = re.compile(r"key (\S+:\S+)")
_STATUS = "[GNUPG:] "
_TRUST = ("never", "undefined", "marginal", "fully", "ultimate")


class Outcome(StrEnum):
    """What a look at a signature comes to."""

    GOOD = "good"
    WRONG = "signature-wrong"
    STRANGER = "signature-stranger"
    OTHER = "signature-other"
    SPENT = "signature-spent"
    UNCHECKED = "signature-unchecked"


class Verdict(NamedTuple):
    """What a signature is worth. For all but a good one, `why` ends the sentence that begins with what is signed."""

    outcome: Outcome
    why: str = ""

    @property
    def is_good(self) -> bool:
        return self.outcome is Outcome.GOOD

    @property
    def is_checked(self) -> bool:
        """Whether it could be told at all."""
        return self.outcome is not Outcome.UNCHECKED


GOOD = Verdict(Outcome.GOOD)
_WRONG = Verdict(Outcome.WRONG, "carries a signature that is not one of what it says")


def programs(settings: Mapping[str, str]) -> dict[str, str]:
    """The program of each way to sign, by git's configuration."""
    named = {form: settings.get(f"gpg.{form}.program") for form in PROGRAMS}
    named["openpgp"] = named["openpgp"] or settings.get("gpg.program")
    return {form: os.path.expanduser(named[form] or own) for form, own in PROGRAMS.items()}  # noqa: PTH111


class Signers:
    """Whose signatures count: of ssh keys, those that a file of allowed signers names; of others, those gpg knows.

    `settings` are those of git's configuration, by names in lower case.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], allowed: Path | None = None) -> None:
        named, revoked = settings.get("gpg.ssh.allowedsignersfile"), settings.get("gpg.ssh.revocationfile")
        self.allowed = allowed if allowed is not None or not named else folder / Path(named).expanduser()
        self._revoked = folder / Path(revoked).expanduser() if revoked else None
        self._programs = programs(settings)
        self._least_trust = settings.get("gpg.mintrustlevel", "undefined").lower()
        self._emails: dict[str, frozenset[str]] = {}

    @property
    def missing(self) -> Path | None:
        """The file of allowed signers, where one is named and not there."""
        return self.allowed if self.allowed is not None and not self.allowed.is_file() else None

    def verdict(self, signature: Signature, email: str, at: datetime) -> Verdict:
        """Whether a signature is that of the person with this e-mail, by a key that was theirs at that time."""
        if signature.form == "ssh":
            return self._by_ssh(signature, email, at)
        return self._by_gpg(signature, email)

    def _by_ssh(self, signature: Signature, email: str, at: datetime) -> Verdict:
        if self.allowed is None:
            return Verdict(Outcome.UNCHECKED, "is signed by an ssh key, and no file of allowed signers is known")
        with NamedTemporaryFile(prefix="gitagent-") as file:
            file.write(signature.armor)
            file.flush()
            common = ["-n", "git", "-s", file.name]
            then = [f"-Overify-time={at.astimezone():%Y%m%d%H%M%S}", "-f", str(self.allowed)]
            revoked = ["-r", str(self._revoked)] if self._revoked is not None else []
            program = self._programs["ssh"]
            done = _run([program, "-Y", "verify", *common, *then, *revoked, "-I", email], signature.text)
            if done is None:
                return Verdict(Outcome.UNCHECKED, f"is signed by an ssh key, and there is no program {program}")
            if done.returncode == 0:
                return GOOD
            alone = _run([program, "-Y", "check-novalidate", *common], signature.text)
            if alone is None or alone.returncode != 0:
                return _WRONG
            theirs = _run([program, "-Y", "find-principals", *common, *then], b"")
        return _not_allowed(alone.stdout, theirs.stdout if theirs is not None else "", email, self.allowed)

    def _by_gpg(self, signature: Signature, email: str) -> Verdict:
        program = self._programs[signature.form]
        quiet = ["--batch", "--no-tty", "--no-auto-key-retrieve"] if Path(program).name in ("gpg", "gpg2") else []
        with NamedTemporaryFile(prefix="gitagent-") as file:
            file.write(signature.armor)
            file.flush()
            done = _run([program, *quiet, "--status-fd=1", "--verify", file.name, "-"], signature.text)
        if done is None:
            return Verdict(Outcome.UNCHECKED, f"is signed, and {program}, which could check it, is not installed")
        said = [line.removeprefix(_STATUS).split(" ") for line in done.stdout.splitlines() if line.startswith(_STATUS)]
        if (verdict := self._of_status(said)) is not GOOD:
            return verdict
        valid = next(words for words in said if words[0] == "VALIDSIG")
        primary = valid[10] if len(valid) > 10 else valid[1]  # certificates have no key above them
        if email.casefold() in self._emails_of(program, primary):
            return GOOD
        whose = ", ".join(sorted(self._emails[primary])) or "nobody"
        return Verdict(Outcome.OTHER, f"is signed with the key {primary[-16:]} of {whose}, and not by {email}")

    def _of_status(self, said: Sequence[Sequence[str]]) -> Verdict:
        """What gpg says of the one signature that there has to be; whose it is aside."""
        kinds = {"GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"}
        found = [words for words in said if words[0] in kinds]
        if len(found) != 1:
            return _WRONG
        kind, key = found[0][0], found[0][1]
        valid = [words for words in said if words[0] == "VALIDSIG"]
        if kind == "ERRSIG" and any(words[0] == "NO_PUBKEY" for words in said):
            return Verdict(Outcome.UNCHECKED, f"is signed with the key {key}, which gpg does not know")
        # A key may have expired since: what it signed before that stays signed.
        since = [int(words[1]) for words in said if words[0] == "KEYEXPIRED" and words[1].isdecimal()]
        signed = [int(words[3]) for words in valid if words[3].isdecimal()]
        outlived = kind == "EXPKEYSIG" and signed and since and signed[0] <= min(since)
        if kind in ("EXPKEYSIG", "EXPSIG", "REVKEYSIG") and not outlived:
            state = "revoked" if kind == "REVKEYSIG" else "expired"
            return Verdict(Outcome.SPENT, f"is signed with the key {key}, which is {state}")
        if not valid or kind in ("BADSIG", "ERRSIG"):
            return _WRONG
        trust = next((words[0].removeprefix("TRUST_").lower() for words in said if words[0].startswith("TRUST_")), "")
        if self._least_trust in _TRUST and _rank(trust) < _TRUST.index(self._least_trust):
            return Verdict(Outcome.STRANGER, f"is signed with the key {key}, which gpg trusts less than git asks for")
        return GOOD

    def _emails_of(self, program: str, primary: str) -> frozenset[str]:
        """The e-mails that a key is of, folded; asked once for each key."""
        if primary not in self._emails:
            done = _run([program, "--batch", "--with-colons", "--list-keys", primary], b"")
            fields = (line.split(":") for line in (done.stdout if done is not None else "").splitlines())
            names = (each[9] for each in fields if each[0] == "uid" and each[1] not in ("r", "e"))
            emails = (name.rpartition("<")[2].removesuffix(">").replace("\\x3a", ":") for name in names)
            self._emails[primary] = frozenset(email.casefold() for email in emails if "@" in email)
        return self._emails[primary]


def _not_allowed(alone: str, theirs: str, email: str, allowed: Path) -> Verdict:
    """What is wrong with a signature that is one, but not that of the person with this e-mail."""
    match = _FINGERPRINT.search(alone)
    key = f"the ssh key {match[1]}" if match else "an ssh key"
    principals = theirs.split()
    if email in principals:
        return Verdict(Outcome.SPENT, f"is signed with {key}, which is revoked, or was not to be used then or for this")
    if principals:
        return Verdict(Outcome.OTHER, f"is signed with {key} of {', '.join(principals)}, and not by {email}")
    return Verdict(Outcome.STRANGER, f"is signed with {key}, which {allowed.name} does not allow")


def _rank(trust: str) -> int:
    return _TRUST.index(trust if trust in _TRUST else "undefined")


def _run(command: Sequence[str], given: bytes) -> subprocess.CompletedProcess[str] | None:
    """What a program says of what it is given; None where it cannot be started."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    except OSError:
        return None
    said = done.stdout.decode(errors="replace")
    return subprocess.CompletedProcess(command, done.returncode, said, done.stderr.decode(errors="replace"))
