"""`gitagent completion`."""

from __future__ import annotations

import click

from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.session import Session

SHELLS = ("bash", "zsh", "fish")
EXAMPLE = """gitagent completion bash >> ~/.bashrc
gitagent completion zsh >> ~/.zshrc
gitagent completion fish > ~/.config/fish/completions/gitagent.fish"""


@command(example=EXAMPLE)
@argument("shell", "Your shell.", type=click.Choice(SHELLS), metavar="SHELL")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the shell completion script for bash, zsh or fish.

    It completes commands, options, environments, versions, kept drafts and phone numbers.
    """
    from gitagent.cli.completions import script

    text = script(ctx.find_root().command, shell)
    session = ctx.ensure_object(Session)
    if session.json:
        session.write_json("completion", {"shell": shell, "script": text})
    else:
        session.write(text)  # never broken to fit: it is for a program
