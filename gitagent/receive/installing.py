"""Installing: gitagent's hooks in a repository, beside those that somebody else put there."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.lineage import MAIN
from gitagent.agent.queue import WAITING
from gitagent.errors import AgentNotFound, RuleBroken, StorageFailed
from gitagent.git.remote import TURNS as TURNS_ASKED
from gitagent.git.remote import TURNS_GIVEN, run_git
from gitagent.receive import drivers

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT = ("pre-commit", "pre-push")
SERVER = ("pre-receive", "reference-transaction", "proc-receive", "post-receive")
TURNS = "proc-receive"
REQUESTED = ("receive.procReceiveRefs", "refs/gitagent/turns")
"""git's own setting: the refs that proc-receive answers for."""
FIRST_WITH_REQUESTS = (2, 29)
"""The first git with that setting."""
BEFORE = ".before-gitagent"
_OURS = re.compile(r"^(?:exec )?gitagent (?:validate --staged|hooks run)|gitagent hooks install", re.MULTILINE)
_PYTHON = re.compile(r"^python=.*$", re.MULTILINE)
_EXECUTABLE = 0o755
_ELSEWHERE = (
    "Name the folder of a repository on this machine. For one on a server, install gitagent there, and type this there."
)


class Hook(NamedTuple):
    """One hook of a repository: whether it is gitagent's, and whether another one runs before it.

    The merge driver is listed as one; its path is where git is told which files it is for.
    """

    name: str
    path: Path
    installed: bool
    beside: bool

    @property
    def is_foreign(self) -> bool:
        """Whether what stands there is somebody else's alone."""
        return not self.installed and self.name != drivers.NAME and self.path.exists()


def hooks(folder: Path) -> list[Hook]:
    """The hooks that this repository has room for: a bare one those of a server, every other those of a clone."""
    place, is_server = _place(folder), _is_bare(folder)
    driver = () if is_server else (_driver(folder),)
    return [*(_seen(place, name) for name in (SERVER if is_server else CLIENT)), *driver]


def install(folder: Path, *, server: bool) -> list[Hook]:
    """Put gitagent's hooks into a repository; what stands there is kept and runs first. Doing it again changes nothing.

    Refused where the hooks are those of many repositories, or where the repository is not of the kind.
    """
    if server != _is_bare(folder):
        raise RuleBroken(
            f"{folder.absolute()} is {'no bare repository' if server else 'a bare repository'}",
            hint="Name the shared remote's folder: gitagent hooks install --server PATH"
            if server
            else "For a shared remote: gitagent hooks install --server PATH",
            code="other-kind-of-repository",
        )
    place = _place(folder)
    _refuse_common(folder, place)
    if not server:
        _each(place, CLIENT, _install)
        _writing(place, lambda: drivers.install_driver(folder))
        return hooks(folder)
    _refuse_fast_forwards_only(folder)
    turns = place / TURNS
    if turns.exists() and not _is_ours(turns):  # it answers for refs of its own; without turns, clients pause
        return _each(place, tuple(name for name in SERVER if name != TURNS), _install)
    installed = _each(place, SERVER, _install)
    _lead_to_main(folder)
    if _knows_requests(folder):
        _give_turns(folder)
    return installed


def uninstall(folder: Path) -> list[Hook]:
    """Take gitagent's hooks out, and put back what stood there before."""
    place = _place(folder)
    if _is_bare(folder):
        _give_no_turns(folder)
    else:
        _writing(place, lambda: drivers.uninstall_driver(folder))
    _each(place, (*CLIENT, *SERVER), _uninstall)
    return hooks(folder)


def script(name: str) -> str:
    """A hook as it is installed: it names the Python that gitagent runs in."""
    here = Path(__file__).parents[1]
    source = next(path for path in (here / "hooks" / name, here.parent / "hooks" / name) if path.is_file())
    return _PYTHON.sub(lambda _: f"python={shlex.quote(sys.executable)}", source.read_text(encoding="utf-8"))


def _lead_to_main(folder: Path) -> None:
    """Let a plain git clone begin on main, where HEAD names a branch that is not there, as git's own init has it."""
    if run_git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        run_git(folder, "symbolic-ref", "HEAD", MAIN)


def _knows_requests(folder: Path) -> bool:
    """Whether the git program here has others answer for refs; an older one would make them."""
    version = re.search(r"(\d+)\.(\d+)", _asked(folder, "version"))
    return version is not None and (int(version[1]), int(version[2])) >= FIRST_WITH_REQUESTS


