"""The command table: every command's name, group and one-line summary, known without importing any."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import click


class Entry(NamedTuple):
    """One command of the table. `module` holds a command of the same name."""

    name: str
    group: str
    summary: str

    @property
    def module(self) -> str:
        return f"gitagent.cli.commands.{self.name}"


START = "Start"
DRAFT = "Draft and versions"
TRYING = "Trying"
ENVIRONMENTS = "Environments"
HISTORY = "History"
TEAM = "Team"
TRAFFIC = "Traffic"
TOOLS = "Tools"

COMMANDS = (
    Entry("demo", START, "Take a sample agent from draft to live and back."),
    Entry("init", START, "Make an agent, or take over a folder or git repository."),
    Entry("share", TEAM, "Put the agent on a shared remote, the authority from then on."),
    Entry("clone", TEAM, "Join an agent on a shared remote."),
    Entry("sync", TEAM, "Catch up with the shared remote, and merge what others saved."),
    Entry("approve", TEAM, "Approve a version for an environment."),
    Entry("access", TEAM, "Show who may do what, and give or take roles."),
    Entry("hooks", TEAM, "Install git hooks that keep the rules, here or on the server."),
    Entry("status", START, "Show the draft, the environments and what to type next."),
    Entry("validate", DRAFT, "Check the configuration and report every problem at once."),
    Entry("save", DRAFT, "Make a version from the draft; nothing is served."),
    Entry("compare", DRAFT, "Show what differs between versions, environments or the draft."),
    Entry("versions", DRAFT, "List the versions, newest first."),
    Entry("show", DRAFT, "Show one version whole, or one of its files."),
    Entry("restore", DRAFT, "Copy a version's content into the draft, to edit it."),
    Entry("discard", DRAFT, "Give the draft up and go back to the last published version."),
    Entry("drafts", DRAFT, "List the drafts that were kept, show one, or bring it back."),
    Entry("chat", TRYING, "Talk to the draft, a version or what an environment serves."),
    Entry("test", TRYING, "Play the suites of the draft, a version or an environment."),
    Entry("bisect", TRYING, "Find the version that broke a case."),
    Entry("environments", ENVIRONMENTS, "Show the pipeline, or change an environment's rules."),
    Entry("publish", ENVIRONMENTS, "Put the draft or a saved version in the first environment."),
    Entry("promote", ENVIRONMENTS, "Move an environment forward to what the one before it serves."),
    Entry("rollback", ENVIRONMENTS, "Move an environment back to a version that it served before."),
    Entry("history", HISTORY, "List what was saved, published, promoted and rolled back."),
    Entry("at", HISTORY, "Tell which version an environment served at some time."),
    Entry("blame", HISTORY, "Tell which version last changed each key or line of a file."),
    Entry("numbers", TRAFFIC, "List, assign, move and release phone numbers."),
    Entry("resolve", TRAFFIC, "Tell which version answers a phone number now."),
    Entry("calls", TRAFFIC, "List calls with the version that each one got, and statistics."),
    Entry("serve", TRAFFIC, "Serve agents, their configurations and their calls over HTTP."),
    Entry("tokens", TRAFFIC, "List, add and revoke the tokens that a server asks for."),
    Entry("verify", TOOLS, "Check every rule over the whole repository, offline."),
    Entry("doctor", TOOLS, "Explain what is wrong with the repository, and repair it."),
    Entry("schema", TOOLS, "Print the JSON Schema of a kind of file, for editors."),
    Entry("completion", TOOLS, "Print the shell completion script for bash, zsh or fish."),
)
_BY_NAME = {entry.name: entry for entry in COMMANDS}


def names() -> list[str]:
    """The names of all commands, in the order of the help."""
    return list(_BY_NAME)


def groups() -> dict[str, list[Entry]]:
    """The commands by group, in the order of the help."""
    grouped: dict[str, list[Entry]] = {}
    for entry in COMMANDS:
        grouped.setdefault(entry.group, []).append(entry)
    return grouped


def load(name: str) -> click.Command | None:
    """The command of that name, imported now; None when there is none."""
    entry = _BY_NAME.get(name)
    if entry is None:
        return None
    command: click.Command = getattr(import_module(entry.module), name)
    return command
