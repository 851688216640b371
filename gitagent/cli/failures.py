"""Failures: what goes wrong in a run, as one message, one hint and one exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain, wrap
from gitagent.cli.command import UnknownCommand
from gitagent.cli.options import UnreadableMoment
from gitagent.cli.questions import Declined
from gitagent.cli.screen import Screen, screen_of
from gitagent.cli.suggestions import did_you_mean
from gitagent.cli.wording import problem_lines
from gitagent.errors import Conflict, GitagentError, InvalidConfiguration, Refused, StorageFailed

if TYPE_CHECKING:
    from gitagent.config.problems import Problem

DONE = 0
ANSWER_NO = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130
EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (Declined, ANSWER_NO),
    (click.ClickException, USAGE),
    (Refused, 3),
    (Conflict, 4),
    (StorageFailed, 5),
    (GitagentError, 3),
    (OSError, 5),
    (KeyboardInterrupt, INTERRUPTED),
    (click.Abort, INTERRUPTED),
    (BaseException, BUG),
)
"""The exit code of each exception: the first row that fits. The only place that knows."""

MAY_BE_DONE = "What was asked for may be done already: see gitagent status and gitagent history --limit 1."


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as users and programs see it."""

    exit_code: int
    code: str
    message: str
    hint: str | None = None
    problems: tuple[Problem, ...] = ()


def failure_of(error: BaseException, *, may_be_done: bool = False) -> Failure:
    """What to say of this exception. One that nobody foresaw leaves a report in a file.

    `may_be_done`: what was asked for changes the agent, and may have done so already.
    """
    exit_code = next(code for kind, code in EXIT_CODES if isinstance(error, kind))
    look = MAY_BE_DONE if may_be_done else None
    match error:
        case GitagentError():
            problems = error.problems if isinstance(error, InvalidConfiguration) else ()
            hint = look if error.code == "output-failed" else error.hint
            return Failure(exit_code, error.code, error.message, hint, problems)
        case click.ClickException():
            return _usage(error, exit_code)
        case KeyboardInterrupt() | click.Abort():
            said = f": {error}" if str(error) else ""
            return Failure(exit_code, "interrupted", f"interrupted{said}", None if said else look)
        case OSError():
            where = f": {error.filename!s}" if error.filename else ""
            return Failure(exit_code, "storage-failed", _lowered(f"{error.strerror or error}{where}"))
    return _bug(error, exit_code)


def _usage(error: click.ClickException, exit_code: int) -> Failure:
    message = error.format_message().strip()
    message = _lowered(message).removesuffix(".").replace(". Choose from:", ": choose from ")
    message = " ".join(message.split())  # click lists choices in lines of their own
    ctx = getattr(error, "ctx", None)
    hint = f"'{ctx.command_path if ctx else 'gitagent'} --help' explains it."
    match error:
        case UnknownCommand() | UnreadableMoment():
            hint = error.hint
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices))):
            word = message.partition("'")[2].partition("' is not one of")[0].rpartition("'")[2]
            hint = did_you_mean(word, map(str, choices), otherwise=hint)
        case click.NoSuchOption():
            message = f"there is no option '{error.option_name}'"
            hint = did_you_mean(error.option_name, _options(error.ctx), otherwise=hint)
    return Failure(exit_code, "usage", message, hint)


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _options(ctx: click.Context | None) -> list[str]:
    parameters = ctx.command.get_params(ctx) if ctx else []
    return [name for p in parameters if isinstance(p, click.Option) for name in p.opts if name[:2] == "--"]


def _bug(error: BaseException, exit_code: int) -> Failure:
    import platform
    import tempfile
    import traceback

    from gitagent.version import VERSION

    details = "".join(traceback.format_exception(error))
    if os.environ.get("GITAGENT_TRACEBACK"):
        sys.stderr.write(details)
    head = f"gitagent {VERSION}, Python {platform.python_version()}, {platform.platform()}\n"
    hint = "Nothing more is known; set GITAGENT_TRACEBACK=1 and try again."
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="gitagent-report-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as report:
            report.write(f"{head}arguments: {sys.argv[1:]!r}\n\n{details}")
        hint = f"Please report it with the file {report.name}, which has the details."
    except OSError:
        pass  # a full disk must not hide the failure itself
    return Failure(exit_code, "bug", f"gitagent itself failed: {type(error).__name__}: {error}", hint)


def tell(failure: Failure, *, as_json: bool) -> None:
    """Write the failure: with --json as one object on stdout, else as text on stderr."""
    if as_json:
        sys.stdout.write(f"{_envelope(failure)}\n")
        return
    sys.stdout.flush()
    screen = screen_of(sys.stderr)
    for problem in failure.problems:
        for line in problem_lines(problem, screen):
            sys.stderr.write(f"{screen.fit(line)}\n")
    if failure.exit_code == ANSWER_NO:
        message = plain(failure.message)
        sys.stderr.write(f"{message[:1].upper()}{message[1:]}.\n")  # an answer, not an error
        return
    _say("error:", "error", failure.message, screen)
    for line in (failure.hint or "").splitlines():
        _say("hint:", "warning", line, screen)


def _say(lead: str, style: str, text: str, screen: Screen) -> None:
    """One sentence after its lead word; on a terminal wrapped, the next lines indented below it."""
    text, indent = plain(text), " " * (len(lead) + 1)
    # A command to type stays on one line, however long, so that it can be copied.
    lines = wrap(text, screen.width - len(indent)) if screen.terminal and not _is_typed(text) else [text]
    sys.stderr.write(f"{screen.paint(lead, style)} {f'{chr(10)}{indent}'.join(lines)}\n")


def _is_typed(text: str) -> bool:
    return text.startswith(("git ", "gitagent "))


def _envelope(failure: Failure) -> str:
    import json

    error: dict[str, object] = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    if failure.problems:
        from gitagent.cli.records import problem_record

        error["problems"] = [problem_record(problem) for problem in failure.problems]
    return json.dumps({"format": "gitagent.error/1", "error": error}, indent=2, ensure_ascii=False)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether --json was typed, also where the arguments are too wrong to be read."""
    before = list(arguments)[: list(arguments).index("--")] if "--" in arguments else arguments
    return "--json" in before