def _give_turns(folder: Path) -> None:
    """Let git ask proc-receive for turns, and let clients see, by a ref of no other use, that there are any."""
    key, refs = REQUESTED
    if refs not in run_git(folder, "config", "--get-all", key).stdout.splitlines():
        _asked(folder, "config", "--add", key, refs)
    # What operations left that waited here before there were turns; they are no refs from now on.
    for ref in _asked(folder, "for-each-ref", "--format=%(refname)", TURNS_ASKED, WAITING).splitlines():
        run_git(folder, "update-ref", "-d", ref, GITAGENT_ADMIN="1")
    nothing = _asked(folder, "hash-object", "-w", "--stdin")
    run_git(folder, "update-ref", TURNS_GIVEN, nothing, GITAGENT_ADMIN="1")


def _give_no_turns(folder: Path) -> None:
    run_git(folder, "config", "--unset-all", *REQUESTED)
    run_git(folder, "update-ref", "-d", TURNS_GIVEN, GITAGENT_ADMIN="1")


def _each(place: Path, names: tuple[str, ...], act: Callable[[Path, str], None]) -> list[Hook]:
    def each() -> None:
        for name in names:
            act(place, name)

    _writing(place, each)
    return [_seen(place, name) for name in names]


def _writing(place: Path, act: Callable[[], None]) -> None:
    try:
        act()
    except OSError as error:
        raise StorageFailed(
            f"cannot write {error.filename or place}: {error.strerror}",
            hint="Look after the disk and the rights there; whoever the repository belongs to can install them.",
        ) from error


def _driver(folder: Path) -> Hook:
    return Hook(drivers.NAME, drivers.attributes(folder), drivers.is_driver_installed(folder), beside=False)


def _install(place: Path, name: str) -> None:
    hook, before, new = place / name, place / f"{name}{BEFORE}", place / f"{name}.new"
    place.mkdir(parents=True, exist_ok=True)
    if hook.exists() and not _is_ours(hook):
        if before.exists() and not before.samefile(hook):
            raise RuleBroken(
                f"{hook} is not gitagent's, and {before.name} stands beside it already",
                hint="Keep the one that you need, and remove the other.",
                code="hook-in-the-way",
            )
        # The foreign hook never is missing: it goes on alone until ours, that runs it, is in its place.
        if not before.exists():
            before.symlink_to(hook.readlink()) if hook.is_symlink() else before.hardlink_to(hook)
    new.write_text(script(name), encoding="utf-8")
    new.chmod(_EXECUTABLE)
    new.replace(hook)


def _uninstall(place: Path, name: str) -> None:
    hook, before = place / name, place / f"{name}{BEFORE}"
    if not _is_ours(hook):
        return
    if before.exists():
        before.replace(hook)
    else:
        hook.unlink()


def _seen(place: Path, name: str) -> Hook:
    return Hook(name, place / name, _is_ours(place / name), (place / f"{name}{BEFORE}").exists())


def _is_ours(hook: Path) -> bool:
    return hook.is_file() and _OURS.search(hook.read_text(encoding="utf-8", errors="replace")) is not None


def _place(folder: Path) -> Path:
    """The folder of the repository's hooks: that of core.hooksPath where it is set."""
    return folder.absolute() / _asked(folder, "rev-parse", "--git-path", "hooks")


def _is_bare(folder: Path) -> bool:
    return _asked(folder, "rev-parse", "--is-bare-repository") == "true"


def _refuse_common(folder: Path, place: Path) -> None:
    """Refuse hooks that run in every repository of this user or machine: there they would be in others' way."""
    if not run_git(folder, "config", "core.hooksPath").stdout:
        return
    if not run_git(folder, "config", "--local", "core.hooksPath").stdout:
        raise RuleBroken(
            f"core.hooksPath names {place} for every repository, not for this one alone",
            hint="Give this one hooks of its own: git config core.hooksPath "
            f"{_asked(folder, 'rev-parse', '--git-common-dir')}/hooks",
            code="hooks-shared",
        )


def _refuse_fast_forwards_only(folder: Path) -> None:
    """Refuse a remote that lets no branch go back, as `git init --bare --shared` makes it: no rollback could be."""
    key = "receive.denyNonFastForwards"
    if run_git(folder, "config", "--type=bool", key).stdout.strip() == "true":
        raise RuleBroken(
            f"{key} is set, so that no environment can be rolled back",
            hint=f"git -C {shlex.quote(str(folder))} config {key} false",
            code="fast-forwards-only",
        )


def _asked(folder: Path, *arguments: str) -> str:
    if not folder.is_dir():
        raise AgentNotFound(f"{folder} is not a folder here", hint=_ELSEWHERE)
    done = run_git(folder, *arguments)
    if done.returncode != 0:
        raise AgentNotFound(f"{folder.absolute()} is in no git repository", hint="Name the folder of a repository.")
    return done.stdout.strip()
