"""Functions of an ADK project: which do not compile, and where they go."""

from __future__ import annotations

import sys
import textwrap
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.config.adk import functions
from gitagent.config.adk.functions import Function, Going, is_function, read_function
from gitagent.config.problems import Problem, Severity

PATH = "functions/book_table.py"


def read(code: str) -> Function:
    return read_function(PATH, textwrap.dedent(code))


def test_a_function_that_compiles_has_no_problem() -> None:
    function = read(
        """
        from _gen import *  # <AUTO GENERATED>


        @func_description("Book the table that the caller has agreed to.")
        @func_parameter("guests", "How many guests come")
        def book_table(conv: Conversation, guests: int):
            conv.state.guests = guests
            return f"Booked for {guests}."
        """
    )

    assert function == Function(PATH, (), ())
    assert function.name == "book_table"


def test_a_function_is_never_run(tmp_path: Path) -> None:
    proof = tmp_path / "ran"

    function = read(f"open({str(proof)!r}, 'w').close()\ndef book_table(conv): ...\nraise SystemExit(1)\n")

    assert function.problems == ()
    assert not proof.exists()


@pytest.mark.parametrize(
    ("code", "line", "column", "message"),
    [
        ("def book_table(conv)\n    pass\n", 1, 21, "expected ':'"),
        ("def book_table(conv):\n    return (1,\n", 2, 12, "'(' was never closed"),
        ("def book_table(conv):\n    x = 'open\n", 2, 9, "unterminated string literal (detected at line 2)"),
        ("def f(a):\nreturn a\n", 2, 1, "expected an indented block after function definition on line 1"),
        ("def f(a, a):\n    pass\n", 1, 10, "duplicate argument 'a' in function definition"),
        ("x = 1\nreturn x\n", 2, 1, "'return' outside function"),
        ("x = 1\ry = = 2\r", 2, 5, "invalid syntax"),
        ("x = 1\n\f\ny = = 2\n", 3, 5, "invalid syntax"),
        ("def f():\n    if x:", 2, 10, "expected an indented block after 'if' statement on line 2"),
        ("é = 'ü' + + + \n", 1, 15, "invalid syntax"),
    ],
)
def test_code_that_does_not_compile_is_a_problem_at_its_place(code: str, line: int, column: int, message: str) -> None:
    (problem,) = read_function(PATH, code).problems

    assert (problem.path, problem.line, problem.code, problem.severity) == (
        PATH,
        line,
        "python-syntax",
        Severity.ERROR,
    )
    # Python releases differ in their wording and, by a character or two, in where they point.
    if sys.version_info[:2] == (3, 11):
        assert (problem.column, problem.message) == (column, message)


def test_a_lone_backslash_in_a_text_is_no_problem_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert read('def book_table(conv):\n    return "\\d+"\n').problems == ()


def test_a_nul_character_is_left_to_who_decoded_the_text() -> None:
    assert read("x = 1\ny = \0\n") == Function(PATH, ())


@pytest.mark.parametrize("code", ["(" * 5000 + ")" * 5000, "-" * 100_000 + "1", "x" + ".a" * 50_000, "[" * 50_000])
def test_code_nested_beyond_reason_is_a_problem_and_no_crash(code: str) -> None:
    (problem,) = read_function(PATH, code).problems

    assert (problem.path, problem.code) == (PATH, "python-syntax")


@pytest.mark.parametrize(
    "code",
    [
        'x = f"{d["key"]}"\n',
        "type Guests = int\n",
        "def first[T](items: list[T]) -> T:\n    return items[0]\n",
        "class Table[T]:\n    pass\n",
        "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
        'x = t"{name}"\n',
    ],
)
def test_code_for_a_newer_python_is_at_most_a_warning(code: str) -> None:
    problems = read_function(PATH, code).problems

    assert [problem.severity for problem in problems if problem.severity is Severity.ERROR] == []
    if sys.version_info[:2] == (3, 11):
        (problem,) = problems
        assert problem.message.startswith("Python 3.11 cannot read this: ")
        assert problem.hint == (
            "It may be right for the newer Python that the ADK runs on; gitagent cannot tell with this one."
        )


