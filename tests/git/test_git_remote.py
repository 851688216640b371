"""A shared remote: what is fetched, seen and pushed, and what is said when it refuses or cannot be reached."""

from __future__ import annotations

import os
import sys
import time
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from support.building import ADA, START, git
from support.refusing import Refusal, refusal

from gitagent.git import remote as remotes
from gitagent.git.remote import RefChange, Remote, run_git
from gitagent.git.repository import Repository

MAIN, OTHER = "refs/heads/main", "refs/heads/other"
NOTHING = "1" * 40
NO_REPOSITORY = "Check the address. A new one is made where it is to be: git init --bare -b main bistro.git"


class Shared(NamedTuple):
    """A repository, and the bare one that is its remote `origin`."""

    here: Repository
    there: Repository
    origin: Remote

    def commit(self, *parents: str, message: str = "a commit\n") -> str:
        tree = self.here.write_tree(None, {})
        return self.here.write_commit(tree=tree, parents=parents, message=message, actor=ADA, at=START)

    def push(self, ref: str, to: str | None, expected: str | None) -> None:
        self.origin.push([RefChange(ref, to, expected)], operation="test")

    def hook(self, script: str, name: str = "pre-receive", *, on: Repository | None = None) -> None:
        path = (on or self.there).git_directory / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    git(tmp_path, "init", "-q", "--bare", "there.git")
    here = Repository.create(tmp_path / "here")
    here.add_remote("origin", str(tmp_path / "there.git"))
    there = Repository.at(tmp_path / "there.git")
    assert there is not None
    return Shared(here, there, Remote(here, "origin"))


# Its address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:secret@example.com/a.git", "https://example.com/a.git"),
        ("https://:secret@example.com/a.git", "https://example.com/a.git"),
        ("https://ada:se:cret@example.com/a.git", "https://example.com/a.git"),
        ("https://ada:se@cret@example.com/a.git", "https://example.com/a.git"),
        ("https://ghp_token@example.com/a.git", "https://example.com/a.git"),
        ("HTTP://token:x-oauth-basic@example.com/a@b.git", "HTTP://example.com/a@b.git"),
        ("ssh://git:secret@example.com/a.git", "ssh://git@example.com/a.git"),
        ("https://example.com:8443/a@b.git", "https://example.com:8443/a@b.git"),
        ("ssh://git@example.com:22/a.git", "ssh://git@example.com:22/a.git"),
        ("git@example.com:team/a.git", "git@example.com:team/a.git"),
    ],
)
def test_the_address_is_shown_without_a_password(shared: Shared, url: str, shown: str) -> None:
    shared.here.set_config("remote.origin.url", url)
    assert shared.origin.url == shown


def test_a_remote_that_git_does_not_know_goes_by_its_name(shared: Shared) -> None:
    assert Remote(shared.here, "elsewhere").url == "elsewhere"
    failed = refusal(Remote(shared.here, "elsewhere").fetch)
    assert failed.message == "there is no git repository at elsewhere, or none that you may read"


def test_a_password_is_not_in_the_error_either(shared: Shared) -> None:
    shared.here.set_config("remote.origin.url", "nowhere://ada:secret@example.com/a.git")
    failed = refusal(shared.origin.fetch)
    assert failed.message.startswith("nowhere://ada@example.com/a.git cannot be reached")


# Fetching


def test_fetching_remembers_where_each_branch_was(shared: Shared) -> None:
    first = shared.commit()
    shared.push(MAIN, first, None)
    shared.origin.fetch()
    assert shared.origin.tracking(MAIN) == "refs/remotes/origin/main"
    assert (shared.origin.seen(MAIN), shared.origin.seen(OTHER)) == (first, None)
    assert shared.here.ref(MAIN) is None, "a branch of one's own is not touched"


def test_fetching_follows_a_branch_that_went_back_or_is_gone(shared: Shared) -> None:
    first = shared.commit()
    second = shared.commit(first)
    for ref in (MAIN, OTHER):
        shared.push(ref, second, None)
    shared.origin.fetch()
    git(shared.there.top, "update-ref", MAIN, first)
    git(shared.there.top, "update-ref", "-d", OTHER)
    shared.origin.fetch()
    assert (shared.origin.seen(MAIN), shared.origin.seen(OTHER)) == (first, None)


