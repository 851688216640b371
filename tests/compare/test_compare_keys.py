"""Keys: which configuration values differ, by their path."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.trees import between, change_of, file
from gitagent.agent.compare.keys import KeyChange, KeyChangeKind, KeyChanges
from gitagent.agent.compare.values import differences, is_same
from gitagent.config.files import FileKind

ADDED, REMOVED, CHANGED, MOVED = KeyChangeKind.ADDED, KeyChangeKind.REMOVED, KeyChangeKind.CHANGED, KeyChangeKind.MOVED
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.text("ab.", max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "id", "a", "b"]), inner, max_size=3),
    ),
    max_leaves=12,
)


def told(old: object, new: object) -> list[tuple[str, str, object, object]]:
    return [(key.path, str(key.kind), key.old, key.new) for key in differences(old, new)]


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert told(value, value) == []


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES)
def test_values_differ_exactly_when_they_are_not_the_same(old: object, new: object) -> None:
    nothing: dict[str, object] = {}
    assert bool(told(old, new)) != is_same(nothing if old is None else old, nothing if new is None else new)


def test_values_are_told_by_their_path() -> None:
    old = {"voice": {"speed": 1.0, "pitch": 2}, "greeting": "Hello", "model": {"name": "a"}}
    new = {"voice": {"speed": 1.2, "pitch": 2, "style": None}, "greeting": "Hello", "variables": {"a": 1}}

    assert told(old, new) == [
        ("voice.speed", "changed", 1.0, 1.2),
        ("voice.style", "added", None, None),
        ("variables", "added", None, {"a": 1}),
        ("model", "removed", {"name": "a"}, None),
    ]


def test_lists_of_mappings_are_matched_by_name() -> None:
    desk, manager = {"name": "front desk", "number": "1"}, {"name": "manager", "number": "2"}
    kitchen = {"name": "kitchen", "number": "3"}

    assert told({"handoffs": [desk, manager]}, {"handoffs": [kitchen, desk | {"number": "4"}]}) == [
        ("handoffs[kitchen]", "added", None, kitchen),
        ("handoffs[front desk].number", "changed", "1", "4"),
        ("handoffs[manager]", "removed", manager, None),
    ]


def test_lists_of_mappings_without_names_are_matched_by_id() -> None:
    assert told([{"id": "x", "a": 1}], [{"id": "y"}, {"id": "x", "a": 2}]) == [
        ("[y]", "added", None, {"id": "y"}),
        ("[x].a", "changed", 1, 2),
    ]


def test_a_named_item_that_changed_its_place_moved() -> None:
    old = [{"name": name} for name in "abcd"]
    new = [{"name": name} for name in "bcda"]

    assert told(old, new) == [("[a]", "moved", 1, 4)]


def test_items_with_the_same_name_are_matched_by_place() -> None:
    old = [{"name": "a", "n": 1}, {"name": "a", "n": 2}]
    new = [{"name": "a", "n": 1}, {"name": "a", "n": 3}]

    assert told(old, new) == [("[2].n", "changed", 2, 3)]


def test_items_without_names_are_matched_by_what_they_are() -> None:
    assert told({"q": ["when", "where"]}, {"q": ["who", "when", "where"]}) == [("q[1]", "added", None, "who")]
    assert told({"q": ["when", "where"]}, {"q": ["when"]}) == [("q[2]", "removed", "where", None)]
    assert told({"q": ["when", "where"]}, {"q": ["when", "why"]}) == [("q[2]", "changed", "where", "why")]


@pytest.mark.parametrize(
    ("old", "new"), [(1, 1.0), (1, True), (1, "1"), (None, ""), ([], {}), ("a", ["a"]), (0.0, -0.0)]
)
def test_values_of_another_kind_differ(old: object, new: object) -> None:
    assert told({"a": old}, {"a": new}) == [("a", "changed", old, new)]


def test_a_number_that_is_none_equals_itself() -> None:
    assert told({"a": float("nan")}, {"a": float("nan")}) == []


def test_keys_that_could_be_taken_for_paths_stand_in_quotes() -> None:
    assert [
        path for path, *_ in told({}, {"a.b": 1, "c d": 1, 'e"]\\': 1, "": 1, "X-Queue": 1, "漢字": 1, "7": 1})
    ] == [
        '"a.b"',
        "c d",
        '"e\\"]\\\\"',
        '""',
        "X-Queue",
        "漢字",
        "7",
    ]


def test_keys_of_a_yaml_file() -> None:
    change = change_of("voice:\n  speed: 1.0\n", "voice: {speed: 1.2}\n", path="agent.yaml")

    assert change.keys == KeyChanges((KeyChange("voice.speed", CHANGED, 1.0, 1.2),))


def test_keys_of_a_json_file() -> None:
    change = change_of('{"a": [1, 2]}', '{"a": [1]}', path="tool.json")

    assert change.keys == KeyChanges((KeyChange("a[2]", REMOVED, 2, None),))


def test_all_keys_of_a_file_that_was_added_are_added() -> None:
    (change,) = between({}, {"a.yml": "a: 1\nb: {c: 2}\n"}).files

    assert change.keys == KeyChanges((KeyChange("a", ADDED, None, 1), KeyChange("b", ADDED, None, {"c": 2})))


def test_a_file_that_was_not_yaml_before_is_told_with_all_its_keys() -> None:
    (change,) = between({"a.txt": "a: 1\nb: 2\nc: 3\n"}, {"a.yaml": "a: 1\nb: 2\nc: 3\nd: 4\n"}).files

    assert change.keys == KeyChanges(unparsed="a.txt is not a YAML or JSON file")


def test_a_file_that_cannot_be_read_says_where() -> None:
    change = change_of("a: 1\n", "a: [1\n", path="agent.yaml")

    assert change.keys is not None
    assert change.keys.changes == ()
    assert change.keys.unparsed is not None
    assert change.keys.unparsed.startswith("agent.yaml:")


@pytest.mark.parametrize("path", ["agent.yaml", "x.yml", "x.json"])
def test_a_file_with_a_key_given_twice_is_compared_by_lines_alone(path: str) -> None:
    old, new = '{"a": 1, "b": 1,\n"a": 2}\n', '{"a": 3, "b": 1,\n"a": 2}\n'
    for one, other in ((old, new), ('{"a": 1}\n', new), (old, '{"a": 1}\n')):
        change = change_of(one, other, path=path)
        assert change.keys is not None
        assert change.keys.changes == ()
        assert change.keys.unparsed is not None
        assert change.keys.unparsed.startswith(f"{path}:2:1: duplicate-key: ")


def test_a_file_that_only_moved_has_no_changed_keys() -> None:
    (change,) = between({"a.yaml": "a: [\n"}, {"b.yaml": "a: [\n"}).files

    assert change.keys == KeyChanges()


@pytest.mark.parametrize("path", ["prompt.md", "yaml", "a.yaml.txt"])
def test_other_files_have_no_keys(path: str) -> None:
    assert change_of("a: 1\n", "a: 2\n", path=path).keys is None


def test_a_link_has_no_keys() -> None:
    assert change_of(file("a", FileKind.LINK), file("b", FileKind.LINK), path="a.yaml").keys is None
