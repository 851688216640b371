"""Takeover: how a folder, a template or a git repository becomes an agent."""

from __future__ import annotations

import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.agent import draft
from gitagent.agent.events import Event, Operation, checked_message, checked_name, checked_time
from gitagent.agent.files import draft_files, tree_files
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.rules import LONGEST_PIPELINE
from gitagent.agent.states import EnvironmentState, State, VersionRecord
from gitagent.agent.store import Store
from gitagent.config.files import FileKind
from gitagent.errors import AgentNotFound, InvalidName, NotFound, RuleBroken, StorageFailed
from gitagent.git.repository import Repository
from gitagent.git.worktree import WorkingTree
from gitagent.names import EnvironmentName, VersionNumber, new_ulid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from gitagent.agent.files import Tree
    from gitagent.config.files import Files
    from gitagent.names import Actor


def parse_pipeline(names: Sequence[str]) -> tuple[EnvironmentName, ...]:
    """The environments in order; InvalidName for none, too many, or the same twice."""
    pipeline = tuple(EnvironmentName.parse(name.strip()) for name in names)
    if not 1 <= len(pipeline) <= LONGEST_PIPELINE or len(set(pipeline)) < len(pipeline):
        raise InvalidName(
            f"a pipeline is 1 to {LONGEST_PIPELINE} different environments",
            hint="Such as sandbox,pre-release,live, or live alone.",
            code="invalid-pipeline",
        )
    return pipeline


def take_over(
    path: Path,
    *,
    pipeline: tuple[EnvironmentName, ...],
    files: Files | None,
    source: Path | None,
    name: str | None,
    message: str | None,
    actor: Actor,
    at: datetime,
) -> Store:
    """Make an agent in `path`, v1 included, out of `files`, of the folder `source`, or of what stands there.

    Nothing is left behind when it is refused.
    """
    name, message, at = checked_name(name), checked_message(message), checked_time(at)
    path = path.absolute()
    if source is not None and source.absolute().resolve() == path.resolve():
        source = None
    check_place(path, files, source)
    filled = files is not None or source is not None
    with _undone_when_refused(path, filled=filled) as repository:
        if repository is None or filled:
            repository = _fill(path, repository, files, source)
        store = Store(repository)
        check_repository(store, pipeline)
        _check_files(store)
        with _standing_on_main(store):
            _first_version(store, pipeline, name, message, actor, at)
    return store


def check_place(path: Path, files: Files | None, source: Path | None) -> None:
    """Everything that can be wrong with where the agent is to be, and where its files come from."""
    _refuse_nested(path)
    if source is not None and not source.is_dir():
        raise NotFound(f"{source} is not a folder", hint="Name the folder to take over.", code="source-not-found")
    if source is not None and path.resolve().is_relative_to(source.resolve()):
        raise RuleBroken(
            f"{path} is inside {source}, the folder to copy from", hint="Choose another folder.", code="inside-source"
        )
    if (files is not None or source is not None) and path.exists() and _content(path):
        raise RuleBroken(
            f"{path} is not empty",
            hint="Name a new folder, or take this one over with: gitagent init",
            code="not-empty",
        )


def _refuse_nested(path: Path) -> None:
    """Refuse a folder inside an agent, which would version its files a second time."""
    above = next((each for each in path.resolve().parents if each.is_dir()), None)
    around = None
    with suppress(AgentNotFound, StorageFailed):
        around = Repository.discover(above) if above is not None else None
    if around is not None and not around.is_bare and around.ref(LEDGER) is not None:
        raise RuleBroken(
            f"{path} is inside the agent {around.top}",
            hint=f"Choose a folder outside it, such as {around.top.parent / path.name}.",
            code="nested-agent",
        )


def check_repository(store: Store, pipeline: tuple[EnvironmentName, ...]) -> None:
    """Everything about a git repository that keeps it from becoming an agent, but for its files."""
    _refuse_clashes(store, pipeline)
    if store.repository.is_bare:
        raise RuleBroken(
            f"{store.repository.top} is bare; an agent begins in a folder of files",
            hint="Make it in a clone.",
            code="no-draft",
        )
    refuse_shallow(store.repository)
    store.working_tree.refuse_half_done()
    _refuse_other_branch(store.repository)