def test_fetching_brings_no_tags_and_leaves_no_note(shared: Shared) -> None:
    first = shared.commit()
    shared.push(MAIN, first, None)
    git(shared.there.top, "tag", "v1", first)
    shared.origin.fetch()
    assert shared.here.refs("refs/tags/") == []
    assert not (shared.here.git_directory / "FETCH_HEAD").exists()


def test_tags_are_told_by_how_they_begin(shared: Shared) -> None:
    shared.push(MAIN, shared.commit(), None)
    for name in ("v1", "v2", "v10", "w1"):
        git(shared.there.top, "tag", "-a", "-m", name, name, MAIN)
    assert shared.origin.tags("v") == ["v1", "v10", "v2"]
    assert shared.origin.tags("v1") == ["v1", "v10"]
    assert shared.origin.tags("x") == []


def test_named_tags_alone_are_brought(shared: Shared) -> None:
    shared.push(MAIN, shared.commit(), None)
    for name in ("v1", "v2", "v3"):
        git(shared.there.top, "tag", "-a", "-m", name, name, MAIN)
    shared.origin.fetch_tags(["v1", "v3"])
    assert shared.here.refs("refs/tags/") == ["refs/tags/v1", "refs/tags/v3"]
    shared.origin.fetch_tags([])
    assert shared.here.ref("refs/tags/v3") == shared.there.ref("refs/tags/v3")


@pytest.mark.parametrize("count", [2, 3, 5])
def test_many_tags_are_brought_whatever_their_number(
    shared: Shared, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(remotes, "MOST_NAMED", 2)
    first = shared.commit()
    shared.push(MAIN, first, None)
    names = [f"v{number}" for number in range(1, count + 1)]
    for name in names:
        git(shared.there.top, "tag", name, first)
    shared.origin.fetch_tags(names)
    assert shared.here.refs("refs/tags/") == [f"refs/tags/{name}" for name in names]


def test_a_tag_that_differs_here_does_not_keep_the_others_away(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "MOST_NAMED", 2)
    first = shared.commit()
    second = shared.commit(first)
    shared.push(MAIN, second, None)
    for name in ("v1", "v2", "v3", "v9"):
        git(shared.there.top, "tag", name, second)
    git(shared.here.top, "tag", "v9", first)
    shared.origin.fetch_tags(["v1", "v2", "v3"])
    assert [shared.here.ref(f"refs/tags/{name}") for name in ("v1", "v2", "v3", "v9")] == [second] * 3 + [first]


def test_a_tag_that_is_not_there_is_an_error(shared: Shared) -> None:
    shared.push(MAIN, shared.commit(), None)
    failed = refusal(lambda: shared.origin.fetch_tags(["v1"]))
    assert failed.message.endswith("did not answer: fatal: couldn't find remote ref refs/tags/v1")


def test_what_git_adds_to_every_failure_of_ssh_is_left_out() -> None:
    said = "fatal: '/a.git' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\n"
    ends = "Please make sure you have the correct access rights\nand the repository exists.\n"
    assert remotes.reasons(said + ends) == ["fatal: '/a.git' does not appear to be a git repository"]
    assert remotes.reasons("fatal: Could not read from remote repository.\n" + ends)[0].startswith("fatal: Could not")


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (
            ["gitagent: refused: rule-role: not you", "gitagent: Ask Ada", "gitagent: Or Grace."],
            "gitagent: refused: rule-role: not you",
            "Ask Ada. Or Grace. Nothing moved there.",
        ),
        (["gitagent: refused: bug: oh"], "gitagent: refused: bug: oh", "Nothing moved there."),
        (
            ["gitagent: refused: bug: oh", "not today"],
            "[remote rejected] (pre-receive hook declined): gitagent: refused: bug: oh; not today",
            "Nothing moved there.",
        ),
    ],
)
def test_what_gitagent_s_own_hook_says_can_be_done_is_the_hint(
    shared: Shared, lines: list[str], message: str, hint: str
) -> None:
    shared.hook("".join(f"echo '{line}' >&2\n" for line in lines) + "exit 1")
    failed = refusal(lambda: shared.push(OTHER, shared.commit(), None))
    assert (failed.message, failed.hint) == (f"{shared.origin.url} refused it: {message}", hint)


