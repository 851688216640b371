"""Identity: who git says is acting."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pygit2

from gitagent.errors import IdentityMissing, InvalidName
from gitagent.names import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitagent.git.repository import Repository


def identity(repository: Repository | None, environ: Mapping[str, str]) -> Actor:
    """Who acts: GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, or user.name and user.email, as git itself has it.

    IdentityMissing with the two lines to type when git knows nobody.
    """
    configs = [repository.raw.config] if repository is not None else _outside_repositories()
    name = environ.get("GIT_AUTHOR_NAME") or environ.get("GIT_COMMITTER_NAME") or _value(configs, "user.name")
    email = environ.get("GIT_AUTHOR_EMAIL") or environ.get("GIT_COMMITTER_EMAIL") or _value(configs, "user.email")
    if not name or not email:
        raise IdentityMissing(
            "git does not know who you are, and every change is recorded with a name",
            hint='git config --global user.name "Your Name"\ngit config --global user.email you@example.com',
        )
    try:
        return Actor(name.strip(), email.strip())
    except InvalidName as error:
        raise IdentityMissing(
            error.message,
            hint='git config --global user.name "Your Name"\ngit config --global user.email you@example.com',
        ) from error


def _outside_repositories() -> list[pygit2.Config]:
    """The configuration files that count where there is no repository yet, the strongest first."""
    found = []
    for find in (pygit2.Config.get_global_config, pygit2.Config.get_xdg_config, pygit2.Config.get_system_config):
        with contextlib.suppress(OSError):  # there is no such file
            found.append(find())
    return found


def _value(configs: Iterable[pygit2.Config], key: str) -> str:
    for config in configs:
        with contextlib.suppress(KeyError):
            return config[key] or ""
    return ""
