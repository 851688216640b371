"""Options and arguments that several commands share, each with its help and its completion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

from gitagent.cli.session import Session

Function = TypeVar("Function", bound=Callable[..., object])
LONGEST_COUNT = 19  # digits; more do not fit where Python counts
Completer = Callable[[click.Context, click.Parameter, str], list[Any]]


class Described(click.Argument):
    """An argument with a help text of its own."""

    def __init__(self, declarations: Sequence[str], *, text: str, **attributes: Any) -> None:
        super().__init__(declarations, **attributes)
        self.text = text


class UnreadableMoment(click.BadParameter):
    """What was given as a time is none."""

    def __init__(self, message: str, ctx: click.Context | None, param: click.Parameter | None, *, hint: str) -> None:
        super().__init__(message, ctx, param)
        self.hint = hint


class Moment(click.ParamType[datetime]):
    """A time as people write it; becomes a datetime with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from gitagent.cli.times import EXAMPLES, UnreadableTimeError, parse_time

        if isinstance(value, datetime):
            return value
        session = (ctx or click.get_current_context()).ensure_object(Session)
        try:
            return parse_time(value, now=session.now)
        except UnreadableTimeError as error:
            raise UnreadableMoment(str(error), ctx, param, hint=f"Write {EXAMPLES}.") from error


class Expiry(Moment):
    """A time to come; `90d` is that long from now."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        moment = super().convert(value, param, ctx)
        now = (ctx or click.get_current_context()).ensure_object(Session).now
        is_span = isinstance(value, str) and value[:1].isdigit() and value[-1:].isalpha()
        return now + (now - moment) if is_span and moment < now else moment


class Count(click.ParamType[int]):
    """How many to list, one at least."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and 0 < len(text) < LONGEST_COUNT and int(text)):
            self.fail(f"'{value}' is not a number of things to list; give 1 or more", param, ctx)
        return int(text)


class Approvals(click.ParamType[int]):
    """How many approvals an environment asks for."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from gitagent.agent.settings import MOST_APPROVALS

        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and len(text) < LONGEST_COUNT and int(text) <= MOST_APPROVALS):
            self.fail(f"'{value}' is not a number of approvals; give 0 to {MOST_APPROVALS}", param, ctx)
        return int(text)


class PassRate(click.ParamType[int]):
    """How many of a version's cases have to pass, in per cent; 0 for none."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().lower()
        rate = {"required": "100", "off": "0"}.get(text, text.removesuffix("%").rstrip())
        if not (rate.isascii() and rate.isdigit() and len(rate) <= 3 and int(rate) <= 100):
            self.fail(f"'{value}' is neither required, nor a rate such as 95%, nor off", param, ctx)
        return int(rate)


def completer(name: str) -> Completer:
    """A completion of that name from `gitagent.cli.completions`, imported only while completing."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
        from gitagent.cli import completions

        return completions.offer(name, ctx.ensure_object(Session).path, incomplete)

    return complete


def _folders(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def complete_files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    """The files of what the argument `selector` names."""
    from gitagent.cli import completions

    path = ctx.ensure_object(Session).path
    return completions.offer_files(path, str(ctx.params.get("selector")), incomplete)


def argument(
    name: str, text: str, *, completes: str | None = None, **attributes: Any
) -> Callable[[Function], Function]:
    """An argument with its help; `completes` names what the shell offers for it."""
    if completes:
        attributes["shell_complete"] = completer(completes)
    return click.argument(name, cls=Described, text=text, **attributes)


def one_of(argument: str | None, option: str | None, name: str) -> str | None:
    """What was given as an argument or as an option; refused where the two say different things."""
    if argument is not None and option is not None and argument != option:
        raise click.UsageError(
            f"'{argument}' and {name} '{option}' are not the same: give one of them", click.get_current_context()
        )
    return option if argument is None else argument


def refuse_swapped(command: str, environment: str, version: str | None) -> None:
    """Refuse a version where the environment belongs, and say how it is written."""
    from gitagent.errors import EnvironmentNotFound
    from gitagent.names import VersionNumber

    if version is not None and VersionNumber.matches(environment) and not VersionNumber.matches(version):
        raise EnvironmentNotFound(
            f"{environment} is a version, and the environment comes first",
            hint=f"Did you mean: gitagent {command} {version} {environment}?",
        )


def refuse_rehearsed_sync(session: Session, sync: bool) -> None:
    """Refuse --sync where nothing is to be changed: what it would bring is known only once it has."""
    if session.dry_run and sync:
        raise click.UsageError("--dry-run and --sync exclude each other", click.get_current_context())


def read_headers(texts: Sequence[str]) -> dict[str, str]:
    """What --sip-header says; a usage error where it is not NAME=VALUE, or says a name twice."""
    headers: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or name.lower() in map(str.lower, headers):
            raise click.UsageError(
                f"--sip-header is written NAME=VALUE, each name once; '{text}' is not", click.get_current_context()
            )
        headers[name] = value
    return headers


def _remember(field: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        session = ctx.ensure_object(Session)
        if value is not None and value is not False:
            setattr(session, field, value)

    return remember


def force_options(function: Function) -> Function:
    """--force and --reason, which `forced` makes one text of."""
    reason = click.option("--reason", metavar="TEXT", help="Why, with --force; kept for ever.")
    return click.option("--force", is_flag=True, help="Move it whatever its tests say, where your role allows it.")(
        reason(function)
    )


def forced(force: bool, reason: str | None) -> str | None:
    """Why a move is to be made whatever its tests say; None where it is not."""
    reason = (reason or "").strip() or None
    if force == (reason is None):
        said = "--force needs a reason: --reason 'TEXT'" if force else "--reason is for --force"
        raise click.UsageError(said, click.get_current_context())
    return reason


sync_option = click.option(
    "--sync",
    is_flag=True,
    help="First merge what others saved into the draft, and let nobody come between.",
)
sign_option = click.option(
    "--sign/--no-sign",
    default=None,
    expose_value=False,
    callback=lambda ctx, parameter, value: ctx.ensure_object(Session).ask_to_sign(value),
    help="Sign it with your key, as git is set to; by default if git's tag.gpgSign says so.",
)
_FLAG: dict[str, Any] = {"is_flag": True}
COMMON: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "folder": (
        ("-C", "folder"),
        {
            "metavar": "PATH",
            "help": "Work on the agent at PATH, instead of the one around the current folder.",
            "shell_complete": _folders,
        },
    ),
    "json": (("--json",), {**_FLAG, "help": "Print one JSON object instead of text."}),
    "yes": (("-y", "--yes"), {**_FLAG, "help": "Answer every question with yes."}),
    "dry_run": (("--dry-run",), {**_FLAG, "help": "Check everything, say what would be done, change nothing."}),
    "message": (("-m", "--message"), {"metavar": "TEXT", "help": "Say why, in your own words; kept for ever."}),
    "name": (("--name",), {"metavar": "NAME", "help": "Give the version a name, such as 'Autumn menu'."}),
}


def common_option(name: str) -> click.Option:
    """A new common option; what it says goes to the session, before the command or after it."""
    declarations, attributes = COMMON[name]
    return click.Option(declarations, expose_value=False, callback=_remember(name), **attributes)
