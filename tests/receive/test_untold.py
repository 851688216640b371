"""What a webhook was not told of: where it begins, what is under way, and what is left when a process dies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.building import Built
from support.hearing import Ear, listening

from gitagent.git.repository import Repository
from gitagent.receive.delivery import deliver
from gitagent.receive.untold import Known, Untold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTHING = "0" * 40


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent with five events: init, and the publications of v2 to v5."""
    built = build()
    for text in ("two", "three", "four", "five"):
        built.publish(f"{text}\n")
    return built


@pytest.fixture
def line(built: Built) -> list[str]:
    """The ledger's commits, oldest first."""
    return built.git("rev-list", "--reverse", "gitagent/ledger").split()


@pytest.fixture
def untold(built: Built, tmp_path: Path) -> Untold:
    return Untold(Repository.discover(built.path), tmp_path / "webhook.json")


def ids(untold: Untold) -> list[str]:
    return [commit.id for commit in untold.events()]


@pytest.mark.parametrize(
    ("stood", "first"),
    [([], 4), ([3], 4), ([2], 3), ([3, 1], 2), ([1, 3], 2), ([4], 5), ([0], 1)],
    ids=str,
)
def test_it_begins_after_the_oldest_push_that_nobody_told_of(
    untold: Untold, line: list[str], stood: list[int], first: int
) -> None:
    untold.begin([line[at] for at in stood])
    assert untold.is_begun
    assert ids(untold) == line[first:]


def test_of_a_new_agent_it_is_told_everything_or_what_one_message_holds(
    untold: Untold, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    untold.begin([NOTHING])
    assert ids(untold) == line
    monkeypatch.setattr("gitagent.receive.untold.MOST_EVENTS", 2)
    untold.begin([NOTHING, line[3]])
    assert ids(untold) == line[3:]


def test_where_a_push_began_long_ago_no_more_is_looked_at_than_fits(
    untold: Untold, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitagent.receive.untold.MOST_EVENTS", 2)
    untold.begin([line[0]])
    assert ids(untold) == line[4:]


def test_what_is_under_way_stays_the_same_while_more_comes(untold: Untold, built: Built, line: list[str]) -> None:
    untold.begin([line[2]])
    assert [commit.id for commit in untold.under_way()] == line[3:]
    built.publish("six\n")
    assert [commit.id for commit in untold.under_way()] == line[3:]
    assert len(untold.events()) == 3
    untold.remember(Known(line[4]))
    assert [commit.message.partition("\n")[0] for commit in untold.under_way()] == ["publish sandbox v5 -> v6"]


def test_how_far_it_is_known_outlives_the_process(
    untold: Untold, built: Built, line: list[str], tmp_path: Path
) -> None:
    untold.remember(Known(line[1], line[3], 4))
    again = Untold(Repository.discover(built.path), tmp_path / "webhook.json")
    assert again.known() == Known(line[1], line[3], 4)
    assert [commit.id for commit in again.under_way()] == line[2:4]
    assert sorted(each.name for each in tmp_path.glob("webhook*")) == ["webhook.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"told": "main"}', '{"told": 7}', '{"seen": null}'])
def test_what_cannot_be_read_begins_with_the_newest_event(
    untold: Untold, line: list[str], tmp_path: Path, content: str
) -> None:
    (tmp_path / "webhook.json").write_text(content)
    assert not untold.is_begun
    assert ids(untold) == line[4:]


def test_a_ledger_that_went_back_is_told_from_its_newest_event(untold: Untold, built: Built, line: list[str]) -> None:
    untold.remember(Known(line[4], line[4], 2))
    built.git("update-ref", "refs/heads/gitagent/ledger", line[3])
    assert ids(untold) == [line[3]]
    assert untold.known().tries == 0


def test_without_a_ledger_there_is_nothing(untold: Untold, built: Built) -> None:
    built.git("update-ref", "-d", "refs/heads/gitagent/ledger")
    untold.begin([NOTHING])
    assert (untold.is_begun, untold.known(), untold.events(), untold.under_way()) == (False, Known(None), [], [])


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as server:
        yield server


class DiedError(Exception):
    """What happens to a process that is killed."""


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("step", range(6))
def test_whenever_a_deliverer_dies_every_event_arrives_in_order(
    built: Built, ear: Ear, monkeypatch: pytest.MonkeyPatch, step: int, failing: bool
) -> None:
    """Killed before the nth time that it remembers something; told twice is told under the same id."""
    monkeypatch.setattr("gitagent.receive.untold.MOST_EVENTS", 2)
    ear.listen_to(built.path)
    deliver(built.path, patient=False)
    ear.forget()
    for text in ("six", "seven", "eight"):
        built.publish(f"{text}\n")
    ear.answers = [500] if failing else []
    left, remember = step, Untold.remember

    def dying(untold: Untold, known: Known) -> None:
        nonlocal left
        if left == 0:
            raise DiedError
        left -= 1
        remember(untold, known)

    with monkeypatch.context() as patch:
        patch.setattr(Untold, "remember", dying)
        try:
            deliver(built.path, patient=True, wait=lambda _: None)
        except DiedError:
            assert step < 5
    deliver(built.path, patient=True, wait=lambda _: None)
    bodies = {heard.id: heard.body for heard in ear.heard}
    assert all(bodies[heard.id] == heard.body for heard in ear.heard)
    told = [[event["to"] for event in json.loads(body)["events"]] for body in bodies.values()]
    assert told == [["v6", "v7"], ["v8"]]
    assert len(ear.heard) <= 2 + 1 + failing
