"""Comparing the other way round says the opposite, and nothing else."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings

from compare.trees import TREES, Tree, edited_trees, texts
from gitagent.agent.compare import ChangeKind, Comparison, compare
from gitagent.agent.compare.keys import KeyChangeKind
from gitagent.agent.compare.lines import RowKind, line_changes
from gitagent.agent.compare.patch import patch
from gitagent.agent.compare.text import read_text
from gitagent.agent.compare.values import differences

OPPOSITE = {
    ChangeKind.ADDED: ChangeKind.DELETED,
    ChangeKind.DELETED: ChangeKind.ADDED,
    ChangeKind.MODIFIED: ChangeKind.MODIFIED,
    ChangeKind.RENAMED: ChangeKind.RENAMED,
}
OPPOSITE_KEY = {
    KeyChangeKind.ADDED: KeyChangeKind.REMOVED,
    KeyChangeKind.REMOVED: KeyChangeKind.ADDED,
    KeyChangeKind.CHANGED: KeyChangeKind.CHANGED,
}


def both_ways(pair: tuple[Tree, Tree]) -> tuple[Comparison, Comparison]:
    old, new = pair
    return compare(old, new, old_label="v1", new_label="v2"), compare(new, old, old_label="v2", new_label="v1")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_what_was_added_is_deleted_the_other_way_round(pair: tuple[Tree, Tree]) -> None:
    there, back = both_ways(pair)

    assert Counter(change.kind for change in there.files) == Counter(OPPOSITE[change.kind] for change in back.files)


@settings(max_examples=60, deadline=None)
@given(texts(), texts())
def test_lines_that_were_added_are_removed_the_other_way_round(old: bytes, new: bytes) -> None:
    there = line_changes(read_text(old), read_text(new))
    back = line_changes(read_text(new), read_text(old))

    assert there.added - there.removed == back.removed - back.added
    assert bool(there.hunks()) == bool(back.hunks())


@settings(max_examples=60, deadline=None)
@given(texts(), texts())
def test_rows_add_up_to_the_counts(old: bytes, new: bytes) -> None:
    found = line_changes(read_text(old), read_text(new))
    kinds = Counter(row.kind for hunk in found.hunks() for row in found.rows(hunk.blocks))

    assert kinds[RowKind.ADDED] + kinds[RowKind.CHANGED] == found.added
    assert kinds[RowKind.REMOVED] + kinds[RowKind.CHANGED] == found.removed


def test_keys_that_were_added_are_removed_the_other_way_round() -> None:
    old = {"voice": {"speed": 1.0, "style": "calm"}, "desks": [{"name": "a", "n": 1}, {"name": "b"}], "q": ["x", "y"]}
    new = {"voice": {"speed": 1.2, "pitch": 2}, "desks": [{"name": "a", "n": 2}, {"name": "c"}], "q": ["x"]}

    there = {(key.path, key.kind, str(key.old), str(key.new)) for key in differences(old, new)}
    back = {(key.path, OPPOSITE_KEY[key.kind], str(key.new), str(key.old)) for key in differences(new, old)}

    assert there == back


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_a_tree_against_nothing_is_all_added_and_all_deleted(tree: Tree) -> None:
    there, back = both_ways(({}, tree))

    assert [change.kind for change in there.files] == [ChangeKind.ADDED] * len(tree)
    assert [change.kind for change in back.files] == [ChangeKind.DELETED] * len(tree)
    assert patch(there).count(b"\nnew file mode ") == len(tree)
    assert patch(back).count(b"\ndeleted file mode ") == len(tree)
