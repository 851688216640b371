"""Merging sequences: whose each part of three versions of the same lines or items is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitagent.config.merging.sequences import Part, Taken, merge_sequences

texts = st.text("abcd", max_size=12)


def parts(base: str, ours: str, theirs: str) -> list[tuple[str, str, str, str]]:
    return [
        (part.taken.name, base[part.base], ours[part.ours], theirs[part.theirs])
        for part in merge_sequences(base, ours, theirs)
    ]


def chosen(base: str, ours: str, theirs: str) -> str:
    """The merged text, conflicts as their two sides in brackets."""
    said = {
        Taken.SAME: lambda part: base[part.base],
        Taken.OURS: lambda part: ours[part.ours],
        Taken.THEIRS: lambda part: theirs[part.theirs],
        Taken.BOTH: lambda part: ours[part.ours],
        Taken.CONFLICT: lambda part: f"[{ours[part.ours]}|{theirs[part.theirs]}]",
    }
    return "".join(said[part.taken](part) for part in merge_sequences(base, ours, theirs))


def test_changes_apart_are_both_taken() -> None:
    assert parts("abcde", "aXcde", "abcdY") == [
        ("SAME", "a", "a", "a"),
        ("OURS", "b", "X", "b"),
        ("SAME", "cd", "cd", "cd"),
        ("THEIRS", "e", "e", "Y"),
    ]


def test_changes_of_neighbours_are_both_taken() -> None:
    assert chosen("abcd", "aXcd", "abYd") == "aXYd"


def test_the_same_change_is_taken_once() -> None:
    assert parts("abc", "aXc", "aXc") == [("SAME", "a", "a", "a"), ("BOTH", "b", "X", "X"), ("SAME", "c", "c", "c")]


def test_different_changes_of_one_item_conflict() -> None:
    assert chosen("abc", "aXc", "aYc") == "a[X|Y]c"


def test_changes_that_overlap_conflict_as_a_whole() -> None:
    assert chosen("abcdef", "aXYdef", "abcZWf") == "aXYZWf"
    assert chosen("abcdef", "aXYZef", "abcVWf") == "a[XYZe|bcVW]f"


def test_two_insertions_at_one_place_conflict() -> None:
    assert chosen("ab", "aXb", "aYb") == "a[X|Y]b"
    assert chosen("ab", "abX", "abY") == "ab[X|Y]"


def test_an_insertion_into_the_middle_of_what_was_deleted_conflicts() -> None:
    assert chosen("abcd", "ad", "abXcd") == "a[|bXc]d"


def test_an_insertion_beside_a_change_is_taken() -> None:
    assert chosen("abc", "aXc", "abYc") == "aXYc"
    assert chosen("abc", "aXc", "aYbc") == "aYXc"


def test_from_nothing_both_sides_conflict_unless_they_are_the_same() -> None:
    assert chosen("", "a", "b") == "[a|b]"
    assert chosen("", "a", "a") == "a"
    assert merge_sequences("", "", "") == []


def test_a_long_text_of_few_different_lines_is_quick() -> None:
    base = ["x", ""] * 20_000
    ours = ["ours", *base]
    theirs = [*base, "theirs"]
    taken = [part.taken for part in merge_sequences(base, ours, theirs)]
    assert taken == [Taken.OURS, Taken.SAME, Taken.THEIRS]


@given(texts, texts)
def test_against_an_unchanged_side_the_other_one_wins(base: str, other: str) -> None:
    assert chosen(base, other, base) == other
    assert chosen(base, base, other) == other
    assert chosen(base, other, other) == other


@given(texts, texts, texts)
def test_the_parts_cover_all_three(base: str, ours: str, theirs: str) -> None:
    found = merge_sequences(base, ours, theirs)
    assert "".join(base[part.base] for part in found) == base
    assert "".join(ours[part.ours] for part in found) == ours
    assert "".join(theirs[part.theirs] for part in found) == theirs


@given(texts, texts, texts)
def test_the_sides_can_change_places(base: str, ours: str, theirs: str) -> None:
    mirror = {Taken.OURS: Taken.THEIRS, Taken.THEIRS: Taken.OURS}

    def mirrored(part: Part) -> Part:
        return Part(mirror.get(part.taken, part.taken), part.base, part.theirs, part.ours)

    forth = merge_sequences(base, ours, theirs)
    back = [mirrored(part) for part in merge_sequences(base, theirs, ours)]
    if not any(part.taken is Taken.CONFLICT for part in forth):
        assert [part for part in back if part.base.start < part.base.stop] == [
            part for part in forth if part.base.start < part.base.stop
        ]
