"""Commands and groups of commands: click's, with our help pages, common options and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gitagent.cli import table
from gitagent.cli.options import Described, common_option
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Function = TypeVar("Function", bound=Callable[..., object])
_EVERYWHERE = ("folder", "json")


class AgentCommand(click.Command):
    """A command: its help says what it does and ends with an example.

    `common` names the common options that it takes besides -C and --json.
    """

    def __init__(self, *, example: str, common: Sequence[str] = (), **attributes: Any) -> None:
        self.example = example
        self.common = (*_EVERYWHERE, *common)
        super().__init__(**attributes)
        self.params = [*self.params, *(common_option(name) for name in self.common)]

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Nothing: they are written with the options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        parameters = self.get_params(ctx)
        described = [(p.human_readable_name, p.text) for p in parameters if isinstance(p, Described)]
        _section(formatter, "Arguments", described)
        options = [p for p in parameters if isinstance(p, click.Option)]
        own = [p for p in options if p.name not in self.common and p.name != "help"]
        _section(formatter, "Options", [r for p in own if (r := p.get_help_record(ctx))])
        common = [p for p in options if p not in own]
        _section(formatter, "Common options", [r for p in common if (r := p.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples" if "\n" in self.example else "Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line.strip()}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click leaves it out for an option without its value
            raise

    def invoke(self, ctx: click.Context) -> Any:
        _refuse_unheard(ctx, self)
        session = ctx.ensure_object(Session)
        session.changing = "dry_run" in self.common and not session.dry_run
        return super().invoke(ctx)


class AgentGroup(AgentCommand, click.Group):
    """A command with commands below it; alone, it lists."""

    command_class = AgentCommand
    otherwise: str | None = None
    """What to say of a word that is no command and like none, which stands for `{word}`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == "help" and not ctx.resilient_parsing:
            if len(args) == 1:
                click.echo(ctx.get_help())
                ctx.exit()
            return self.resolve_command(ctx, [*args[1:], "--help"])
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise UnknownCommand(args[0], self.list_commands(ctx), ctx, otherwise=self.otherwise)
        return args[0], command, args[1:]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        return click.Group.invoke(self, ctx)


class Root(AgentGroup):
    """The whole command line. Its help and its completion need none of the commands' modules."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return table.load(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return table.names()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, table.names()))
        for group, entries in table.groups().items():
            rows = [(entry.name.ljust(longest), entry.summary.rstrip(".")) for entry in entries]
            _section(formatter, group, rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(e.name, help=e.summary) for e in table.COMMANDS if e.name.startswith(incomplete)]


class UnknownCommand(click.UsageError):
    """A word stands where a command is expected."""

    def __init__(self, word: str, known: Sequence[str], ctx: click.Context, *, otherwise: str | None = None) -> None:
        from gitagent.cli.suggestions import did_you_mean, synonym

        super().__init__(f"there is no command '{word}'", ctx)
        otherwise = (otherwise or f"'{ctx.command_path} --help' lists the commands.").replace("{word}", word)
        self.hint = synonym(word, known) or did_you_mean(word, known, otherwise=otherwise)


def command(*, example: str, common: Sequence[str] = ()) -> Callable[[Function], AgentCommand]:
    """Make a command of a function: its name is the command's, its docstring the help."""
    return click.command(cls=AgentCommand, example=example, common=common)


def group(*, example: str) -> Callable[[Function], AgentGroup]:
    """Make a group of a function, which runs when no command below it is named."""
    return click.group(cls=AgentGroup, example=example, invoke_without_command=True)


def _section(formatter: click.HelpFormatter, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _refuse_unheard(ctx: click.Context, heard: AgentCommand) -> None:
    """Refuse what was given before the command and what the command would silently drop.

    A dropped --dry-run would change things; a dropped text would be missed for ever.
    """
    session = ctx.ensure_object(Session)
    given = {"message": session.message is not None, "name": session.name is not None, "dry_run": session.dry_run}
    for option, is_given in given.items():
        if is_given and option not in heard.common:
            raise click.UsageError(f"'{ctx.command_path}' takes no --{option.replace('_', '-')}", ctx)
