"""Cases: how many a configuration has, what each is called, and when the digest of its suites changes."""

from __future__ import annotations

import pytest
from support.testing import AGENT, BOOKS, FILES, GREETS, SUITE, suite

from gitagent.config.cases import Cases, cases_of
from gitagent.config.files import FileKind, Files, MemoryFile

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The digest of no suite at all."""


def _cases(files: dict[str, str]) -> Cases:
    return cases_of({path: MemoryFile(text.encode()) for path, text in files.items()})


def test_cases_are_called_by_file_and_name_in_the_order_of_the_files() -> None:
    more = {"tests/a.yml": suite("closes"), "tests/sub/b.yaml": suite("no"), "tests/c.json": "{}"}
    found = _cases(FILES | more)
    assert found.names == ("tests/a.yml::closes", GREETS, BOOKS)
    assert found == _cases(dict(reversed((FILES | more).items())))


def test_the_digest_is_of_the_suites_paths_and_contents_and_of_nothing_else() -> None:
    digest = _cases(FILES).digest
    assert _cases(FILES | {"agent.yaml": AGENT + "language: en\n", "topics/a.yaml": "name: a\n"}).digest == digest
    others = [
        FILES | {SUITE: FILES[SUITE] + "\n"},
        FILES | {"tests/empty.yaml": ""},
        {"agent.yaml": AGENT, "tests/hello.yaml": FILES[SUITE]},
        {"agent.yaml": AGENT},
    ]
    assert len({digest, *(_cases(each).digest for each in others)}) == 1 + len(others)
    assert _cases({"agent.yaml": AGENT}) == Cases(NOTHING, ())


def test_what_stands_in_one_suite_is_not_taken_for_two() -> None:
    one, two = {"tests/a.yaml": "x1 tests/b.yaml1 y"}, {"tests/a.yaml": "x", "tests/b.yaml": "y"}
    assert _cases({"agent.yaml": AGENT, **one}).digest != _cases({"agent.yaml": AGENT, **two}).digest


def test_cases_without_a_name_or_with_anothers_are_told_apart() -> None:
    content = "cases:\n- {name: a}\n- {turns: []}\n- {name: a}\n- {name: 7}\n- text\n- {name: 'a#3'}\n"
    names = _cases({"agent.yaml": AGENT, "tests/a.yaml": content}).names
    assert names == (
        "tests/a.yaml::a",
        "tests/a.yaml::#2",
        "tests/a.yaml::a#3",
        "tests/a.yaml::#4",
        "tests/a.yaml::a#3#5",
    )


def test_a_plain_folder_has_none_since_nothing_in_it_answers() -> None:
    assert _cases({SUITE: FILES[SUITE], "notes.md": "one\n"}) == Cases(NOTHING, ())


def test_each_file_of_an_adk_projects_test_suite_is_a_case_beside_native_suites() -> None:
    files = {
        "project.yaml": "name: x\n",
        "test_suite/hours.yaml": "name: Hours\n",
        "test_suite/broken.yaml": "name: [\n",
        "test_suite/empty.yaml": "",
        SUITE: FILES[SUITE],
    }
    assert _cases(files).names == ("test_suite/hours.yaml", GREETS, BOOKS)


@pytest.mark.parametrize(
    "content", ["cases: [", "cases: text", "[]", "text", "", "\x00", "cases:\n- a: 1\n  a: 1\n" * 2]
)
def test_a_suite_that_cannot_be_read_has_none_and_changes_the_digest(content: str) -> None:
    found = _cases({"agent.yaml": AGENT, SUITE: content})
    assert all(name.startswith(SUITE) for name in found.names)
    assert found.digest != NOTHING


def test_a_suite_that_is_a_link_is_what_it_leads_to() -> None:
    files: Files = {
        "agent.yaml": MemoryFile(AGENT.encode()),
        "shared.yaml": MemoryFile(FILES[SUITE].encode()),
        SUITE: MemoryFile(b"../shared.yaml", FileKind.LINK),
        "tests/gone.yaml": MemoryFile(b"../nothing.yaml", FileKind.LINK),
    }
    assert cases_of(files).names == (GREETS, BOOKS)


def test_names_that_are_no_text_git_can_keep_are_written_out() -> None:
    names = _cases({"agent.yaml": AGENT, "tests/a.yaml": 'cases: [{name: "\\ud800x"}]\n'}).names
    assert all(name.isascii() or name.encode() for name in names)
    files: Files = {"agent.yaml": MemoryFile(AGENT.encode()), "tests/\udcff.yaml": MemoryFile(suite("a").encode())}
    assert cases_of(files).names == ("tests/\\udcff.yaml::a",)
