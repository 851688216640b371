"""The draft: what counts as edited, what a save takes, and what restoring and discarding leave."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built, git
from support.refusing import Refusal, refusal

from gitagent import (
    Agent,
    Change,
    ChangeKind,
    Draft,
    InvalidConfiguration,
    Restored,
    RestorePlan,
    SavePlan,
    VersionNumber,
)
from gitagent.config.files import FileKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

V1, V2, V3 = (VersionNumber(number) for number in (1, 2, 3))
ADDED, MODIFIED, DELETED = ChangeKind.ADDED, ChangeKind.MODIFIED, ChangeKind.DELETED


def _on_disk(top: Path) -> dict[str, str]:
    """Every file below a folder, but for git's own; links as `-> target`."""
    found = {}
    for here, folders, names in os.walk(top):
        if ".git" in folders:
            folders.remove(".git")
        for name in [*names, *(each for each in folders if os.path.islink(os.path.join(here, each)))]:  # noqa: PTH114,PTH118 - os.walk gives texts
            path = top / here / name
            link = path.is_symlink()
            found[path.relative_to(top).as_posix()] = f"-> {path.readlink()}" if link else path.read_bytes().decode()
    return found


def _changes(built: Built) -> dict[str, ChangeKind]:
    return {change.path: change.kind for change in built.agent.draft().changes}


def _tree(built: Built, revision: str) -> dict[str, str]:
    """Modes by path, as git lists them."""
    lines = built.git("ls-tree", "-r", "-z", revision).split("\0")[:-1]
    return {line.partition("\t")[2]: line[:6] for line in lines}


# What is edited


def test_an_unedited_draft_says_what_it_is_based_on(build: Callable[..., Built]) -> None:
    built = build()
    assert built.agent.draft() == Draft(V1, ())
    assert (built.agent.draft().edited, built.agent.draft().label) == (False, "Draft")


def test_every_kind_of_change_is_seen(build: Callable[..., Built]) -> None:
    built = build(files={"a.md": "a\n", "b/c.md": "c\n", "d.md": "d\n", "e.md": "e\n"})
    built.edit("new\n", "new/file.md").edit("A\n", "a.md")
    (built.path / "b/c.md").unlink()
    (built.path / "d.md").chmod(0o755)
    (built.path / "e.md").rename(built.path / "f.md")
    draft = built.agent.draft()
    assert draft.label == "Draft edited since v1"
    assert draft.changes == (
        Change("a.md", MODIFIED),
        Change("b/c.md", DELETED),
        Change("d.md", MODIFIED),
        Change("e.md", DELETED),
        Change("f.md", ADDED),
        Change("new/file.md", ADDED),
    )


def test_a_file_written_again_with_the_same_content_is_no_change(build: Callable[..., Built]) -> None:
    built = build()
    built.edit("two\n").edit("one\n")
    os.utime(built.path / "notes.md", (1, 1))
    assert _changes(built) == {}


def test_what_is_staged_makes_no_difference(build: Callable[..., Built]) -> None:
    built = build(files={"a.md": "a\n", "b.md": "b\n"})
    built.edit("staged\n", "a.md").edit("new\n", "new.md")
    built.git("add", "a.md")
    built.git("add", "-N", "new.md")
    built.git("rm", "-q", "--cached", "b.md")
    built.edit("on disk\n", "a.md")
    assert _changes(built) == {"a.md": MODIFIED, "new.md": ADDED}
    built.save()
    assert _tree(built, "v2") == {"a.md": "100644", "b.md": "100644", "new.md": "100644"}
    assert built.git("show", "v2:a.md") == "on disk\n"
    assert built.git("status", "--porcelain") == ""


def test_ignored_files_are_no_part_of_the_draft_until_they_are_forced_in(build: Callable[..., Built]) -> None:
    built = build(files={".gitignore": "*.log\nbuild/\n", "a.md": "a\n"})
    built.edit("x", "x.log").edit("x", "build/deep/y.md").edit("*.tmp\n", ".git/info/exclude").edit("x", "z.tmp")
    assert _changes(built) == {}
    built.git("add", "-f", "x.log")
    assert _changes(built) == {"x.log": ADDED}
    built.save()
    built.edit("changed", "x.log")
    assert _changes(built) == {"x.log": MODIFIED}


def test_empty_folders_and_special_files_are_no_part_of_the_draft(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / "empty/deeper").mkdir(parents=True)
    os.mkfifo(built.path / "pipe")
    assert _changes(built) == {}
    built.save("two\n")
    assert _tree(built, "v2") == {"notes.md": "100644"}
    assert (built.path / "empty/deeper").is_dir()


