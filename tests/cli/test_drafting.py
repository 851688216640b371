"""Working on the draft on the command line: whole outputs."""

from __future__ import annotations

import os
import subprocess

from support.building import Built
from support.commandline import Cli, Ran


def test_status_of_a_new_agent_says_to_publish(cli: Cli) -> None:
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft, the same as v1\n"
        "\n"
        "sandbox      nothing\n"
        "pre-release  nothing\n"
        "live         nothing\n"
        "\n"
        "Next:\n"
        "  gitagent publish v1  put it in sandbox\n",
    )


def test_status_shows_the_draft_the_environments_and_what_is_ahead(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.edit("three\n").edit("new\n", "topics/parking.md")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft edited since v2\n"
        "  modified  notes.md\n"
        "  added     topics/parking.md\n"
        "\n"
        'sandbox      v2 "Autumn menu"  1 minute ago   1 version ahead of pre-release\n'
        "pre-release  v1                3 minutes ago\n"
        "live         v1                2 minutes ago\n"
        "\n"
        "Next:\n"
        "  gitagent compare              see what you changed\n"
        "  gitagent publish              make it v3 and put it in sandbox\n"
        "  gitagent promote pre-release  move it from v1 to v2\n",
    )


def test_status_says_which_version_the_draft_is_based_on(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.restore("v1").edit("one and a half\n")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft edited since v1\n"
        "  modified  notes.md\n"
        "\n"
        'sandbox      v2 "Autumn menu"  2 minutes ago  1 version ahead of pre-release\n'
        "pre-release  v1                4 minutes ago\n"
        "live         v1                3 minutes ago\n"
        "\n"
        "Next:\n"
        "  gitagent compare              see what you changed\n"
        "  gitagent publish              make it v3 and put it in sandbox\n"
        "  gitagent promote pre-release  move it from v1 to v2\n",
    )


def test_status_with_nothing_left_to_do_advises_nothing(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu").promote("pre-release", "live")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft, the same as v2\n"
        "\n"
        'sandbox      v2 "Autumn menu"  3 minutes ago\n'
        'pre-release  v2 "Autumn menu"  2 minutes ago\n'
        'live         v2 "Autumn menu"  1 minute ago\n',
    )


def test_status_after_a_rollback_tells_who_is_behind(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.promote("pre-release", "live").rollback("sandbox")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft, the same as v2\n"
        "\n"
        "sandbox      v1                1 minute ago   1 version behind pre-release\n"
        'pre-release  v2 "Autumn menu"  3 minutes ago\n'
        'live         v2 "Autumn menu"  2 minutes ago\n'
        "\n"
        "Next:\n"
        "  gitagent publish     once the draft is edited: make it v3 and put it in sandbox\n"
        "  gitagent publish v2  put it in sandbox, which serves v1 again (v2 was rolled back from sandbox)\n",
    )


def test_status_on_another_branch_leads_back_to_the_draft(cli: Cli, agent: Built) -> None:
    agent.publish().git("switch", "-q", "-c", "feature")
    agent.edit("two\n")
    expected = (
        "agent  <tmp>/agent\n"
        "\n"
        "The working tree is on feature; the draft is what stands on main.\n"
        "It differs from v1:\n"
        "  modified  notes.md\n"
        "\n"
        "sandbox      v1       1 minute ago\n"
        "pre-release  nothing\n"
        "live         nothing\n"
        "\n"
        "Next:\n"
        "  git switch main               go back to the draft\n"
        "  gitagent promote pre-release  move it to v1\n"
    )
    assert cli("status").out == expected
    assert cli.json("status")["draft"]["branch"] == "feature"
    assert cli.json("status")["next"] == ["git switch main", "gitagent promote pre-release"]
    agent.git("switch", "-q", "--detach")
    agent.edit("one\n")
    assert cli("status").out.splitlines()[2:4] == [
        "The working tree is on no branch; the draft is what stands on main.",
        "It is the same as v1.",
    ]


