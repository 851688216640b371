"""The tour: what `gitagent demo` does with a sample agent, command by command, for real."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.cli.cells import plain
from gitagent.cli.sources import STORE
from gitagent.cli.tables import pairs
from gitagent.errors import IdentityMissing

if TYPE_CHECKING:
    from gitagent.cli.session import Session
    from gitagent.names import Actor

TEMPLATE = "restaurant"
NOT_TAKEN, UNEXPECTED = 3, 1


class Step(NamedTuple):
    """A command of the tour, what it is good for, and the exit code that it has to end with.

    Where it is `tested`, suites are played on the way; what came of them is told with the rest.
    """

    why: str
    arguments: tuple[str, ...]
    code: int = 0
    tested: bool = False


class Edit(NamedTuple):
    """A line of the draft that is changed: the first that holds `before`."""

    why: str
    path: str
    before: str
    after: str


class Ring(NamedTuple):
    """A call to live, as what answers the telephone begins it from Python."""

    why: str
    call_id: str


PRE_RELEASE = ("promote", "pre-release", "--yes")
FIRST = (
    Step("Publish it: sandbox serves v1 now.", ("publish",)),
    Step("Promote it, one environment after the other.", PRE_RELEASE),
    Step("Callers reach live.", ("promote", "live", "--yes")),
    Step(
        "From now on, pre-release takes only what passes its tests.",
        ("environments", "set", "pre-release", "--tests", "required"),
    ),
)
SECOND = (
    Edit("Now edit the draft", "agent.yaml", "a quarter past nine", "half past nine"),
    Edit("And by mistake", "topics/opening_hours.yaml", "We are closed on Mondays", "We are open every day"),
    Step("The draft is what is being edited; no caller hears it yet.", ("status",)),
    Step("What would callers notice?", ("compare", "live", "draft", "--view", "keys")),
    Step(
        "Make it version v2.",
        ("publish", "--name", "Later last orders", "-m", "The kitchen stays open longer in summer."),
    ),
    Step("Try it in pre-release: its tests find the mistake, and nothing moves.", PRE_RELEASE, NOT_TAKEN, tested=True),
    Edit("Repair it", "topics/opening_hours.yaml", "We are open every day", "We are closed on Mondays"),
    Step("Make that v3.", ("publish", "--name", "Later last orders", "-m", "Mondays stay free.")),
    Step("This one passes.", PRE_RELEASE, tested=True),
    Ring("Meanwhile the telephone rings. What answers it begins the call, here from Python:", "call-1"),
    Step("Take v3 live, while they talk.", ("promote", "live", "--yes")),
    Ring("It rings again:", "call-2"),
    Step("Each call keeps the version that it began with, to its end.", ("calls",)),
    Step("The kitchen cannot keep up: go back at once.", ("rollback", "live", "--yes", "-m", "Too many late guests")),
    Step("Where everything stands.", ("environments",)),
    Step("And how it came to be so; nothing is ever taken out of this.", ("history",)),
)
NEXT = (
    ("gitagent status", "the draft, the environments, and what to type next"),
    ("gitagent compare v1 v3", "any two versions, side by side on a wide terminal"),
    ("gitagent promote live", "take v3 live again; it shows what changes, and asks"),
    ("gitagent test", "play the agent's tests on the draft"),
    ("git log gitagent/ledger", "the same history, in plain git"),
)


def run(session: Session, path: Path, folder: Path) -> tuple[list[dict[str, object]], int]:
    """Run the whole tour in `path`, telling it as it goes. Returns what ran, and the exit code of what failed."""
    told = Telling(session)
    stranger = _stranger()
    if stranger:
        told.say(f"Git knows no name here, so this agent's repository gets one of its own: {stranger}")
    # The sample's calls are its own, wherever others are kept.
    with _acting_as(stranger), _set(**{STORE: str(path.resolve() / ".git" / "gitagent" / "calls.db")}):
        begin = Step(f"A new agent, from the sample '{TEMPLATE}'.", ("init", str(folder), "--template", TEMPLATE))
        if code := told.run(begin, "-C", str(session.path)):
            return told.steps, code
        if stranger:
            _introduce(path, stranger)
        told.command("cd", str(folder))
        with contextlib.chdir(path):
            for each in (*FIRST, *SECOND):
                if code := told.tell(each):
                    return told.steps, code
    told.end(path, folder)
    return told.steps, 0


class Telling:
    """What the tour tells: on stdout as it goes, or kept for the one object of --json."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.steps: list[dict[str, object]] = []

    def say(self, line: str) -> None:
        """A remark."""
        if line and not self.session.json:
            self.session.tell(self.session.screen.paint(f"# {plain(line)}", "dim"))

    def command(self, *words: str) -> None:
        """A command as it would be typed."""
        if not self.session.json:
            sys.stdout.write(f"{self.session.screen.paint(f'$ {plain(shlex.join(words))}', 'title')}\n")

    def tell(self, part: Step | Edit | Ring) -> int:
        """Do a part of the tour. Returns 0, or the exit code of a command that ended otherwise than it should."""
        match part:
            case Step():
                return self.run(part)
            case Edit():
                return self.edit(part)
            case Ring():
                return self.ring(part)

    def run(self, step: Step, *hidden: str) -> int:
        """Run a command of the tour; `hidden` arguments stand before it and are not told."""
        from gitagent.cli.main import main

        self.say(step.why)
        self.command("gitagent", *step.arguments)
        sys.stdout.flush()
        with self._stdout() as kept, contextlib.redirect_stderr(sys.stdout if step.tested else sys.stderr):
            code = main([*hidden, *step.arguments])
            sys.stdout.flush()
        self.steps.append({"command": shlex.join(["gitagent", *step.arguments]), "exit_code": code, "output": kept()})
        if not self.session.json:
            sys.stdout.write("\n")
        return 0 if code == step.code else code or UNEXPECTED

    def ring(self, ring: Ring) -> int:
        """Begin a call, and show which version it got. Returns 0, as a command that is done."""
        from gitagent.agent.agent import Agent

        self.say(ring.why)
        with Agent.open().open_calls(os.environ[STORE]) as calls:
            version = calls.begin(ring.call_id, at=self.session.now, environment="live").call.version
        line = f'agent.calls.begin("{ring.call_id}", at=now, environment="live").call.version'
        self.steps.append({"command": line, "exit_code": 0, "output": f"{version}\n"})
        if not self.session.json:
            sys.stdout.write(f"{self.session.screen.paint(f'>>> {line}', 'title')}\n{version}\n\n")
        return 0

    def edit(self, edit: Edit) -> int:
        """Change a line of the draft, and show it. Returns 0, as a command that is done."""
        path = Path(edit.path)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        number = next(index for index, line in enumerate(lines) if edit.before in line)
        old, new = lines[number], lines[number].replace(edit.before, edit.after)
        path.write_text("".join([*lines[:number], new, *lines[number + 1 :]]), encoding="utf-8")
        self.say(f"{edit.why}: line {number + 1} of {path}, in any editor.")
        if not self.session.json:
            paint = self.session.screen.paint
            sys.stdout.write(f"{paint(f'- {old.rstrip()}', 'error')}\n{paint(f'+ {new.rstrip()}', 'good')}\n\n")
        return 0

    def end(self, path: Path, folder: Path) -> None:
        """Where the agent is, and what to try next."""
        if self.session.json:
            return
        screen = self.session.screen
        self.session.tell(f"The agent is in {screen.paint(plain(str(path.resolve())), 'title')}. Try next:")
        steps = [*_activation(), (f"cd {shlex.quote(str(folder))}", ""), *NEXT]
        for line in pairs(steps, screen):
            self.session.tell(line)

    @contextlib.contextmanager
    def _stdout(self) -> Iterator[Callable[[], str]]:
        if not self.session.json:
            yield lambda: ""
            return
        kept = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
        with contextlib.redirect_stdout(kept):
            yield lambda: _content(kept)