def test_the_newest_python_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_NEWEST", (3, 11))

    (problem,) = read_function(PATH, "type = = int\nt'' ''\n").problems

    assert (problem.line, problem.severity) == (1, Severity.ERROR)


def test_the_flows_and_steps_that_a_function_goes_to_are_found() -> None:
    function = read(
        """
        def book_table(conv, flow):
            if conv.state.ready:
                conv.goto_flow("Booking")
            flow.goto_step("Collect name", "no name yet")
            if conv.state.late:
                return {"transition": {"goto_flow": "Late arrivals", "goto_step": "Ask how late"}}
            return {"transition": {"goto_step": "Confirm"}}
        """
    )

    assert function.goings == (
        Going("goto_flow", "Booking", 4, 24),
        Going("goto_step", "Collect name", 5, 20),
        Going("goto_flow", "Late arrivals", 7, 45),
        Going("goto_step", "Confirm", 8, 41),
    )


def test_lines_end_as_python_ends_them() -> None:
    function = read_function(PATH, 'x = 1\ry = 2\r\nz = "\x0c"\nconv.goto_flow("Booking")\n')

    assert function.goings == (Going("goto_flow", "Booking", 4, 16),)


def test_a_number_too_long_for_python_is_a_problem() -> None:
    (problem,) = read_function(PATH, "x = " + "1" * 5000).problems

    assert (problem.line, problem.code) == (1, "python-syntax")


@given(
    st.one_of(
        st.text(max_size=100),
        st.text(alphabet=" \n\r\f\t:=()[]{}\"'\\#@fTt\0éx1.,", max_size=80),
    )
)
def test_no_text_whatever_makes_it_fail(text: str) -> None:
    function = read_function(PATH, text)

    assert len(function.problems) <= 1
    assert all(problem.line >= 0 and problem.column >= 0 for problem in function.problems)


def test_a_place_is_counted_in_characters() -> None:
    function = read('x = "éü"; conv.goto_flow("Réservation")\n')

    assert function.goings == (Going("goto_flow", "Réservation", 1, 26),)


@pytest.mark.parametrize(
    "code", ["", "def book(conv): ...", "class book_table: ...", "if x:\n    def book_table(): ..."]
)
def test_a_file_without_the_function_that_it_is_named_for_is_a_warning(code: str) -> None:
    assert read(code).problems == (
        Problem(
            PATH,
            1,
            1,
            "function-missing",
            "the file defines no function 'book_table'",
            "The ADK calls the function that has the file's own name: add it, or rename the file.",
            Severity.WARNING,
        ),
    )


def test_a_function_may_be_asynchronous() -> None:
    assert read("async def book_table(conv): ...").problems == ()


def test_places_that_only_a_call_can_tell_are_let_be() -> None:
    function = read(
        """
        def book_table(conv, flow):
            conv.goto_flow(conv.state.next)
            flow.goto_step(f"Step {conv.state.number}")
            conv.goto_flow()
            goto_flow("no method")
            conv.say("Booking")
            return {**conv.state.rest, 1: "one", "goto_step": None}
        """
    )

    assert function == Function(PATH, (), ())


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("functions/start_function.py", True),
        ("functions/OUT_OF_SCOPE.py", True),
        ("flows/booking/functions/name_given.py", True),
        ("flows/booking/function_steps/find_table.py", True),
        ("flows/booking/find_table.py", False),
        ("functions/deep/er.py", False),
        ("functions/README.md", False),
        ("tests/conftest.py", False),
        ("_gen/__init__.py", False),
    ],
)
def test_functions_are_where_the_adk_looks_for_them(path: str, is_one: bool) -> None:
    assert is_function(path) is is_one
