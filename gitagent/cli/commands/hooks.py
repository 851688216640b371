"""`gitagent hooks`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import group
from gitagent.cli.options import argument
from gitagent.cli.session import Session
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent.receive.delivery import Delivery
    from gitagent.receive.installing import Hook

EXAMPLE = """gitagent hooks install
gitagent hooks install --server r.git"""
NAMES = ("pre-push", "pre-receive", "proc-receive")
_server = click.option(
    "--server",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The bare repository that is the shared remote, on the machine where it is.",
)


@group(example=EXAMPLE)
@click.pass_context
def hooks(ctx: click.Context) -> None:
    """Install git hooks that keep the rules, here or on the server.

    In a clone, invalid configurations are not committed, nothing that gitagent moves is pushed by hand, and git merges
    YAML and JSON by key. On the server, every push that breaks a rule is refused, whoever makes it.
    """
    if ctx.invoked_subcommand is None:
        from gitagent.receive import installing

        session = ctx.ensure_object(Session)
        _show(session, "hooks", installing.hooks(session.path))


@hooks.command("install", example=EXAMPLE)
@_server
@click.pass_obj
def install_hooks(session: Session, server: Path | None) -> None:
    """Install the hooks of a clone, or of the shared remote.

    Hooks that stand there already are kept, and run first. Installing again brings the hooks up to date.
    """
    from gitagent.receive import installing

    _show(session, "hooks-install", installing.install(server or session.path, server=server is not None))


@hooks.command("uninstall", example="gitagent hooks uninstall")
@_server
@click.pass_obj
def uninstall_hooks(session: Session, server: Path | None) -> None:
    """Remove the hooks, and put back those that stood there before."""
    from gitagent.receive import installing

    _show(session, "hooks-uninstall", installing.uninstall(server or session.path))


@hooks.command(
    "run", example="gitagent hooks run pre-push origin git@example.com:team/front-desk.git < refs.txt", hidden=True
)
@argument("name", "The hook, as git calls it.", type=click.Choice(NAMES))
@argument("arguments", "What git tells the hook.", nargs=-1)
@click.pass_obj
def run_hook(session: Session, name: str, arguments: Sequence[str]) -> int:
    """Decide what a hook decides. Git's hooks call this, with what git says on the standard input."""
    if name != "pre-push":
        from gitagent.receive.__main__ import main

        return main([name])
    if len(arguments) != len(("remote", "url")):
        raise click.UsageError("pre-push is told a remote and its address", click.get_current_context())
    from gitagent.git.repository import Repository
    from gitagent.receive.byhand import refuse_by_hand

    remote, url = arguments
    lines = [line for line in sys.stdin.read().split("\n") if line]
    refuse_by_hand(Repository.discover(session.path), remote, url, lines)
    return 0


@hooks.command("merge", example="gitagent hooks merge base.yaml ours.yaml theirs.yaml 7 topics/menu.yaml", hidden=True)
@argument("base", "What both sides come from.", type=click.Path(path_type=Path))
@argument("ours", "One side; what comes of both is written here.", type=click.Path(path_type=Path))
@argument("theirs", "The other side.", type=click.Path(path_type=Path))
@argument("mark", "How long the marks of a conflict are to be.", type=click.IntRange(min=1))
@argument("path", "Where the file belongs; its name says whether it has keys.")
@click.pass_obj
def merge_files(session: Session, base: Path, ours: Path, theirs: Path, mark: int, path: str) -> int:
    """Bring two sides of a file together, by key in YAML and JSON.

    Git's merges call this once 'gitagent hooks install' was run in a clone. Ends with exit code 1 when a conflict is
    left, marked in the file.
    """
    from gitagent.receive.drivers import merge_into

    files = (session.path / each for each in (ours, base, theirs))
    return 0 if merge_into(*files, path=path, mark=mark) else 1


@hooks.command("deliver", example="gitagent hooks deliver /srv/git/front-desk.git")
@argument("path", "The shared repository, on the machine where it is.", type=click.Path(path_type=Path))
@click.option("--patient", is_flag=True, help="Try again after a pause, and after a longer one, for hours.")
@click.pass_obj
def deliver_webhooks(session: Session, path: Path, patient: bool) -> int:
    """Tell the webhooks of a shared repository what they have not been told yet.

    The server's hook does so after each push. Ends with exit code 1 when something could not be delivered.
    """
    from gitagent.receive.delivery import deliver

    if patient:
        _outlive_the_push()
    told = deliver(session.path / path, patient=patient)
    session.show(
        "hooks-deliver",
        json=lambda: {
            "webhooks": [
                {"webhook": each.name, "told": each.told, "waiting": each.waiting, "problem": each.problem}
                for each in told
            ]
        },
        text=lambda: (_delivered(each) for each in told) if told else ["No webhook is configured."],
    )
    return 1 if any(each.problem for each in told) else 0


def _outlive_the_push() -> None:
    """Leave the session of whoever pushed, which ends sooner than this, and let pushes go first."""
    import os

    os.nice(10)
    if os.getpgrp() != os.getpid():
        os.setsid()


def _delivered(delivery: Delivery) -> str:
    waiting = f", {counted(delivery.waiting, 'event')} waiting" if delivery.waiting else ""
    problem = f": {delivery.problem}" if delivery.problem else ""
    return plain(f"{delivery.name}  told of {counted(delivery.told, 'event')}{waiting}{problem}")


def _show(session: Session, command: str, found: Sequence[Hook]) -> None:
    session.show(
        command,
        json=lambda: {
            "hooks": [
                {"hook": hook.name, "path": str(hook.path), "installed": hook.installed, "beside": hook.beside}
                for hook in found
            ]
        },
        text=lambda: _lines(found),
    )


def _lines(found: Sequence[Hook]) -> Iterator[str]:
    for hook in found:
        state = "installed" if hook.installed else "not gitagent's" if hook.is_foreign else "not installed"
        before = ", after the one that was there before" if hook.installed and hook.beside else ""
        yield f"{hook.name:<22}{state}{before}: {plain(str(hook.path))}"
