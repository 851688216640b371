"""Merging by example: base, ours and theirs of one file, and what comes of them, character for character."""

from __future__ import annotations

import pytest

from gitagent.config.merging import Conflict, ConflictKind, MergedFile, merge
from gitagent.config.merging.marks import marked
from gitagent.git.merging import merge_text

LABELS = ("your draft", "v8")
DEEP = "[" * 102 + "]" * 102


def never(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
    raise AssertionError("merged by line")


def by_keys(base: str, ours: str, theirs: str, path: str = "agent.yaml") -> MergedFile:
    contents = (each.encode() for each in (base, ours, theirs))
    return merge(*contents, path=path, labels=LABELS, merge_text=never)


def by_lines(base: bytes, ours: bytes, theirs: bytes, path: str = "agent.yaml") -> MergedFile:
    """Merged where keys cannot be; not to ask the lines at all fails the test."""
    asked = []

    def lines(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
        asked.append(labels)
        return merge_text(base, ours, theirs, labels)

    result = merge(base, ours, theirs, path=path, labels=LABELS, merge_text=lines)
    assert asked == [LABELS]
    return result


def said(ours: str, theirs: str) -> str:
    return marked(ours, theirs, LABELS)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("a: 1\nb: 1\n", "a: 1\n\nb: 1\n", "a: 1\nb: 2\n", "a: 1\n\nb: 2\n"),
        ("# top\na: 1\n", "# TOP\na: 1\n", "# top\na: 2\n", "# TOP\na: 2\n"),
        ("# top\n\na: 1\n", "# one\n\na: 1\n", "# two\n\na: 1\n", "# one\n# two\n\na: 1\n"),
        ("a: 1 #x\nb: 1\n", "a: 2 #x\nb: 1\n", "a: 1 #x\nb: 2\n", "a: 2 #x\nb: 2\n"),
        ("a: 1 # x\n", "a: 1 # y\n", "a: 2 # x\n", "a: 2 # y\n"),
        ("a: '# no'\nb: 1\n", "a: '# no'\nb: 2\n", "a: '# yes'\nb: 1\n", "a: '# yes'\nb: 2\n"),
        ("a: 1\n\n# end\n", "a: 1\nb: 1\n\n# end\n", "a: 2\n\n# end\n", "a: 2\nb: 1\n\n# end\n"),
        (
            "a: # c\n  b: 1\n  c: 1\n",
            "a: # c\n  b: 2\n  c: 1\n",
            "a: # d\n  b: 1\n  c: 2\n",
            "a: # c\n  b: 2\n  c: 2\n",
        ),
        (
            "a:\n  # only a comment\nb: 1\n",
            "a:\n  # only a comment\nb: 2\n",
            "a:\n  # only a comment\n  x: 1\nb: 1\n",
            "a:\n  # only a comment\n  x: 1\nb: 2\n",
        ),
        (
            "a:\n  x: 1\n  # end of a\nb: 1\n",
            "a:\n  x: 1\n  y: 1\n  # end of a\nb: 1\n",
            "a:\n  x: 1\n  z: 1\n  # end of a\nb: 2\n",
            "a:\n  x: 1\n  y: 1\n  z: 1\n  # end of a\nb: 2\n",
        ),
        (
            "a: |\n  x\n\n# about b\nb: 1\n",
            "a: |\n  y\n\n# about b\nb: 1\n",
            "a: |\n  x\n\n# about b\nb: 2\n",
            "a: |\n  y\n\n# about b\nb: 2\n",
        ),
    ],
)
def test_comments_and_empty_lines_stay_where_they_were_written(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


def test_a_comment_inside_what_one_side_removed_goes_with_it() -> None:
    base = "a:\n  x: 1\n  # end of a\nb: 1\n"
    assert by_keys(base, "b: 1\n", base.replace("# end", "# END")) == MergedFile(b"b: 1\n")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("a: 'x'\nb: 1\n", 'a: "x"\nb: 1\n', "a: x\nb: 2\n", 'a: "x"\nb: 2\n'),
        ("a: 'x'\n", 'a: "x"\n', "a: z\n", "a: z\n"),
        ("'a': 1\n\"b\": 2\n", "'a': 3\n\"b\": 2\n", "a: 1\nb: 4\n", "'a': 3\nb: 4\n"),
        ("a: ~\nb: 1\n", "a: null\nb: 1\n", "a: 5\nb: 1\n", "a: 5\nb: 1\n"),
        ("a:\nb: 1\n", "a:\nb: 2\n", "a: 1\nb: 1\n", "a: 1\nb: 2\n"),
        ("a: 1\nb: 1\n", "a:\nb: 1\n", "a: 1\nb: 2\n", "a:\nb: 2\n"),
        ("a: 0x10\nb: 1\n", "a: 16\nb: 1\n", "a: 0x10\nb: 2\n", "a: 16\nb: 2\n"),
        ("a: 0x10\n", "a: 17\n", "a: 0x11\n", "a: 17\n"),
        ("a: yes\n", "a: 'yes'\n", "a: no\n", "a: no\n"),
        ("a: 1.0\n", "a: 1.00\n", "a: 2\n", "a: 2\n"),
        ("a: 2020-01-01\n", "a: 2020-01-02\n", "a: '2020-01-02'\n", "a: 2020-01-02\n"),
        ("é: ü\nb: 1\n", "é: ö\nb: 1\n", "é: ü\nb: 😀\n", "é: ö\nb: 😀\n"),
    ],
)
def test_a_value_is_its_meaning_and_stays_as_it_is_written(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("l: [a, b, c]\n", "l: [b, c]\n", "l: [a, b]\n", "l: [b]\n"),
        ("l:\n- a\n- b\n- c\n", "l:\n- b\n- c\n", "l:\n- a\n- b\n", "l:\n- b\n"),
        ("- - a\n  - b\n- - c\n", "- - a\n  - B\n- - c\n", "- - a\n  - b\n- - C\n", "- - a\n  - B\n- - C\n"),
        (
            "m:\n- name: a\n  l: [1]\n",
            "m:\n- name: a\n  l: [1, 2]\n",
            "m:\n- name: a\n  l: [1]\n- name: b\n  l: []\n",
            "m:\n- name: a\n  l: [1, 2]\n- name: b\n  l: []\n",
        ),
        (
            "m:\n- name: a\n- name: b\n",
            "m:\n- name: b\n- name: a\n",
            "m:\n- name: a\n- name: b\n- name: c\n",
            "m:\n- name: b\n- name: c\n- name: a\n",
        ),
        ("m:\n- name: a\n- name: b\n", "m:\n- name: b\n", "m:\n- name: a\n", "m: []\n"),
        ("-   a: 1\n    b: 1\n", "-   a: 2\n    b: 1\n", "-   a: 1\n    b: 2\n", "-   a: 2\n    b: 2\n"),
        ("- # c\n  a: 1\n  b: 1\n", "- # c\n  a: 2\n  b: 1\n", "- # c\n  a: 1\n  b: 2\n", "- # c\n  a: 2\n  b: 2\n"),
        (
            "- a: 1\n  b: 1\n-\n  a: 2\n",
            "- a: 1\n  b: 2\n-\n  a: 2\n",
            "- a: 1\n  b: 1\n-\n  a: 3\n",
            "- a: 1\n  b: 2\n-\n  a: 3\n",
        ),
        (
            "l: [{name: a}, {name: a}]\n",
            "l: [{name: a}, {name: a, v: 1}]\n",
            "l: [{name: a, v: 2}, {name: a}]\n",
            "l: [{name: a, v: 2}, {name: a, v: 1}]\n",
        ),
    ],
)
def test_lists_are_merged_by_name_or_item_by_item(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("a: {b: 1}\n", "a: {}\n", "a: {b: 1, c: 2}\n", "a: {c: 2}\n"),
        ("{}\n", "{a: 1}\n", "{b: 1}\n", "{a: 1, b: 1}\n"),
        ("{a, b}\n", "{a, c}\n", "{a, b, d}\n", "{a, c, d}\n"),
        ("a: {b, c: 1}\n", "a: {b, c: 2}\n", "a: {b: 1, c: 1}\n", "a: {b: 1, c: 2}\n"),
        ("a: {}\n", "a:\n  x: 1\n", "a:\n  y: 1\n", "a:\n  x: 1\n  y: 1\n"),
        ("a: 1\n", "a:\n  x: 1\n", "a:\n  y: 1\n", "a:\n  x: 1\n  y: 1\n"),
        ("a: {<<: {x: 1}, b: 1}\n", "a: {<<: {x: 1}, b: 2}\n", "a: {<<: {x: 2}, b: 1}\n", "a: {<<: {x: 2}, b: 2}\n"),
        (
            "a: 1\nb: {c: 1,\n  d: 1}\n",
            "a: 1\nb: {c: 2,\n  d: 1}\n",
            "a: 1\nb: {c: 1,\n  d: 2, # why\n  e: 3}\n",
            "a: 1\nb: {c: 2,\n  d: 2, # why\n  e: 3}\n",
        ),
    ],
)
def test_mappings_are_merged_key_by_key_in_lines_and_in_brackets(
    base: str, ours: str, theirs: str, result: str
) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (
            "p: |\n  one\n  two\n",
            "p: |\n  ONE\n  two\n",
            "p: |+\n  one\n  two\n  three\n\nb: 1\n",
            "p: |+\n  ONE\n  two\n  three\n\nb: 1\n",
        ),
        ("p: |-\n  one\n  two\n", "p: |\n  one\n  2\n", "p: |-\n  1\n  two\n", "p: |\n  1\n  2\n"),
        ("p: >\n  a\n\n  b\n", "p: >\n  a\n\n  B\n", "p: >\n  A\n\n  b\n", "p: >\n  A\n\n  B\n"),
        (
            "p: |\n  x\nb: 1\n",
            "p: |\n  x\n  # no comment\nb: 1\n",
            "p: |\n  w\n  x\nb: 1\n",
            "p: |\n  w\n  x\n  # no comment\nb: 1\n",
        ),
        ('p: "a\n  b"\nq: 1\n', 'p: "a\n  c"\nq: 1\n', 'p: "a\n  b"\nq: 2\n', 'p: "a\n  c"\nq: 2\n'),
        ("p: a\n  b\nq: 1\n", "p: a\n  b\nq: 2\n", "p: a\n  c\nq: 1\n", "p: a\n  c\nq: 2\n"),
        (
            "p: |\r\n  a\r\n  b\r\n",
            "p: |\r\n  A\r\n  b\r\n",
            "p: |\r\n  a\r\n  B\r\n",
            "p: |\r\n  A\r\n  B\r\n",
        ),
        ("a: 1\nb: 1", "a: 2\nb: 1", "a: 1\nb: 1\nc: |+\n  x\n\n", "a: 2\nb: 1\nc: |+\n  x\n\n"),
    ],
)
def test_texts_of_several_lines_keep_their_form(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (
            "a: &x {b: 1}\nc: *x\nd: 1\n",
            "a: &x {b: 2}\nc: *x\nd: 1\n",
            "a: &x {b: 1}\nc: *x\nd: *x\n",
            "a: &x {b: 2}\nc: *x\nd: *x\n",
        ),
        ("a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n", "a: &x 1\nb: 3\n", "a: &x 2\nb: 3\n"),
        ("a: &x\nb: *x\nc: 1\n", "a: &x\nb: *x\nc: 2\n", "a: &x 1\nb: *x\nc: 1\n", "a: &x 1\nb: *x\nc: 2\n"),
        ("a: &x\n- 1\n- 2\n", "a: &x\n- 3\n- 2\n", "a: &x\n- 1\n- 4\n", "a: &x\n- 3\n- 4\n"),
        ("a: !t\n- 1\n- 2\n", "a: !t\n- 3\n- 2\n", "a: !t\n- 1\n- 4\n", "a: !t\n- 3\n- 4\n"),
        ("a: !t {b: 1, c: 1}\n", "a: !t {b: 2, c: 1}\n", "a: !t {b: 1, c: 2}\n", "a: !t {b: 2, c: 2}\n"),
        ("- !t\n  a: 1\n  b: 1\n", "- !t\n  a: 2\n  b: 1\n", "- !t\n  a: 1\n  b: 2\n", "- !t\n  a: 2\n  b: 2\n"),
        ("a: !!str\nb: 1\n", "a: !!str\nb: 2\n", "a: !!str x\nb: 1\n", "a: !!str x\nb: 2\n"),
        ("&x\na: 1\nb: 1\n", "&x\na: 2\nb: 1\n", "&x\na: 1\nb: 2\n", "&x\na: 2\nb: 2\n"),
        (
            "%TAG ! tag:x,2000:\n---\na: !t 1\nb: 1\n",
            "%TAG ! tag:x,2000:\n---\na: !t 2\nb: 1\n",
            "%TAG ! tag:x,2000:\n---\na: !t 1\nb: 2\n",
            "%TAG ! tag:x,2000:\n---\na: !t 2\nb: 2\n",
        ),
        ("---\na: 1\nb: 1\n...\n", "---\na: 2\nb: 1\n...\n", "---\na: 1\nb: 2\n...\n", "---\na: 2\nb: 2\n...\n"),
    ],
)
def test_anchors_tags_and_the_marks_of_a_document_stay(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ('{"a": 1}', '{"a": 2}', '{"a": 1, "b": 1}', '{"a": 2, "b": 1}'),
        ("[1, 2]", "[1, 2, 3]", "[0, 2]", "[0, 2, 3]"),
        ("[\n  1,\n  2\n]\n", "[\n  1,\n  2,\n  3\n]\n", "[\n  0,\n  1,\n  2\n]\n", "[\n  0,\n  1,\n  2,\n  3\n]\n"),
        ('{"a": {}}\n', '{"a": {"x": 1}}\n', '{\n "a": {\n  "y": [1]\n }\n}\n', '{"a": {"x": 1, "y": [1]}}\n'),
        (
            '{\n  "a": {}\n}\n',
            '{\n  "a": {},\n  "b": {\n    "x": 1\n  }\n}\n',
            '{\n  "a": {},\n  "c": 1\n}\n',
            '{\n  "a": {},\n  "b": {\n    "x": 1\n  },\n  "c": 1\n}\n',
        ),
        ('{"a": "\\u00e9", "b":1}', '{"a": "é", "b":1}', '{"a": "\\u00e9", "b":2}', '{"a": "é", "b":2}'),
        ('{"n": 1e2}', '{"n": 100.0}', '{"n": 1E2, "m": 1}', '{"n": 100.0, "m": 1}'),
        (
            '{"n": 12345678901234567890123}',
            '{"n": 12345678901234567890124}',
            '{"n": 12345678901234567890123, "m": -0}',
            '{"n": 12345678901234567890124, "m": -0}',
        ),
    ],
)
def test_json_is_merged_by_its_keys_too(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs, "data.json") == MergedFile(result.encode())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "conflict"),
    [
        (
            "p: |\n  one\n  two\nq: 1\n",
            "p: |\n  one\n  two\n  three\nq: 1\n",
            "q: 1\n",
            said("p: |\n  one\n  two\n  three\n", "") + "q: 1\n",
            ("p", "|\n  one\n  two", "|\n  one\n  two\n  three", None),
        ),
        (
            'p: "x\\ny\\nz"\n',
            "p: 'x'\n",
            'p: "x\\ny\\nw"\n',
            said("p: 'x'\n", 'p: "x\\ny\\nw"\n'),
            ("p", '"x\\ny\\nz"', "'x'", '"x\\ny\\nw"'),
        ),
        ("a:\n  x: 1\n", "a: 1\n", "a:\n  x: 2\n", said("a: 1\n", "a:\n  x: 2\n"), ("a", "  x: 1", "1", "  x: 2")),
        (
            "a: 1\nb:\n- x\n- y\n",
            "a: 2\nb:\n- x\n",
            "b:\n- x\n- y\n- z\n",
            said("a: 2\n", "") + "b:\n- x\n- z\n",
            ("a", "1", "2", None),
        ),
        (
            "l:\n  - id: a\n",
            "l:\n  - id: a\n  - id: c\n    v: 1\n",
            "l:\n  - id: a\n  - id: c\n    v: 2\n",
            "l:\n  - id: a\n  - id: c\n" + said("    v: 1\n", "    v: 2\n"),
            ("l[c].v", None, "1", "2"),
        ),
        (
            "m: [{name: 'x y/z', v: 1}]\n",
            "m: [{name: 'x y/z', v: 2}]\n",
            "m: [{name: 'x y/z', v: 3}]\n",
            said("m: [{name: 'x y/z', v: 2}]\n", "m: [{name: 'x y/z', v: 3}]\n"),
            ('m["x y/z"].v', "1", "2", "3"),
        ),
        ("a b: 1\n", "a b: 2\n", "a b: 3\n", said("a b: 2\n", "a b: 3\n"), ("a b", "1", "2", "3")),
        ("'': 1\n", "'': 2\n", "'': 3\n", said("'': 2\n", "'': 3\n"), ('""', "1", "2", "3")),
        (
            "'a\"b\\': 1\n",
            "'a\"b\\': 2\n",
            "'a\"b\\': 3\n",
            said("'a\"b\\': 2\n", "'a\"b\\': 3\n"),
            ('"a\\"b\\\\"', "1", "2", "3"),
        ),
        (
            "a: 1\r\nb: 1\r\n",
            "a: 2\r\nb: 1\r\n",
            "a: 3\r\nb: 1\r\n",
            said("a: 2\n", "a: 3\n").replace("\n", "\r\n") + "b: 1\r\n",
            ("a", "1", "2", "3"),
        ),
        (
            "p: |\n  x\n  a\n    b\n  z\n",
            "p: |\n  a\n    b\n  z\n",
            "p: |\n  x\n    b\n  z\n",
            said("p: |\n  a\n    b\n  z\n", "p: |\n  x\n    b\n  z\n"),
            ("p", "|\n  x\n  a\n    b\n  z", "|\n  a\n    b\n  z", "|\n  x\n    b\n  z"),
        ),
    ],
)
def test_a_conflict_names_its_key_and_what_each_side_says(
    base: str, ours: str, theirs: str, result: str, conflict: tuple[str, str | None, str | None, str | None]
) -> None:
    expected = Conflict("agent.yaml", ConflictKind.KEY, *conflict)
    assert by_keys(base, ours, theirs) == MergedFile(result.encode(), (expected,))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "conflict"),
    [
        ("null", "1", "2", said("1\n", "2\n"), ("", "null", "1", "2")),
        ("[]", "{}", "[1]", said("{}\n", "[1]\n"), ("", "[]", "{}", "[1]")),
        (
            '{\n  "a": 1\n}',
            '{\n  "a": 2\n}',
            '{\n  "a": 3\n}\n',
            "{\n" + said('  "a": 2\n', '  "a": 3\n') + "}\n",
            ("a", "1", "2", "3"),
        ),
        (
            '{"a": [{"id": "x", "v": 1}]}',
            '{"a": [{"id": "x", "v": 2}]}',
            '{"a": [{"id": "x", "v": 3}]}',
            said('{"a": [{"id": "x", "v": 2}]}', '{"a": [{"id": "x", "v": 3}]}'),
            ("a[x].v", "1", "2", "3"),
        ),
    ],
)
def test_a_conflict_in_json_is_marked_in_whole_lines(
    base: str, ours: str, theirs: str, result: str, conflict: tuple[str, str | None, str | None, str | None]
) -> None:
    expected = Conflict("data.json", ConflictKind.KEY, *conflict)
    assert by_keys(base, ours, theirs, "data.json") == MergedFile(result.encode(), (expected,))


