"""Remote: a shared remote, reached by the git program, so that credentials, ssh and proxies are the user's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import RemoteRefused, RemoteUnreachable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitagent.git.patience import Patience
    from gitagent.git.repository import Repository

HEADS = "refs/heads/"
TURNS = "refs/gitagent/turns/"
"""A push of an operation's id below it is answered when it is that operation's turn; no ref is made."""
LONGEST_TURN = 20.0
"""Seconds within which an operation whose turn it is has to come; then it is somebody else's turn."""
TURNS_GIVEN = "refs/gitagent/gives-turns"
"""There where the remote gives turns."""
_PASSWORD = re.compile(r"(?<=://)([^/:@]*):[^/@]*@")
_TOKEN = re.compile(r"(?i)^(https?://)[^/]*@")
"""To web servers, tokens are passwords that stand where a name would. git shows neither."""
LOCKED = "remote-locked"
MOST_LOCKED = 4
"""Attempts at what is locked; git on the other side waits for 0.1 s, each time and for each lock."""
LONGEST_PAUSE = 0.2
"""Seconds, times the number of attempts."""
_LOCK = re.compile(r"(/[^'\"\n;]*\.lock)\W*: File exists")
_OURS = "gitagent: "
"""What each line of gitagent's own hooks begins with."""
_NO_REPOSITORY = re.compile(r"does not appear to be a git repository|repository .*(?:does not exist|not found)", re.I)
_ENDS_WITH = ("fatal: Could not read from remote", "Please make sure you have", "and the repository exists")
"""What git adds after the reason."""
_IN_REPOSITORY = re.compile(r"/(?:refs/.*|[^/]*)$")
"""What follows the repository's own folder in the path of a lock."""
_SILENT_SSH = "ssh -o BatchMode=yes"
_OF_ANOTHER_REPOSITORY = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"})
MOST_NAMED = 100
"""Refs named in one fetch: git takes time with the square of their number."""
_FETCH = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap=")
"""What is named is fetched to where it is named, and nowhere else: in a mirror, git would move the branches, too."""


class RefChange(NamedTuple):
    """A ref of the remote that is to be set to an object, or deleted (None), if it still is as `expected`."""

    ref: str
    to: str | None
    expected: str | None


