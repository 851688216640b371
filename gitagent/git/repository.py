"""Repository: an agent's git repository: where it is, how it is opened and made, and its configuration."""

from __future__ import annotations

from pathlib import Path

import pygit2

from gitagent.errors import AgentNotFound, RepositoryUnreadable, StorageFailed
from gitagent.git.database import Database
from gitagent.git.disk import sync_directory, sync_file
from gitagent.git.refs import Refs


class Repository(Refs, Database):
    """One git repository. Object ids go in and come out as 40 hexadecimal digits."""

    def __init__(self, raw: pygit2.Repository) -> None:
        self.raw = raw
        self.git_directory = _common_directory(Path(raw.path))
        self.top = Path(raw.workdir) if raw.workdir else Path(raw.path)

    @classmethod
    def discover(cls, path: Path) -> Repository:
        """The repository of `path` or of a folder above it; AgentNotFound when there is none."""
        try:
            found = pygit2.discover_repository(str(path))
        except (pygit2.GitError, KeyError, OSError, ValueError) as error:
            raise AgentNotFound(f"cannot look for an agent in {path}: {error}") from error
        if found is None:
            raise AgentNotFound(
                f"no agent in {path} or above it", hint="Make one with: gitagent init, or name its folder with -C."
            )
        around = next((each for each in (path, *path.absolute().parents) if (each / ".git").is_file()), None)
        if around is not None and _same_folder(pygit2.discover_repository(str(around)), found):
            return cls(_open(str(around)))  # what stands there says where git's folder is, not the other way round
        return cls(_open(found))

    @classmethod
    def create(cls, path: Path) -> Repository:
        """A new repository in `path`, its HEAD on main; one that was never made to its end is begun anew."""
        _sync_everything()
        try:
            for lock in (path / ".git").glob("*.lock"):
                lock.unlink()
            made = cls(pygit2.init_repository(str(path), initial_head="main"))
            made._sync_skeleton()
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot make a repository in {path}: {error}") from error
        return made

    @classmethod
    def at(cls, path: Path) -> Repository | None:
        """The repository whose top is exactly this folder, if there is one; it may be bare."""
        if (path / ".git").exists():
            return None if _is_half_made(path / ".git") else cls(_open(str(path)))
        bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
        return cls(_open(str(path))) if bare else None

    @property
    def is_bare(self) -> bool:
        return self.raw.is_bare

    @property
    def is_shallow(self) -> bool:
        """Whether its history was cut off when it was cloned."""
        return self.raw.is_shallow

    def config(self, key: str) -> str | None:
        """A value of git's configuration; None when there is none."""
        try:
            return self.raw.config[key]
        except KeyError:
            return None

    def is_on(self, key: str) -> bool:
        """A yes or no of git's configuration, as git reads it; no where it says nothing, StorageFailed for neither."""
        try:
            return self.raw.config.get_bool(key)
        except KeyError:
            return False
        except (ValueError, pygit2.GitError) as error:
            raise StorageFailed(
                f"git's {key} is neither true nor false", hint=f"Set it: git config {key} true"
            ) from error

    def remotes(self) -> list[str]:
        """The names of the remotes that git knows."""
        return list(self.raw.remotes.names())  # type: ignore[arg-type]  # names() skips none: a nameless one is not kept

    def add_remote(self, name: str, url: str) -> None:
        """Let git know a remote, its branches under refs/remotes/<name>."""
        try:
            self.raw.remotes.create(name, url)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise StorageFailed(f"cannot add the remote {name}: {error}") from error

    def remove_remote(self, name: str) -> None:
        """Let git forget a remote, and the branches under refs/remotes/<name>."""
        try:
            self.raw.remotes.delete(name)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise StorageFailed(f"cannot remove the remote {name}: {error}") from error

    def set_config(self, key: str, value: str) -> None:
        """Set a value in the repository's own configuration."""
        try:
            self.raw.config[key] = value
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot write git's configuration: {error}") from error

    def take_history(self, source: Repository, *, tags: list[str]) -> None:
        """Let main be what HEAD of the repository `source` is, its history and the given tags included."""
        try:
            remote = self.raw.remotes.create_anonymous(str(source.top))
            remote.fetch(["HEAD:refs/heads/main", *(f"{tag}:{tag}" for tag in tags)])
        except (pygit2.GitError, OSError, ValueError, KeyError) as error:
            raise StorageFailed(f"cannot copy the history of {source.top}: {error}") from error

    def _sync_skeleton(self) -> None:
        for name in ("HEAD", "config"):
            sync_file(self.git_directory / name)
        for folder in (self.git_directory / "refs", self.git_directory, self.top, self.top.parent):
            sync_directory(folder)


def _is_half_made(git_directory: Path) -> bool:
    """Whether the making of a repository was cut short. HEAD comes last, and by a link from its lock."""
    head, lock = git_directory / "HEAD", git_directory / "HEAD.lock"
    if not head.is_file():
        return git_directory.is_dir()
    return lock.is_file() and lock.samefile(head)


def _sync_everything() -> None:
    """Each object and ref is on the disk before anything points at it."""
    pygit2.settings.enable_fsync_gitdir(True)


def _same_folder(one: str | None, other: str) -> bool:
    return one is not None and Path(one).resolve() == Path(other).resolve()


def _open(path: str) -> pygit2.Repository:
    _sync_everything()
    try:
        return pygit2.Repository(path)
    except pygit2.GitError as error:
        text = str(error)
        hint = None
        if "owned" in text:
            hint = f"If you trust it: git config --global --add safe.directory {Path(path).parent}"
        elif "extension" in text or "object format" in text or "version" in text:
            hint = "gitagent opens repositories with SHA-1 objects and loose or packed refs only."
        raise RepositoryUnreadable(f"cannot open the repository {path}: {text}", hint=hint) from error


def _common_directory(git_directory: Path) -> Path:
    """Where refs and objects are: a linked working tree keeps its own folder for HEAD and index only."""
    pointer = git_directory / "commondir"
    return (git_directory / pointer.read_text().strip()).resolve() if pointer.exists() else git_directory
