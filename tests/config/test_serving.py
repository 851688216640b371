"""A configuration as what answers a call is given it: one document, its variables filled in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitagent import templates
from gitagent.config.files import FileKind, MemoryFile
from gitagent.config.native.filling import filled, values_of
from gitagent.config.serving import served


def document(files: dict[str, str | bytes]) -> Any:
    contents = {path: MemoryFile(text.encode() if isinstance(text, str) else text) for path, text in files.items()}
    return json.loads(served(contents))


def test_a_native_agent_is_one_document_by_the_keys_of_its_main_file() -> None:
    assert document(
        {
            "agent.yaml": (
                "name: Bistro\nlanguage: en-GB\ngreeting: This is ${place}.\nprompt: ./prompt.md\n"
                "model: {provider: openai, temperature: 0.3}\nvoice: {name: Alice}\n"
                "variables: {place: Lantern House, hours: 'noon to ${last}', last: 10, open: true}\n"
                "handoffs:\n  - {name: desk, number: '+442079460018', sip_headers: {X-Place: '${place}'}}\n"
            ),
            "prompt.md": "You answer for ${place}, open ${hours}: ${open}.\n",
            "topics/b.yml": "name: b\ncontent: Until ${last}.\nexample_queries: ['${last}?']\n",
            "topics/a.yaml": "name: a\nenabled: false\n",
            "tools/find.yaml": (
                "name: find\ndescription: Finds ${last}\nparameters: {properties: {last: {type: string}}}\n"
                "request: {url: 'https://x/${last}/${hours}', headers: {Authorization: '${env:KEY}'}}\n"
            ),
            "tests/suite.yaml": "cases: []\n",
            "notes.md": "${place} stays\n",
            "data/menu.json": '{"soup": [1, 2.5, null]}',
        }
    ) == {
        "format": "gitagent.configuration/1",
        "layout": "native",
        "name": "Bistro",
        "description": None,
        "language": "en-GB",
        "greeting": "This is Lantern House.",
        "prompt": "You answer for Lantern House, open noon to 10: true.\n",
        "model": {"provider": "openai", "temperature": 0.3},
        "voice": {"name": "Alice"},
        "variables": {"place": "Lantern House", "hours": "noon to 10", "last": 10, "open": True},
        "handoffs": [{"name": "desk", "number": "+442079460018", "sip_headers": {"X-Place": "Lantern House"}}],
        "topics": [
            {"name": "a", "enabled": False},
            {"name": "b", "content": "Until 10.", "example_queries": ["10?"], "enabled": True},
        ],
        "tools": [
            {
                "name": "find",
                "description": "Finds ${last}",
                "parameters": {"properties": {"last": {"type": "string"}}},
                "request": {"url": "https://x/${last}/noon to 10", "headers": {"Authorization": "${env:KEY}"}},
            }
        ],
        "files": {"data/menu.json": {"soup": [1, 2.5, None]}, "notes.md": "${place} stays\n"},
    }


def test_a_project_of_the_adk_is_its_files() -> None:
    found = document(
        {"project.yaml": "project_id: bistro\n", "topics/a.yaml": "name: a\n", "functions/f.py": "def f(): ...\n"}
    )
    assert found == {
        "format": "gitagent.configuration/1",
        "layout": "adk",
        "name": "bistro",
        "files": {
            "project.yaml": {"project_id": "bistro"},
            "topics/a.yaml": {"name": "a"},
            "functions/f.py": "def f(): ...\n",
        },
    }


def test_any_other_folder_is_its_files_and_null_for_what_is_no_text() -> None:
    files: dict[str, str | bytes] = {
        "a.md": "ä\n",
        "b.bin": b"\xff\xfe\x00",
        "c.txt": "a\0b",
        "d.yaml": "a: [",
        "e": b"",
    }
    assert document(files)["files"] == {"a.md": "ä\n", "b.bin": None, "c.txt": None, "d.yaml": "a: [", "e": ""}
    assert document({"large.txt": b"x" * (1024 * 1024 + 1)})["files"] == {"large.txt": None}


def test_a_link_is_what_it_leads_to() -> None:
    files = {
        "a.md": MemoryFile(b"text"),
        "b.md": MemoryFile(b"a.md", FileKind.LINK),
        "c.md": MemoryFile(b"no", FileKind.LINK),
    }
    assert json.loads(served(files))["files"] == {"a.md": "text", "b.md": "text", "c.md": None}


def test_values_that_json_has_not_are_texts() -> None:
    found = document({"a.yaml": "a: [.inf, -.inf, .nan]\nc: 2026-03-01\n", "b.json": '{"half": "\\ud83d"}'})["files"]
    assert found == {
        "a.yaml": {"a": ["inf", "-inf", "nan"], "c": "2026-03-01"},
        "b.json": '{"half": "\\ud83d"}',
    }


def test_every_template_is_served_without_a_variable_left() -> None:
    for name in templates.names():
        found = json.loads(served(templates.load(name)))
        texts = json.dumps([found[key] for key in ("greeting", "prompt", "handoffs", "topics")])
        assert "${" not in texts.replace("${env:", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${a} and ${a}", "1 and 1"),
        ("${unknown} ${a b} ${}", "${unknown} ${a b} ${}"),
        ("$${a}", "${a}"),
        ("$${a} ${env:KEY}", "$${a} ${env:KEY}"),
        ("$${a} ${later}", "$${a} ${later}"),
        ("${env:KEY}${a}", "${env:KEY}1"),
        ("${yes}${no}", "true0.5"),
        ("${${a}}", "${1}"),
    ],
)
def test_references_in_texts_are_filled_in(text: str, expected: str) -> None:
    variables = {"a": 1, "yes": True, "no": 0.5, "later": "now"}
    assert filled(text, variables, later=["later"]) == expected
    assert filled({"k": [text, 3, None]}, variables, later=["later"]) == {"k": [expected, 3, None]}


def test_variables_hold_variables_and_those_that_hold_themselves_keep_the_reference() -> None:
    assert values_of({"a": "${b}!", "b": "${c}?", "c": 3}) == {"a": "3?!", "b": "3?", "c": 3}
    circle = {"a": "<${b}>", "b": "[${a}]", "c": "${a}"}
    assert values_of(circle) == circle


def test_variables_that_double_again_and_again_come_to_an_end() -> None:
    doubling: dict[str, object] = {f"v{number}": f"${{v{number + 1}}}" * 2 for number in range(40)}
    values = values_of({**doubling, "v40": "x"})
    assert values["v30"] == "x" * 1024
    assert max(len(str(value)) for value in values.values()) == 1024 * 1024
    assert values["v19"] == "${v20}${v20}"
