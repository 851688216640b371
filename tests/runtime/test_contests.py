"""Numbers that several agents have: the first to have one answers it, and everybody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, Built, git
from support.folders import ONE, TWO, Folder, assign, release

from gitagent.errors import NumberContested, NumberNotFound
from gitagent.git.repository import Repository
from gitagent.names import PhoneNumber
from gitagent.runtime.contests import TRY_AGAIN
from gitagent.runtime.folders import LOOK_FOR_AGENTS, Agents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BISTRO, SHOP = frozenset({"bistro"}), frozenset({"shop"})


@pytest.fixture
def contest(folder: Folder) -> tuple[Built, Built]:
    """The agents bistro, which has ONE, and shop, to which it was assigned afterwards by mistake."""
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assert folder.number(ONE) == "bistro v1"
    assign(shop, ONE)
    folder.let_pass()
    return bistro, shop


def told(folder: Folder) -> list[str]:
    """What is in trouble, with what to do about it."""
    folder.agents.refresh()
    return [each.advised for each in folder.agents.troubles()]


def test_the_agent_that_had_a_number_first_goes_on_answering_it(folder: Folder, contest: tuple[Built, Built]) -> None:
    assert [folder.number(ONE), folder.number(TWO)] == ["bistro v1", "shop v1"]
    assert [(each.what, each.error.code) for each in folder.agents.troubles()] == [(ONE, "number-contested")]
    assert told(folder) == [
        f"{ONE} belongs to bistro and shop; bistro, which had it first, answers it. Release it in shop: "
        f"gitagent -C shop numbers release {ONE}; or in bistro, and shop answers it at once."
    ]
    release(contest[1], ONE)
    folder.let_pass()
    assert (folder.number(ONE), told(folder)) == ("bistro v1", [])


def test_when_the_first_releases_it_the_second_answers_at_once(folder: Folder, contest: tuple[Built, Built]) -> None:
    assert folder.number(ONE) == "bistro v1"
    release(contest[0], ONE)
    assert (folder.number(ONE), told(folder)) == ("shop v1", [])


def test_no_caller_is_lost_where_it_is_assigned_and_released_between_two_looks(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assert folder.number(ONE) == "bistro v1"
    owner = folder.agents.get("bistro")
    answer, hand_over = owner.number, [1]

    def asked(*given: Any) -> Any:
        if hand_over:
            hand_over.clear()
            assign(shop, ONE)
            folder.let_pass()
            folder.agents.refresh()  # somebody else, who sees that both have it
            release(bistro, ONE)
        return answer(*given)

    monkeypatch.setattr(owner, "number", asked)
    assert folder.number(ONE) == "shop v1"


def test_another_machine_finds_the_same_agent_whatever_it_saw_before(
    folder: Folder, contest: tuple[Built, Built]
) -> None:
    assign(folder.add("aunt", "+442079460020"), ONE)
    folder.let_pass(LOOK_FOR_AGENTS * 1.1)
    another = Agents(folder.path)
    assert folder.number(ONE) == "bistro v1"
    assert another.number(ONE).agent == "bistro"
    assert told(folder)[0].endswith(
        f"Release it in aunt and shop: gitagent -C aunt numbers release {ONE}, gitagent -C shop numbers release {ONE}."
    )


def _other_headers(bistro: Built) -> None:
    assign(bistro, ONE, **{"X-Queue": "front"})


def _moved(bistro: Built) -> None:
    bistro.agent.move_number(PhoneNumber(ONE), "sandbox", actor=ADA, at=bistro.clock())


def _told_of(bistro: Built) -> None:
    message = f"Not ours:\n\nGitagent-Op: release-number\nGitagent-Number: {ONE}\n\nreally"
    bistro.edit("two\n").agent.save(actor=ADA, at=bistro.clock(), message=message)


def _again(bistro: Built) -> None:
    bistro.agent.release_number(PhoneNumber(ONE), actor=ADA, at=bistro.clock())
    assign(bistro, ONE)


@pytest.mark.parametrize(
    ("change", "first"),
    [(_other_headers, "bistro"), (_moved, "bistro"), (_told_of, "bistro"), (_again, "shop")],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_only_a_release_takes_it_from_the_first(
    folder: Folder, change: Callable[[Built], None], first: str, is_known: bool
) -> None:
    bistro, shop = folder.add("bistro", ONE, pipeline="sandbox,live"), folder.add("shop", TWO)
    bistro.promote("live")
    assign(shop, ONE)
    if is_known:
        assert folder.number(ONE).startswith("bistro")
    for _ in range(3):
        bistro.clock()  # later than all that shop did
    change(bistro)
    folder.let_pass()
    assert folder.number(ONE).startswith(first)
    assert Agents(folder.path).number(ONE).agent == first


@pytest.mark.parametrize("kind", ["two agents", "a clone"])
def test_where_both_were_given_it_in_the_same_second_neither_answers(folder: Folder, kind: str) -> None:
    bistro = folder.add("bistro", ONE)
    if kind == "a clone":
        bistro.git("clone", "-q", "--bare", str(bistro.path), str(folder.path / "shop.git"))
    else:
        folder.add("shop", ONE)
    with pytest.raises(NumberContested) as refused:
        folder.number(ONE)
    assert refused.value.message == (
        f"{ONE} belongs to bistro and shop; none of them answers it, since it cannot be told which had it first"
    )
    assert refused.value.hint == f"Release it in all but one: gitagent -C shop numbers release {ONE}"
    for one in (BISTRO, SHOP):
        with pytest.raises(NumberContested, match=f"{ONE[1:]} belongs to another agent, too$"):
            folder.number(ONE, among=one)


def test_a_ledger_that_cannot_be_read_is_tried_again_after_a_while(folder: Folder) -> None:
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assign(shop, ONE)
    beginning = bistro.git("rev-list", "--max-parents=0", "gitagent/ledger").strip()
    file = bistro.path / f".git/objects/{beginning[:2]}/{beginning[2:]}"
    away = file.rename(file.with_suffix(".away"))
    for seconds in (0.0, 1.0):
        folder.let_pass(seconds)
        with pytest.raises(NumberContested, match="cannot be told which had it first"):
            folder.number(ONE)
    away.rename(file)
    folder.let_pass(TRY_AGAIN * 1.1)
    assert folder.number(ONE) == "bistro v1"


def test_a_ledger_whose_beginning_is_elsewhere_does_not_tell(folder: Folder, tmp_path: Path) -> None:
    bistro, shop = folder.add("bistro", ONE), folder.add("shop", TWO)
    assign(shop, ONE)
    shallow = ("--bare", "--depth", "1", "--no-single-branch")
    git(tmp_path, "clone", "-q", *shallow, f"file://{bistro.path}", str(folder.path / "cut.git"))
    bistro.path.rename(tmp_path / "bistro")
    with pytest.raises(NumberContested, match="belongs to cut and shop; none of them answers it"):
        folder.number(ONE)


def test_of_each_ledger_only_what_is_new_is_read(
    folder: Folder, contest: tuple[Built, Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = Repository.first_parents

    def counted(repository: Repository, start: str) -> Iterator[Any]:
        for commit in whole(repository, start):
            read.append(commit.message.partition("\n")[0])
            yield commit

    monkeypatch.setattr(Repository, "first_parents", counted)
    folder.number(ONE)
    assert read[:2] == ["publish live v1", f"assign-number {ONE} to live"]
    read.clear()
    contest[0].publish("two\n")
    folder.let_pass()
    assert folder.number(ONE) == "bistro v2"
    assert read == ["publish live v1 -> v2", "publish live v1"]


def test_a_number_of_one_agent_makes_nobody_read_a_ledger_whole(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.add("bistro", ONE)
    folder.add("shop", TWO)
    monkeypatch.setattr(Repository, "first_parents", lambda *_: pytest.fail("a ledger was read"))
    assert [folder.number(ONE), folder.number(TWO)] == ["bistro v1", "shop v1"]


def test_whoever_may_see_one_of_the_agents_learns_nothing_of_the_other(
    folder: Folder, contest: tuple[Built, Built]
) -> None:
    folder.add("third", None)
    assert folder.number(ONE, among=BISTRO) == "bistro v1"
    with pytest.raises(NumberContested) as refused:
        folder.number(ONE, among=SHOP)
    assert refused.value.message == f"{ONE} belongs to another agent, too"
    assert refused.value.hint == "Release it in shop, or there."
    with pytest.raises(NumberNotFound) as unknown:
        folder.number(ONE, among=frozenset({"third"}))
    assert unknown.value.message == f"{ONE} is assigned to no environment"
    release(contest[0], ONE)
    folder.let_pass()
    assert folder.number(ONE, among=SHOP) == "shop v1"
    with pytest.raises(NumberNotFound):
        folder.number(ONE, among=BISTRO)
