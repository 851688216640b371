"""`compare --html`: the page says whose change it is, and overwrites nothing but an earlier page."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from support.building import Built, git
from support.commandline import Cli, Ran


def page(cli: Cli, *arguments: str) -> str:
    ran = cli("compare", *arguments, "--html", "../page.html")
    assert (ran.code, ran.out) == (0, "")
    return (cli.folder.parent / "page.html").read_text(encoding="utf-8")


def test_compare_writes_a_page(cli: Cli) -> None:
    (cli.folder / "notes.md").write_text("two\n")
    assert cli("compare", "--html", "../page.html") == Ran(0, "", "Wrote ../page.html.\n")
    assert (cli.folder.parent / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_a_page_and_a_json_object_can_be_had_at_once(cli: Cli) -> None:
    ran = cli("compare", "--html", "../page.html", "--json")
    assert json.loads(ran.out)["format"] == "gitagent.compare/1"
    assert ran.err == "Wrote ../page.html.\n"


def test_a_page_may_be_written_again(cli: Cli) -> None:
    first = page(cli)
    (cli.folder / "notes.md").write_text("two\n")
    assert page(cli) != first


def test_a_dash_is_stdout(cli: Cli) -> None:
    (cli.folder / "notes.md").write_text("two\n")
    ran = cli("compare", "--html", "-")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("<!DOCTYPE html>\n")
    assert not (cli.folder / "-").exists()
    assert cli("compare", "--html", "-", "--exit-code").code == 1


def test_stdout_does_not_take_a_page_and_a_json_object(cli: Cli) -> None:
    ran = cli("compare", "--html", "-", "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (2, "usage")


@pytest.mark.parametrize("name", ["notes.md", "./notes.md", "sub/../notes.md", "../{folder}/notes.md", "link.html"])
def test_a_file_of_the_draft_is_never_overwritten(cli: Cli, name: str) -> None:
    (cli.folder / "sub").mkdir()
    (cli.folder / "link.html").symlink_to("notes.md")
    ran = cli("compare", "--html", name.format(folder=cli.folder.name), "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (3, "file-in-agent")
    assert (cli.folder / "notes.md").read_text() == "one\n"


@pytest.mark.parametrize("name", [".git/HEAD", ".git/new.html", ".git/refs/heads/new", ".git/gitagent/lock"])
def test_git_s_own_folder_is_never_written_to(cli: Cli, name: str) -> None:
    before = {each: each.stat().st_mtime_ns for each in (cli.folder / ".git").rglob("*") if each.is_file()}
    ran = cli("compare", "--html", name)
    assert ran == Ran(
        3,
        "",
        f"error: {name} is inside git's own folder\n"
        "hint: Name a new file outside the agent's folder, such as ../changes.html, or - for stdout.\n",
    )
    assert before == {each: each.stat().st_mtime_ns for each in (cli.folder / ".git").rglob("*") if each.is_file()}


def test_the_git_folder_of_a_linked_working_tree_is_git_s_own_too(cli: Cli, tmp_path: Path) -> None:
    git(cli.folder, "worktree", "add", "-q", str(tmp_path / "linked"))
    ran = cli("compare", "v1", "v1", "--html", ".git/worktrees/linked/HEAD")
    assert (ran.code, "git's own folder" in ran.err) == (3, True)


def test_a_file_that_is_no_page_of_gitagent_s_stays(cli: Cli) -> None:
    other = cli.folder.parent / "thesis.html"
    other.write_text("<!DOCTYPE html>\n<html lang='en'>")
    assert cli("compare", "--html", "../thesis.html") == Ran(
        3, "", "error: ../thesis.html exists already and is not a page of gitagent's\nhint: Name another file.\n"
    )
    assert other.read_text() == "<!DOCTYPE html>\n<html lang='en'>"


def test_an_ignored_file_of_the_agent_s_folder_stays(agent: Built, cli: Cli) -> None:
    agent.edit(".env\n", ".gitignore").edit("KEY=1\n", ".env")
    assert cli("compare", "--html", ".env").code == 3
    assert (cli.folder / ".env").read_text() == "KEY=1\n"


def test_a_folder_that_is_not_there_is_named(cli: Cli) -> None:
    ran = cli("compare", "--html", "missing/page.html")
    assert ran == Ran(3, "", "error: the folder missing does not exist\nhint: Make it first.\n")


def test_a_folder_is_no_file(cli: Cli) -> None:
    ran = cli("compare", "--html", "..", "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (3, "file-exists")


def test_a_device_or_a_pipe_takes_a_page(cli: Cli, tmp_path: Path) -> None:
    assert cli("compare", "--html", "/dev/null") == Ran(0, "", "Wrote /dev/null.\n")
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert cli("compare", "--html", str(pipe)).code == 0
    reader.join()
    assert read[0].startswith(b"<!DOCTYPE html>")


def test_a_page_inside_the_agent_is_said_to_be_in_the_draft(cli: Cli) -> None:
    assert cli("compare", "--html", "page.html") == Ran(0, "", "Wrote page.html. It is a file of the draft now.\n")
    assert cli("compare", "--html", "page.html").code == 0


def test_a_page_says_whose_change_it_is(agent: Built, cli: Cli) -> None:
    agent.save("two\n", name="Autumn <menu>", message="Guests asked.\nTwice & loudly.")
    text = page(cli, "v1", "v2")
    assert f"<title>{agent.agent.name}: v1 → v2</title>" in text
    assert f'<p class="agent">{agent.agent.name}</p>\n<h1>v1 → v2</h1>' in text
    assert "<dt>v1</dt><dd>2026-03-02 09:01:00 +0000, by Ada Lovelace &lt;ada@example.com&gt;</dd>" in text
    assert (
        "<dt>v2</dt><dd><strong>Autumn &lt;menu&gt;</strong><br>"
        "2026-03-02 09:02:00 +0000, by Ada Lovelace &lt;ada@example.com&gt;<br>"
        "Guests asked.<br>Twice &amp; loudly.</dd>"
    ) in text
    assert "<footer>Made by gitagent compare on 2026-03-02 09:03:00 +0000 by Ada " in text


def test_a_page_says_that_a_draft_is_no_version_yet(agent: Built, cli: Cli) -> None:
    agent.publish().edit("two\n")
    text = page(cli, "sandbox", "draft")
    assert "<dt>sandbox (v1)</dt><dd>2026-03-02 09:01:00 +0000, by Ada " in text
    assert "<dt>draft</dt><dd>The draft as it stands, based on v1; not a version yet</dd>" in text


def test_a_page_says_why_a_draft_was_kept(agent: Built, cli: Cli) -> None:
    agent.edit("two\n").restore("v1")
    kept = agent.agent.drafts()[0]
    text = page(cli, "v1", kept.id)
    assert "by Ada Lovelace &lt;ada@example.com&gt;<br>Kept before: restore v1</dd>" in text


def test_a_page_is_made_where_git_knows_nobody(cli: Cli) -> None:
    nobody = {"GIT_COMMITTER_NAME": "", "GIT_COMMITTER_EMAIL": "", "GIT_CONFIG_GLOBAL": "/dev/null"}
    ran = cli("compare", "--html", "-", environ={**nobody, "EMAIL": ""})
    assert ran.code == 0
    assert "<footer>Made by gitagent compare on 2026-03-02 09:02:00 +0000" in ran.out
