"""Reading JSON: the standard library is the oracle for values, and each fault has its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import lines

from gitagent.config import yaml

COMMA = " -> JSON allows no comma after the last item: remove it."
QUOTES = " -> JSON knows only double quotes."
TWICE = " is given twice, first in line 1 -> Keep one of the two."
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


def problems(text: str) -> list[str]:
    return lines(list(yaml.parse(text.encode(), "a.json").problems))


@given(JSON, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_a_value_is_what_the_standard_library_reads(value: object, ascii_only: bool, indent: int | str | None) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    document = yaml.parse(data, "a.json")

    assert document.complete
    assert document.value == json.loads(data)


def test_every_value_and_key_has_a_place() -> None:
    document = yaml.parse(b'{\n  "a": [1, {"b": null}],\n  "c": +1\n}'.replace(b"+", b"-"), "a.json")

    assert document.value == {"a": [1, {"b": None}], "c": -1}
    assert document.place(("a",), on_key=True) == (2, 3)
    assert document.place(("a", 1, "b")) == (2, 18)
    assert document.source(("c",)) == "-1"


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert yaml.parse(b'["\\ud83d\\ude00"]', "a.json").value == ["\U0001f600"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.json:1:1: json-syntax: expected a value, found the end of the file"),
        ("[", "a.json:1:2: json-syntax: expected a value, found the end of the file"),
        ("[1", "a.json:1:3: json-syntax: expected ',' or ']', found the end of the file"),
        ("[1 2]", "a.json:1:4: json-syntax: expected ',' or ']', found '2'"),
        ("[1,]", f"a.json:1:3: json-syntax: a comma before ']'{COMMA}"),
        ('{"a": 1,\n}', "a.json:1:8: json-syntax: a comma before '}'" + COMMA),
        ("{a: 1}", "a.json:1:2: json-syntax: expected a key in double quotes, found 'a'"),
        ("{'a': 1}", f"a.json:1:2: json-syntax: expected a key in double quotes, found {chr(34)}'{chr(34)}{QUOTES}"),
        ('{"a" 1}', "a.json:1:6: json-syntax: expected ':' after the key, found '1'"),
        ("// no\n[]", "a.json:1:1: json-syntax: expected a value, found '/' -> JSON has no comments: remove it."),
        ("[1 /* no */]", "a.json:1:4: json-syntax: expected ',' or ']', found '/' -> JSON has no comments: remove it."),
        ("[] []", "a.json:1:4: json-syntax: more text after the end of the JSON value"),
        ("[01]", "a.json:1:2: json-syntax: expected a value, found '0'"),
        ("[nullx]", "a.json:1:2: json-syntax: expected a value, found 'n'"),
        ("[NaN]", "a.json:1:2: json-syntax: expected a value, found 'N'"),
        ('["a\nb"]', "a.json:1:4: json-syntax: invalid control character"),
        ('["\\x"]', "a.json:1:3: json-syntax: invalid \\escape"),
        ('["', "a.json:1:2: json-syntax: unterminated string starting"),
        ('["\\ud800"]', "a.json:1:2: bad-character: half of a character (\\ud800) -> Write it whole."),
        ('{"a": 1, "a": 2}', f"a.json:1:10: duplicate-key: the key 'a'{TWICE}"),
        ("[" * 200, "a.json:1:101: too-deep: more than 100 values inside each other -> Nest the file less deeply."),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, expected: str) -> None:
    assert problems(text) == [expected]


@given(st.text(alphabet='{}[]",:0a1.-+etrufalsn \n\\/#', max_size=30))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    except ValueError:
        assert yaml.check(text.encode(), "a.json") != []
    else:
        document = yaml.parse(text.encode(), "a.json")
        assert document.value == expected or "duplicate-key" in {problem.code for problem in document.problems}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('{"a": [1, {"b": "\\ud800"}]}', []),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', ["duplicate-key"]),
        ("[NaN]", ["json-syntax"]),
        ("[1,]", ["json-syntax"]),
        ("[" * 90 + "]" * 90, []),
        ("[" * 100_000 + "]" * 100_000, ["too-deep"]),
        (f"[{'9' * 5000}]", []),
        ("\ufeff[]", []),
    ],
)
def test_other_json_is_checked_quickly_and_told_with_places(text: str, codes: list[str]) -> None:
    assert [problem.code for problem in yaml.check(text.encode(), "data.json")] == codes
