"""Hooked: the repository that git runs a hook in, with the objects of a push that is not taken yet."""

from __future__ import annotations

import pygit2
from pygit2.enums import RepositoryOpenFlag

from gitagent.errors import RepositoryUnreadable
from gitagent.git.repository import Repository


def hooked_repository() -> Repository:
    """The repository of the current folder, which git makes a hook's, with the objects that git's environment names.

    git keeps what a push brings apart until pre-receive has agreed, and names that place in its environment alone.
    """
    try:
        return Repository(pygit2.Repository(".", RepositoryOpenFlag.FROM_ENV))
    except pygit2.GitError as error:
        raise RepositoryUnreadable(
            f"the repository of this hook cannot be opened: {error}",
            hint="gitagent opens repositories with SHA-1 objects and loose or packed refs, "
            "that belong to who runs the hook or are named in safe.directory.",
        ) from error