class Remote:
    """A remote of a repository, by its name in git's configuration. What it was last seen to be is in tracking refs.

    With `patience`, nobody is asked for credentials, and what takes too long is ended.
    """

    def __init__(self, repository: Repository, name: str, *, patience: Patience | None = None) -> None:
        self._repository = repository
        self._patience = patience
        self.name = name

    @property
    def url(self) -> str:
        """Where it is, as git's configuration has it, but without the password that may stand in it."""
        return without_password(self._repository.config(f"remote.{self.name}.url") or self.name)

    @property
    def push_url(self) -> str | None:
        """Where git pushes to, if that is another address than the one that it fetches from."""
        found = self._repository.config(f"remote.{self.name}.pushurl")
        return without_password(found) if found is not None and without_password(found) != self.url else None

    def tracking(self, ref: str) -> str:
        """The local ref that remembers where a branch of the remote was."""
        return f"refs/remotes/{self.name}/{ref.removeprefix(HEADS)}"

    def seen(self, ref: str) -> str | None:
        """Where a branch of the remote was when it was last looked at."""
        return self._repository.ref(self.tracking(ref))

    def fetch(self) -> None:
        """Look at every branch of the remote, and bring what is new; RemoteUnreachable when it cannot be reached."""
        self._fetch([f"+{HEADS}*:{self.tracking(HEADS)}*"], "--prune")

    def fetch_tags(self, names: Sequence[str]) -> None:
        """Bring tags that are not here yet."""
        if len(names) > MOST_NAMED:
            # One that differs here is not taken: what it brought counts. What nobody asked for goes again: a version
            # that was made meanwhile would be one that the ledger here does not know.
            before, asked = self._repository.refs("refs/tags/v"), {f"refs/tags/{name}" for name in names}
            self._run("fetch", *_FETCH, self.name, "refs/tags/v*:refs/tags/v*")
            for ref in set(self._repository.refs("refs/tags/v")).difference(before, asked):
                self._repository.move_ref(ref, to=None, expected=self._repository.ref(ref), why="fetch")
            names = [name for name in names if self._repository.ref(f"refs/tags/{name}") is None]
        for start in range(0, len(names), MOST_NAMED):
            self._fetch([f"refs/tags/{name}:refs/tags/{name}" for name in names[start : start + MOST_NAMED]])

    def fetch_objects(self, ids: Sequence[str]) -> None:
        """Bring objects, and what they lead to, whether or not a ref of the remote leads there."""
        self._fetch(ids)

    def tags(self, prefix: str) -> list[str]:
        """The names of the remote's tags that begin so."""
        lines = self._asked("ls-remote", "--quiet", "--refs", self.name, f"refs/tags/{prefix}*").splitlines()
        return [line.partition("\trefs/tags/")[2] for line in lines]

    def push(self, changes: Sequence[RefChange], *, operation: str, also: Sequence[str] = ()) -> None:
        """Change all these refs of the remote, or none: each under a lease on what it is expected to be.

        RemoteRefused when the remote said no to any of them, RemoteUnreachable when it is not known what it did.
        `operation` tells the user's own hooks who is pushing, in GITAGENT_OPERATION. `also` are refspecs of refs that
        are new there. What another push has locked is waited for a little.
        """
        for attempt in range(1, MOST_LOCKED):
            try:
                return self._push(changes, operation, also)
            except RemoteRefused as error:
                if error.code != LOCKED:
                    raise
            time.sleep(attempt * LONGEST_PAUSE * os.urandom(1)[0] / 256)
        return self._push(changes, operation, also)

    def _push(self, changes: Sequence[RefChange], operation: str, also: Sequence[str]) -> None:
        leases = [f"--force-with-lease={change.ref}:{change.expected or ''}" for change in changes]
        targets = [f"{change.to or ''}:{change.ref}" for change in changes]
        options = ["--atomic", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", *leases]
        alone = f"remote.{self.name}.mirror=false"  # or git would not let the refs be named
        done = self._run("-c", alone, "push", *options, self.name, *targets, *also, GITAGENT_OPERATION=operation)
        if done.returncode == 0:
            return
        # With LC_ALL=C and --porcelain, a line per ref: its flag, the refs and the reason; "!" means refused.
        refused = [line.split("\t")[-1] for line in done.stdout.splitlines() if line.startswith("!\t")]
        said = _said(done.stderr)
        if refused and (lock := _lock_in(said)) is not None:
            raise _locked(self.url, lock)
        if refused:
            reason = next((each for each in refused if "atomic" not in each), refused[0])
            hint = "Nothing moved there."
            if "non-fast-forward" in said or "non-fast-forward" in reason:
                hint += " A rollback moves a branch back; there: git config receive.denyNonFastForwards false"
            if (told := _refusal_of_hook(done.stderr)) is not None:
                rule, remedies = told
                raise RemoteRefused(f"{self.url} refused it: {rule}", hint=" ".join([*remedies, hint]))
            raise RemoteRefused(f"{self.url} refused it: {reason}" + (f": {said}" if said else ""), hint=hint)
        raise _unreachable(self.url, done.stderr)

    def refs(self, *patterns: str) -> dict[str, str]:
        """The remote's refs of these names, as they are now, with what they point at."""
        lines = self._asked("ls-remote", "--quiet", self.name, *patterns).splitlines()
        return {ref: id_ for id_, _, ref in (line.partition("\t") for line in lines)}

    def gives_turns(self) -> bool:
        """Whether operations can ask this remote for their turn.

        A copy of one that gives turns has its ref, but not its hook, and keeps what it is asked as refs: these go.
        """
        found = self.refs(TURNS_GIVEN, f"{TURNS}*")
        if found.keys() <= {TURNS_GIVEN}:
            return bool(found)
        with suppress(RemoteRefused):
            self.push([RefChange(ref, None, id_) for ref, id_ in found.items()], operation="turns")
        return False

    def ask_for_turn(self, operation: str, known: str) -> None:
        """Wait until it is the turn of an operation; asked again, give it back. `known` is any commit of the remote's.

        RemoteRefused when the remote gives none, RemoteUnreachable when it cannot be reached.
        """
        self.push([RefChange(f"{TURNS}{operation}", known, None)], operation=operation)

    def _fetch(self, refspecs: Sequence[str], *flags: str) -> None:
        self._asked("fetch", *_FETCH, *flags, self.name, *refspecs)

    def _asked(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode != 0:
            raise _unreachable(self.url, done.stderr)
        return done.stdout

    def _run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        silent = self._patience is not None or not _asks_on_a_terminal()
        if silent and self._repository.config("core.sshCommand") is None:
            environ.setdefault("GIT_SSH_COMMAND", _SILENT_SSH)
        from gitagent.git.locks import WRITING

        # git's hooks are the user's own: one that writes to this agent would wait for us, and we for it.
        environ[WRITING] = str(self._repository.git_directory / "gitagent/lock")
        return run_git(self._repository.top, *arguments, patience=self._patience, **environ)


def without_password(url: str) -> str:
    """An address as it may be shown: without a password, and on the web without a name, which may be a token."""
    return _PASSWORD.sub(r"\1@", _TOKEN.sub(r"\1", url))


def run_git(
    folder: Path, *arguments: str, patience: Patience | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the git program in a folder. It asks for credentials on a terminal alone, so that no script hangs."""
    with start_git(folder, *arguments, alone=patience is not None, **environ) as git:
        stdout, stderr = git.communicate() if patience is None else patience.outcome(git)
    return subprocess.CompletedProcess(git.args, git.returncode, stdout, stderr)


def start_git(folder: Path, *arguments: str, alone: bool = False, **environ: str) -> subprocess.Popen[str]:
    """Let the git program begin, as `run_git` does, and go on meanwhile; leaving it as a context waits for it.

    One that is `alone` has a process group of its own, and asks nobody.
    """
    given = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    if "GIT_SSH" in given or "GIT_SSH_COMMAND" in given:
        environ.pop("GIT_SSH_COMMAND", None)
    given |= environ | {"LC_ALL": "C"}
    if alone or not _asks_on_a_terminal():
        given["GIT_TERMINAL_PROMPT"] = "0"
    try:
        return subprocess.Popen(
            ["git", *arguments],
            cwd=folder,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            process_group=0 if alone else None,
        )
    except OSError as error:
        raise RemoteUnreachable(
            f"the git program cannot be started: {error.strerror}", hint="Install git; its remotes are reached by it."
        ) from error


def _asks_on_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _unreachable(url: str, stderr: str) -> RemoteUnreachable:
    if _NO_REPOSITORY.search(stderr):
        return RemoteUnreachable(
            f"there is no git repository at {url}, or none that you may read",
            hint="Check the address. A new one is made where it is to be: git init --bare -b main bistro.git",
        )
    return RemoteUnreachable(
        f"{url} cannot be reached, or did not answer" + (f": {said}" if (said := _said(stderr)) else ""),
        hint="Check the network and your credentials, then try again; git ls-remote says what git sees.",
    )


def _lock_in(said: str) -> str | None:
    """The lock file that git says is there; a remote that speaks another language is quoted as it stands."""
    found = _LOCK.search(said)
    return found[1].replace("/./", "/") if found is not None else None


def _locked(url: str, lock: str) -> RemoteRefused:
    return RemoteRefused(
        f"{url} did not take it: git's lock {lock} is in the way there",
        hint="Try again; where no git is at work there, one that died left it. "
        f"There: gitagent -C {_IN_REPOSITORY.sub('', lock)} doctor",
        code=LOCKED,
    )


def _said(stderr: str) -> str:
    """What git and the remote's hooks had to say, in one line."""
    return "; ".join(reasons(stderr))


def reasons(stderr: str) -> list[str]:
    """The lines of what git and the remote's hooks had to say, without progress and what every failure ends with."""
    lines = [line.rpartition("\r")[2].removeprefix("remote:").strip() for line in stderr.splitlines()]
    told = [line for line in lines if line and not line.startswith(("To ", "error: failed to push"))]
    return [line for line in told if not line.startswith(_ENDS_WITH)] or told


def _refusal_of_hook(stderr: str) -> tuple[str, list[str]] | None:
    """What gitagent's own hook refused, and what it says can be done, where nobody else said anything."""
    rule, *remedies = reasons(stderr) or [""]
    if not rule.startswith(f"{_OURS}refused: ") or not all(each.startswith(_OURS) for each in remedies):
        return None
    said = [each.removeprefix(_OURS) for each in remedies]
    return rule, [each if each.endswith(".") else f"{each}." for each in said]
