"""The parts that merging is made of: trees, layouts, texts, orders, indents, encodings and places beside a file."""

from __future__ import annotations

import codecs
from itertools import permutations

import pytest

from gitagent.config.merging.encodings import Encoding, encoded, is_binary, merged_encoding, plain
from gitagent.config.merging.indents import indent_of, reindented
from gitagent.config.merging.keys import merge_trees, merged_comments
from gitagent.config.merging.layouts import in_lines, kept, shifted, taken
from gitagent.config.merging.marks import beside, is_beside
from gitagent.config.merging.orders import OrdersDifferError, merged_order
from gitagent.config.merging.pieces import Fork, side, with_marks
from gitagent.config.merging.strings import merge_lines, merge_strings
from gitagent.config.merging.trees import (
    Kind,
    Node,
    Tree,
    UnmergeableError,
    Value,
    list_value,
    mapping_value,
    read_tree,
)


def tree(text: str, path: str = "a.yaml") -> Tree:
    return read_tree(text, path)


def value(text: str) -> Value:
    return tree(text).root.value


def first(text: str) -> Node:
    """The value of the first key."""
    return tree(text).root.entries[0].node


YAML = """\
# top

a: 1 # one
b:
  - x
  - y: {z: 1}
  # end of b

# about c
c: |
  text
# last
"""


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (YAML, "a.yaml"),
        ('{"a": [1, 2 ], "b": {}, "c": {"d": null}}\n', "a.json"),
        ("l: [one, two,\n    three, # 3\n    four,\n]\n", "a.yaml"),
        ("- - a\n  - b\n-   c: 1\n    d: 2\n", "a.yaml"),
    ],
)
def test_every_character_of_a_text_belongs_to_one_cutting(text: str, path: str) -> None:
    def joined(node: Node) -> str:
        if not node.entries:
            return node.text
        out = node.opening
        for place, entry in enumerate(node.entries):
            prefix = "" if node.in_brackets or (node.inline and place == 0) else " " * node.column
            out += ("," if node.in_brackets and place else "") + entry.lead + prefix
            out += entry.head + joined(entry.node) + entry.rest
        return out + node.tail + ("" if not node.in_brackets else "}" if node.kind is Kind.MAPPING else "]")

    found = tree(text, path)
    assert found.preamble + joined(found.root) + found.tail == text


def test_a_comment_belongs_to_what_it_is_set_in_with() -> None:
    found = tree(YAML)
    assert found.preamble == "# top\n\n"
    assert [entry.lead for entry in found.root.entries] == ["", "", "\n# about c\n"]
    assert [entry.rest for entry in found.root.entries] == [" # one\n", "", "\n"]
    assert found.root.entries[1].node.tail == "  # end of b\n"
    assert found.root.tail == "# last\n"


def test_the_mark_of_an_entry_is_its_key_without_what_follows() -> None:
    assert [entry.mark for entry in tree("a: 1\n'b c': # why\n  d: 1\n").root.entries] == ["a:", "'b c':"]
    assert [entry.mark for entry in tree("-   a: 1\n- # why\n  b\n").root.entries] == ["-", "-"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a: 1\nb: 2\n", "{b: 2, a: 1}\n"),
        ("a: 'x'\n", 'a: "x" # why\n'),
        ("a: |\n  x\n", 'a: "x\\n"\n'),
        ("a: >-\n  x\n  y\n", "a: x y\n"),
        ("a: ~\n", "a:\n"),
        ("a: 0x10\n", "a: 16\n"),
        ("- a\n- b\n", "[a, b]\n"),
    ],
)
def test_what_means_the_same_has_the_same_value(one: str, other: str) -> None:
    assert value(one) == value(other)


def test_what_means_something_else_has_another_value() -> None:
    texts = ["1", "1.0", "true", "'1'", "null", "''", "[1]", "{a: 1}", "&x 1", "!t 1", "&y 1", "!!str 1", "[[1]]", "{}"]
    assert len({value(f"a: {text}\n") for text in texts}) == len(texts)
    assert value("[a, b]\n") != value("[b, a]\n")