def test_where_there_is_no_repository_the_hint_says_how_one_is_made(shared: Shared) -> None:
    shared.here.set_config("remote.origin.url", "/nowhere/a.git")
    for call in (shared.origin.fetch, lambda: shared.origin.tags("v"), lambda: shared.push(MAIN, NOTHING, None)):
        failed = refusal(call)
        assert (failed.kind, failed.hint) == ("RemoteUnreachable", NO_REPOSITORY)
        assert failed.message == "there is no git repository at /nowhere/a.git, or none that you may read"


# Pushing


def test_a_push_makes_moves_back_and_deletes(shared: Shared) -> None:
    first = shared.commit()
    second = shared.commit(first)
    seen = []
    for expected, to in [(None, second), (second, first), (first, None)]:
        shared.push(OTHER, to, expected)
        seen.append(shared.there.ref(OTHER))
    assert seen == [second, first, None]


def test_one_lease_that_is_broken_keeps_all_refs_where_they_are(shared: Shared) -> None:
    first = shared.commit()
    second = shared.commit(first)
    shared.push(MAIN, first, None)
    changes = [RefChange(OTHER, first, None), RefChange(MAIN, second, second)]
    failed = refusal(lambda: shared.origin.push(changes, operation="test"))
    assert failed.kind == "RemoteRefused"
    assert failed.message.startswith(f"{shared.there.top} refused it: [rejected] (stale info)".replace("//", "/"))
    assert (shared.there.ref(MAIN), shared.there.ref(OTHER)) == (first, None)


def test_a_ref_that_was_to_be_new_is_not_overwritten(shared: Shared) -> None:
    first = shared.commit()
    second = shared.commit(first)
    shared.push(MAIN, first, None)
    assert refusal(lambda: shared.push(MAIN, second, None)).code == "remote-refused"
    assert shared.there.ref(MAIN) == first


def test_what_goes_along_is_in_the_same_step(shared: Shared) -> None:
    first = shared.commit()
    git(shared.here.top, "tag", "v1", first)
    shared.origin.push([RefChange(MAIN, first, None)], operation="test", also=["refs/tags/v1"])
    assert shared.there.ref("refs/tags/v1") == first
    shared.hook("exit 1")
    git(shared.here.top, "tag", "v2", first)
    change = RefChange(OTHER, first, None)
    assert refusal(lambda: shared.origin.push([change], operation="test", also=["refs/tags/v2"])).kind
    assert (shared.there.ref(OTHER), shared.there.ref("refs/tags/v2")) == (None, None)


def test_a_hook_that_refuses_is_quoted_in_one_line(shared: Shared) -> None:
    shared.hook("echo not today; echo; echo 'ask Ada' >&2; exit 1")
    failed = refusal(lambda: shared.push(MAIN, shared.commit(), None))
    assert failed == Refusal(
        "RemoteRefused",
        "remote-refused",
        f"{shared.origin.url} refused it: [remote rejected] (pre-receive hook declined): not today; ask Ada",
        "Nothing moved there.",
    )


