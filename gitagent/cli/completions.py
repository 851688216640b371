"""Completions: what a shell offers while somebody types, from the agent around."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from gitagent.cli.root import COMPLETION_VARIABLE

if TYPE_CHECKING:
    import click

    from gitagent import Agent

MOST_VERSIONS = 50
Offer = tuple[str, str | None]


class Fish(FishComplete):
    """Completion for fish, where click's script takes a comma for the end of the help."""

    def format_completion(self, item: CompletionItem) -> str:
        item.help = item.help.replace(",", ";") if item.help else None
        return super().format_completion(item)


SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "fish": Fish, "zsh": ZshComplete}


def answer(command: click.Command, instruction: str) -> int:
    """Answer a shell that asks what may follow; silent about everything that goes wrong."""
    import sys

    shell, _, _ = instruction.partition("_")
    if shell not in SHELLS:
        return 1
    try:
        text = SHELLS[shell](command, {}, "gitagent", COMPLETION_VARIABLE).complete()
    except Exception:  # noqa: BLE001  # whatever fails, a shell prompt is no place for it
        return 0
    sys.stdout.write(f"{text}\n")
    return 0


def script(command: click.Command, shell: str) -> str:
    """The script that makes a shell ask gitagent for completions."""
    maker = SHELLS[shell](command, {}, "gitagent", COMPLETION_VARIABLE)
    return maker.source_template % maker.source_vars()  # not source(), which starts a bash to learn its version


def offer(kind: str, path: Path, incomplete: str) -> list[CompletionItem]:
    """What of that kind begins like `incomplete`; nothing outside an agent."""
    try:
        offers = list(_KINDS[kind](path))
    except Exception:  # noqa: BLE001  # a shell prompt is no place for errors
        return []
    typed = incomplete.replace("_", "-") if kind in {"environments", "selectors"} else incomplete
    return [
        CompletionItem(value, help=_one_line(text)) for value, text in offers if value.lower().startswith(typed.lower())
    ]


def offer_files(path: Path, selector: str, incomplete: str) -> list[CompletionItem]:
    """The files of a version or of what an environment serves, by how their paths begin."""
    try:
        files = list(_agent(path).files(selector))
    except Exception:  # noqa: BLE001  # a shell prompt is no place for errors
        return []
    return [CompletionItem(each) for each in files if each.startswith(incomplete)]


def _one_line(text: str | None) -> str | None:
    from gitagent.cli.cells import clip, plain

    return clip(plain(text), 60) if text else None


def _agent(path: Path) -> Agent:
    from gitagent import Agent

    return Agent.open(path)


def _environments(path: Path) -> Iterable[Offer]:
    for environment in _agent(path).environments():
        yield str(environment.name), f"serves {environment.version}" if environment.version else "serves nothing"


def _versions(path: Path) -> Iterable[Offer]:
    for version in _agent(path).versions(limit=MOST_VERSIONS):
        yield str(version.number), version.name or (version.message or "").partition("\n")[0] or None


def _selectors(path: Path) -> Iterable[Offer]:
    yield from _environments(path)
    yield "latest", "the newest version"
    yield "draft", "what you are editing"
    yield from _versions(path)


def _restorable(path: Path) -> Iterable[Offer]:
    yield from _environments(path)
    yield from _versions(path)
    yield from _drafts(path)


def _drafts(path: Path) -> Iterable[Offer]:
    for kept in _agent(path).drafts():
        yield str(kept.id), f"kept before {kept.reason}"


def _numbers(path: Path) -> Iterable[Offer]:
    for assigned in _agent(path).numbers():
        yield str(assigned.number), str(assigned.environment)


def _calls(path: Path) -> Iterable[Offer]:
    import os

    with _agent(path).open_calls(os.environ.get("GITAGENT_CALLS")) as calls:
        return [(each.call_id, f"{each.version}, {each.outcome or 'open'}") for each in calls.find(limit=50).calls]


def _agents(path: Path) -> Iterable[Offer]:
    from gitagent.runtime.places import open_folder

    with open_folder(path) as calls:
        return [(name, None) for name in calls.agents.names()]


def _tokens(path: Path) -> Iterable[Offer]:
    from gitagent.runtime.places import own_folder
    from gitagent.server.tokens import Tokens

    return [(each.id, each.name) for each in Tokens(own_folder(path)).all() if each.revoked_at is None]


def _roles(path: Path) -> Iterable[Offer]:
    from gitagent.agent.access import Verb

    return [(verb, None) for verb in Verb]


def _people(path: Path) -> Iterable[Offer]:
    agent = _agent(path)
    yield "everybody", None
    named = {who: None for holders in (agent.access.holders.values() if agent.access else ()) for who in holders}
    acted = {event.actor.email.casefold(): event.actor.name for event in agent.history(limit=MOST_VERSIONS)}
    for who, name in sorted({**named, **acted}.items()):
        if who != "*":
            yield who, name


def _templates(path: Path) -> Iterable[Offer]:
    from gitagent import templates

    return [(name, templates.describe(name)) for name in templates.names()]


def _schemas(path: Path) -> Iterable[Offer]:
    from gitagent.config import schemas

    return [(kind, None) for kind in schemas.kinds()]


_KINDS: dict[str, Callable[[Path], Iterable[Offer]]] = {
    "environments": _environments,
    "versions": _versions,
    "selectors": _selectors,
    "restorable": _restorable,
    "drafts": _drafts,
    "numbers": _numbers,
    "calls": _calls,
    "agents": _agents,
    "tokens": _tokens,
    "roles": _roles,
    "people": _people,
    "templates": _templates,
    "schemas": _schemas,
}