def test_values_are_made_of_what_they_hold() -> None:
    one, two = ("int", "1"), ("int", "2")
    assert value("l: [1, 2]\nm: {a: 1}\n") == mapping_value(
        [("m", mapping_value([("a", one)])), ("l", list_value([one, two]))]
    )
    assert value("a: &x !t {b: 1}\nc: *x\n") == mapping_value(
        [("a", ("tagged", "x", "!t", mapping_value([("b", one)]))), ("c", ("alias", "x"))]
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not one document"),
        ("# only a comment\n", "not one document"),
        ("a: 1\n---\nb: 1\n", "not one document"),
        ("a: 1\n...\n---\n", "not one document"),
        ("a: 1\na: 2\n", "a key given twice"),
        ("{a: 1, a: 1}\n", "a key given twice"),
        ("? a\n: 1\n", "an unusual layout"),
        ("? |\n  a\n: 1\n", "an unusual layout"),
        ("{? a : 1}\n", "an unusual layout"),
        ("1: 1\n", "a key that is no plain text"),
        ("&k a: 1\n", "a key that is no plain text"),
        ("a: &x\n  &y b: 1\n", "a key that is no plain text"),
        ("!!str a: 1\n", "a key that is no plain text"),
        ("? [a]\n: 1\n", "a key that is no plain text"),
        ("{a: 1, ? : 2}\n", "a key that is no plain text"),
        ("[a: 1]\n", "a pair in brackets"),
        ("a: *x\n", "an alias without its anchor"),
        ("a: {}# c\n", "more in the line than one value"),
        ("a: " + "[" * 102 + "]" * 102 + "\n", "too deep"),
    ],
)
def test_what_cannot_be_cut_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnmergeableError) as caught:
        tree(text)
    assert str(caught.value) == reason


def test_nothing_is_left_of_a_file_whose_keys_both_removed() -> None:
    texts = ("a: 1\nb: 1\n", "a: 1\n", "b: 1\n")
    with pytest.raises(UnmergeableError, match="nothing is left"):
        merge_trees(*map(tree, texts), path="a.yaml")


def test_a_merge_says_what_it_means_for_either_side() -> None:
    merged = merge_trees(*map(tree, ("a: 0\nb: 0\n", "a: 1\nb: 0\nc: 1\n", "a: 2\nb: 3\n")), path="a.yaml")
    assert (merged.ours, merged.theirs) == (value("a: 1\nb: 3\nc: 1\n"), value("a: 2\nb: 3\nc: 1\n"))
    assert [side(merged.pieces, ours=whose) for whose in (True, False)] == ["a: 1\nb: 3\nc: 1\n", "a: 2\nb: 3\nc: 1\n"]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("", "", "", ""),
        ("# a\n", "# b\n", "# a\n", "# b\n"),
        ("# a\n", "# a\n", "# b\n", "# b\n"),
        ("# a\n", "# b\n", "# b\n", "# b\n"),
        ("# a\n", "", "# b\n", "# b\n"),
        ("# a\n", "# b\n", "# c\n", "# b\n# c\n"),
        ("", "# b\n# c\n", "# c\n# d\n", "# b\n# c\n# d\n"),
    ],
)
def test_comments_never_conflict(base: str, ours: str, theirs: str, merged: str) -> None:
    assert merged_comments(base, ours, theirs) == merged


def test_what_is_taken_is_laid_out_as_what_it_is_put_into() -> None:
    lines, brackets = tree("v:\n    a: 1\n").root.entries[0].node, first("v: {a: 1}\n")
    theirs = first("t:\n  b:\n    - 'x'\n")
    assert taken(theirs.entries[0], theirs, lines).pieces == ("b:\n      - 'x'\n",)
    assert taken(theirs.entries[0], theirs, brackets).pieces == ('"b": ["x"]',)
    flow = first("t: {b: ['x', {}], c: {d: 1}}\n")
    assert taken(flow.entries[0], flow, lines).pieces == ("b:\n      - x\n      - {}\n",)
    assert taken(flow.entries[1], flow, brackets).pieces == ("c: {d: 1}",)


@pytest.mark.parametrize("held", ["*x", "!t 1", "!t x", "&y 1", "[1, *x]", "{c: *x}"])
def test_an_alias_or_a_tag_stays_in_the_layout_it_is_written_in(held: str) -> None:
    brackets = tree(f"x: &x 1\nv: {{b: {held}}}\n").root.entries[1].node
    with pytest.raises(UnmergeableError, match="in another layout"):
        taken(brackets.entries[0], brackets, first("v:\n  a: 1\n"))