def test_what_another_push_has_locked_is_waited_for(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = shared.there.git_directory / f"{MAIN}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    monkeypatch.setattr(time, "sleep", lambda _: lock.unlink())
    first = shared.commit()
    shared.push(MAIN, first, None)
    assert shared.there.ref(MAIN) == first


def test_a_lock_that_stays_is_named_with_what_removes_it(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = shared.there.git_directory / f"{MAIN}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert refusal(lambda: shared.push(MAIN, shared.commit(), None)) == Refusal(
        "RemoteRefused",
        "remote-locked",
        f"{shared.origin.url} did not take it: git's lock {lock} is in the way there",
        f"Try again; where no git is at work there, one that died left it. There: gitagent -C {lock.parents[2]} doctor",
    )
    assert len(pauses) == remotes.MOST_LOCKED - 1
    assert all(0 <= pause < remotes.LONGEST_PAUSE * attempt for attempt, pause in enumerate(pauses, 1))


def test_a_remote_that_takes_no_rollback_is_told_how_to(shared: Shared) -> None:
    first = shared.commit()
    second = shared.commit(first)
    shared.push(MAIN, second, None)
    git(shared.there.top, "config", "receive.denyNonFastForwards", "true")
    failed = refusal(lambda: shared.push(MAIN, first, second))
    assert failed.hint == (
        "Nothing moved there. A rollback moves a branch back; there: git config receive.denyNonFastForwards false"
    )
    assert shared.there.ref(MAIN) == second


def test_the_reason_is_that_of_the_ref_that_was_refused_not_of_those_with_it(shared: Shared) -> None:
    shared.hook('test "$1" != refs/heads/other', "update")
    first = shared.commit()
    changes = [RefChange(ref, first, None) for ref in (MAIN, OTHER)]
    failed = refusal(lambda: shared.origin.push(changes, operation="test"))
    assert failed.message.startswith(f"{shared.origin.url} refused it: [remote rejected] (hook declined)")


def test_the_users_own_hook_is_told_what_is_pushed(shared: Shared) -> None:
    note = shared.here.top / "operation"
    shared.hook(f'printf %s "$GITAGENT_OPERATION" > {note}', "pre-push", on=shared.here)
    shared.push(MAIN, shared.commit(), None)
    assert note.read_text() == "test"


def test_a_mirror_is_pushed_to_ref_by_ref(shared: Shared) -> None:
    first = shared.commit()
    shared.here.set_config("remote.origin.mirror", "true")
    shared.here.move_ref("refs/heads/private", to=first, expected=None, why="test")
    shared.push(MAIN, first, None)
    assert shared.there.refs("refs/") == [MAIN]


def test_no_tag_follows_by_itself(shared: Shared) -> None:
    first = shared.commit()
    shared.here.set_config("push.followTags", "true")
    git(shared.here.top, "tag", "-a", "-m", "one", "v1", first)
    shared.push(MAIN, first, None)
    assert shared.there.refs("refs/tags/") == []


# The git program


def printed(name: str, folder: Path, **environ: str) -> str:
    """What git's own children see of a variable."""
    return run_git(folder, "-c", f"alias.told=!printenv {name}", "told", patience=None, **environ).stdout.strip()


@pytest.fixture
def there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.mark.usefixtures("there_is_no_terminal")
def test_git_speaks_english_and_asks_nothing_of_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "1")
    run = [printed(name, tmp_path, LC_ALL="fr_FR") for name in ("LC_ALL", "GIT_TERMINAL_PROMPT")]
    assert run == ["C", "0"]


def test_git_may_ask_where_somebody_sits_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "_asks_on_a_terminal", lambda: True)
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "1")
    assert printed("GIT_TERMINAL_PROMPT", tmp_path) == "1"


@pytest.mark.parametrize("stdin", [None, StringIO()])
def test_no_standard_input_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stdin: StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "1")
    assert printed("GIT_TERMINAL_PROMPT", tmp_path) == "0"


def test_git_works_where_it_is_told_to_even_in_a_hook(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shared.commit()
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, "/nowhere")
    shared.push(MAIN, first, None)
    shared.origin.fetch()
    assert shared.origin.seen(MAIN) == first


def ssh_of(shared: Shared, script: Path) -> str:
    """What ssh is started with, that git is asked to reach the remote by."""
    script.write_text('#!/bin/sh\necho "asked: $*" >&2\nexit 1\n')
    script.chmod(0o755)
    shared.here.set_config("remote.origin.url", "ssh://example.invalid/a.git")
    return refusal(shared.origin.fetch).message


@pytest.mark.usefixtures("there_is_no_terminal")
def test_ssh_asks_nothing_of_a_script(shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert "asked: -o BatchMode=yes " in ssh_of(shared, tmp_path / "ssh")


@pytest.mark.usefixtures("there_is_no_terminal")
@pytest.mark.parametrize("variable", ["GIT_SSH", "GIT_SSH_COMMAND", "core.sshCommand"])
def test_the_users_own_ssh_is_left_as_it_is(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    own = tmp_path / "own-ssh"
    if variable == "core.sshCommand":
        shared.here.set_config(variable, str(own))
    else:
        monkeypatch.setenv(variable, str(own))
    said = ssh_of(shared, own)
    assert "asked: " in said
    assert "BatchMode" not in said


def test_without_git_it_is_said_what_to_install(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(shared.origin.fetch) == Refusal(
        "RemoteUnreachable",
        "remote-unreachable",
        "the git program cannot be started: No such file or directory",
        "Install git; its remotes are reached by it.",
    )


def test_bytes_that_are_no_text_are_no_crash(shared: Shared) -> None:
    shared.hook("printf 'caf\\351\\n'; exit 1")
    assert refusal(lambda: shared.push(MAIN, shared.commit(), None)).message.endswith(": caf\N{REPLACEMENT CHARACTER}")