def test_a_list_that_got_items_without_names_on_one_side_conflicts_as_a_list() -> None:
    result = by_keys("l:\n- name: a\n  v: 1\n", "l:\n- name: a\n  v: 2\n- x\n", "l:\n- name: a\n  v: 3\n")
    assert result.conflicts == (
        Conflict("agent.yaml", ConflictKind.KEY, "l", "name: a\n  v: 1", "name: a\n  v: 2\nx", "name: a\n  v: 3"),
    )


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("caf\xe9: 1\nb: 1\n", "caf\xe9: 2\nb: 1\n", "caf\xe9: 1\nb: 2\n", "caf\xe9: 2\nb: 2\n"),
        ("a: 1\n---\nb: 1\n", "a: 2\n---\nb: 1\n", "a: 1\n---\nb: 2\n", "a: 2\n---\nb: 2\n"),
        ("a: 1\r\nb: 1\n", "a: 2\r\nb: 1\n", "a: 1\r\nb: 2\n", "a: 2\r\nb: 2\n"),
        ("a: *x\nb: 1\n", "a: *x\nb: 2\n", "a: *x\nb: 1\nc: 1\n", "a: *x\nb: 2\nc: 1\n"),
        ("\ta: 1\n", "\ta: 2\n", "\ta: 1\nb: 1\n", "\ta: 2\nb: 1\n"),
        ("- &x a: 1\n  b: 1\n", "- &x a: 2\n  b: 1\n", "- &x a: 1\n  b: 2\n", "- &x a: 2\n  b: 2\n"),
        (f"a: 1\nb: {DEEP}\n", f"a: 2\nb: {DEEP}\n", f"a: 1\nb: {DEEP}\nc: 1\n", f"a: 2\nb: {DEEP}\nc: 1\n"),
    ],
)
def test_what_has_no_keys_to_cut_along_is_merged_by_line(base: str, ours: str, theirs: str, result: str) -> None:
    contents = [each.encode("latin-1") for each in (base, ours, theirs)]
    assert by_lines(contents[0], contents[1], contents[2]) == MergedFile(result.encode("latin-1"))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "path"),
    [
        ("", "a: 1\n", "b: 1\n", "a.json"),
        ("a: 1\n", "", "a: 2\n", "a.yaml"),
        ("a: 1\n", "# c\n", "a: 2\n", "a.yml"),
        ("a: [b: 1, c]\n", "a: [b: 2, c]\n", "a: [b: 1, d]\n", "a.yaml"),
        ("[? a, b]\n", "[? a, c]\n", "[? d, b]\n", "a.yaml"),
        ("- !!map a: 1\n", "- a: 2\n", "- a: 1\n  b: 1\n", "a.yaml"),
        ('{"a": 1, "a": 2}\n', '{"a": 1, "a": 3}\n', '{"a": 4, "a": 2}\n', "a.json"),
    ],
)
def test_lines_that_cannot_be_brought_together_are_marked_whole(base: str, ours: str, theirs: str, path: str) -> None:
    expected = Conflict(path, ConflictKind.LINES, None, base, ours, theirs)
    contents = [each.encode() for each in (base, ours, theirs)]
    assert by_lines(contents[0], contents[1], contents[2], path) == MergedFile(said(ours, theirs).encode(), (expected,))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("\ufeffa: 1\n", "a: 1\n", "\ufeffa: 2\n", "a: 2\n"),
        ("a: 1\n", "\ufeffa: 1\n", "a: 2\n", "\ufeffa: 2\n"),
        ("a: 1\nb: 1\n", "a: 2\nb: 1\n", "\ufeffa: 1\r\nb: 1\r\n", "\ufeffa: 2\r\nb: 1\r\n"),
        ("\ufeffa: 1\r\n", "\ufeffa: 1\nb: 1\n", "a: 1\r\nc: 1\r\n", "a: 1\nb: 1\nc: 1\n"),
    ],
)
def test_each_change_of_the_encoding_is_taken_by_itself(base: str, ours: str, theirs: str, result: str) -> None:
    assert by_keys(base, ours, theirs) == MergedFile(result.encode())


def test_a_block_with_its_indent_written_out_keeps_what_it_means() -> None:
    result = by_keys("p: |2\n    x\n  y\n", "p: |2\n    x\n  z\n", "p: |2\n    w\n  y\n")
    assert result == MergedFile(b'p: "  w\\nz\\n"\n')
