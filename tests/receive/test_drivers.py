"""The merge driver: git's own merges bring YAML and JSON together by key, and lose nothing where that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.building import git
from support.refusing import refusal
from support.sharing import Team

from gitagent.config.merging import merge
from gitagent.git.merging import merge_text
from gitagent.receive.drivers import attributes, merge_into
from gitagent.receive.installing import hooks, install, uninstall

if TYPE_CHECKING:
    from pathlib import Path

BASE = "name: Desk\nvoice: {name: Alice, speed: 1.0}\n"
SLOWER = BASE.replace("1.0", "0.9")
RENAMED = BASE.replace("Alice", "Bella")
BOTH = "name: Desk\nvoice: {name: Bella, speed: 0.9}\n"
OTHER_SPEED = BASE.replace("1.0", "1.1")
CONFLICT = """\
name: Desk
<<<<<<< ours
voice: {name: Alice, speed: 0.9}
=======
voice: {name: Alice, speed: 1.1}
>>>>>>> theirs
"""


LONG = "".join(f"k{n}: {n}\n" for n in range(9))


class Merged(NamedTuple):
    """How git's command ended, and what it said."""

    code: int
    said: str


class Clone:
    """A clone with the driver, in which `mine` and `main` differ. Files are by their path."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        git(folder.parent, "init", "-q", str(folder))
        install(folder, server=False)
        (folder / ".git/hooks/pre-commit").unlink()

    def commit(self, files: dict[str, str], message: str = "x") -> None:
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(text.encode())
        git(self.path, "add", "-A")
        git(self.path, "commit", "-qm", message)

    def fork(self, *names: str, base: str = BASE, mine: str = SLOWER, theirs: str = RENAMED) -> None:
        """Let both branches change these files; the one called `mine` is checked out."""
        self.commit(dict.fromkeys(names, base))
        git(self.path, "checkout", "-qb", "mine")
        self.commit(dict.fromkeys(names, mine))
        git(self.path, "checkout", "-q", "main")
        self.commit(dict.fromkeys(names, theirs))
        git(self.path, "checkout", "-q", "mine")

    def git(self, *arguments: str) -> Merged:
        done = subprocess.run(["git", "-C", self.path, *arguments], capture_output=True, text=True, check=False)
        return Merged(done.returncode, done.stdout + done.stderr)

    def read(self, name: str) -> str:
        return (self.path / name).read_text()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


@pytest.mark.parametrize("command", ["merge main", "rebase main", "cherry-pick main", "merge --squash main"])
def test_every_merge_of_gits_goes_by_key(clone: Clone, command: str) -> None:
    clone.fork("agent.yaml")
    assert clone.git(*command.split()).code == 0
    assert clone.read("agent.yaml") == BOTH


def test_a_stash_comes_back_by_key(clone: Clone) -> None:
    clone.commit({"agent.yaml": BASE})
    (clone.path / "agent.yaml").write_text(SLOWER)
    git(clone.path, "stash")
    clone.commit({"agent.yaml": RENAMED})
    assert clone.git("stash", "pop").code == 0
    assert clone.read("agent.yaml") == BOTH


def test_files_with_odd_names_are_merged_by_key_too(clone: Clone) -> None:
    odd = [
        "a.yml",
        "a b's.yaml",
        '"quoted".yaml',
        "-x.yaml",
        "$(touch hit).yaml",
        "%A;x.yaml",
        "d\u00e9j\u00e0/\u540d.yaml",
    ]
    clone.fork(*odd)
    assert clone.git("merge", "main").code == 0
    assert {clone.read(name) for name in odd} == {BOTH}
    assert not (clone.path / "hit").exists()


def test_json_is_merged_by_key(clone: Clone) -> None:
    clone.fork("a.json", base='{"a": 1, "b": 2}', mine='{"a": 9, "b": 2}', theirs='{"a": 1, "b": 8}')
    assert clone.git("merge", "main").code == 0
    assert clone.read("a.json") == '{"a": 9, "b": 8}'


def test_other_files_are_left_to_git(clone: Clone) -> None:
    clone.fork("notes.md", base="a b\n", mine="A b\n", theirs="a B\n")
    assert clone.git("merge", "main").code == 1
    assert "<<<<<<< HEAD" in clone.read("notes.md")


def test_a_conflict_is_marked_and_left_to_be_resolved(clone: Clone) -> None:
    clone.fork("agent.yaml", theirs=OTHER_SPEED + "language: en\n")
    merged = clone.git("merge", "main")
    assert (merged.code, "CONFLICT (content): Merge conflict in agent.yaml" in merged.said) == (1, True)
    assert clone.read("agent.yaml") == CONFLICT + "language: en\n"
    assert git(clone.path, "status", "--porcelain") == "UU agent.yaml\n"
    assert clone.git("merge", "--abort").code == 0
    assert clone.read("agent.yaml") == SLOWER


def test_both_made_the_same_file(clone: Clone) -> None:
    clone.commit({"x.md": "x\n"})
    git(clone.path, "checkout", "-qb", "mine")
    clone.commit({"agent.yaml": "a: 1\nb: 2\n"})
    git(clone.path, "checkout", "-q", "main")
    clone.commit({"agent.yaml": "a: 1\nc: 3\n"})
    assert clone.git("merge", "mine").code == 0
    assert clone.read("agent.yaml") == "a: 1\nc: 3\nb: 2\n"


def test_a_file_that_holds_no_text_stays_ours_until_somebody_decides(clone: Clone) -> None:
    clone.fork("a.json", base="\0 1", mine="\0 2", theirs="\0 3")
    assert clone.git("merge", "main").code == 1
    assert clone.read("a.json") == "\0 2"
    assert git(clone.path, "status", "--porcelain") == "UU a.json\n"


def test_what_is_no_yaml_is_merged_by_line(clone: Clone) -> None:
    broken = "a: [\n1\n2\n3\n4\n"
    clone.fork("a.yaml", base=broken, mine=broken.replace("1", "one"), theirs=broken.replace("4", "four"))
    assert clone.git("merge", "main").code == 0
    assert clone.read("a.yaml") == "a: [\none\n2\n3\nfour\n"


def test_a_merge_of_merges_keeps_its_marks_apart(clone: Clone) -> None:
    """Each branch merged the other's first change, in its own way: git then makes one base of two that conflict."""
    clone.fork("agent.yaml", theirs=OTHER_SPEED)
    firsts = {branch: git(clone.path, "rev-parse", branch).strip() for branch in ("mine", "main")}
    for branch, other, speed in (("mine", "main", "2.0"), ("main", "mine", "3.0")):
        git(clone.path, "checkout", "-q", branch)
        assert clone.git("merge", firsts[other]).code == 1
        clone.commit({"agent.yaml": BASE.replace("1.0", speed)})
    assert clone.git("merge", "mine").code == 1
    marks = [line for line in clone.read("agent.yaml").splitlines() if line[:1] in "<=>"]
    assert marks == ["<<<<<<< ours", "=======", ">>>>>>> theirs"]
    assert "speed: 3.0" in clone.read("agent.yaml")
    assert "speed: 2.0" in clone.read("agent.yaml")


