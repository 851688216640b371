"""Which version broke a case, found by trying few of them."""

from __future__ import annotations

import pytest
from support.testing import AGENT, suite

from gitagent.config.files import MemoryFile
from gitagent.config.meaning import meaning_of
from gitagent.errors import NotFound, Refused
from gitagent.suites.bisecting import Bisection, bisect, case_called

FILES = {
    "agent.yaml": MemoryFile(AGENT.encode()),
    "tests/a.yaml": MemoryFile(suite("greets", "books").encode()),
    "tests/b.yaml": MemoryFile(suite("greets").encode()),
}


@pytest.mark.parametrize("broken", range(2, 18))
def test_the_first_version_that_does_not_pass_is_found(broken: int) -> None:
    found = bisect(1, 17, lambda number: number < broken)

    assert found.broken == broken
    assert len(found.tried) <= 6
    assert all(passed == (number < broken) for number, passed in found.tried)


def test_two_neighbours_need_no_further_try() -> None:
    assert bisect(4, 5, lambda number: number == 4) == Bisection(5, ((5, False), (4, True)))


@pytest.mark.parametrize(
    ("good", "bad", "passing", "code"),
    [(5, 5, set(), "not-before"), (6, 5, set(), "not-before"), (1, 5, {1, 5}, "not-bad"), (1, 5, set(), "not-good")],
)
def test_what_is_not_as_it_was_said_is_refused(good: int, bad: int, passing: set[int], code: str) -> None:
    with pytest.raises(Refused) as refused:
        bisect(good, bad, lambda number: number in passing)
    assert refused.value.code == code


def test_what_is_refused_is_called_as_the_caller_calls_it() -> None:
    with pytest.raises(Refused, match="the draft passes"):
        bisect(4, 5, lambda _: True, called=lambda number: "the draft" if number == 5 else f"v{number}")


def test_a_case_is_called_by_its_name_with_its_file_or_without() -> None:
    meaning = meaning_of(FILES)

    assert case_called("books", FILES, meaning, selector="v7").name == "tests/a.yaml::books"
    assert case_called("tests/b.yaml::greets", FILES, meaning, selector="v7").suite.path == "tests/b.yaml"
    with pytest.raises(NotFound, match="2 cases are called 'greets'") as several:
        case_called("greets", FILES, meaning, selector="v7")
    assert several.value.hint == "Name it with its file, such as 'tests/a.yaml::greets'."


@pytest.mark.parametrize(("name", "near"), [("book", "Near it: 'books'. "), ("rets", "Near it: 'greets'. "), ("z", "")])
def test_a_case_that_is_not_there_is_told_with_those_near_it(name: str, near: str) -> None:
    with pytest.raises(NotFound, match=f"no case is called '{name}'") as unknown:
        case_called(name, FILES, meaning_of(FILES), selector="v7")
    assert unknown.value.hint == f"{near}All cases: gitagent test v7 --list"
