"""Links, submodules and sizes: what stands among an agent's files and is no file to be read."""

from __future__ import annotations

import pytest
from support.checking import Contents, files, link, told

from gitagent.config.files import FileKind, MemoryFile
from gitagent.config.links import follow

LEAVES = (
    "link-leaves-agent: the link leads out of the agent, to '{}'"
    " -> Put a copy of the file in its place: a version holds everything that it needs."
)
BROKEN = "link-broken: the link leads nowhere: there is no '{}'"


@pytest.mark.parametrize("target", ["/etc/passwd", "../other", "..", "a/../../b", "//host/x"])
def test_a_link_out_of_the_agent_is_a_problem(target: str) -> None:
    assert told({"link": link(target)}) == [f"link: {LEAVES.format(target)}"]


def test_a_link_in_a_folder_may_lead_up_to_the_top_and_no_further() -> None:
    contents: Contents = {"a/b/up": link("../../x"), "a/b/out": link("../../../x"), "x": "text"}

    assert told(contents) == [f"a/b/out: {LEAVES.format('../../../x')}"]


@pytest.mark.parametrize("target", ["missing", "self", "sub", "a/missing"])
def test_a_link_that_leads_nowhere_is_a_warning(target: str) -> None:
    contents: Contents = {"self": link(target), "a/b": "text"}

    assert told(contents) == [f"warning: self: {BROKEN.format(target)}"]


@pytest.mark.parametrize("target", ["file", "folder", "folder/inner", "folder/../file", ".", "./file", "other"])
def test_a_link_to_a_file_or_folder_of_the_agent_is_fine(target: str) -> None:
    assert told({"link": link(target), "file": "text", "folder/inner/x": "text", "other": link("file")}) == []


@pytest.mark.parametrize("target", [b"", b"\xff", b"a\0b", b"x" * 5000])
def test_a_link_without_a_path_is_a_problem(target: bytes) -> None:
    assert told({"link": link(target)}) == [
        "link: link-broken: the link's target is not a path -> Make the link again."
    ]


def test_a_submodule_is_a_problem() -> None:
    assert told({"lib": MemoryFile(b"", FileKind.SUBMODULE)}) == [
        "lib: submodule: the files of a submodule live in another repository and are not part of a version"
        " -> Copy its files into the agent, or remove it with 'git rm'."
    ]


def test_a_file_is_found_through_links() -> None:
    contents = files({"a": link("b/c"), "b/c": link("../d"), "d": "text"})

    assert follow(contents, "a") is contents["d"]
    assert follow(contents, "d") is contents["d"]
    assert follow(contents, "missing") is None


def test_links_in_a_circle_lead_nowhere() -> None:
    assert follow(files({"a": link("b"), "b": link("a"), "c": link("/d"), "e": link(b"\xff")}), "a") is None
    assert follow(files({"c": link("/d")}), "c") is None
    assert follow(files({"e": link(b"\xff")}), "e") is None


def test_configuration_is_read_through_a_link() -> None:
    contents: Contents = {"agent.yaml": link("shared/agent.yaml"), "shared/agent.yaml": "name: A\nspeed: 1\n"}

    assert [line.split(" ->")[0] for line in told(contents)] == [
        "agent.yaml:2:1: unknown-key: 'speed' is not known here"
    ]


def test_other_yaml_and_json_is_checked_for_syntax_and_doubled_keys() -> None:
    contents: Contents = {
        "a/x.yml": "a: 1\na: 2\n",
        "b.json": "{",
        "c.yaml": "a: [1]\n---\nb: !t {1: x}\n",
        "d.txt": "a: 1\na: 2\n",
        "exe.yaml": MemoryFile(b"a: 1\na: 2\n", FileKind.EXECUTABLE),
        "link.yaml": link("d.txt"),
    }

    assert told(contents) == [
        "a/x.yml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
        "b.json:1:2: json-syntax: expected a key in double quotes, found the end of the file",
        "exe.yaml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
    ]


def test_other_files_may_be_of_any_size() -> None:
    large = b"x" * (3 * 1024 * 1024)

    assert told({"song.wav": large, "data.json": large}) == [
        "warning: data.json: not-checked: 3.0 MiB, too large to be checked"
    ]


def test_a_great_many_problems_of_one_file_are_counted() -> None:
    text = "a: 1\n" * 602

    lines = told({"x.yaml": text, "y.yaml": "a: 1\na: 2\n"})

    assert len(lines) == 502
    assert lines[499:] == [
        "x.yaml:501:1: duplicate-key: the key 'a' is given twice, first in line 500 -> Keep one of the two.",
        "x.yaml:502:1: more-problems: from here on there are more problems",
        "y.yaml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
    ]
