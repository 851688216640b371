"""What tools answer in a talk, taken from the agent's suites."""

from __future__ import annotations

from gitagent.chat.fixtures import Fixtures, shared, shared_and_borrowed
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Case, Meaning, Mock, Suite, Tool

LATER = Suite("z", "tests/z.yaml", {"both": "z", "late": "z"}, (Case("z1", fixtures={"find": "z1", "late": "z1"}),))
EARLIER = Suite(
    "a",
    "tests/a.yaml",
    {"both": "a"},
    (Case("a1"), Case("a2", fixtures={"find": None, "both": "a2"}), Case("a3", fixtures={"find": "a3", "book": "a3"})),
)
MEANING = Meaning(Layout.NATIVE, suites=(LATER, EARLIER))


def test_of_whole_suites_the_first_by_the_name_of_its_file_says_what_a_tool_answers() -> None:
    assert shared(MEANING) == Fixtures({"both": "a", "late": "z"})


def test_of_cases_the_first_that_says_so_and_only_where_no_whole_suite_does() -> None:
    assert shared_and_borrowed(MEANING) == Fixtures(
        {"both": "a", "late": "z", "find": None, "book": "a3"}, {}, {"find": "a2", "book": "a3"}
    )


def test_what_services_answer_comes_from_the_first_case_that_says_so() -> None:
    first, second = {"s.find": (Mock(200, 1),)}, {"s.find": (Mock(200, 2),), "s.book": (Mock(201),)}
    suite = Suite("t", "test_suite/t.yaml", {"own": 1}, (Case("one", mocks=first), Case("two", mocks=second)))
    tools = (
        Tool("find", operations=("s.find",)),
        Tool("book", operations=("s.find", "s.book")),
        Tool("other", operations=("s.book",)),
        Tool("own", operations=("s.find",)),
        Tool("no"),
    )
    found = shared_and_borrowed(Meaning(Layout.ADK, tools=tools, suites=(suite,)))

    assert found.mocks == {"s.find": (Mock(200, 1),), "s.book": (Mock(201),)}
    assert found.borrowed == {"find": "one", "book": "one", "other": "two"}


def test_without_suites_there_is_nothing() -> None:
    assert shared_and_borrowed(Meaning(Layout.NATIVE)) == Fixtures({})