NAMES = [
    *["with space.md", "ünï/côde.md", "日本.md", 'quote".md', "back\\slash.md", "tab\tnew\nline.md"],
    *["-dash.md", "*.md", "[a].md", ":(top).md", "!a.md", "#a.md", " a.md "],
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_have_any_name_that_is_utf_8(build: Callable[..., Built], name: str) -> None:
    built = build().edit("x\n", name)
    assert _changes(built) == {name: ADDED}
    built.save()
    assert _tree(built, "v2") == {"notes.md": "100644", name: "100644"}
    assert built.restore("v1").agent.draft() == Draft(V1, ())
    built.restore("v2").edit("y\n", name)
    assert _changes(built) == {name: MODIFIED}
    assert built.restore("v2").agent.files("draft")[name].read() == b"x\n"


def test_a_file_name_that_is_not_utf_8_is_refused_with_its_bytes(build: Callable[..., Built]) -> None:
    built = build()
    odd = os.fsencode(built.path) + b"/odd\xff.md"
    with open(odd, "wb") as file:  # noqa: PTH123 - a Path cannot be made of these bytes
        file.write(b"x")
    expected = Refusal(
        "RuleBroken",
        "name-not-utf-8",
        "the name of the file 'odd\\xff.md' is not UTF-8",
        "Rename it, or let git ignore it.",
    )
    assert [refusal(call) for call in (built.agent.draft, built.save, lambda: built.restore("v1"))] == [expected] * 3
    built.edit("odd*\n", ".gitignore").save()
    assert list(built.agent.files("v2")) == [".gitignore", "notes.md"]
    assert os.path.exists(odd)  # noqa: PTH110 - as above


def test_line_ends_are_stored_as_git_would_store_them(build: Callable[..., Built]) -> None:
    built = build()
    built.git("config", "core.autocrlf", "true")
    built.reopen()
    (built.path / "notes.md").write_bytes(b"one\r\n")
    assert _changes(built) == {}
    (built.path / "notes.md").write_bytes(b"two\r\n")
    built.save()
    assert built.agent.files("v2")["notes.md"].read() == b"two\n"
    assert _changes(built) == {}
    built.restore("v1")
    assert _changes(built) == {}


def test_attributes_decide_on_line_ends_too(build: Callable[..., Built]) -> None:
    built = build(files={".gitattributes": "*.bat eol=crlf\n*.bin -text\n", "a.bat": "a\n"})
    (built.path / "b.bat").write_bytes(b"b\r\n")
    (built.path / "c.bin").write_bytes(b"c\r\n")
    built.save()
    assert {path: file.read() for path, file in built.agent.files("v2").items() if path > "b"} == {
        "b.bat": b"b\n",
        "c.bin": b"c\r\n",
    }
    shutil.copy(built.path / "a.bat", built.path / "kept.bat")
    built.restore("v1").restore("v2")
    assert (built.path / "b.bat").read_bytes() == b"b\r\n"
    assert built.agent.draft() == Draft(V2, ())


def test_a_big_file_is_saved_and_comes_back(build: Callable[..., Built]) -> None:
    built = build()
    content = os.urandom(1 << 20) * 12
    (built.path / "voice.bin").write_bytes(content)
    built.save().restore("v1").restore("v2")
    assert (built.path / "voice.bin").read_bytes() == content
    assert built.agent.files("v2")["voice.bin"].size == len(content)


def test_exec_bits_and_links_are_kept_and_come_back(build: Callable[..., Built]) -> None:
    built = build(files={"a.md": "a\n"}).edit("#!/bin/sh\n", "run")
    (built.path / "run").chmod(0o755)
    (built.path / "link.md").symlink_to("a.md")
    (built.path / "folder").symlink_to(".")
    built.save()
    assert _tree(built, "v2") == {"a.md": "100644", "folder": "120000", "link.md": "120000", "run": "100755"}
    before = _on_disk(built.path)
    built.restore("v1")
    assert _on_disk(built.path) == {"a.md": "a\n"}
    built.restore("v2")
    assert _on_disk(built.path) == before
    assert (built.path / "run").stat().st_mode & 0o777 == 0o755
    files = built.agent.files("draft")
    assert {path: (file.kind, file.read()) for path, file in files.items()} == {
        "a.md": (FileKind.FILE, b"a\n"),
        "folder": (FileKind.LINK, b"."),
        "link.md": (FileKind.LINK, b"a.md"),
        "run": (FileKind.EXECUTABLE, b"#!/bin/sh\n"),
    }
    assert {path: (file.kind, file.read(), file.size) for path, file in built.agent.files("v2").items()} == {
        path: (file.kind, file.read(), file.size) for path, file in files.items()
    }
    assert {path: file.id for path, file in built.agent.files("v2").items()} == {p: f.id for p, f in files.items()}


def test_a_folder_replaced_by_a_link_is_one_link_and_nothing_beyond_it(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build(files={"a/b.md": "x\n", "c/b.md": "x\n"})
    shutil.rmtree(built.path / "a")
    (built.path / "a").symlink_to("c")
    assert _changes(built) == {"a": ADDED, "a/b.md": DELETED}
    built.save()
    assert _tree(built, "v2") == {"a": "120000", "c/b.md": "100644"}
    built.restore("v1")
    assert _on_disk(built.path) == {"a/b.md": "x\n", "c/b.md": "x\n"}
    assert not (built.path / "a").is_symlink()
    assert tmp_path.exists()


def test_restoring_never_reaches_through_a_link_out_of_the_agent(build: Callable[..., Built], tmp_path: Path) -> None:
    built = build(files={"c.md": "c\n"}).edit("x\n", "a/b.md").save()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.md").write_text("x\n")
    shutil.rmtree(built.path / "a")
    (built.path / "a").symlink_to(outside)
    for selector in ("v1", "v2"):
        built.restore(selector)
        assert _on_disk(outside) == {"b.md": "x\n"}
    assert _on_disk(built.path) == {"a/b.md": "x\n", "c.md": "c\n"}


def test_a_file_and_a_folder_may_take_each_others_place(build: Callable[..., Built]) -> None:
    built = build(files={"a": "file\n", "b/c/d": "deep\n"})
    (built.path / "a").unlink()
    shutil.rmtree(built.path / "b")
    built.edit("x\n", "a/b/c").edit("y\n", "b")
    assert _changes(built) == {"a": DELETED, "a/b/c": ADDED, "b": ADDED, "b/c/d": DELETED}
    built.save()
    built.restore("v1")
    assert _on_disk(built.path) == {"a": "file\n", "b/c/d": "deep\n"}
    built.restore("v2")
    assert _on_disk(built.path) == {"a/b/c": "x\n", "b": "y\n"}


def test_folders_that_become_empty_go_and_those_that_were_empty_make_way(build: Callable[..., Built]) -> None:
    built = build(files={"a": "file\n", "c.md": "c\n"})
    (built.path / "a").unlink()
    built.edit("x\n", "a/b/c").edit("y\n", "d/e/f").save()
    (built.path / "a/empty/deeper").mkdir(parents=True)
    built.restore("v1")
    assert _on_disk(built.path) == {"a": "file\n", "c.md": "c\n"}
    assert sorted(each.name for each in built.path.iterdir()) == [".git", "a", "c.md"]


# What cannot be saved


def test_a_nested_repository_is_a_problem_of_the_configuration(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / "nested").mkdir()
    git(built.path / "nested", "init", "-q")
    (built.path / "nested/x.md").write_text("x\n")
    assert _changes(built) == {"nested": ADDED}
    with pytest.raises(InvalidConfiguration) as caught:
        built.save()
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [("nested", "submodule")]
    assert (caught.value.message, caught.value.hint) == (
        "the configuration has 1 problem, and a version has to be valid",
        "Correct it and try again.",
    )
    assert built.agent.files("draft")["nested"].read() == b""
    assert built.agent.files("draft")["nested"].size == 0
    built.edit("nested/\n", ".gitignore").save()
    assert _tree(built, "v2") == {".gitignore": "100644", "notes.md": "100644"}


def test_an_invalid_configuration_is_refused_with_every_problem(build: Callable[..., Built]) -> None:
    built = build().edit("a: [\n", "a.yaml").edit("{", "b.json")
    before = built.git("for-each-ref")
    with pytest.raises(InvalidConfiguration, match="the configuration has 2 problems") as caught:
        built.publish()
    assert {problem.path for problem in caught.value.problems} == {"a.yaml", "b.json"}
    assert built.agent.validate() == list(caught.value.problems)
    assert built.git("for-each-ref") == before


def test_nothing_to_save_is_refused(build: Callable[..., Built]) -> None:
    built = build()
    assert refusal(built.save) == Refusal(
        "RuleBroken", "nothing-to-save", "there is nothing to save: the draft is the same as v1", "Edit it first."
    )


def test_a_plan_to_save_says_what_a_save_does(build: Callable[..., Built]) -> None:
    built = build().save("two\n").restore("v1").edit("x\n", "new.md")
    plan = built.agent.plan_save()
    assert plan == SavePlan(V3, V1, (Change("new.md", ADDED), Change("notes.md", MODIFIED)), ())
    saved = built.agent.save(actor=ADA, at=built.clock())
    assert (saved.version.number, saved.base) == (V3, V1)
    assert built.agent.draft() == Draft(V3, ())


def _merge(built: Built) -> None:
    built.git("switch", "-q", "-c", "x")
    built.edit("x\n").git("commit", "-q", "-am", "x")
    built.git("switch", "-q", "main")
    built.edit("y\n").git("commit", "-q", "-am", "y")
    subprocess.run(["git", "-C", built.path, "merge", "x"], capture_output=True, check=False)


def _resolve_but_keep_the_conflict(built: Built) -> None:
    _merge(built)
    (built.path / ".git/MERGE_HEAD").unlink()


UNFINISHED: dict[str, tuple[Callable[[Built], object], Refusal]] = {
    "merge": (
        _merge,
        Refusal(
            "RuleBroken",
            "git-unfinished",
            "git is in the middle of a merge",
            "Finish it or abort it with git first; git status says how.",
        ),
    ),
    "bisect": (
        lambda built: built.git("bisect", "start"),
        Refusal(
            "RuleBroken",
            "git-unfinished",
            "git is in the middle of a bisect",
            "Finish it or abort it with git first; git status says how.",
        ),
    ),
    "conflicts": (
        _resolve_but_keep_the_conflict,
        Refusal("RuleBroken", "draft-conflicted", "the draft has unresolved merge conflicts", "git status lists them."),
    ),
    "branch": (
        lambda built: built.git("switch", "-q", "-c", "feature/x"),
        Refusal(
            "RuleBroken",
            "head-not-on-main",
            "the working tree is on feature/x; the draft is what stands on main",
            "Go back to it with: git switch main",
        ),
    ),
    "detached": (
        lambda built: built.git("switch", "-q", "--detach"),
        Refusal(
            "RuleBroken",
            "head-not-on-main",
            "the working tree is on no branch; the draft is what stands on main",
            "Go back to it with: git switch main",
        ),
    ),
    "sparse": (
        lambda built: built.git("sparse-checkout", "set", "nothing"),
        Refusal(
            "RuleBroken",
            "sparse-checkout",
            "this is a sparse checkout, so the draft is not complete",
            "Get all files with: git sparse-checkout disable",
        ),
    ),
}


@pytest.mark.parametrize("state", UNFINISHED)
def test_the_draft_is_left_alone_while_git_is_in_the_middle_of_something(
    build: Callable[..., Built], state: str
) -> None:
    built = build().publish("two\n").edit("three\n", "three.md")
    arrange, expected = UNFINISHED[state]
    arrange(built)
    built.reopen()
    before = _on_disk(built.path), built.git("for-each-ref")
    for call in (built.save, built.publish, lambda: built.restore("v1"), built.agent.plan_save):
        assert refusal(call) == expected
    assert (_on_disk(built.path), built.git("for-each-ref")) == before
    assert built.agent.draft().edited
    built.promote("pre-release")
    assert built.serving()["pre-release"] == "v2"


def test_a_sparse_checkout_that_was_disabled_may_be_saved(build: Callable[..., Built]) -> None:
    built = build()
    built.git("sparse-checkout", "set", "nothing")
    built.git("sparse-checkout", "disable")
    built.save("two\n")
    assert _tree(built, "v2") == {"notes.md": "100644"}


# Restoring and discarding


def test_restoring_writes_a_versions_files_and_leaves_everything_else(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").publish("three\n")
    before = built.git("for-each-ref"), built.git("rev-parse", "HEAD")
    done = built.agent.restore("v1", actor=ADA, at=built.clock())
    assert done == Restored("v1", V1, None, (Change("notes.md", MODIFIED),))
    assert (built.git("for-each-ref"), built.git("rev-parse", "HEAD")) == before
    assert (built.path / "notes.md").read_text() == "one\n"
    assert built.agent.draft() == Draft(V1, ())
    built.publish()
    assert built.git("log", "--format=%s", "--first-parent").splitlines() == ["v4", "v3", "v2", "v1"]


def test_the_draft_is_based_on_what_was_restored_until_another_version_is_made(build: Callable[..., Built]) -> None:
    built = build().save("two\n").save("three\n").restore("v1").edit("four\n")
    assert built.reopen().draft().label == "Draft edited since v1"
    built.save()
    assert built.agent.draft() == Draft(VersionNumber(4), ())


def test_an_edited_draft_is_kept_and_can_be_brought_back_whole(build: Callable[..., Built]) -> None:
    built = build().save("two\n").edit("edited\n").edit("new\n", "sub/new.md")
    (built.path / "sub/new.md").chmod(0o755)
    before = _on_disk(built.path)
    done = built.agent.restore("v1", actor=ADA, at=built.clock())
    assert done.kept == built.agent.drafts()[0]
    assert done.kept is not None
    assert (done.kept.reason, done.kept.base, done.kept.actor, done.kept.at) == ("restore v1", V2, ADA, built.clock.now)
    assert _on_disk(built.path) == {"notes.md": "one\n"}
    back = built.agent.restore(done.kept.id, actor=ADA, at=built.clock())
    assert (back.target, back.version, back.kept) == (f"draft {done.kept.id}", V2, None)
    assert _on_disk(built.path) == before
    assert built.agent.draft().label == "Draft edited since v2"
    assert (built.path / "sub/new.md").stat().st_mode & 0o100


def test_discarding_goes_back_to_the_version_published_last(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").save("three\n").edit("edited\n")
    assert built.agent.plan_discard() == RestorePlan("v2", V2, True, (Change("notes.md", MODIFIED),))
    done = built.agent.discard(actor=ADA, at=built.clock())
    assert (done.target, done.kept and done.kept.reason) == ("v2", "discard")
    assert (built.path / "notes.md").read_text() == "two\n"
    built.agent.discard(to="latest", actor=ADA, at=built.clock())
    assert (built.path / "notes.md").read_text() == "three\n"


def test_discarding_where_nothing_was_published_goes_back_to_the_newest(build: Callable[..., Built]) -> None:
    built = build().edit("edited\n")
    assert built.agent.discard(actor=ADA, at=built.clock()).target == "v1"
    assert built.agent.draft() == Draft(V1, ())


def test_restoring_what_stands_there_already_changes_and_keeps_nothing(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    os.utime(built.path / "notes.md", (1, 1))
    assert built.agent.restore("sandbox", actor=ADA, at=built.clock()) == Restored("sandbox (v2)", V2, None, ())
    assert (built.path / "notes.md").stat().st_mtime == 1


def test_the_draft_itself_cannot_be_restored(build: Callable[..., Built]) -> None:
    assert refusal(lambda: build().restore("draft")) == Refusal(
        "InvalidName", "invalid-name", "the draft is what is being edited", "Name a version, such as v7 or live."
    )


def test_an_ignored_file_where_a_version_has_one_is_kept_before_it_is_overwritten(build: Callable[..., Built]) -> None:
    built = build(files={"secret.md": "in v1\n", "a.md": "a\n"})
    (built.path / "secret.md").unlink()
    built.edit("secret.md\n", ".gitignore").save()
    built.edit("precious\n", "secret.md")
    assert _changes(built) == {}
    done = built.agent.restore("v1", actor=ADA, at=built.clock())
    assert done.kept is not None
    assert built.git("show", f"{done.kept.commit}:secret.md") == "precious\n"
    assert _on_disk(built.path) == {"secret.md": "in v1\n", "a.md": "a\n"}


def _ignored_below(built: Built) -> str:
    (built.path / "a").unlink()
    built.edit("x\n", "a/b.md").save().edit("precious\n", "a/x.log")
    return "a/x.log"


def _ignored_above(built: Built) -> str:
    shutil.rmtree(built.path / "d")
    built.edit("*.log\nd\n", ".gitignore").save().edit("precious\n", "d")
    return "d"


def _pipe(built: Built) -> str:
    (built.path / "a").unlink()
    built.save()
    os.mkfifo(built.path / "a")
    return "a"


def _link_above(built: Built) -> str:
    shutil.rmtree(built.path / "d")
    built.edit("*.log\nd\n", ".gitignore").save()
    (built.path / "d").symlink_to("nowhere")
    return "d"


@pytest.mark.parametrize("arrange", [_ignored_below, _ignored_above, _pipe, _link_above])
def test_what_stands_in_the_way_and_is_nowhere_else_refuses_a_restore(
    build: Callable[..., Built], arrange: Callable[[Built], str]
) -> None:
    built = build(files={"a": "file\n", "d/e.md": "e\n", ".gitignore": "*.log\n", "z.md": "z\n"})
    path = arrange(built)
    assert refusal(lambda: built.restore("v1")) == Refusal(
        "RuleBroken",
        "file-in-the-way",
        f"{path} stands where v1 has something else, and is in no version and no draft",
        "Move it away first.",
    )
    assert built.agent.drafts() == ()
    assert built.reopen().notices == ()
    (built.path / path).unlink()
    built.restore("v1")
    assert _on_disk(built.path) == {"a": "file\n", "d/e.md": "e\n", ".gitignore": "*.log\n", "z.md": "z\n"}


def test_other_ignored_files_stay_where_they_are(build: Callable[..., Built]) -> None:
    built = build(files={".gitignore": "*.log\n", "a.md": "a\n"}).edit("b\n", "b/c.md").save().edit("x", "b/x.log")
    built.restore("v1")
    assert _on_disk(built.path) == {".gitignore": "*.log\n", "a.md": "a\n", "b/x.log": "x"}


def test_a_nested_repository_is_left_where_it_is(build: Callable[..., Built]) -> None:
    built = build().save("two\n")
    (built.path / "nested").mkdir()
    git(built.path / "nested", "init", "-q")
    (built.path / "nested/x.md").write_text("x\n")
    git(built.path / "nested", "add", ".")
    git(built.path / "nested", "commit", "-q", "-m", "x")
    before = _on_disk(built.path)
    assert refusal(lambda: built.restore("v1")) == Refusal(
        "RuleBroken",
        "file-unfit",
        "git cannot take the draft: invalid path: 'nested/'",
        "Rename that file or folder, move it out, or let git ignore it.",
    )
    assert _on_disk(built.path) == before
    built.edit("nested/\n", ".gitignore").restore("v1")
    assert (built.path / "nested/x.md").read_text() == "x\n"
    assert (built.path / "notes.md").read_text() == "one\n"


def test_a_file_that_cannot_be_read_is_named(build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch) -> None:
    built = build().edit("two\n")
    files = built.agent.files("draft")
    (built.path / "notes.md").unlink()
    assert refusal(files["notes.md"].read) == Refusal(
        "StorageFailed", "storage-failed", f"cannot read {built.path}/notes.md: No such file or directory", None
    )
    assert files["notes.md"].size == 0


# Kept drafts


def test_kept_drafts_are_listed_newest_first_and_named_by_any_prefix(build: Callable[..., Built]) -> None:
    built = build().save("two\n").edit("a\n").restore("v1").edit("b\n").restore("v2").edit("c\n").restore("v1")
    drafts = built.agent.drafts()
    assert [built.git("show", f"{draft.commit}:notes.md") for draft in drafts] == ["c\n", "b\n", "a\n"]
    assert [draft.reason for draft in drafts] == ["restore v1", "restore v2", "restore v1"]
    assert built.agent.files(drafts[1].id.lower())["notes.md"].read() == b"b\n"
    assert built.agent.drop_draft(drafts[1].id) == drafts[1]
    assert built.agent.drafts() == (drafts[0], drafts[2])


def test_a_prefix_names_one_kept_draft_or_none(build: Callable[..., Built]) -> None:
    built = build()
    for id_ in ("01JZZZZZZZZZZZZZZZZZZZZZZA", "01JZZZZZZZZZZZZZZZZZZZZZZB", "01KAAAAAAAAAAAAAAAAAAAAAAA"):
        built.git("update-ref", f"refs/gitagent/drafts/{id_}", "HEAD")
    assert built.agent.files("01kaaa")["notes.md"].read() == b"one\n"
    assert refusal(lambda: built.agent.files("01jzzz")) == Refusal(
        "DraftNotFound",
        "draft-not-found",
        "2 kept drafts begin with 01JZZZ",
        "Give more of the id: gitagent drafts",
    )
    short = "Give 6 characters or more: gitagent drafts"
    assert refusal(lambda: built.agent.kept_draft("01J")) == Refusal(
        "DraftNotFound", "draft-not-found", "no kept draft has an id that begins with '01J'", short
    )
    missing = "01M" + "A" * 23
    assert refusal(lambda: built.agent.drop_draft(missing)) == Refusal(
        "DraftNotFound", "draft-not-found", f"no kept draft has the id {missing}", "List them with: gitagent drafts"
    )
    assert refusal(lambda: built.agent.files("01MAAA")).code == "unknown-selector"


def test_a_kept_draft_that_somebody_else_made_is_listed_as_it_is(build: Callable[..., Built]) -> None:
    built = build()
    built.git("-c", "user.email=a b", "commit", "-q", "--allow-empty", "-m", "mine\n\nand more")
    built.git("update-ref", "refs/gitagent/drafts/01KAAAAAAAAAAAAAAAAAAAAAAA", "HEAD")
    built.git("update-ref", "refs/gitagent/drafts/no-ulid", "HEAD")
    (draft,) = built.agent.drafts()
    assert (draft.reason, str(draft.actor), draft.base) == ("mine", "unknown <unknown>", None)


def test_a_file_where_the_draft_is_based_cannot_be_read_is_named(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / ".git/gitagent").mkdir(exist_ok=True)
    (built.path / ".git/gitagent/base").write_text("no json")
    assert refusal(built.agent.draft).kind == "StorageFailed"


def test_a_version_whose_content_is_missing_is_refused_before_anything_is_overwritten(
    build: Callable[..., Built],
) -> None:
    built = build(files={"a.md": "a\n", "b.md": "b\n"})
    built.edit("A\n", "a.md").edit("B\n", "b.md").save()
    blob = built.git("rev-parse", "v1:b.md").strip()
    (built.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    built.edit("edited\n", "a.md")
    before = _on_disk(built.path)
    assert refusal(lambda: built.restore("v1")) == Refusal(
        "ObjectMissing",
        "object-missing",
        f"object {blob} is missing from the repository",
        "Fetch it from a clone that has it; git fsck lists what else is missing.",
    )
    assert (_on_disk(built.path), built.agent.drafts(), built.reopen().notices) == (before, (), ())


def test_files_that_do_not_change_are_not_written_again(build: Callable[..., Built]) -> None:
    built = build(files={"a.md": "a\n", "b.md": "b\n"}).edit("B\n", "b.md").save()
    before = (built.path / "a.md").stat()
    built.restore("v1").restore("v2").restore("v1")
    after = (built.path / "a.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_line_ends_come_back_for_binary_content_as_it_is(build: Callable[..., Built]) -> None:
    built = build(files={".gitattributes": "* text=auto eol=crlf\n"})
    (built.path / "a.txt").write_bytes(b"a\r\nb\r\n")
    (built.path / "b.bin").write_bytes(b"a\n\0b\n" * 5000)
    built.save().restore("v1").restore("v2")
    assert (built.path / "a.txt").read_bytes() == b"a\r\nb\r\n"
    assert (built.path / "b.bin").read_bytes() == b"a\n\0b\n" * 5000
    assert built.agent.draft() == Draft(V2, ())
    assert built.git("status", "--porcelain") == ""


# What git does not show, or shows in another form


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
@pytest.mark.parametrize("version", [2, 3, 4])
def test_a_file_that_git_was_told_not_to_look_at_is_refused(
    build: Callable[..., Built], flag: str, version: int
) -> None:
    built = build(files={"a.md": "a\n", "ab/it's.md": "b\n", "abc.md": "c\n"})
    built.git("update-index", "--index-version", str(version))
    built.git("update-index", f"--{flag}", "ab/it's.md")
    built.edit("an hour of work\n", "ab/it's.md")
    for act in (built.save, built.publish, lambda: built.restore("v1")):
        assert refusal(act) == Refusal(
            "RuleBroken",
            "file-hidden",
            "git was told not to look at ab/it's.md, so what you edit there would be lost",
            f"git update-index --no-{flag} -- 'ab/it'\"'\"'s.md'",
        )
    unfinished = "git was told not to look at ab/it's.md, so what you edit there would be lost"
    assert built.agent.draft().unfinished == unfinished
    built.git("update-index", f"--no-{flag}", "ab/it's.md")
    built.save()
    assert built.git("show", "v2:ab/it's.md") == "an hour of work\n"


def test_a_file_that_is_ignored_and_yet_in_a_version_comes_back_into_the_draft(build: Callable[..., Built]) -> None:
    built = build(files={"notes.md": "one\n", ".gitignore": "*.log\n"})
    built.edit("hi\n", "build.log").git("add", "-f", "build.log")
    built.save()
    (built.path / "build.log").unlink()
    built.save()
    built.restore("v2")
    assert built.agent.draft().changes == ()
    assert built.agent.draft().base.number == 2
    built.edit("two\n").save()
    assert built.git("show", "v4:build.log") == "hi\n"


def test_an_ignored_link_is_kept_before_it_is_overwritten(build: Callable[..., Built]) -> None:
    built = build(files={"notes.md": "one\n", "data": "hi\n"})
    (built.path / "data").unlink()
    built.edit("data\n", ".gitignore").save()
    (built.path / "data").symlink_to("/nonexistent/precious")
    kept = built.agent.restore("v1", actor=ADA, at=START).kept
    assert kept is not None
    assert built.git("show", f"{kept.commit}:data") == "/nonexistent/precious"
    assert (built.path / "data").read_text() == "hi\n"


def test_files_that_the_restored_version_does_not_ignore_are_named(build: Callable[..., Built]) -> None:
    built = build().edit("secret.env\n", ".gitignore").edit("TOKEN=abc\n", "secret.env").save()
    built.restore("v1")
    words = "v1 does not let git ignore secret.env: now part of the draft."
    assert built.agent.notices == (words,)
    assert [change.path for change in built.agent.draft().changes] == ["secret.env"]


@pytest.mark.parametrize("zero", [False, True])
def test_the_draft_is_read_as_a_version_would_hold_it(build: Callable[..., Built], zero: bool) -> None:
    built = build(files={".gitattributes": "* text=auto\n", "notes.md": "one\ntwo\n"})
    (built.path / "notes.md").write_bytes(b"one\r\ntwo\r\nthree" + b"\0" * zero + b"\r\n")
    text = built.agent.files("draft")["notes.md"].read()
    built.save()
    assert text == built.agent.files("v2")["notes.md"].read()
    assert (b"\r" in text) is zero


def test_modes_do_not_count_where_git_does_not_trust_them(build: Callable[..., Built]) -> None:
    built = build(files={"a.md": "a\n", "run": "r\n"})
    built.git("add", "--chmod=+x", "run")
    built.git("config", "core.fileMode", "false")
    built.reopen()
    for name in ("a.md", "run"):
        (built.path / name).chmod(0o755)
        built.edit("edited\n", name)
    kinds = {path: file.kind for path, file in built.agent.files("draft").items()}
    built.save()
    assert kinds == {path: file.kind for path, file in built.agent.files("v2").items()}
    assert kinds == {"a.md": "file", "run": "executable"}


def test_a_name_that_git_does_not_take_is_refused_by_name(build: Callable[..., Built]) -> None:
    built = build().edit("x\n", "git~1")
    refused = refusal(built.save)
    assert (refused.code, refused.message) == ("file-unfit", "git cannot take the draft: invalid path: 'git~1'")


@pytest.mark.parametrize(("file", "words"), [("index", "cannot read git's index"), ("HEAD", "cannot read HEAD")])
def test_a_broken_file_of_gits_own_is_named(build: Callable[..., Built], file: str, words: str) -> None:
    built = build()
    (built.path / ".git" / file).write_text("junk")
    if file == "HEAD":
        assert words in refusal(built.agent.draft).message
    else:
        assert refusal(built.reopen().draft).message.startswith(words)


@pytest.mark.parametrize("text", ["{}", "[]", "null", "3", '{"was": 1}'])
def test_a_note_that_says_nothing_is_named(build: Callable[..., Built], text: str) -> None:
    built = build()
    for name in ("base", "overwriting"):
        (built.path / ".git/gitagent" / name).write_text(text)
        assert refusal(lambda: built.reopen().draft()).kind == "StorageFailed"
        (built.path / ".git/gitagent" / name).unlink()


@pytest.mark.parametrize("at", [datetime(1969, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_a_time_that_git_cannot_keep_is_refused(build: Callable[..., Built], at: datetime) -> None:
    built = build().edit("two\n")
    assert refusal(lambda: built.agent.save(actor=ADA, at=at)).code == "invalid-time"
    assert refusal(lambda: built.agent.restore("v1", actor=ADA, at=at)).code == "invalid-time"


@pytest.mark.parametrize("length", [0, 11, 12, 40, 100])
def test_an_index_that_was_cut_off_is_named(build: Callable[..., Built], length: int) -> None:
    built = build().edit("two\n")
    index = built.path / ".git/index"
    index.write_bytes(index.read_bytes()[:length])
    refused = refusal(lambda: Agent.open(built.path).save(actor=ADA, at=START))
    assert (refused.kind, refused.message.partition(":")[0]) == ("StorageFailed", "cannot read git's index")
