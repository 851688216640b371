"""The root of the command line: `gitagent` itself."""

from __future__ import annotations

import click

from gitagent.cli.command import Root
from gitagent.cli.screen import columns
from gitagent.cli.session import Session
from gitagent.version import VERSION

COMPLETION_VARIABLE = "_GITAGENT_COMPLETE"
"""In it a shell asks what may follow, where click expects it for a program of this name."""
WIDEST_HELP = 100
HELP = """Keep a conversational agent's configuration in git: edit a draft, make versions of it, and move them
through environments to live, and back."""
EXAMPLE = """gitagent demo
gitagent init my-agent --template restaurant
gitagent promote --help"""


def root() -> Root:
    """A new command line, with nothing remembered from an earlier run."""
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Show gitagent's version and exit.",
    )
    return Root(
        name="gitagent",
        help=HELP,
        example=EXAMPLE,
        common=("yes", "dry_run", "message", "name"),
        callback=click.pass_context(_show_help),
        invoke_without_command=True,
        params=[version],
        context_settings={"help_option_names": ["-h", "--help"], "terminal_width": min(columns(), WIDEST_HELP) - 2},
    )


def _show_version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"gitagent {VERSION}")
        ctx.exit()


def _show_help(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    ctx.call_on_close(ctx.ensure_object(Session).tell_notices)
