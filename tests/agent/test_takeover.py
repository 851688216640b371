"""Making an agent: of files, of a folder, of a git repository; a refusal leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built, git
from support.refusing import Refusal, refusal

from gitagent import Agent, EnvironmentName, Event, InvalidConfiguration, Operation, Version, VersionNumber
from gitagent.config.files import FileKind, MemoryFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

V1 = VersionNumber(1)
FILES = {"notes.md": MemoryFile(b"one\n")}


def _init(path: Path, *, source: Path | None = None, pipeline: Sequence[str] = ("sandbox", "live")) -> Agent:
    return Agent.init(path, actor=ADA, at=START, source=source, pipeline=pipeline)


def _everything(path: Path) -> list[str]:
    """Every path below a folder, and every ref with where HEAD is, for what a refusal must not change."""
    found = sorted(
        each.relative_to(path).as_posix()
        for each in path.rglob("*")
        if ".git/" not in each.as_posix() and ".git/gitagent" not in each.as_posix()
    )
    for repository in sorted(each for each in path.rglob(".git") if each.is_dir()):
        found += [git(repository.parent, "for-each-ref"), (repository / "HEAD").read_text()]
    return found


def _repository(path: Path, *, branch: str = "main") -> Path:
    """A git repository with two commits, a tag and a branch of its own."""
    path.mkdir()
    git(path, "init", "-q", "-b", branch)
    (path / "notes.md").write_text("one\n")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "first")
    git(path, "tag", "release-1")
    git(path, "branch", "feature")
    (path / "notes.md").write_text("two\n")
    git(path, "commit", "-q", "-am", "second")
    return path


# Of files


def test_an_agent_of_files_begins_with_v1_in_no_environment(tmp_path: Path) -> None:
    files = {"a/notes.md": MemoryFile(b"one\n"), "run": MemoryFile(b"#!/bin/sh\n", FileKind.EXECUTABLE)}
    agent = Agent.init(tmp_path / "x", actor=ADA, at=START, files=files, name="first", message="why")
    (event,) = agent.history()
    version = agent.version("v1")
    assert version == Version(V1, version.commit, "first", "why", ADA, START)
    assert event == Event(
        seq=1,
        id=event.id,
        operation=Operation.INIT,
        actor=ADA,
        at=START,
        to_version=V1,
        to_commit=version.commit,
        tag=git(agent.path, "rev-parse", "v1").strip(),
        name="first",
        message="why",
        commit=git(agent.path, "rev-parse", "gitagent/ledger").strip(),
    )
    assert git(agent.path, "ls-tree", "-r", "--format=%(objectmode) %(path)", "v1").splitlines() == [
        "100644 a/notes.md",
        "100755 run",
    ]
    assert [str(each.name) for each in agent.environments() if each.version is None] == [
        "sandbox",
        "pre-release",
        "live",
    ]
    assert (agent.path / "run").stat().st_mode & 0o100
    assert git(agent.path, "status", "--porcelain") == ""
    assert agent.notices == ()


def test_missing_folders_above_are_made(tmp_path: Path) -> None:
    agent = Agent.init(tmp_path / "a/b/c", actor=ADA, at=START, files=FILES)
    assert agent.path == tmp_path / "a/b/c"


def test_an_empty_folder_is_made_an_agent_of(tmp_path: Path) -> None:
    assert str(Agent.init(str(tmp_path), actor=ADA, at=START, files=FILES).pipeline[0]) == "sandbox"


def test_an_agent_may_stand_in_a_folder_of_another_repository(tmp_path: Path) -> None:
    top = _repository(tmp_path / "top")
    before = git(top, "for-each-ref")
    Agent.init(top / "agent", actor=ADA, at=START, files=FILES)
    assert git(top, "for-each-ref") == before
    assert git(top / "agent", "tag") == "v1\n"


# Of a folder


def test_a_folder_is_copied_with_links_and_modes_and_without_gits_own(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "a/.git").mkdir(parents=True)
    (source / "a/.git/config").write_text("")
    (source / "a/notes.md").write_text("one\n")
    (source / "run").write_text("x")
    (source / "run").chmod(0o755)
    (source / "link").symlink_to("a")
    (source / ".gitignore").write_text("*.log\n")
    (source / "x.log").write_text("ignored")
    os.mkfifo(source / "pipe")
    agent = _init(tmp_path / "x", source=source)
    assert git(agent.path, "ls-tree", "-r", "--format=%(objectmode) %(path)", "v1").splitlines() == [
        "100644 .gitignore",
        "100644 a/notes.md",
        "120000 link",
        "100755 run",
    ]
    assert not (agent.path / "pipe").exists()
    assert sorted(each.name for each in source.iterdir()) == [".gitignore", "a", "link", "pipe", "run", "x.log"]


def test_a_folder_is_taken_over_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("one\n")
    agent = _init(tmp_path)
    assert {path: file.read() for path, file in agent.files("v1").items()} == {"notes.md": b"one\n"}
    assert agent.draft().label == "Draft"


def test_a_folder_named_as_its_own_source_is_taken_over_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("one\n")
    assert _init(tmp_path, source=tmp_path / "." / "").path == tmp_path


# Of a git repository


def test_a_repository_is_copied_with_its_history_and_tags(tmp_path: Path) -> None:
    source = _repository(tmp_path / "source")
    (source / "notes.md").write_text("three, not committed\n")
    git(source, "tag", "-a", "-m", "annotated", "v0.9")
    git(source, "tag", "v7", "HEAD~1")
    before = _everything(source)
    agent = _init(tmp_path / "x", source=source)
    assert git(agent.path, "log", "--format=%s", "main").splitlines() == ["v1", "second", "first"]
    assert git(agent.path, "show", "v1:notes.md") == "three, not committed\n"
    assert git(agent.path, "tag").split() == ["release-1", "v0.9", "v1"]
    assert git(agent.path, "cat-file", "-t", "v0.9") == "tag\n"
    assert git(agent.path, "branch", "--format=%(refname:short)").split() == ["gitagent/ledger", "main"]
    assert git(agent.path, "remote") == ""
    assert _everything(source) == before
    git(agent.path, "fsck", "--strict")


@pytest.mark.parametrize("branch", ["main", "master", "trunk"])
def test_a_repository_is_taken_over_where_it_stands(tmp_path: Path, branch: str) -> None:
    path = _repository(tmp_path / "x", branch=branch)
    agent = _init(path)
    assert git(path, "log", "--format=%s", "main").splitlines() == ["v1", "second", "first"]
    assert git(path, "symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert set(git(path, "branch", "--format=%(refname:short)").split()) == {
        branch,
        "main",
        "feature",
        "gitagent/ledger",
    }
    assert git(path, "tag").split() == ["release-1", "v1"]
    assert git(path, "status", "--porcelain") == ""
    assert agent.draft().label == "Draft"
    said = f"Your history goes on as main, where you are now; {branch} stays where it was."
    assert agent.notices == (() if branch == "main" else (said,))


def test_a_detached_head_becomes_main(tmp_path: Path) -> None:
    path = _repository(tmp_path / "x", branch="trunk")
    git(path, "switch", "-q", "--detach", "HEAD~1")
    agent = _init(path)
    assert agent.notices == ("Your history goes on as main, where you are now.",)
    assert git(path, "log", "--format=%s", "main").splitlines() == ["v1", "first"]


@pytest.mark.parametrize("branch", ["main", "master"])
def test_a_repository_without_a_commit_is_taken_over(tmp_path: Path, branch: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    git(source, "init", "-q", "-b", branch)
    (source / "notes.md").write_text("one\n")
    copied = _init(tmp_path / "x", source=source)
    assert git(copied.path, "log", "--format=%s", "main") == "v1\n"
    assert _init(source).notices == ()
    assert git(source, "log", "--format=%s", "main") == "v1\n"


def test_a_bare_repository_is_copied_with_its_history_and_the_files_of_its_head(tmp_path: Path) -> None:
    _repository(tmp_path / "source")
    git(tmp_path, "clone", "-q", "--bare", "source", "bare.git")
    agent = _init(tmp_path / "x", source=tmp_path / "bare.git")
    assert git(agent.path, "log", "--format=%s", "main").splitlines() == ["v1", "second", "first"]
    assert (agent.path / "notes.md").read_text() == "two\n"
    assert git(agent.path, "status", "--porcelain") == ""


def test_a_linked_working_tree_is_copied_from_its_own_branch(tmp_path: Path) -> None:
    source = _repository(tmp_path / "source")
    git(source, "worktree", "add", "-q", "../linked", "feature")
    agent = _init(tmp_path / "x", source=tmp_path / "linked")
    assert git(agent.path, "log", "--format=%s", "main").splitlines() == ["v1", "first"]


def test_branches_that_do_not_clash_stay_as_they_are(tmp_path: Path) -> None:
    path = _repository(tmp_path / "x")
    git(path, "branch", "live-2", "HEAD~1")
    before = git(path, "rev-parse", "live-2", "feature")
    _init(path)
    assert git(path, "rev-parse", "live-2", "feature") == before


def test_the_history_of_a_repository_with_a_submodule_in_the_past_is_taken_over(tmp_path: Path) -> None:
    _repository(tmp_path / "inner")
    path = _repository(tmp_path / "x")
    git(path, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "inner"), "inner")
    git(path, "commit", "-q", "-m", "a submodule")
    git(path, "rm", "-q", "inner", ".gitmodules")
    git(path, "commit", "-q", "-m", "without it")
    assert _init(tmp_path / "y", source=path).draft().label == "Draft"


# Refusals


def test_another_line_than_main_can_be_used_as_the_hint_says(tmp_path: Path) -> None:
    path = _repository(tmp_path / "x")
    git(path, "switch", "-q", "-c", "trunk", "HEAD~1")
    assert refusal(lambda: _init(path)).hint == (
        "You are on trunk, and main is another line. To use main: git switch main\n"
        "To use trunk: git branch -m main old-main, then gitagent init again"
    )
    git(path, "branch", "-m", "main", "old-main")
    assert git(_init(path).path, "log", "--format=%s", "main").splitlines() == ["v1", "first"]


def test_a_detached_head_beside_main_is_told_how_to_go_on(tmp_path: Path) -> None:
    path = _repository(tmp_path / "x")
    git(path, "switch", "-q", "--detach", "HEAD~1")
    assert refusal(lambda: _init(path)).hint == (
        "You are on no branch, and main is another line. To use main: git switch main\n"
        "To use what stands here: git branch -m main old-main, then gitagent init again"
    )


def _sandbox_branch(path: Path) -> Refusal:
    git(_repository(path), "branch", "sandbox")
    return Refusal(
        "RuleBroken",
        "name-taken",
        "a branch sandbox exists already, and gitagent needs sandbox",
        "Rename it: git branch -m sandbox old-sandbox, or choose other environments with --pipeline.",
    )


def _branch_below_live(path: Path) -> Refusal:
    git(_repository(path), "branch", "live/hotfix")
    return Refusal(
        "RuleBroken",
        "name-taken",
        "a branch live/hotfix exists already, and gitagent needs live",
        "Rename it: git branch -m live/hotfix old-live/hotfix, or choose other environments with --pipeline.",
    )


def _gitagent_branch(path: Path) -> Refusal:
    git(_repository(path), "branch", "gitagent")
    return Refusal(
        "RuleBroken",
        "name-taken",
        "a branch gitagent exists already, and gitagent needs gitagent",
        "Rename it: git branch -m gitagent old-gitagent, or choose other environments with --pipeline.",
    )


def _version_tag(path: Path) -> Refusal:
    git(_repository(path), "tag", "v12")
    return Refusal(
        "RuleBroken",
        "name-taken",
        "a tag v12 exists already, and gitagent numbers its versions so",
        "Rename it: git tag old-v12 v12 && git tag -d v12",
    )


def _another_branch(path: Path) -> Refusal:
    git(_repository(path), "switch", "-q", "feature")
    return Refusal(
        "RuleBroken",
        "head-not-on-main",
        "the folder stands on another branch than main",
        "You are on feature, and main is another line. To use main: git switch main\n"
        "To use feature: git branch -m main old-main, then gitagent init again",
    )


def _agent(path: Path) -> Refusal:
    Built(path)
    return Refusal("RuleBroken", "already-an-agent", f"{path} is an agent already", "See: gitagent status")


def _bare(path: Path) -> Refusal:
    path.mkdir()
    git(path, "init", "-q", "--bare")
    return Refusal(
        "RuleBroken", "no-draft", f"{path} is bare; an agent begins in a folder of files", "Make it in a clone."
    )


def _nothing(path: Path) -> Refusal:
    path.mkdir()
    return Refusal(
        "RuleBroken",
        "no-files",
        "there are no files to make an agent of",
        "Begin with a sample, blank, clinic or restaurant: gitagent init --template restaurant",
    )


def _merging(path: Path) -> Refusal:
    _repository(path, branch="master")
    (path / "notes.md").write_text("three\n")
    git(path, "switch", "-q", "-c", "other", "feature", "--discard-changes")
    (path / "notes.md").write_text("four\n")
    git(path, "commit", "-q", "-am", "other")
    subprocess.run(["git", "-C", path, "merge", "master"], capture_output=True, check=False)
    return Refusal(
        "RuleBroken",
        "git-unfinished",
        "git is in the middle of a merge",
        "Finish it or abort it with git first; git status says how.",
    )


IN_PLACE = [
    _sandbox_branch,
    _branch_below_live,
    _gitagent_branch,
    _version_tag,
    _another_branch,
    _agent,
    _bare,
    _nothing,
]


@pytest.mark.parametrize("arrange", [*IN_PLACE, _merging])
def test_what_cannot_be_taken_over_is_refused_and_stays_as_it_was(
    tmp_path: Path, arrange: Callable[[Path], Refusal]
) -> None:
    expected = arrange(tmp_path / "x")
    before = _everything(tmp_path)
    assert refusal(lambda: _init(tmp_path / "x")) == expected
    assert _everything(tmp_path) == before


def test_an_invalid_configuration_is_refused_and_head_stays_where_it_was(tmp_path: Path) -> None:
    path = _repository(tmp_path / "x", branch="master")
    (path / "broken.yaml").write_text("a: [\n")
    before = _everything(tmp_path)
    with pytest.raises(InvalidConfiguration):
        _init(path)
    with pytest.raises(InvalidConfiguration):
        _init(tmp_path / "y", source=path)
    assert _everything(tmp_path) == before


def test_a_submodule_is_a_problem_wherever_it_is(tmp_path: Path) -> None:
    _repository(tmp_path / "inner")
    path = _repository(tmp_path / "x")
    git(path, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "inner"), "inner")
    before = _everything(tmp_path)
    for to, source in ((path, None), (tmp_path / "y", path)):
        with pytest.raises(InvalidConfiguration) as caught:
            _init(to, source=source)
        assert [(problem.path, problem.code) for problem in caught.value.problems] == [("inner", "submodule")]
    assert _everything(tmp_path) == before


def test_a_refusal_removes_every_folder_that_was_made(tmp_path: Path) -> None:
    assert refusal(lambda: _init(tmp_path / "a/b/c")).message == "there are no files to make an agent of"
    (tmp_path / "source").mkdir()
    assert refusal(lambda: _init(tmp_path / "a/b/c", source=tmp_path / "source")).kind == "RuleBroken"
    assert [each.name for each in tmp_path.iterdir()] == ["source"]


def test_a_refusal_leaves_the_files_of_a_folder_taken_over_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [\n")
    with pytest.raises(InvalidConfiguration):
        _init(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["broken.yaml"]


@pytest.mark.parametrize("source", [True, False])
def test_a_folder_that_is_not_empty_is_not_written_into(tmp_path: Path, source: bool) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/mine.md").write_text("mine\n")
    (tmp_path / "source").mkdir()
    make = partial(Agent.init, tmp_path / "x", actor=ADA, at=START)

    def init() -> Agent:
        return make(source=tmp_path / "source") if source else make(files=FILES)

    assert refusal(init) == Refusal(
        "RuleBroken",
        "not-empty",
        f"{tmp_path}/x is not empty",
        "Name a new folder, or take this one over with: gitagent init",
    )


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for source in (tmp_path / "file", tmp_path / "nowhere"):
        refused = refusal(partial(_init, tmp_path / "x", source=source))
        assert refused == Refusal(
            "NotFound", "source-not-found", f"{source} is not a folder", "Name the folder to take over."
        )


def test_an_agent_cannot_be_made_inside_the_folder_it_is_copied_from(tmp_path: Path) -> None:
    source = _repository(tmp_path / "source")
    assert refusal(lambda: _init(source / "agent", source=source)) == Refusal(
        "RuleBroken",
        "inside-source",
        f"{source}/agent is inside {source}, the folder to copy from",
        "Choose another folder.",
    )
    assert not (source / "agent").exists()


def test_a_file_where_the_agent_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file\n")
    failed = refusal(lambda: _init(tmp_path / "x"))
    assert failed.kind == "StorageFailed"
    assert (tmp_path / "x").read_text() == "a file\n"


PIPELINES = [[], ["live", "live"], ["pre-release", "pre_release"], [f"e{number}" for number in range(13)]]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_pipeline_is_one_to_twelve_different_environments(tmp_path: Path, pipeline: list[str]) -> None:
    assert refusal(lambda: _init(tmp_path / "x", pipeline=pipeline)) == Refusal(
        "InvalidName",
        "invalid-pipeline",
        "a pipeline is 1 to 12 different environments",
        "Such as sandbox,pre-release,live, or live alone.",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_pipeline_may_have_twelve_environments_of_any_name(tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(12)]
    agent = Agent.init(tmp_path / "x", actor=ADA, at=START, files=FILES, pipeline=names)
    assert agent.pipeline == tuple(EnvironmentName(name) for name in names)


def test_words_that_cannot_be_stored_are_refused(tmp_path: Path) -> None:
    make = partial(Agent.init, tmp_path / "x", actor=ADA, at=START, files=FILES)
    assert refusal(lambda: make(name="two\nlines")).code == "invalid-version-name"
    assert refusal(lambda: make(message="bell \a")).code == "invalid-message"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("copied", [True, False])
def test_a_history_that_was_cut_off_is_refused(tmp_path: Path, copied: bool) -> None:
    source = _repository(tmp_path / "source")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{source}", str(tmp_path / "shallow"))
    shallow = tmp_path / "shallow"
    make = partial(_init, tmp_path / "x", source=shallow) if copied else partial(_init, shallow)
    refused = refusal(make)
    assert (refused.code, refused.hint) == (
        "shallow-history",
        f"Get the rest first: git -C {shallow} fetch --unshallow",
    )
    assert not (tmp_path / "x").exists()
    git(shallow, "fetch", "-q", "--unshallow")
    assert make().version("v1").number == V1


def test_commits_that_only_git_takes_are_taken_over(tmp_path: Path) -> None:
    path = _repository(tmp_path / "source")
    git(path, "-c", "i18n.commitEncoding=klingon", "commit", "-q", "--allow-empty", "-m", "qapla")
    tree, parent = git(path, "rev-parse", "HEAD^{tree}", "HEAD").split()
    times = "author A <a@b> 99999999999999 +0000\ncommitter A <a@b> 99999999999999 +9999"
    odd = f"tree {tree}\nparent {parent}\n{times}\n\nx\n"
    (tmp_path / "odd").write_text(odd)
    commit = git(path, "hash-object", "--literally", "-t", "commit", "-w", str(tmp_path / "odd")).strip()
    git(path, "reset", "-q", "--soft", commit)
    agent = _init(path)
    assert [event.subject for event in agent.history()] == ["init v1"]
    (path / "notes.md").write_text("three\n")
    assert agent.save(actor=ADA, at=START).version.number.number == 2