def test_an_entry_that_one_side_has_is_a_fork_in_lines_and_in_no_other_side() -> None:
    node = first("v:\n  a: 1\n  # b\n  b: 1\n")
    a, b = (kept(entry, place, node) for place, entry in enumerate(node.entries))
    forked = b._replace(only_ours=True)
    assert in_lines(node, (a, forked), "") == ("  ", "a: 1\n", Fork("  # b\n  b: 1\n", ""), "")
    assert (forked.text(ours=True), forked.text(ours=False)) == ("b: 1\n", "")
    assert (forked.is_in(ours=True), forked.is_in(ours=False), a.is_in(ours=False)) == (True, False, True)


def test_lines_are_shifted_but_the_first_and_never_past_their_beginning() -> None:
    assert shifted("a:\n  b\n\n c\nd\n", 2) == "a:\n    b\n\n   c\n  d\n"
    assert shifted("a:\n    b\n\n c\n", -2) == "a:\n  b\n\nc\n"
    assert shifted("a:\n  b\n", 0) == "a:\n  b\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "pieces"),
    [
        ("a: 1", "a: x", "a: y", None),
        ("a: one", "a: two", "a: three", None),
        ("a: |\n  x\n", "a: >\n  y\n", "a: |\n  z\n", None),
        ("a: |\n  x\n", "a: y\n", "a: |\n  z\n", None),
        ("a: !t |\n  x\n", "a: !t |\n  y\n", "a: !t |\n  z\n", None),
        ('a: "1\\n2"', 'a: "3\\n2"', 'a: "4\\n2"', None),
        ('a: "1\\n2"', 'a: "3\\n2"', 'a: "1\\n4"', ('"3\\n4"',)),
        ('a: "é\\n2"', 'a: "ü\\n2"', "a: 'é\n\n  4'", ('"ü\\n4"',)),
        ("a: |\n  1\n  2\n", "a: |\n  3\n  2\n", "a: |\n   1\n   4\n", ("|\n", "  3\n", "  4\n")),
        ("a: |\n  1\n", "a: |\n  3\n", "a: |\n  4\n", ("|\n", Fork("  3\n", "  4\n"))),
        ("a: |\n  1\n  2\n", "a: | # why\n  1\n  2\n", "a: |\n  1\n  4\n", ("| # why\n", "  1\n", "  4\n")),
        ("a: |\n  x\n  y\n   b\n", "a: |\n  y\n   b\n", "a: |\n  x\n   b\n", None),
    ],
)
def test_texts_are_merged_where_all_are_written_alike(
    base: str, ours: str, theirs: str, pieces: tuple[str | Fork, ...] | None
) -> None:
    text = merge_strings(*(first(each) for each in (base, ours, theirs)))
    assert (None if text is None else text.pieces) == pieces
    if text is not None:
        assert text.is_clean is not any(isinstance(piece, Fork) for piece in text.pieces)


def test_lines_fork_only_where_both_changed_them() -> None:
    assert merge_lines(("a", "b", "c"), ("A", "b", "x"), ("a", "b", "y")) == ("A", "b", Fork("x", "y"))
    assert merge_lines((), (), ()) == ()


def test_marks_follow_a_line_that_goes_on_behind_a_conflict() -> None:
    labels = ("o", "t")
    assert with_marks((Fork("a", "b"), "", "c\n", "d"), labels) == "<<<<<<< o\nac\n=======\nbc\n>>>>>>> t\nd"
    assert with_marks((), labels) == ""
    assert with_marks(("a", "b\nc"), labels) == "ab\nc"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "kept_names", "order"),
    [
        ("ab", "ab", "ab", "ab", "ab"),
        ("ab", "axb", "ayb", "abxy", "axyb"),
        ("ab", "xab", "yab", "abxy", "xyab"),
        ("ab", "abx", "aby", "abxy", "abxy"),
        ("abc", "cab", "abc", "abc", "cab"),
        ("abc", "abc", "cab", "abc", "cab"),
        ("abc", "abxc", "cayb", "abcxy", "caybx"),
        ("abc", "cba", "cba", "abc", "cba"),
        ("abc", "ac", "cab", "ac", "ca"),
        ("", "ab", "cd", "abcd", "abcd"),
        ("ab", "abx", "bya", "abxy", "bxya"),
        ("", "ab", "ba", "ab", "ab"),
    ],
)
def test_the_order_is_that_of_the_side_that_changed_it(
    base: str, ours: str, theirs: str, kept_names: str, order: str
) -> None:
    assert "".join(map(str, merged_order(base, ours, theirs, set(kept_names), strict=True))) == order