def test_status_says_that_git_is_in_the_middle_of_something(cli: Cli, agent: Built) -> None:
    agent.publish().git("switch", "-q", "-c", "other")
    agent.edit("theirs\n").git("commit", "-qam", "theirs")
    agent.git("switch", "-q", "main")
    agent.edit("ours\n").git("commit", "-qam", "ours")
    merge = subprocess.run(["git", "-C", str(agent.path), "merge", "other"], capture_output=True, check=False)
    assert merge.returncode == 1
    ran = cli("status")
    assert "\nDraft edited since v1\nIt cannot be saved yet: git is in the middle of a merge.\n  modified" in ran.out
    assert "  gitagent save --dry-run       see what to do about it\n" in ran.out
    assert "gitagent publish" not in ran.out
    record = cli.json("status")
    assert record["draft"]["unfinished"] == "git is in the middle of a merge"
    assert record["next"] == ["gitagent save --dry-run", "gitagent promote pre-release"]
    ran = cli("save", "--dry-run")
    assert (ran.code, "git status says how" in ran.err) == (3, True)


def test_status_leads_out_of_a_rebase_before_it_leads_back_to_main(cli: Cli, agent: Built) -> None:
    agent.publish().edit("ours\n").git("commit", "-qam", "ours")
    environment = {**os.environ, "GIT_SEQUENCE_EDITOR": "sed -i.bak s/pick/edit/"}
    subprocess.run(
        ["git", "-C", str(agent.path), "rebase", "-qi", "HEAD~1"], capture_output=True, check=True, env=environment
    )
    ran = cli("status")
    assert "The working tree is on no branch; the draft is what stands on main.\nIt cannot be saved yet: " in ran.out
    assert "git switch main" not in ran.out


def test_status_says_which_file_git_does_not_look_at(cli: Cli, agent: Built) -> None:
    agent.git("update-index", "--assume-unchanged", "notes.md")
    agent.edit("two\n")
    assert "It cannot be saved yet: git was told not to look at notes.md, so what you edit" in cli("status").out


def test_status_says_that_the_next_step_was_undone_a_moment_ago(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n").promote("pre-release", "live")
    cli("rollback", "live", "-y", "-m", "Too many late guests\n\nThe kitchen was closed.")
    assert cli("status").out.splitlines()[-2:] == [
        "  gitagent publish       once the draft is edited: make it v3 and put it in sandbox",
        "  gitagent promote live  move it from v1 to v2 again (v2 was rolled back from live: Too many late guests)",
    ]
    assert cli("promote", "live", "--dry-run").out.splitlines()[3:5] == [
        "  Beware: v2 was rolled back from live: Too many late guests.",
        "    That was 2 minutes ago (2026-03-02 09:08), by Ada Lovelace.",
    ]
    agent.edit("three\n")
    assert cli.json("status")["next"] == ["gitagent compare", "gitagent publish", "gitagent promote live"]
    agent.publish().promote("pre-release")
    assert cli("status").out.splitlines()[-1] == "  gitagent promote live  move it from v1 to v3"
    assert "Beware" not in cli("promote", "live", "--dry-run").out


def test_status_does_not_list_hundreds_of_files(cli: Cli, agent: Built) -> None:
    for number in range(25):
        agent.edit("x\n", f"topics/{number:02}.md")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft edited since v1\n"
        "  added  topics/00.md\n"
        "  added  topics/01.md\n"
        "  added  topics/02.md\n"
        "  added  topics/03.md\n"
        "  added  topics/04.md\n"
        "  added  topics/05.md\n"
        "  added  topics/06.md\n"
        "  added  topics/07.md\n"
        "  added  topics/08.md\n"
        "  added  topics/09.md\n"
        "  added  topics/10.md\n"
        "  added  topics/11.md\n"
        "  added  topics/12.md\n"
        "  added  topics/13.md\n"
        "  added  topics/14.md\n"
        "  added  topics/15.md\n"
        "  added  topics/16.md\n"
        "  added  topics/17.md\n"
        "  added  topics/18.md\n"
        "  added  topics/19.md\n"
        "  and 5 more files\n"
        "\n"
        "sandbox      nothing\n"
        "pre-release  nothing\n"
        "live         nothing\n"
        "\n"
        "Next:\n"
        "  gitagent compare  see what you changed\n"
        "  gitagent publish  make it v2 and put it in sandbox\n",
    )


