"""Merging, as properties: of any configuration, and of any edits of it."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gitagent.config import yaml
from gitagent.config.merging import MergedFile, has_conflict_markers, merge

LABELS = ("your draft", "v8")

words = st.sampled_from(
    [
        "",
        "a",
        "two words",
        "8",
        "true",
        "null",
        "- x",
        "# no comment",
        "a: b",
        "ünï",
        "one\ntwo\n",
        "one\n\n two",
        "+44",
        "'q'",
    ]
)
scalars = st.one_of(words, st.integers(0, 9), st.booleans(), st.none(), st.sampled_from([0.5, 1.0]))
names = st.sampled_from(["name", "id", "voice", "speed", "a b", "x", "y", "z"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.dictionaries(names, inner, max_size=4),
        st.lists(inner, max_size=4),
        st.lists(st.sampled_from(["front", "back", "bar"]), unique=True, max_size=3).flatmap(
            lambda given_names: st.tuples(*(st.tuples(st.just(each), inner) for each in given_names)).map(
                lambda items: [{"name": name, "value": value} for name, value in items]
            )
        ),
    ),
    max_leaves=12,
)
mappings = st.dictionaries(names, values, min_size=1, max_size=5)
formats = st.sampled_from(["a.yaml", "a.json", "flow.yaml"])


def never(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
    """No text merge: what comes here could not be brought together by its keys."""
    raise AssertionError((base, ours, theirs))


def by_line(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
    return b"<<<<<<< your draft\n" + ours + b"\n=======\n" + theirs + b"\n>>>>>>> v8\n", False


def written(value: object, path: str) -> bytes:
    if path == "a.yaml":
        return yaml.dump(value).encode()
    return json.dumps(value, indent=2 if path == "a.json" else None).encode() + b"\n"


def merged(base: object, ours: object, theirs: object, path: str = "a.yaml") -> MergedFile:
    contents = (written(value, path) for value in (base, ours, theirs))
    return merge(*contents, path=path, labels=LABELS, merge_text=by_line)


def value_of(result: MergedFile, path: str = "a.yaml") -> Any:
    assert result.content is not None
    document = yaml.parse(result.content, path)
    assert not document.problems
    return document.value


def same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@settings(max_examples=40)
@given(mappings, mappings, formats)
def test_against_an_unchanged_side_the_other_one_wins_byte_for_byte(base: object, other: object, path: str) -> None:
    content = written(other, path)
    assert merged(base, other, base, path) == MergedFile(content)
    assert merged(base, base, other, path) == MergedFile(content)
    assert merged(base, other, other, path) == MergedFile(content)


@settings(max_examples=40)
@given(mappings, mappings, mappings, formats)
def test_whatever_the_edits_a_clean_merge_is_sound_and_another_one_is_marked(
    base: object, ours: object, theirs: object, path: str
) -> None:
    result = merged(base, ours, theirs, path)
    assert result.content is not None
    assert has_conflict_markers(result.content) is not result.is_clean
    if result.is_clean:
        value_of(result, path)


@settings(max_examples=40)
@given(mappings, mappings, mappings, formats)
def test_a_merge_can_be_repeated(base: object, ours: object, theirs: object, path: str) -> None:
    result = merged(base, ours, theirs, path)
    if not result.is_clean:
        return
    assert result.content is not None
    again = merge(
        written(theirs, path), result.content, written(theirs, path), path=path, labels=LABELS, merge_text=never
    )
    assert again.content == result.content


@settings(max_examples=40)
@given(st.dictionaries(names, values, min_size=2, max_size=6), st.data(), formats)
def test_edits_of_different_keys_are_all_there_whoever_made_them(base: dict[str, Any], data: Any, path: str) -> None:
    keys = data.draw(st.permutations(sorted(base)))
    cut = data.draw(st.integers(0, len(keys)))
    ours, theirs, both = copy.deepcopy(base), copy.deepcopy(base), copy.deepcopy(base)
    for key in keys[:cut]:
        ours[key] = both[key] = data.draw(values)
    for key in keys[cut:]:
        theirs[key] = both[key] = data.draw(values)
    for side, extra in ((ours, "ours only"), (theirs, "theirs only")):
        if data.draw(st.booleans()):
            side[extra] = both[extra] = data.draw(values)
    forth, back = merged(base, ours, theirs, path), merged(base, theirs, ours, path)
    assert forth.is_clean
    assert back.is_clean
    assert same(value_of(forth, path), both)
    assert same(value_of(back, path), both)


@settings(max_examples=40)
@given(st.dictionaries(names, values, min_size=2, max_size=6), st.data(), formats)
def test_removals_of_different_keys_are_both_honoured(base: dict[str, Any], data: Any, path: str) -> None:
    first, second = data.draw(st.permutations(sorted(base)))[:2]
    ours = {key: value for key, value in base.items() if key != first}
    theirs = {key: value for key, value in base.items() if key != second}
    left = {key: value for key, value in base.items() if key not in (first, second)}
    assume(left)
    assert same(value_of(merged(base, ours, theirs, path), path), left)


@settings(max_examples=40)
@given(mappings, mappings, mappings, formats)
@example({"name": [""]}, {"name": ["a"]}, {"name": []}, "a.yaml")
def test_the_sides_conflict_about_the_same_keys_whoever_is_asked(
    base: object, ours: object, theirs: object, path: str
) -> None:
    forth, back = merged(base, ours, theirs, path), merged(base, theirs, ours, path)
    assert sorted(str(each.key) for each in forth.conflicts) == sorted(str(each.key) for each in back.conflicts)


def _commented(text: str, chance: random.Random) -> str:
    """A YAML text with comments of its own; blocks of text are left alone."""
    lines = []
    for number, line in enumerate(text.splitlines()):
        if chance.random() < 0.3 and line.strip() and not line.startswith(" "):
            lines.append(f"# about {number}")
        lines.append(line)
    return "\n".join(lines) + "\n"


@settings(max_examples=40)
@given(st.dictionaries(names, scalars, min_size=2, max_size=6), st.data())
def test_every_comment_of_ours_stays_where_its_key_does(base: dict[str, Any], data: Any) -> None:
    assume(not any(isinstance(value, str) and "\n" in value for value in base.values()))
    key = data.draw(st.sampled_from(sorted(base)))
    text = yaml.dump(base)
    ours = _commented(text, random.Random(data.draw(st.integers())))
    theirs = yaml.dump({**base, key: "changed by them", "new": 1})
    assume(base[key] != "changed by them")
    result = merge(text.encode(), ours.encode(), theirs.encode(), path="a.yaml", labels=LABELS, merge_text=never)
    assert result.content is not None
    comments = [line for line in ours.splitlines() if line.startswith("#")]
    assert [line for line in result.content.decode().splitlines() if line.startswith("# about")] == comments


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8), st.data())
@example(["a"], None)
def test_a_prompt_is_merged_by_its_lines(lines: list[str], data: Any) -> None:
    if data is None:
        return
    lines = ["first", *lines, "between", *lines, "last"]
    at = lines.index("between")
    ours = [*lines[: at - 1], "ours", *lines[at:]] if at > 1 else ["ours", *lines]
    theirs = [*lines, "theirs"]
    both = [*ours, "theirs"]
    before, here, there = ({"prompt": "\n".join(each) + "\n", "x": 1} for each in (lines, ours, theirs))
    result = merged(before, here, there)
    assert value_of(result) == {"prompt": "\n".join(both) + "\n", "x": 1}


@pytest.mark.scale
@pytest.mark.parametrize("path", ["a.yaml", "a.json"])
def test_a_megabyte_is_merged_without_comparing_everything_with_everything(path: str) -> None:
    base = {f"key {number}": {"text": "x" * 380, "items": [number, "same", "same"]} for number in range(2_200)}
    ours = {**base, "key 7": {"text": "ours", "items": [1]}}
    theirs = {**base, "key 2199": {"text": "theirs", "items": [2]}}
    contents = [written(each, path) for each in (base, ours, theirs)]
    assert len(contents[0]) > 900_000
    content = merge(*contents, path=path, labels=LABELS, merge_text=never).content
    assert content == written({**ours, "key 2199": theirs["key 2199"]}, path)