def refuse_shallow(repository: Repository) -> None:
    """Refuse a history that was cut off: nothing could tell what a version follows."""
    if repository.is_shallow:
        raise RuleBroken(
            f"the history of {repository.top} was cut off when it was cloned",
            hint=f"Get the rest first: git -C {repository.top} fetch --unshallow",
            code="shallow-history",
        )


def _check_files(store: Store) -> None:
    """Everything that can be wrong with the files that are taken over, before anything is changed."""
    files = draft_files(store.working_tree)
    if not files:
        raise RuleBroken(
            "there are no files to make an agent of",
            hint="Begin with a sample, blank, clinic or restaurant: gitagent init --template restaurant",
            code="no-files",
        )
    draft.checked_problems(files)


def _first_version(
    store: Store,
    pipeline: tuple[EnvironmentName, ...],
    name: str | None,
    message: str | None,
    actor: Actor,
    at: datetime,
) -> None:
    with store.writing():
        _refuse_clashes(store, pipeline)  # once more: another command may have been faster
        tree, index = draft.take(store, draft_files(store.working_tree))
        head = store.repository.ref(MAIN)
        if head is not None and store.repository.commit(head).tree != tree:
            store.notices.append("Edits that were not committed to git yet are in v1.")
        number = VersionNumber(1)
        event = Event(1, new_ulid(), Operation.INIT, actor, at, to_version=number, name=name, message=message)
        commit, tag = store.write_version(event, number, tree)
        alone = len(pipeline) == 1
        environments = tuple(EnvironmentState(each, requires_number=alone) for each in pipeline)
        event = event._replace(to_commit=commit, tag=tag)
        store.commit(event, State(environments, number), {number: VersionRecord(commit, tag)}, index=index)


def _fill(path: Path, empty: Repository | None, files: Files | None, source: Path | None) -> Repository:
    """A repository in `path`, new or `empty` of files, with the files of the template or of the source."""
    origin = Repository.at(source) if source is not None else None
    if origin is not None:
        refuse_shallow(origin)
        draft.checked_problems(_files_of(origin))
    try:
        path.mkdir(parents=True, exist_ok=True)
        repository = empty or Repository.create(path)
        if origin is not None and origin.ref("HEAD") is not None and repository.ref("HEAD") is None:
            tags = [ref for ref in origin.refs("refs/tags/") if not VersionNumber.matches(ref[len("refs/tags/") :])]
            repository.take_history(origin, tags=tags)
        if files is not None:
            _write_files(path, files)
        elif origin is not None and origin.is_bare:
            tree = repository.commit(head).tree if (head := repository.ref("HEAD")) is not None else None
            if tree is not None:
                WorkingTree(repository).replace(now={}, wanted=repository.entries(tree))
        elif origin is not None:
            _copy(origin.top, path, WorkingTree(origin).entries())
        elif source is not None:
            _copy(source, path, _found_below(source))
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror}") from error
    return repository


def _files_of(origin: Repository) -> Tree:
    """The files of a repository's working tree; of a bare one, those of its HEAD."""
    if not origin.is_bare:
        return draft_files(WorkingTree(origin))
    head = origin.ref("HEAD")
    return tree_files(origin, origin.commit(head).tree if head is not None else origin.write_tree(None, {}))


def _write_files(top: Path, files: Files) -> None:
    for path, file in files.items():
        to = top / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(file.read())
        if file.kind is FileKind.EXECUTABLE:
            to.chmod(0o755)


def _copy(source: Path, top: Path, paths: Iterable[str]) -> None:
    for path in paths:
        from_, to = source / path, top / path
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(from_, to, follow_symlinks=False)


def _found_below(source: Path) -> Iterator[str]:
    """The files and links below a folder. What git keeps for itself, and what is no file, is left where it is."""
    waiting = [source]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode) and path.name != ".git":
                waiting.append(path)
            elif (stat.S_ISREG(mode) or stat.S_ISLNK(mode)) and path.name != ".git":
                yield path.relative_to(source).as_posix()


