"""Matching finds what stays the same, and gives up on what would take too long."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitagent.agent.compare import matching
from gitagent.agent.compare.matching import Block, blocks, longest_rising

SEQUENCES = st.lists(st.sampled_from("abcdef"), max_size=40)


def both_sides(found: tuple[Block, ...], old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    left = [item for block in found for item in old[block.old_start : block.old_end]]
    right = [item for block in found for item in new[block.new_start : block.new_end]]
    return left, right


@settings(max_examples=150, deadline=None)
@given(SEQUENCES, SEQUENCES)
def test_blocks_hold_both_sides_whole_and_in_order(old: list[str], new: list[str]) -> None:
    found = blocks(old, new)

    assert both_sides(found, old, new) == (old, new)
    assert all(old[b.old_start : b.old_end] == new[b.new_start : b.new_end] for b in found if b.same)
    assert all(one.same != other.same for one, other in pairwise(found))


@settings(max_examples=60, deadline=None)
@given(SEQUENCES)
def test_equal_sequences_are_one_block(items: list[str]) -> None:
    assert blocks(items, items) == ((Block(True, 0, len(items), 0, len(items)),) if items else ())


def test_an_item_put_in_between_is_the_only_difference() -> None:
    assert blocks("abcd", "abXcd") == (Block(True, 0, 2, 0, 2), Block(False, 2, 2, 2, 3), Block(True, 2, 4, 3, 5))


@settings(max_examples=60, deadline=None)
@given(SEQUENCES, SEQUENCES)
def test_without_a_budget_lines_that_occur_once_hold_the_rest_together(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_GAP_COST", 0)
        found = blocks(old, new)

    assert both_sides(found, old, new) == (old, new)
    assert all(old[b.old_start : b.old_end] == new[b.new_start : b.new_end] for b in found if b.same)


def test_lines_that_occur_once_are_matched_in_a_text_too_large_to_compare_freely() -> None:
    random = Random(1)
    noise = [random.choice("ab") for _ in range(2_000)]
    other = [random.choice("ab") for _ in range(2_000)]

    found = blocks([*noise, "once", *noise[:900]], [*other, "once", *other[:900]])

    assert [b.old_start - b.new_start for b in found if b.same and b.old_start <= 2_000 < b.old_end] == [0]


def test_what_is_too_dear_to_match_is_one_block_that_differs() -> None:
    random = Random(1)
    old = ["first", *("x" + random.choice("ab") for _ in range(5_000)), "old", "last"]
    new = ["first", *("x" + random.choice("ab") for _ in range(5_000)), "new", "last"]

    assert sum(not block.same for block in blocks(old, new)) == 1


def test_a_hundred_thousand_lines_with_a_tenth_of_them_changed_are_matched_exactly() -> None:
    old = [f"line {number}" for number in range(100_000)]
    new = [f"{line} changed" if index % 10 == 0 else line for index, line in enumerate(old)]

    changed = [block for block in blocks(old, new) if not block.same]

    assert changed == [Block(False, at, at + 1, at, at + 1) for at in range(0, 100_000, 10)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([3, 1, 2], [1, 2]), ([1, 2, 3], [1, 2, 3]), ([3, 2, 1], [1]), ([2, 5, 3, 7, 11, 8], [2, 3, 7, 8])],
)
def test_the_longest_rising_run(values: list[int], expected: list[int]) -> None:
    assert [value for _, value in longest_rising(list(enumerate(values)))] == expected
