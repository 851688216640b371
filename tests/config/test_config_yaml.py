"""Reading YAML: values, places and problems, by the parser in C and by ruamel.yaml's own alike."""

from __future__ import annotations

import sys

import pytest
from support.checking import lines

from gitagent.config import yaml
from gitagent.config.documents import Document
from gitagent.config.problems import Severity
from gitagent.errors import InvalidConfiguration


@pytest.fixture(params=["in C", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pure":
        monkeypatch.setattr(yaml, "_c_parser", lambda: None)
    name: str = request.param
    return name


KEEP_ONE = " -> Keep one of the two."
MERGES = ": '<<' takes a mapping or a list of mappings -> Name an alias of one."
BEFORE = " comes before this alias -> Define the anchor first."
NOT_ALLOWED = " is not allowed in YAML -> Remove it."


def parse(text: str | bytes) -> Document:
    return yaml.parse(text.encode() if isinstance(text, str) else text, "a.yaml")


def problems(text: str | bytes) -> list[str]:
    return lines(list(parse(text).problems))


def test_values_are_plain() -> None:
    document = parse("a: 1\nb: [x, 2.5, true, null]\nc: {d: 'e', \"f\": g}\nh: |\n  two\n  lines\ni:\n")

    assert document.value == {
        "a": 1,
        "b": ["x", 2.5, True, None],
        "c": {"d": "e", "f": "g"},
        "h": "two\nlines\n",
        "i": None,
    }
    assert document.complete
    assert document.problems == ()


@pytest.mark.parametrize(("text", "value"), [("", None), ("# nothing\n", None), ("text", "text"), ("- 1\n- 2", [1, 2])])
def test_a_file_may_hold_any_value(text: str, value: object) -> None:
    assert parse(text).value == value


def test_every_value_and_key_has_a_place() -> None:
    document = parse("# é\nvoice:\n  speed: 1.5\nlist:\n  - a\n  - name: é\n    other: b\n")

    assert document.place() == (2, 1)
    assert document.place(("voice",)) == (3, 3)
    assert document.place(("voice",), on_key=True) == (2, 1)
    assert document.place(("voice", "speed")) == (3, 10)
    assert document.place(("list", 0)) == (5, 5)
    assert document.place(("list", 0), on_key=True) == (5, 5)
    assert document.place(("list", 1, "other")) == (7, 12)
    assert document.place(("list", 1, "other"), on_key=True) == (7, 5)


def test_what_is_not_there_has_the_place_of_what_would_hold_it() -> None:
    document = parse("voice:\n  speed: 1.5\nlist: [1]\n")

    assert document.place(("voice", "name")) == (2, 3)
    assert document.place(("list", 7, "x")) == (3, 7)
    assert document.place(("nothing", "at", "all")) == (1, 1)


def test_a_text_inside_a_value_has_a_place() -> None:
    document = parse('text: |\n  one\n  two ${name}\nescaped: "\\x24{name}"\nlast: ${name}\n')

    assert document.find(("text",), "${name}") == (3, 7)
    assert document.find(("escaped",), "${name}") == (4, 10)
    assert document.find(("last",), "${name}") == (5, 7)


def test_what_a_number_was_written_as_is_known() -> None:
    document = parse("a: +447700900000\nb: '5'\nc: [007]\n")

    assert document.source(("a",)) == "+447700900000"
    assert document.source(("b",)) is None
    assert document.source(("c", 0)) == "007"


def test_a_problem_is_made_with_its_place() -> None:
    document = parse("a:\n  b: say ${x}\n")

    on_value = document.problem("code", "message", at=("a", "b"))
    on_key = document.problem("code", "message", at=("a", "b"), on_key=True, hint="hint", severity=Severity.WARNING)
    inside = document.problem("code", "message", at=("a", "b"), find="${x}")

    assert lines([on_value, on_key, inside]) == [
        "a.yaml:2:6: code: message",
        "warning: a.yaml:2:3: code: message -> hint",
        "a.yaml:2:10: code: message",
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(line_end: str) -> None:
    document = parse(line_end.join(["a: 1", "b:", "  c: 2", ""]))

    assert document.value == {"a": 1, "b": {"c": 2}}
    assert document.place(("b", "c")) == (3, 6)


def test_a_line_separator_of_unicode_ends_no_line() -> None:
    assert parse('a: "x\u2028y"\nb: 1\n').place(("b",)) == (2, 4)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = parse(b"\xef\xbb\xbfa: 1\n")

    assert document.value == {"a": 1}
    assert document.place(("a",), on_key=True) == (1, 1)


def test_an_alias_is_the_same_value_again() -> None:
    document = parse("a: &x {b: [1]}\nc: *x\nd: &y text\ne: *y\n*y : key\n&k k: *k\n")

    assert document.value == {"a": {"b": [1]}, "c": {"b": [1]}, "d": "text", "e": "text", "text": "key", "k": "k"}
    assert document.place(("c",)) == (2, 4)
    assert document.place(("c", "b", 0)) == (1, 12)


def test_a_mapping_is_merged_into_another() -> None:
    document = parse("a: &a {x: 1, y: 2}\nb: &b {z: 3}\nc: {<<: *a, x: 0}\nd:\n  <<: [*a, *b]\n  w: 4\n'<<': text\n")

    assert document.value == {
        "a": {"x": 1, "y": 2},
        "b": {"z": 3},
        "c": {"x": 0, "y": 2},
        "d": {"w": 4, "x": 1, "y": 2, "z": 3},
        "<<": "text",
    }
    assert document.place(("d", "z")) == (2, 11)
    assert document.problems == ()


def test_tags_of_the_standard_are_allowed() -> None:
    assert parse("a: !!str 5\nb: !!int 5\nc: !!map {d: !!seq [1]}\ne: ! 5\nf: !!str text\n").value == {
        "a": "5",
        "b": "5",
        "c": {"d": [1]},
        "e": "5",
        "f": "text",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [f"a.yaml:3:1: duplicate-key: the key 'a' is given twice, first in line 1{KEEP_ONE}"]),
        ("{a: 1, 'a': 2}", [f"a.yaml:1:8: duplicate-key: the key 'a' is given twice, first in line 1{KEEP_ONE}"]),
        ("1: x\n", ['a.yaml:1:1: key-not-text: the key 1 is not a text -> Quote it: "1"']),
        ("?\n: x\n", ["a.yaml:1:2: key-not-text: the key null is not a text -> Write a key before the colon."]),
        ("~: x\n", ['a.yaml:1:1: key-not-text: the key ~ is not a text -> Quote it: "~"']),
        (
            "a: {{name}}\n",
            [
                "a.yaml:1:5: key-not-text: a mapping or a list stands where a key is expected"
                " -> If this is a text that begins with '{' or '[', quote it."
            ],
        ),
        (
            "a: &x [1]\n*x : 2\n",
            [
                "a.yaml:2:1: key-not-text: a mapping or a list stands where a key is expected"
                " -> If this is a text that begins with '{' or '[', quote it."
            ],
        ),
        ("a: !!python x\n", ["a.yaml:1:4: tag-refused: the tag '!!python' is not allowed -> Remove the tag."]),
        ("a: !mine {}\n", ["a.yaml:1:4: tag-refused: the tag '!mine' is not allowed -> Remove the tag."]),
        (
            "a: 1\n---\nb: 2\n",
            [
                "a.yaml:2:1: several-documents: a second document begins here -> Keep one document in each file:"
                " remove the line '---' or move what follows to another file."
            ],
        ),
        ("a: *x\n", [f"a.yaml:1:4: unknown-anchor: no anchor '&x'{BEFORE}"]),
        ("a: &x [*x]\n", ["a.yaml:1:8: alias-loop: the alias '*x' stands inside what it stands for -> Remove it."]),
        ("a: {<<: 5}\n", [f"a.yaml:1:9: bad-merge{MERGES}"]),
        ("a: {<<: [{b: 1}, 5]}\n", [f"a.yaml:1:9: bad-merge{MERGES}"]),
        (
            "a: b\n<<<<<<< HEAD\n",
            [
                "a.yaml:2:1: merge-conflict: a merge was not finished here -> Keep what is right of both sides,"
                " and remove the lines of '<<<<<<<', '=======' and '>>>>>>>'."
            ],
        ),
        ("a: \x07\n", ["a.yaml:1:4: bad-character: the character U+0007" + NOT_ALLOWED]),
        ("a: 1\nb: x\ufeffy\n", ["a.yaml:2:5: bad-character: the character U+FEFF" + NOT_ALLOWED]),
        (b"a: \xe9\n", ["a.yaml:1:4: not-utf-8: the byte 0xe9 is not UTF-8 -> Save the file in UTF-8."]),
        (b"\xc3\xa9: 1\nb: \xff", ["a.yaml:2:4: not-utf-8: the byte 0xff is not UTF-8 -> Save the file in UTF-8."]),
        ("a: 1\n".encode("utf-16"), ["a.yaml:1:1: not-utf-8: the file is in UTF-16 -> Save it in UTF-8."]),
        ("[" * 101, ["a.yaml:1:101: too-deep: more than 100 values inside each other -> Nest the file less deeply."]),
        (
            "a: &a [1]\n" + "".join(f"k{n}: &k{n} [*{'a' if n == 0 else f'k{n - 1}'}]\n" for n in range(120)),
            ["a.yaml:100:12: too-deep: more than 100 values inside each other -> Nest the file less deeply."],
        ),
    ],
)
def test_a_problem_is_told(text: str | bytes, expected: list[str]) -> None:
    assert problems(text) == expected


def test_all_that_can_be_read_past_is_told_at_once() -> None:
    assert problems("a: !x 1\na: 2\n3: {b: 1, b: 2}\n") == [
        "a.yaml:1:4: tag-refused: the tag '!x' is not allowed -> Remove the tag.",
        "a.yaml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
        'a.yaml:3:1: key-not-text: the key 3 is not a text -> Quote it: "3"',
        "a.yaml:3:11: duplicate-key: the key 'b' is given twice, first in line 3 -> Keep one of the two.",
    ]


def test_a_file_that_cannot_be_read_has_no_value() -> None:
    document = parse("a: 1\nb: [\n")

    assert not document.complete
    assert document.value is None
    assert document.place(("a",)) == (1, 1)


@pytest.mark.parametrize(
    "text", ["a: b: c", "a: 'x", "a: [1", "{a", "\ta: 1", "a: @x", 'a: "\\q"', "a:\n  b: 1\n c: 2", "%TAG", "- a\nb: 1"]
)
def test_a_text_that_is_not_yaml_is_told_with_its_place(text: str) -> None:
    document = parse(text)

    (problem,) = document.problems
    assert problem.code == "yaml-syntax"
    assert 1 <= problem.line <= text.count("\n") + 2
    assert problem.column >= 1
    assert problem.message


def test_an_alias_bomb_is_stopped_before_it_goes_off() -> None:
    bomb = "a0: &a0 [" + ",".join(["x"] * 10) + "]\n"
    bomb += "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))

    document = parse(bomb)

    assert not document.complete
    assert [problem.code for problem in document.problems] == ["too-many-values"]


def test_a_great_many_tag_directives_are_refused() -> None:
    text = "".join(f"%TAG !a{number}! !b\n" for number in range(200)) + "--- x\n"

    assert problems(text) == ["a.yaml:1:1: yaml-syntax: too many %TAG directives"]


def test_a_file_over_one_mebibyte_is_not_read() -> None:
    assert problems(b"a: " + b"x" * 1024 * 1024) == [
        "a.yaml: too-large: 1.0 MiB; a configuration file has at most 1 MiB"
        " -> Move data that the agent does not need out of its configuration."
    ]


def test_long_names_are_cut_in_messages() -> None:
    assert problems(f"{'k' * 80}: 1\n{'k' * 80}: 2\n") == [
        f"a.yaml:2:1: duplicate-key: the key '{'k' * 59}…' is given twice, first in line 1 -> Keep one of the two."
    ]


def test_other_files_are_only_checked_for_what_any_reader_stumbles_over() -> None:
    text = b"--- !mine {1: a, *x : b}\n"
    assert lines(yaml.check(b"&x !mine {1: a, [k]: {? {b: c} : d}}\n---\ne: !t 1\n<<: 5\n", "k8s.yml")) == []
    assert lines(yaml.check(b"a: 1\na: 2\n", "k8s.yml")) == [
        "k8s.yml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two."
    ]
    assert [problem.code for problem in yaml.check(text, "k8s.yml")] == ["unknown-anchor"]


def test_a_large_list_in_another_file_is_fine() -> None:
    assert yaml.check(b"[" + b"1," * 100_001 + b"1]", "data.json") == []


def test_load_returns_the_value_alone() -> None:
    assert yaml.load(b"format: 1\npipeline: [sandbox, live]\n") == {"format": 1, "pipeline": ["sandbox", "live"]}


def test_load_refuses_what_has_problems() -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        yaml.load(b"a: 1\na: 2\n")

    assert refused.value.message == "line 2, column 1: the key 'a' is given twice, first in line 1"
    assert refused.value.hint == "Keep one of the two."
    assert [problem.code for problem in refused.value.problems] == ["duplicate-key"]


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', 'a: "\\uD800"', "a: !<%FF> x"])
def test_an_impossible_escape_is_told(text: str) -> None:
    document = parse(text)

    assert not document.complete
    assert [problem.code in ("yaml-syntax", "bad-character") for problem in document.problems] == [True]


def test_the_parser_in_c_is_there(parser: str) -> None:
    # Everything would work without it, but seven times slower.
    if parser == "in C":
        assert yaml._c_parser() is not None


def test_ruamels_own_parser_does_where_the_one_in_c_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "ruamel.yaml.cyaml", None)
    yaml._c_parser.cache_clear()

    value = parse("a: [1, b]\n").value

    assert value == {"a": [1, "b"]}
    assert yaml._c_parser() is None
    yaml._c_parser.cache_clear()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: [1, 2\nb: 3\n", "A bracket or brace opened in line 1 is not closed; quote a text that begins with one."),
        ("a: {x: 1\nb: 2\n", "A bracket or brace opened in line 1 is not closed; quote a text that begins with one."),
        ("a: }\n", "A value is missing, or a bracket or brace before it is not closed."),
        ("a: [\n", "A value is missing, or a bracket or brace before it is not closed."),
        (
            "greeting: {name}, hello\n",
            "Quote a text that begins with a brace or bracket; otherwise a brace or bracket too many is closed here.",
        ),
        (
            "a: [1, 2]]\n",
            "Quote a text that begins with a brace or bracket; otherwise a brace or bracket too many is closed here.",
        ),
    ],
)
def test_every_slip_with_brackets_and_braces_gets_a_hint(text: str, hint: str) -> None:
    (problem,) = yaml.parse(text.encode(), "x.yaml").problems
    assert (problem.code, problem.hint) == ("yaml-syntax", hint)
