"""Many agents under one folder: by name, and by the numbers of all of them."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest
from support.building import Built, git
from support.folders import ONE, TWO, Folder, assign, release

from gitagent.errors import AgentNotFound, NumberNotFound
from gitagent.runtime.folders import LOOK_AGAIN, LOOK_FOR_AGENTS, Agents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_agent_below_a_folder_is_found_by_its_folders_name(folder: Folder, tmp_path: Path) -> None:
    bistro = folder.add("bistro", ONE)
    folder.add("team/shop", TWO)
    folder.add("too/far/down/here", None)
    folder.add(".hidden", None)
    (folder.path / "empty").mkdir()
    git(folder.path, "init", "-q", "plain")
    git(tmp_path, "clone", "-q", "--mirror", str(bistro.path), str(folder.path / "copy.git"))
    assert folder.agents.names() == ["bistro", "copy", "shop"]
    assert str(folder.agents.get("copy").environment("live").version) == "v1"
    with pytest.raises(AgentNotFound, match="there is no agent plain"):
        folder.agents.get("plain")


def test_a_number_is_answered_by_the_agent_that_has_it(folder: Folder) -> None:
    bistro = folder.add("bistro", ONE)
    folder.add("shop", TWO)
    assert [folder.number(ONE), folder.number(f"tel:{TWO}")] == ["bistro v1", "shop v1"]
    bistro.publish("two\n")
    assert folder.number(ONE) == "bistro v2"
    with pytest.raises(NumberNotFound):
        folder.number("+442079460020")


def test_a_number_that_went_to_another_agent_is_followed_at_once(folder: Folder) -> None:
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assert folder.number(ONE) == "bistro v1"
    release(bistro, ONE)
    assign(shop, ONE)
    assert folder.number(ONE) == "shop v1"


@pytest.mark.parametrize("asked", [[], ["bistro"], ["shop"], ["bistro", "shop"]], ids=str)
def test_a_change_that_somebody_else_read_first_is_seen_by_the_next_look(folder: Folder, asked: list[str]) -> None:
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assert folder.number(ONE) == "bistro v1"
    release(bistro, ONE)
    assign(shop, ONE)
    for built in (bistro, shop):
        os.utime(built.path / ".git/refs/heads/gitagent/ledger", (1, 1))  # so long ago that one look tells all
    for name in asked:
        folder.agents.get(name).snapshot()
    folder.now.seconds += LOOK_AGAIN * 1.1
    assert (folder.number(ONE), folder.agents.troubles()) == ("shop v1", [])


def test_whoever_may_not_see_a_number_makes_nobody_look_for_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.add("bistro", ONE)
    folder.number(ONE)
    monkeypatch.setattr(folder.agents, "refresh", lambda: pytest.fail("all agents were looked at"))
    for number in (ONE, TWO):
        with pytest.raises(NumberNotFound):
            folder.agents.number(number, among=frozenset({"shop"}))


def test_a_new_number_and_a_new_agent_are_found_after_a_moment(folder: Folder) -> None:
    bistro = folder.add("bistro", ONE)
    folder.number(ONE)
    assign(bistro, TWO)
    with pytest.raises(NumberNotFound):
        folder.number(TWO)
    folder.now.seconds += LOOK_AGAIN * 1.1
    assert folder.number(TWO) == "bistro v1"
    folder.add("shop", "+442079460020")
    folder.now.seconds += LOOK_FOR_AGENTS * 1.1
    assert folder.number("+442079460020") == "shop v1"


def test_an_agent_that_is_gone_answers_nothing_any_more(folder: Folder) -> None:
    bistro = folder.add("bistro", ONE)
    folder.number(ONE)
    bistro.path.rename(folder.path.parent / "elsewhere")
    assert folder.number(ONE) == "bistro v1"  # it may be back in a moment
    folder.now.seconds += LOOK_FOR_AGENTS * 1.1
    with pytest.raises(NumberNotFound):
        folder.number(ONE)
    assert folder.agents.names() == []


def test_an_agent_that_cannot_be_read_is_told_of_and_the_others_are_served(folder: Folder) -> None:
    folder.add("bistro", ONE)
    broken = folder.add("shop", TWO)
    (broken.path / ".git/refs/heads/gitagent/ledger").write_text("0" * 39 + "1\n")
    assert folder.number(ONE) == "bistro v1"
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [("shop", "object-missing")]


def test_of_two_agents_of_one_name_the_first_is_served_and_the_other_told_of(folder: Folder) -> None:
    folder.add("a/bistro", ONE)
    folder.add("b/bistro", TWO)
    assert folder.number(ONE) == "bistro v1"
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [("bistro", "agent-contested")]


def test_an_agent_that_several_ways_lead_to_is_one_agent(folder: Folder) -> None:
    bistro = folder.add("bistro", ONE)
    bistro.git("worktree", "add", "-q", "../a-draft", "v1")
    (folder.path / "a-link").symlink_to(bistro.path)
    (folder.path / "team").symlink_to(folder.path, target_is_directory=True)
    assert folder.agents.names() == ["bistro"]
    assert (folder.number(ONE), folder.agents.troubles()) == ("bistro v1", [])


def test_a_link_to_an_agent_elsewhere_is_served(folder: Folder, build: Callable[..., Built]) -> None:
    folder.add("bistro", ONE)
    shop = build("elsewhere").publish()
    (folder.path / "shop").symlink_to(shop.path)
    assert folder.agents.names() == ["bistro", "shop"]
    assert str(folder.agents.get("shop").environment("sandbox").version) == "v1"


def test_a_folder_whose_name_is_no_text_is_told_of_and_not_served(folder: Folder) -> None:
    folder.add("bistro", ONE)
    for name in (b"\xff", b"a\nb"):
        os.rename(folder.add("shop", None).path, os.fsencode(folder.path) + b"/" + name)  # noqa: PTH104  # bytes
    assert folder.agents.names() == ["bistro"]
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [
        ("'a\\nb'", "invalid-agent"),
        ("'\\udcff'", "invalid-agent"),
    ]


def test_a_folder_that_is_away_for_a_while_keeps_being_served(folder: Folder) -> None:
    folder.add("bistro", ONE)
    folder.number(ONE)
    folder.path.rename(folder.path.with_name("away"))
    folder.now.seconds += LOOK_FOR_AGENTS * 1.1
    assert folder.number(ONE) == "bistro v1"
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [
        (str(folder.path), "repository-unreadable"),
        ("bistro", "agent-not-found"),
    ]
    folder.path.with_name("away").rename(folder.path)
    folder.now.seconds += LOOK_FOR_AGENTS * 1.1
    assert (folder.number(ONE), folder.agents.troubles()) == ("bistro v1", [])


@pytest.mark.parametrize("broken", ["shop", "shop/.git", "shop/.git/packed-refs"])
def test_what_cannot_be_read_below_a_folder_keeps_nothing_else_from_being_served(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    folder.add("bistro", ONE)
    shop = folder.add("shop", TWO)
    shop.git("pack-refs", "--all", "--prune")
    refuse(monkeypatch, folder.path / broken)
    assert folder.number(ONE) == "bistro v1"


def test_an_agent_that_cannot_be_read_any_more_is_served_as_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.add("bistro", ONE)
    shop = folder.add("shop", TWO)
    assert [folder.number(ONE), folder.number(TWO)] == ["bistro v1", "shop v1"]
    refuse(monkeypatch, shop.path / ".git")
    folder.now.seconds += LOOK_AGAIN * 1.1
    assert [folder.number(ONE), folder.number(TWO)] == ["bistro v1", "shop v1"]
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [("shop", "repository-unreadable")]


def refuse(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let nobody look at a path, or below it; the super-user of the tests could."""
    for name in ("stat", "scandir", "open"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name), os.fspath(path)))


def refusing(look: Callable[..., Any], refused: str) -> Callable[..., Any]:
    def asked(path: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(path, str | os.PathLike) and f"{os.fspath(path)}/".startswith(f"{refused}/"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), refused)
        return look(path, *arguments, **named)

    return asked


def test_a_folder_that_is_not_there_has_no_agents(tmp_path: Path) -> None:
    assert Agents(tmp_path / "none").names() == []
