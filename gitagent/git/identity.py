"""Identity: who git says is acting, and whether they sign what they do."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pygit2

from gitagent.errors import IdentityMissing, InvalidName, RepositoryUnreadable
from gitagent.names import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitagent.git.repository import Repository


_HOW_TO_SAY = 'git config --global user.name "Your Name"\ngit config --global user.email you@example.com'
_ASKED = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_COUNT"})
"""What libgit2 does not know: with one of these, git itself is asked, which takes 5 ms."""


def identity(repository: Repository | None, environ: Mapping[str, str]) -> Actor:
    """Who acts: GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, or user.name and user.email, or what git makes of the rest.

    IdentityMissing with the two lines to type when git knows nobody. `environ` is that of the process.
    """
    name = email = ""
    if not _ASKED.intersection(environ):
        try:
            configs = [repository.raw.config] if repository is not None else _outside_repositories()
            name, email = _value(configs, "user.name"), _value(configs, "user.email")
        except pygit2.GitError as error:
            raise RepositoryUnreadable(
                f"git's configuration cannot be read: {error}", hint="See what git says: git config --list"
            ) from error
    name = environ.get("GIT_AUTHOR_NAME") or environ.get("GIT_COMMITTER_NAME") or name
    email = environ.get("GIT_AUTHOR_EMAIL") or environ.get("GIT_COMMITTER_EMAIL") or email
    if not name or not email:
        name, email = _as_git_has_it(repository, environ)
    try:
        actor = Actor(name.strip(), email.strip())
        pygit2.Signature(actor.name, actor.email)
    except InvalidName as error:
        raise IdentityMissing(error.message, hint=_HOW_TO_SAY) from error
    except (ValueError, pygit2.GitError) as error:
        # git strips dots, commas, quotes and the like from both ends, and may leave nothing.
        raise IdentityMissing(f"'{name} <{email}>' does not identify a person", hint=_HOW_TO_SAY) from error
    return actor


def signs_by_default(repository: Repository, environ: Mapping[str, str]) -> bool:
    """Whether git is set to sign every tag: its tag.gpgSign."""
    key = "tag.gpgSign"
    if _ASKED.intersection(environ):
        from gitagent.git.remote import run_git  # 3 ms

        return run_git(repository.top, "config", "--type=bool", key).stdout.strip() == "true"
    try:
        return repository.raw.config.get_bool(key)
    except (KeyError, ValueError, pygit2.GitError):
        return False


def _as_git_has_it(repository: Repository | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Name and e-mail by git's own rules: configuration from the environment, author.name, EMAIL and so on."""
    import subprocess  # 3 ms, for those whose identity only git knows

    where = repository.top if repository is not None else None
    command = ["git", "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"]
    try:
        answer = subprocess.run(
            command, cwd=where, env=dict(environ), capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise IdentityMissing(
            "git does not know who you are, and every change is recorded with a name", hint=_HOW_TO_SAY
        ) from error
    name, _, rest = answer.partition(" <")
    return name, rest.partition("> ")[0]


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