def test_of_two_new_orders_ours_is_kept_or_nobodys() -> None:
    assert merged_order("abc", "bac", "acb", set("abc"), strict=False) == [*"bac"]
    with pytest.raises(OrdersDifferError):
        merged_order("abc", "bac", "acb", set("abc"), strict=True)


def test_whatever_the_orders_are_each_name_is_there_once() -> None:
    for ours in permutations("abx"):
        for theirs in permutations("abyz"):
            order = merged_order("ab", ours, theirs, set("abxyz"), strict=False)
            assert sorted(map(str, order)) == [*"abxyz"]


@pytest.mark.parametrize(
    ("text", "indent"),
    [("{}", None), ('{"a": 1}\n', None), ('{\n  "a": 1\n}', "  "), ('{\n\t"a": 1\n}', "\t"), ("[\n\n 1]", " ")],
)
def test_the_indent_of_a_json_text_is_that_of_its_first_level(text: str, indent: str | None) -> None:
    assert indent_of(text) == indent


@pytest.mark.parametrize(
    ("text", "indent", "result"),
    [
        ('{\n    "a": {\n        "b": 1\n    }\n}', "\t", '{\n\t"a": {\n\t\t"b": 1\n\t}\n}'),
        ('{"a": "ü"}\n', "  ", '{\n  "a": "ü"\n}\n'),
        ('{\n "a": [1,\n 2]\n}', None, '{"a": [1, 2]}'),
        ('{"a" :1 }', None, '{"a" :1 }'),
        ("[\n 1\n]\n", " ", "[\n 1\n]\n"),
    ],
)
def test_a_json_text_is_set_in_as_another_one(text: str, indent: str | None, result: str) -> None:
    assert reindented(text, indent) == result


def test_what_is_no_json_is_not_set_in() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        reindented("{a: 1}", "  ")


BOM = codecs.BOM_UTF8


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        (b"", b"", Encoding()),
        (b"a", b"a", Encoding()),
        (b"a\nb\n", b"a\nb\n", Encoding()),
        (b"a\r\nb", b"a\nb", Encoding(line_end=b"\r\n")),
        (b"a\r\nb\n", b"a\r\nb\n", Encoding()),
        (b"a\rb\r", b"a\rb\r", Encoding()),
        (BOM, b"", Encoding(has_mark=True)),
        (BOM + b"a\r\n", b"a\n", Encoding(has_mark=True, line_end=b"\r\n")),
        (BOM + BOM, BOM, Encoding(has_mark=True)),
        (b"\xff\r\n", b"\xff\n", Encoding(line_end=b"\r\n")),
    ],
)
def test_how_a_text_is_written_can_be_taken_off_and_put_back(content: bytes, text: bytes, encoding: Encoding) -> None:
    assert plain(content) == (text, encoding)
    assert encoded(text, encoding) == content


def test_the_side_that_changed_the_encoding_decides() -> None:
    unix, windows, marked = Encoding(), Encoding(line_end=b"\r\n"), Encoding(has_mark=True)
    assert merged_encoding(unix, unix, windows) == windows
    assert merged_encoding(unix, windows, unix) == windows
    assert merged_encoding(windows, unix, unix) == unix
    assert merged_encoding(unix, windows, marked) == Encoding(has_mark=True, line_end=b"\r\n")
    assert merged_encoding(marked, marked, windows) == windows


def test_a_file_is_binary_by_what_it_begins_with() -> None:
    assert is_binary(b"a\0")
    assert not is_binary(b"")
    assert is_binary(b"x" * 7999 + b"\0")
    assert not is_binary(b"x" * 8000 + b"\0")


def test_a_place_beside_a_file_is_one_that_nobody_has() -> None:
    taken_paths: set[str] = set()
    for expected in ("a.theirs", "a.theirs-2", "a.theirs-3"):
        assert beside("a", taken_paths) == expected
        assert is_beside(expected)
        taken_paths.add(expected)
    assert not is_beside("a.theirs.md")
    assert not is_beside("theirs")
