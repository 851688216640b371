"""Problems: as lines of text, with the place where there is one."""

from __future__ import annotations

from gitagent.config.problems import Problem


def test_a_problem_is_told_with_its_place() -> None:
    assert str(Problem("agent.yaml", 2, 7, "not-text", "'name' must be a text")) == (
        "agent.yaml:2:7: not-text: 'name' must be a text"
    )


def test_a_problem_of_a_whole_file_is_told_without_a_place() -> None:
    assert str(Problem("lib", 0, 0, "submodule", "elsewhere")) == "lib: submodule: elsewhere"
