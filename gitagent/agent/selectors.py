"""Selectors: the words by which a user names a version, an environment, the draft or a kept draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept
from gitagent.errors import EnvironmentNotFound, InvalidName, NeverServed
from gitagent.names import EnvironmentName, VersionNumber

if TYPE_CHECKING:
    from gitagent.agent.store import Store

DRAFT = "draft"
LATEST = "latest"


class Selected(NamedTuple):
    """What a selector stands for: a version, a kept draft (both with their commit), or the draft (no commit)."""

    label: str
    version: VersionNumber | None
    commit: str | None


def select(store: Store, text: str) -> Selected:
    """Read `v7`, `7`, `latest`, `draft`, an environment's name, or a kept draft's id. What is not there is refused."""
    if text == DRAFT:
        return Selected(DRAFT, None, None)
    if VersionNumber.matches(text):
        return _version(store, VersionNumber.parse(text))
    if text == LATEST:
        return _version(store, store.ledger.state().last_version)
    if (environment := _environment(store, text)) is not None:
        state = store.ledger.state().environment(environment)
        if state.version is None or state.commit is None:
            raise NeverServed(f"{environment} serves no version yet", hint="See: gitagent environments")
        return Selected(f"{environment} ({state.version})", state.version, state.commit)
    if (draft := kept.find_draft(store, text)) is not None:
        return Selected(f"draft {draft.id}", draft.base, draft.commit)
    raise EnvironmentNotFound(
        f"'{text}' is neither a version nor an environment", hint=_hint(store, text), code="unknown-selector"
    )


def select_version(store: Store, text: str) -> VersionNumber:
    """Read a selector that has to name a version."""
    found = select(store, text)
    if found.version is None or found.label.startswith(f"{DRAFT} "):
        raise InvalidName(
            f"'{text}' names no version", hint="Name one such as v7, latest or live.", code="not-a-version"
        )
    return found.version


def select_environment(store: Store, text: str) -> EnvironmentName:
    """Read an environment's name; EnvironmentNotFound when the pipeline has none of that name."""
    if (found := _environment(store, text)) is not None:
        return found
    raise EnvironmentNotFound(f"no environment is called '{text}'", hint=_hint(store, text, environments_alone=True))


def _version(store: Store, number: VersionNumber) -> Selected:
    return Selected(str(number), number, store.ledger.record(number).commit)


def _environment(store: Store, text: str) -> EnvironmentName | None:
    name = text.replace("_", "-")
    return next((each for each in store.ledger.state().pipeline if str(each) == name), None)


def _hint(store: Store, text: str, *, environments_alone: bool = False) -> str:
    from difflib import get_close_matches

    names = [str(name) for name in store.ledger.state().pipeline]
    others = [] if environments_alone else [DRAFT, LATEST]
    if close := get_close_matches(text.lower(), [*names, *others], n=1, cutoff=0.6):
        return f"Did you mean {close[0]}?"
    return f"The pipeline is {' → '.join(names)}{'.' if environments_alone else '; versions are written v7 or 7.'}"
