"""The hierarchy of errors is public: its shape, its codes, and what each carries."""

from __future__ import annotations

import inspect
import re

from gitagent import errors
from gitagent.config.problems import Problem
from gitagent.errors import Conflict, GitagentError, InvalidConfiguration, NotFound, Refused, StorageFailed

CLASSES = {
    name: each
    for name, each in vars(errors).items()
    if inspect.isclass(each) and issubclass(each, GitagentError) and each.__module__ == errors.__name__
}


def _drawn(each: type[GitagentError], prefix: str = "") -> list[str]:
    lines = []
    below = [sub for sub in CLASSES.values() if each in sub.__bases__]
    for sub in below:
        last = sub is below[-1]
        lines.append(f"{prefix}{'└── ' if last else '├── '}{sub.__name__}")
        lines += _drawn(sub, prefix + ("    " if last else "│   "))
    return lines


def test_the_hierarchy_is_drawn_on_top_of_the_module_as_it_is() -> None:
    drawing = (errors.__doc__ or "").partition("\n\n")[2].strip().splitlines()
    assert [re.sub(r"  +[^│├└ ].*", "", line) for line in drawing] == ["GitagentError", *_drawn(GitagentError)]


def test_every_code_is_kebab_case_and_belongs_to_one_class() -> None:
    codes = [each.code for each in CLASSES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_every_class_says_what_it_means() -> None:
    assert [name for name, each in CLASSES.items() if not each.__doc__] == []


def test_there_are_three_kinds_and_what_is_not_found_is_refused() -> None:
    assert {each for each in CLASSES.values() if each.__bases__ == (GitagentError,)} == {
        Refused,
        Conflict,
        StorageFailed,
    }
    assert issubclass(NotFound, Refused)
    assert issubclass(InvalidConfiguration, Refused)


def test_an_error_carries_message_hint_and_code() -> None:
    error = Refused("no", hint="yes")
    assert (str(error), error.message, error.hint, error.code) == ("no", "no", "yes", "refused")
    assert Refused("no", code="special").code == "special"
    assert Refused.code == "refused"


def test_an_invalid_configuration_carries_all_its_problems() -> None:
    problems = [
        Problem("agent.yaml", 1, 2, "syntax", "it is wrong"),
        Problem("prompt.md", 0, 0, "missing", "not there"),
    ]
    error = InvalidConfiguration("two problems", problems=problems, hint="look")
    assert error.problems == tuple(problems)
    assert (error.message, error.code, error.hint) == ("two problems", "invalid-configuration", "look")
