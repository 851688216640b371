"""Layouts: whose files these are, and what the agent is called."""

from __future__ import annotations

import pytest
from support.checking import files, link

from gitagent.config.files import FileKind, MemoryFile
from gitagent.config.layouts import Layout, agent_name, layout_of


@pytest.mark.parametrize(
    ("paths", "layout"),
    [
        (["agent.yaml", "x"], Layout.NATIVE),
        (["project.yaml"], Layout.ADK),
        (["agent.yaml", "project.yaml"], Layout.NATIVE),
        (["agent.yml", "README.md"], Layout.PLAIN),
        (["sub/agent.yaml"], Layout.PLAIN),
        ([], Layout.PLAIN),
    ],
)
def test_the_main_file_decides_the_layout(paths: list[str], layout: Layout) -> None:
    assert layout_of(files(dict.fromkeys(paths, ""))) is layout


def test_a_submodule_is_no_main_file() -> None:
    assert layout_of({"agent.yaml": MemoryFile(b"", FileKind.SUBMODULE)}) is Layout.PLAIN


@pytest.mark.parametrize(
    ("contents", "name"),
    [
        ({"agent.yaml": "name: Front desk\n"}, "Front desk"),
        ({"agent.yaml": link("a.yaml"), "a.yaml": "name: Linked\n"}, "Linked"),
        ({"project.yaml": "project_id: P-1\nproject_name: Ferries\n"}, "Ferries"),
        ({"project.yaml": "project_id: P-1\n"}, "P-1"),
        ({"agent.yaml": "name: Front # desk\nlanguage: en\n"}, "Front"),
        ({"agent.yaml": "name: Front\n\n  desk\n"}, None),
        ({"agent.yaml": "name: Front\n  desk\n"}, "Front desk"),
        ({"agent.yaml": "name: null\n"}, None),
        ({"agent.yaml": "name: 5\n"}, None),
        ({"agent.yaml": "name: ''\n"}, None),
        ({"agent.yaml": "name: ' '\n"}, None),
        ({"agent.yaml": 'name: "a\\nb"\n'}, None),
        ({"agent.yaml": f"name: {'x' * 101}\n"}, None),
        ({"agent.yaml": "- name: x\n"}, None),
        ({"agent.yaml": "name: [\n"}, None),
        ({"agent.yaml": b"\xff"}, None),
        ({"agent.yaml": b"name: x\n#" + b"x" * 1024 * 1024}, None),
        ({"agent.yaml": link("missing")}, None),
        ({"README.md": "name: x"}, None),
    ],
)
def test_the_name_is_read_where_there_is_one(contents: dict[str, str | bytes | MemoryFile], name: str | None) -> None:
    assert agent_name(files(contents)) == name
