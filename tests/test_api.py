"""The public Python API: what `from gitagent import …` offers, and what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import gitagent
from gitagent import Agent

PUBLIC = [name for name in vars(Agent) if not name.startswith("_")]
HEAVY = ["pygit2", "_pygit2", "pydantic", "ruamel", "ruamel.yaml", "rich", "click", "phonenumbers"]


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_all_is_sorted_and_everything_in_it_can_be_imported() -> None:
    assert gitagent.__all__ == sorted(set(gitagent.__all__))
    assert [name for name in gitagent.__all__ if not inspect.isclass(getattr(gitagent, name))] == []
    assert [name for name in gitagent.__all__ if getattr(gitagent, name).__name__ != name] == []


def test_dir_lists_everything_public() -> None:
    assert set(gitagent.__all__) <= set(dir(gitagent))


def test_a_star_import_brings_exactly_what_all_says() -> None:
    names = _python("from gitagent import *; print(*sorted(n for n in dir() if not n.startswith('_')))")
    assert names.split() == gitagent.__all__


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gitagent' has no attribute 'Nothing'"):
        getattr(gitagent, "Nothing")  # noqa: B009 - a literal attribute would not pass the type checker


@pytest.mark.parametrize("name", gitagent.__all__)
def test_every_public_class_says_what_it_is(name: str) -> None:
    assert (getattr(gitagent, name).__doc__ or "").strip()
    assert not (getattr(gitagent, name).__doc__ or "").startswith(f"{name}(")


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_method_says_what_comes_back(name: str) -> None:
    member = inspect.getattr_static(Agent, name)
    documented = member.__func__ if isinstance(member, classmethod) else member
    assert (documented.__doc__ or "").strip().endswith(".")


VERBS = ["save", "publish", "promote", "rollback", "restore", "discard", "set_rules", "assign_number", "release_number"]


@pytest.mark.parametrize("name", [*VERBS, "init"])
def test_every_verb_takes_who_acts_and_when_by_keyword_only(name: str) -> None:
    parameters = inspect.signature(getattr(Agent, name)).parameters
    assert {parameters[each].kind for each in ("actor", "at")} == {inspect.Parameter.KEYWORD_ONLY}
    assert {parameters[each].default for each in ("actor", "at")} == {inspect.Parameter.empty}


def test_importing_gitagent_imports_nothing_heavy() -> None:
    loaded = _python(
        "import sys; before = set(sys.modules); import gitagent; print(*sorted(set(sys.modules) - before))"
    ).split()
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith("gitagent")] == ["gitagent"]


def test_opening_an_agent_imports_neither_the_validation_nor_a_terminal_library(tmp_path: object) -> None:
    loaded = _python("import sys, gitagent; gitagent.Agent; print(*sys.modules)").split()
    assert {"pydantic", "phonenumbers", "rich", "click", "gitagent.config.validation"} & set(loaded) == set()


def test_the_package_is_typed() -> None:
    import importlib.resources

    assert (importlib.resources.files("gitagent") / "py.typed").is_file()
