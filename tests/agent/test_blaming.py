"""Which version last changed each line, or each key, of a file."""

from __future__ import annotations

from gitagent.agent.compare.blaming import Revision, key_origins, line_origins
from gitagent.config.files import MemoryFile


def revisions(*texts: str | None) -> list[Revision]:
    """Versions of a file, v1 first; None where a version has not got it. The newest comes first."""
    files = [None if text is None else MemoryFile(text.encode()) for text in texts]
    return [Revision(f"v{number}", file) for number, file in enumerate(files, 1)][::-1]


def by_line(*texts: str | None) -> list[tuple[str, str]]:
    return [(each.line.decode(), each.label) for each in line_origins(revisions(*texts))]


def by_key(*texts: str | None) -> dict[str, str]:
    return {each.key: each.label for each in key_origins(revisions(*texts), "x.yaml")}


def test_lines_are_those_of_the_version_that_last_changed_them() -> None:
    assert by_line("a\nb\n", "a\nb\n", "new\na\nb\n", "new\na\nc\nd\n") == [
        ("new\n", "v3"),
        ("a\n", "v1"),
        ("c\n", "v4"),
        ("d\n", "v4"),
    ]
    assert by_line("a\n", "b\n", "a\n") == [("a\n", "v3")]
    assert by_line("a", "a\n") == [("a\n", "v2")]
    assert by_line("") == []


def test_a_file_that_was_away_begins_anew() -> None:
    assert by_line("a\n", None, "a\n", "a\n") == [("a\n", "v3")]
    assert by_line(None, "a\n") == [("a\n", "v2")]
    assert by_key("a: 1", None, "a: 1") == {"a": "v3"}


def test_keys_are_those_of_the_version_that_last_changed_them() -> None:
    first = "name: x\nvoice: {speed: 1, name: Ann}\nhandoffs: [{name: a, number: '1'}]\nlist: [1, 2]\n"
    second = first.replace("speed: 1", "speed: 2").replace("name: x", "name:   x")
    third = second.replace("[{name: a", "[{name: b, number: '2'}, {name: a").replace("[1, 2]", "[1]")

    assert by_key(first, second, second, third) == {
        "name": "v1",
        "voice.speed": "v2",
        "voice.name": "v1",
        "handoffs[b].name": "v4",
        "handoffs[b].number": "v4",
        "handoffs[a].name": "v1",
        "handoffs[a].number": "v1",
        "list": "v4",
    }


def test_what_cannot_be_read_is_as_if_it_had_been_empty() -> None:
    assert by_key("a: 1", "a: [", "a: 1\nb: 2") == {"a": "v3", "b": "v3"}
    assert by_key("a: 1", "a: [") == {}
