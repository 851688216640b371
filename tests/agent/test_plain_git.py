"""With ordinary git afterwards: what a git user sees of an agent, to the letter."""

from __future__ import annotations

import pytest
from support.building import ADA, GRACE, Built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A restaurant's week: seven versions, two plain commits on main, and a rollback of live."""
    built = Built(tmp_path_factory.mktemp("plain") / "restaurant", files={"prompt.md": "You book tables.\n"})
    built.edit("Be brief.\n", "prompt.md").publish(name="brief").promote("pre-release", "live")
    built.edit("Be kind.\n", "prompt.md")
    built.agent.save(actor=GRACE, at=built.clock(), name="kind", message="Guests found it curt.")
    built.edit("by hand\n", "notes.md")
    built.git("add", "notes.md")
    built.git("-c", "user.name=Grace Hopper", "commit", "-q", "-m", "Add notes", "--date", "2026-03-02T10:00:00Z")
    built.edit("by hand, twice\n", "notes.md")
    built.git("commit", "-q", "-am", "Correct the notes")
    built.reopen()
    for number in range(4, 8):
        built.edit(f"version {number}\n", "topics/hours.md").publish()
    built.promote("pre-release", "live").rollback("live")
    return built


def _lines(built: Built, *arguments: str) -> list[str]:
    return [line.rstrip() for line in built.git(*arguments).splitlines()]


def test_tags_read_as_a_list_of_versions(built: Built) -> None:
    assert _lines(built, "tag", "-l", "-n", "--sort=v:refname") == [
        "v1              Version 1",
        "v2              brief",
        "v3              kind",
        "v4              Version 4",
        "v5              Version 5",
        "v6              Version 6",
        "v7              Version 7",
    ]
    assert _lines(built, "for-each-ref", "--format=%(objecttype) %(taggername)", "refs/tags/v2", "refs/tags/v3") == [
        "tag Ada Lovelace",
        "tag Grace Hopper",
    ]


def test_main_reads_as_the_line_of_versions_with_plain_commits_taken_along(built: Built) -> None:
    assert _lines(built, "log", "--oneline", "--no-decorate", "--format=%s", "main") == [
        "v7",
        "v6",
        "v5",
        "v4",
        "Correct the notes",
        "Add notes",
        "v3 kind",
        "v2 brief",
        "v1",
    ]
    assert _lines(built, "log", "-1", "--format=%an <%ae>%n%B", "v3") == [
        "Grace Hopper <grace@example.com>",
        "v3 kind",
        "",
        "Guests found it curt.",
        "",
        "Gitagent-Version: v3",
        "",
    ]
    assert _lines(built, "describe", "--first-parent", "main~1") == ["v6"]


def test_an_environments_branch_reads_as_what_it_serves(built: Built) -> None:
    assert _lines(built, "log", "--format=%s", "live") == ["v2 brief", "v1"]
    assert _lines(built, "log", "--format=%s", "-1", "pre-release") == ["v7"]
    assert _lines(built, "branch", "--contains", "v7", "--format=%(refname:short)") == [
        "main",
        "pre-release",
        "sandbox",
    ]
    assert _lines(built, "show", "live:prompt.md") == ["Be brief."]


def test_the_ledger_reads_as_the_agents_history(built: Built) -> None:
    assert _lines(built, "log", "--format=%s", "gitagent/ledger") == [
        "rollback live v7 -> v2",
        "promote live v2 -> v7",
        "promote pre-release v2 -> v7",
        "publish sandbox v6 -> v7",
        "publish sandbox v5 -> v6",
        "publish sandbox v4 -> v5",
        "publish sandbox v2 -> v4",
        "save v3 kind",
        "promote live v2",
        "promote pre-release v2",
        "publish sandbox v2 brief",
        "init v1",
    ]
    assert _lines(built, "log", "--format=%s", "gitagent/ledger", "--", "environments/live.yaml") == [
        "rollback live v7 -> v2",
        "promote live v2 -> v7",
        "promote live v2",
        "init v1",
    ]
    trailers = "--format=%(trailers:key=Gitagent-Op,key=Gitagent-Seq,separator=%x20,valueonly)"
    assert _lines(built, "log", trailers, "-2", "gitagent/ledger") == ["12 rollback", "11 promote"]


def test_two_versions_are_compared_as_any_two_tags(built: Built) -> None:
    assert _lines(built, "diff", "--stat=60", "v3", "v7") == [
        " notes.md        | 1 +",
        " topics/hours.md | 1 +",
        " 2 files changed, 2 insertions(+)",
    ]
    assert _lines(built, "diff", "--no-prefix", "v6", "v7") == [
        "diff --git topics/hours.md topics/hours.md",
        *[line for line in _lines(built, "diff", "v6", "v7") if line.startswith("index ")],
        "--- topics/hours.md",
        "+++ topics/hours.md",
        "@@ -1 +1 @@",
        "-version 6",
        "+version 7",
    ]
    assert _lines(built, "diff", "--name-only", "live", "pre-release") == ["notes.md", "prompt.md", "topics/hours.md"]


def test_git_finds_nothing_wrong(built: Built) -> None:
    assert built.git("fsck", "--strict", "--no-dangling") == ""
    assert built.git("status", "--porcelain") == ""
    assert _lines(built, "status", "-sb") == ["## main"]


def test_there_are_no_refs_but_those_that_are_promised(built: Built) -> None:
    assert _lines(built, "for-each-ref", "--format=%(refname)") == [
        "refs/heads/gitagent/ledger",
        "refs/heads/live",
        "refs/heads/main",
        "refs/heads/pre-release",
        "refs/heads/sandbox",
        *[f"refs/tags/v{number}" for number in range(1, 8)],
    ]


def test_a_clone_carries_everything(built: Built) -> None:
    built.git("clone", "-q", "--mirror", ".", "../clone.git")
    refs = "--format=%(refname) %(objectname)"
    assert built.git("--git-dir", "../clone.git", "for-each-ref", refs) == built.git("for-each-ref", refs)


def test_bisecting_and_blaming_work_across_versions(built: Built) -> None:
    assert _lines(built, "blame", "-s", "--abbrev=7", "notes.md")[0].endswith(" 1) by hand, twice")
    assert _lines(built, "log", "--format=%s", "--follow", "--", "topics/hours.md") == ["v7", "v6", "v5", "v4"]
    assert ADA.name in built.git("shortlog", "-sn", "main")