def test_restore_of_an_unedited_draft_asks_nothing(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    assert cli("restore", "v1") == Ran(
        0,
        "The draft is now as v1.\n"
        "  modified  notes.md\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
    )
    assert (agent.path / "notes.md").read_text() == "one\n"


def test_restore_over_an_edited_draft_is_asked_about_and_kept(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.edit("three\n")
    assert cli("restore", "v1") == Ran(
        3,
        "",
        "error: confirmation is needed: Overwrite the draft with v1?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert cli("restore", "live", typed="n\n") == Ran(
        1,
        "",
        "Draft edited since v2. Its edits would be kept; 'gitagent drafts' lists them.\n"
        "  modified  notes.md\n"
        "Overwrite the draft with live (v1)? [y/N] Not confirmed: nothing was changed.\n",
    )
    assert (agent.path / "notes.md").read_text() == "three\n"
    assert cli("restore", "v1", typed="y\n") == Ran(
        0,
        "The draft is now as v1.\n"
        "  modified  notes.md\n"
        "The draft before is kept: gitagent drafts restore <ULID>\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
        "Draft edited since v2. Its edits would be kept; 'gitagent drafts' lists them.\n"
        "  modified  notes.md\n"
        "Overwrite the draft with v1? [y/N] ",
    )
    assert (agent.path / "notes.md").read_text() == "one\n"


def test_restore_with_dry_run_changes_nothing(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.edit("three\n")
    assert cli("restore", "v1", "--dry-run") == Ran(
        0,
        "This would make the draft as v1, changing 1 file:\n"
        "  modified  notes.md\n"
        "The edits in the draft would be kept; 'gitagent drafts' would list them.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert cli("restore", "v7") == Ran(
        3,
        "",
        "error: there is no version v7\nhint: The newest is v2: gitagent versions\n",
    )
    assert cli("restore", "draft") == Ran(
        3,
        "",
        "error: the draft is what is being edited\nhint: Name a version, such as v7 or live.\n",
    )
    assert cli("restore", "v1x") == Ran(
        3,
        "",
        "error: 'v1x' is neither a version nor an environment\n"
        "hint: The pipeline is sandbox → pre-release → live; versions are written v7 or 7.\n",
    )


def test_discard_goes_back_to_the_last_published_version(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.save("three\n").edit("four\n")
    assert cli("discard") == Ran(
        3,
        "",
        "error: confirmation is needed: Discard the draft and go back to v2?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert cli("discard", "--dry-run") == Ran(
        0,
        "This would make the draft as v2, changing 1 file:\n"
        "  modified  notes.md\n"
        "The edits in the draft would be kept; 'gitagent drafts' would list them.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert cli("discard", "-y") == Ran(
        0,
        "The draft is given up; it is v2 again. It differed from v2 in:\n"
        "  modified  notes.md\n"
        "The draft before is kept: gitagent drafts restore <ULID>\n"
        "v3 stays as it was saved: gitagent restore v3\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
    )
    assert (agent.path / "notes.md").read_text() == "two\n"
    assert cli("discard", "--to", "live", "-y") == Ran(
        0,
        "The draft is given up; it is live (v1) again. It differed from live (v1) in:\n"
        "  modified  notes.md\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
    )
    assert cli("discard") == Ran(
        0,
        "The draft is given up; it is v2 again. It differed from v2 in:\n"
        "  modified  notes.md\n"
        "v3 stays as it was saved: gitagent restore v3\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
    )


def test_a_kept_draft_is_listed_shown_and_brought_back(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.edit("three\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert cli("drafts") == Ran(0, "<id>  based on v2  kept before restore v1  2026-03-02 09:06  Ada Lovelace\n")
    assert cli("drafts", "list") == Ran(
        0,
        "<id>  based on v2  kept before restore v1  2026-03-02 09:06  Ada Lovelace\n",
    )
    assert cli("drafts", "show", kept[:20]) == Ran(
        0,
        "<ULID>\n"
        "kept before restore v1, 3 minutes ago (2026-03-02 09:06), by Ada Lovelace\n"
        "based on v2\n"
        "  notes.md: +1 -1 lines\n",
    )
    assert cli("drafts", "restore", kept.lower()) == Ran(
        0,
        "The draft is now the kept draft <ULID>.\n"
        "  modified  notes.md\n"
        "No version and no environment changed: sandbox stays on v2; pre-release and live stay on v1.\n",
    )
    assert (agent.path / "notes.md").read_text() == "three\n"


def test_restoring_what_the_draft_is_already_asks_nothing_and_keeps_no_copy(cli: Cli, agent: Built) -> None:
    agent.publish().edit("three\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert cli("drafts", "restore", kept).code == 0
    assert cli("drafts", "restore", kept) == Ran(
        0,
        "The draft is now the kept draft <ULID>; it was so already.\n"
        "No version and no environment changed: sandbox stays on v1; pre-release and live still serve nothing.\n",
    )
    assert [each.id for each in agent.reopen().drafts()] == [kept]
    assert (agent.path / "notes.md").read_text() == "three\n"


def test_a_kept_draft_is_dropped_only_when_that_is_confirmed(cli: Cli, agent: Built) -> None:
    agent.edit("three\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert cli("drafts", "drop", kept) == Ran(
        3,
        "",
        "error: confirmation is needed: Remove the kept draft <ULID> for good?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert cli("drafts", "drop", kept, "--dry-run") == Ran(
        0,
        "This would remove the kept draft <ULID>. The draft itself and all versions stay as they are.\n",
    )
    assert cli("drafts", "drop", kept, typed="n\n") == Ran(
        1,
        "",
        "<ULID>\n"
        "kept before restore v1, 3 minutes ago (2026-03-02 09:02), by Ada Lovelace\n"
        "based on v1\n"
        "Remove the kept draft <ULID> for good? [y/N] Not confirmed: nothing was changed.\n",
    )
    assert len(agent.reopen().drafts()) == 1
    assert cli("drafts", "drop", kept, "-y") == Ran(
        0,
        "Removed the kept draft <ULID>. The draft itself and all versions stay as they are.\n",
    )
    assert agent.reopen().drafts() == ()


def test_drafts_of_an_agent_that_kept_none(cli: Cli) -> None:
    assert cli("drafts") == Ran(
        0,
        "No drafts are kept. An edited draft is kept when restore, discard or sync changes it.\n",
    )
    assert cli("drafts", "show", "01JB5Z9KQ4") == Ran(
        3,
        "",
        "error: no kept draft has an id that begins with '01JB5Z9KQ4'\n"
        "hint: Give 6 characters or more: gitagent drafts\n",
    )
    assert cli("drafts", "drop", "01JB") == Ran(
        3,
        "",
        "error: no kept draft has an id that begins with '01JB'\nhint: Give 6 characters or more: gitagent drafts\n",
    )
    assert cli("drafts", "shw", "x") == Ran(
        2,
        "",
        "error: there is no command 'shw'\nhint: Did you mean show?\n",
    )


def test_status_after_a_restore_offers_to_publish_the_old_content(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu").restore("v1")
    assert cli("status") == Ran(
        0,
        "agent  <tmp>/agent\n"
        "\n"
        "Draft, the same as v1\n"
        "\n"
        'sandbox      v2 "Autumn menu"  2 minutes ago  1 version ahead of pre-release\n'
        "pre-release  v1                4 minutes ago\n"
        "live         v1                3 minutes ago\n"
        "\n"
        "Next:\n"
        "  gitagent compare latest       see what you changed\n"
        "  gitagent publish              make it v3 and put it in sandbox\n"
        "  gitagent promote pre-release  move it from v1 to v2\n",
    )


def test_discarding_an_unedited_draft_does_nothing(cli: Cli, agent: Built) -> None:
    agent.publish()
    assert cli("discard") == Ran(
        0,
        "The draft is given up; it is v1 already.\n"
        "No version and no environment changed: sandbox stays on v1; pre-release and live still serve nothing.\n",
    )


def test_drafts_kept_at_one_moment_are_listed_with_their_whole_ids(cli: Cli, agent: Built) -> None:
    agent.edit("three\n").restore("v1")
    kept = agent.reopen().drafts()[0]
    twin = kept.id[:10] + ("0" * 16 if kept.id[10:] != "0" * 16 else "1" * 16)
    agent.git("update-ref", f"refs/gitagent/drafts/{twin}", kept.commit)
    assert [line.split()[0] for line in cli("drafts").out.splitlines()] == ["<ULID>", "<ULID>"]


def test_the_beginning_of_an_id_has_to_tell_one_draft(cli: Cli, agent: Built) -> None:
    agent.edit("two\n").restore("v1").edit("three\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert cli("drafts", "show", kept[:6]) == Ran(
        3,
        "",
        f"error: 2 kept drafts begin with {kept[:6]}\nhint: Give more of the id: gitagent drafts\n",
    )
    assert cli("drafts", "show", kept).code == 0