@pytest.mark.parametrize(("theirs", "code"), [(LONG.replace("8\n", "y\n"), 0), (LONG.replace("0\n", "y\n"), 1)])
def test_where_gitagent_is_gone_git_merges_by_line(clone: Clone, theirs: str, code: int) -> None:
    command = git(clone.path, "config", "merge.gitagent.driver").replace(sys.executable, "/nowhere/python")
    git(clone.path, "config", "merge.gitagent.driver", command.rstrip("\n"))
    clone.fork("a.yaml", base=LONG, mine=LONG.replace("0\n", "x\n"), theirs=theirs)
    assert clone.git("merge", "main").code == code
    line = "k0: x\n" if code == 0 else "<<<<<<< ours\nk0: x\n=======\nk0: y\n>>>>>>> theirs\n"
    assert clone.read("a.yaml").startswith(f"{line}k1: 1\n")


def test_the_driver_names_its_python_and_needs_no_path(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    clone.fork("agent.yaml")
    assert clone.git("merge", "main").code == 0
    assert clone.read("agent.yaml") == BOTH


def test_installing_twice_is_installing_once_and_uninstalling_leaves_nothing(clone: Clone) -> None:
    before = attributes(clone.path).read_text()
    assert before == "*.yaml merge=gitagent\n*.yml merge=gitagent\n*.json merge=gitagent\n"
    install(clone.path, server=False)
    assert attributes(clone.path).read_text() == before
    assert [hook.installed for hook in hooks(clone.path) if hook.name == "merge-driver"] == [True]
    assert [hook.installed for hook in uninstall(clone.path)] == [False] * 3
    assert not attributes(clone.path).exists()
    assert "merge" not in (clone.path / ".git/config").read_text()
    uninstall(clone.path)


def test_a_configuration_that_cannot_be_written_is_a_failure_of_the_storage(clone: Clone) -> None:
    (clone.path / ".git/config.lock").touch()
    for act in (lambda: install(clone.path, server=False), lambda: uninstall(clone.path)):
        error = refusal(act)
        assert (error.kind, error.message.partition(": ")[0]) == ("StorageFailed", "cannot write git's configuration")
        assert error.hint


def test_attributes_of_others_stay(clone: Clone) -> None:
    uninstall(clone.path)
    attributes(clone.path).write_text("*.png binary\n*.yaml -text")
    install(clone.path, server=False)
    assert attributes(clone.path).read_text().startswith("*.png binary\n*.yaml -text\n*.yaml merge=gitagent\n")
    uninstall(clone.path)
    assert attributes(clone.path).read_text() == "*.png binary\n*.yaml -text\n"


def test_what_the_agent_itself_says_of_a_file_counts(clone: Clone) -> None:
    uninstall(clone.path)
    (clone.path / ".gitattributes").write_text("*.yaml merge=gitagent\n*.json merge=union\n")
    install(clone.path, server=False)
    assert attributes(clone.path).read_text() == "*.yml merge=gitagent\n"
    assert hooks(clone.path)[-1].installed
    (clone.path / ".git/hooks/pre-commit").unlink()
    clone.fork("agent.yaml")
    assert clone.git("merge", "main").code == 0
    assert clone.read("agent.yaml") == BOTH


def test_a_plain_pull_between_teammates_goes_by_key(tmp_path: Path) -> None:
    team = Team(tmp_path, files={"agent.yaml": BASE})
    grace = team.clone("grace")
    install(grace.path, server=False)
    team.ada.edit(RENAMED, "agent.yaml").save()
    grace.edit(SLOWER, "agent.yaml").git("commit", "-qam", "slower")
    grace.git("-c", "pull.rebase=false", "pull", "-q", "--no-edit", "origin", "main")
    assert (grace.path / "agent.yaml").read_text() == BOTH
    grace.reopen().sync(actor=grace.actor, at=grace.clock())
    grace.edit("name: Desk\n", "topics/menu.yaml").save()
    assert team.ledger()[-1] == "save v3"


@pytest.mark.parametrize("by", ["delete", "mode", "link"])
def test_what_is_not_of_the_text_is_gits_own_to_merge(clone: Clone, by: str) -> None:
    clone.fork("agent.yaml")
    git(clone.path, "checkout", "-q", "main")
    file = clone.path / "agent.yaml"
    if by == "mode":
        file.chmod(0o755)
    else:
        file.unlink()
    if by == "link":
        file.symlink_to("other.yaml")
    git(clone.path, "add", "-A")
    git(clone.path, "commit", "-qm", by)
    git(clone.path, "checkout", "-q", "mine")
    merged = clone.git("merge", "main")
    if by == "mode":
        assert (merged.code, clone.read("agent.yaml"), os.access(file, os.X_OK)) == (0, BOTH, True)
    else:
        assert (merged.code, "CONFLICT" in merged.said) == (1, True)
        left = [each.read_text() for each in clone.path.glob("agent.yaml*") if each.exists()]
        assert left == [SLOWER]


def test_both_sides_of_a_conflict_are_those_that_sync_would_mark(clone: Clone, tmp_path: Path) -> None:
    clone.fork("agent.yaml", theirs=OTHER_SPEED)
    clone.git("merge", "main")
    whole = merge(
        *(text.encode() for text in (BASE, SLOWER, OTHER_SPEED)),
        path="agent.yaml",
        labels=("ours", "theirs"),
        merge_text=merge_text,
    )
    assert clone.read("agent.yaml").encode() == whole.content


def test_a_linked_working_tree_merges_the_same(clone: Clone, tmp_path: Path) -> None:
    clone.fork("agent.yaml")
    git(clone.path, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "mine")
    git(tmp_path / "linked", "merge", "-q", "main")
    assert (tmp_path / "linked/agent.yaml").read_text() == BOTH
    assert hooks(tmp_path / "linked")[-1].installed


def test_marks_are_as_long_as_git_asks_for(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("ours", "base", "theirs")]
    for end in ("\n", "\r\n"):
        for file, text in zip(files, (SLOWER, BASE, OTHER_SPEED), strict=True):
            file.write_bytes(text.replace("\n", end).encode())
        assert not merge_into(*files, path="agent.yaml", mark=9)
        marks = [line for line in files[0].read_bytes().decode().split(end) if line[:1] in set("<=>")]
        assert marks == ["<<<<<<<<< ours", "=========", ">>>>>>>>> theirs"]