def _activation() -> Iterator[tuple[str, str]]:
    """How the shell finds `gitagent`, where it would not: in an environment that was made but not entered."""
    script = Path(sys.prefix, "bin", "activate")
    if shutil.which("gitagent") is None and script.exists():
        yield f". {shlex.quote(str(script))}", "so that this shell finds gitagent"


def _content(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def _stranger() -> Actor | None:
    """The identity to act as where git knows none; None where it knows one."""
    from gitagent.git.identity import identity
    from gitagent.names import Actor

    try:
        identity(None, os.environ)
    except IdentityMissing:
        return Actor("Demo User", "demo@example.com")
    return None


def _acting_as(actor: Actor | None) -> contextlib.AbstractContextManager[None]:
    """Let git's variables name the actor until the repository itself can."""
    return _set() if actor is None else _set(GIT_AUTHOR_NAME=actor.name, GIT_AUTHOR_EMAIL=actor.email)


@contextlib.contextmanager
def _set(**variables: str) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ[name] for name in variables if name in os.environ}
    os.environ |= variables
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
        os.environ |= before


def _introduce(path: Path, actor: Actor) -> None:
    """Write the identity into this repository's own configuration."""
    from gitagent.git.repository import Repository

    repository = Repository.at(path)
    if repository is not None:
        repository.raw.config["user.name"] = actor.name
        repository.raw.config["user.email"] = actor.email