def _refuse_clashes(store: Store, pipeline: tuple[EnvironmentName, ...]) -> None:
    repository = store.repository
    if store.ledger.exists:
        raise RuleBroken(f"{repository.top} is an agent already", hint="See: gitagent status", code="already-an-agent")
    store.ledger.refuse_lost()
    for ref in (*(branch_ref(name) for name in pipeline), "refs/heads/gitagent"):
        below = next(iter(repository.refs(f"{ref}/")), None)
        if repository.ref(ref) is not None or below is not None:
            name = (below or ref).removeprefix("refs/heads/")
            raise RuleBroken(
                f"a branch {name} exists already, and gitagent needs {ref.removeprefix('refs/heads/')}",
                hint=f"Rename it: git branch -m {name} old-{name}, or choose other environments with --pipeline.",
                code="name-taken",
            )
    for ref in repository.refs("refs/tags/v"):
        name = ref.removeprefix("refs/tags/")
        if VersionNumber.matches(name):
            raise RuleBroken(
                f"a tag {name} exists already, and gitagent numbers its versions so",
                hint=f"Rename it: git tag old-{name} {name} && git tag -d {name}",
                code="name-taken",
            )


@contextmanager
def _standing_on_main(store: Store) -> Iterator[None]:
    """HEAD on main, which begins where HEAD stands; both as they were when it comes to nothing."""
    repository = store.repository
    stood_on, here, main = repository.head_name(), repository.ref("HEAD"), repository.ref(MAIN)
    if stood_on == MAIN:
        yield
        return
    begins = main is None and here is not None
    try:
        if begins:
            repository.move_ref(MAIN, to=here, expected=None, why="take over")
        repository.set_head(MAIN)
        yield
    except BaseException:
        if repository.ref(LEDGER) is None:
            repository.set_head(stood_on or str(here))
            if begins and repository.ref(MAIN) == here:
                repository.move_ref(MAIN, to=None, expected=here, why="not taken over")
        raise
    if here is not None:
        stays = "" if stood_on is None else f"; {stood_on.removeprefix('refs/heads/')} stays where it was"
        store.notices.append(f"Your history goes on as main, where you are now{stays}.")


def _refuse_other_branch(repository: Repository) -> None:
    here, main = repository.ref("HEAD"), repository.ref(MAIN)
    name = repository.head_name()
    if name != MAIN and main is not None and main != here:
        where = "no branch" if name is None else name.removeprefix("refs/heads/")
        raise RuleBroken(
            "the folder stands on another branch than main",
            hint=f"You are on {where}, and main is another line. To use main: git switch main\n"
            f"To use {'what stands here' if name is None else where}: git branch -m main old-main, "
            "then gitagent init again",
            code="head-not-on-main",
        )


@contextmanager
def _undone_when_refused(path: Path, *, filled: bool) -> Iterator[Repository | None]:
    """The repository that stands in `path`, if any. What was made there is removed when it comes to nothing.

    Only where it is `filled` from elsewhere are there files to remove.
    """
    existed = path.exists()
    new_folders = [folder for folder in (path, *path.parents) if not folder.exists()]
    repository = Repository.at(path) if existed else None
    before = _content(path) if existed else set()
    try:
        yield repository
    except BaseException:
        made = Repository.at(path)
        if made is not None and made.ref(LEDGER) is None and (repository is None or not before):
            files = _content(path) - before if filled else set()
            # Where nothing can be removed, either, what was wrong first is what there is to say.
            with suppress(OSError):
                for name in files | ({".git"} if repository is None else set()):
                    _remove(path / name)
        for folder in new_folders:
            with suppress(OSError):
                folder.rmdir()
        raise


def _content(path: Path) -> set[str]:
    try:
        return {each.name for each in path.iterdir()} - {".git"}
    except OSError as error:
        raise StorageFailed(f"cannot read {path}: {error.strerror}") from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
