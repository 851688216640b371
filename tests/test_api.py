"""The public Python API: what is exported, that it is documented, and that importing it costs nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gitagent
from gitagent import Agent, errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built

VERBS = sorted(name for name in dir(Agent) if not name.startswith("_"))


def test_all_is_sorted_without_repetition() -> None:
    assert gitagent.__all__ == sorted(set(gitagent.__all__), key=str)


@pytest.mark.parametrize("name", gitagent.__all__)
def test_everything_in_all_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(gitagent, name))


def test_dir_names_the_whole_surface() -> None:
    assert set(gitagent.__all__) <= set(dir(gitagent))


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gitagent' has no attribute 'Agnet'"):
        _ = gitagent.Agnet


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_of_an_agent_is_documented_and_typed(name: str) -> None:
    member = inspect.getattr_static(Agent, name)
    function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
    assert inspect.getdoc(function)
    assert function.__annotations__["return"]


def test_importing_gitagent_imports_nothing_heavy() -> None:
    heavy = ("pygit2", "click", "ruamel", "pydantic", "rich", "phonenumbers")
    code = f"import sys, gitagent; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _all_below(kind: type[errors.GitagentError]) -> set[type[errors.GitagentError]]:
    return {kind}.union(*(_all_below(each) for each in kind.__subclasses__()))


def test_every_error_is_drawn_in_the_hierarchy_and_has_a_code_of_its_own() -> None:
    classes = {each for each in _all_below(errors.GitagentError) if each.__module__ == "gitagent.errors"}
    drawn = {line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line}
    assert {each.__name__ for each in classes} == drawn | {"GitagentError"}
    codes = [each.code for each in classes]
    assert len(set(codes)) == len(codes)


def test_a_configuration_is_looked_up_once_and_follows_a_promotion(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").promote("pre-release", "live")
    first = built.agent.configuration("live")
    assert built.agent.configuration("live") is first
    assert (str(first.version), first.files["notes.md"].read()) == ("v2", b"two\n")
    built.publish("three\n")
    assert built.agent.configuration("live") is first
    built.promote("pre-release", "live")
    assert built.agent.configuration("live").files["notes.md"].read() == b"three\n"
    built.rollback("live")
    assert built.agent.configuration("live").files["notes.md"].read() == b"two\n"


def test_the_example_of_the_readme_promotes_what_was_planned(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").promote("pre-release")
    plan = built.agent.plan_promote("live")
    built.publish("three\n").promote("pre-release")
    with pytest.raises(errors.EnvironmentMoved) as caught:
        built.agent.promote("live", actor=plan.to_version.actor, at=built.clock(), expect=plan)
    assert caught.value.code == "environment-moved"
    assert built.serving()["live"] is None
