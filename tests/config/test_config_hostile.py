"""Hostile files: whatever the bytes are, validation ends soon, with a list of problems in places that exist."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gitagent
from gitagent.config.files import File, FileKind, MemoryFile
from gitagent.config.layouts import agent_name
from gitagent.config.problems import MOST_PROBLEMS, Problem
from gitagent.config.validation import validate

PATHS = [
    "agent.yaml",
    "project.yaml",
    "topics/t.yaml",
    "tools/t.yaml",
    "tests/t.yaml",
    "other.yml",
    "data.json",
    "prompt.md",
    "notes.txt",
    ".env",
]
TEMPLATES = Path(gitagent.__file__).parent / "templates"
SEEDS = sorted(path.read_bytes() for path in TEMPLATES.rglob("*") if path.suffix in (".yaml", ".md"))
SPLICES = [
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\t",
    b"\r",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!python/x ",
    b"---\n",
    b"{" * 40,
    b"[" * 300,
]
SPLICES += [
    b"- " * 150,
    b"? " * 150,
    b"'",
    b'"',
    b"|",
    b": ",
    b"#",
    b"%TAG ! x\n",
    b"${",
    b"${env:",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
]
SPLICES += [
    b"9" * 400,
    b"0x" + b"f" * 900,
    b"1e999",
    b".nan",
    b"~",
    b"\\ud800",
    b"<<<<<<< x\n",
    b"(" * 150,
    b"sk-" + b"a1" * 20,
]


def check(files: dict[str, File]) -> list[Problem]:
    """Validate, and hold every problem against the file that it is said to be in."""
    problems = validate(files)
    agent_name(files)
    for problem in problems:
        assert problem.code == problem.code.strip().lower()
        assert problem.message.isprintable()
        assert "\n" not in (problem.hint or "")
        lines = (
            files[problem.path].read().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        )
        assert 0 <= problem.line <= len(lines)
        assert (problem.line == 0) == (problem.column == 0)
        if problem.line:
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    assert problems == validate(files)
    return problems


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """A file with one to four faults put into it."""
    data = bytearray(seed)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        to = min(len(data), at + dice.randint(1, 40))
        fault = dice.randrange(6)
        if fault == 0:
            del data[at:to]
        elif fault == 1:
            data[at:at] = dice.choice(SPLICES)
        elif fault == 2:
            data[at:at] = data[at:to]
        elif fault == 3:
            data[at:to] = bytes(dice.randrange(256) for _ in range(to - at))
        elif fault == 4:
            del data[at:]
        else:
            lines = bytes(data).split(b"\n")
            dice.shuffle(lines)
            data = bytearray(b"\n".join(lines))
    return bytes(data)


@pytest.mark.parametrize("batch", range(8))
def test_mutated_files_are_told_of_or_let_be(batch: int) -> None:
    dice = random.Random(batch)
    found = 0
    for _ in range(250):
        path = dice.choice(PATHS)
        around: dict[str, File] = (
            {"agent.yaml": MemoryFile(b"name: A\nprompt: prompt.md\n")} if dice.random() < 0.7 else {}
        )
        found += bool(check({**around, path: MemoryFile(mutated(dice.choice(SEEDS), dice))}))
    assert found > 100


@settings(max_examples=200)
@given(
    st.sampled_from(PATHS),
    st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
)
def test_any_bytes_are_told_of_or_let_be(path: str, data: bytes) -> None:
    check({"agent.yaml": MemoryFile(b"name: A\nprompt: prompt.md\n"), path: MemoryFile(data)})


VALUES = st.recursive(
    st.sampled_from(
        ["", "a", "${x}", "x" * 101, "(", "+447700900000", "a.md", None, True, 0, -1, 1.5, 10**400, float("inf")]
    ),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "cases", "turns", "expect", "type", "properties", "required", "a", ""]), inside
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200)
@given(
    st.sampled_from(PATHS[:5]),
    st.dictionaries(
        st.text("abcdef", max_size=3)
        | st.sampled_from(
            [
                "name",
                "description",
                "handoffs",
                "variables",
                "prompt",
                "actions",
                "parameters",
                "request",
                "cases",
                "fixtures",
            ]
        ),
        VALUES,
        max_size=5,
    ),
)
def test_any_value_in_any_place_is_told_of_or_let_be(path: str, value: dict[str, object]) -> None:
    from gitagent.config.yaml import dump

    check({"agent.yaml": MemoryFile(b"name: A\n"), path: MemoryFile(dump(value).encode())})


def bombs() -> Iterator[tuple[str, bytes]]:
    """Files made to exhaust whoever reads them, each with the reason."""
    layers = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30))
    merges = b"".join(b"m%d: {<<: [%s], k%d: 1}\n" % (n, b",".join([b"*b"] * 300), n) for n in range(300))
    yield "a billion laughs", b"a0: &a0 [x,x,x]\n" + layers
    yield "merged over and over", b"b: &b {" + b",".join(b"k%d: 1" % n for n in range(300)) + b"}\n" + merges
    yield (
        "a chain of aliases",
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 20_000)),
    )
    yield "a billion questions", b"a: [x?]\na0: &a0 [x?]\n" + layers
    yield "questions inside each other", b"[a?," * 200_000
    yield "questions without end", b"[" + b"a?," * 200_000 + b"]"
    yield "lists inside each other", b"[" * 500_000
    yield "mappings inside each other", b"{a: " * 200_000
    yield "blocks inside each other", b"- " * 300_000
    yield "keys inside each other", b"? " * 300_000
    yield "indented ever further", b"".join(b" " * n + b"a:\n" for n in range(1200))
    yield "one huge text", b"name: " + b"x" * 1_000_000
    yield "one huge quoted text", b'name: "' + b"\\u00e9" * 150_000 + b'"\n'
    yield "one huge block", b"name: |\n" + b"  line\n" * 140_000
    yield "one huge number", b"name: " + b"9" * 1_000_000
    yield "one huge key", b"k" * 1_000_000 + b": 1\n"
    yield "keys without end", b"".join(b"k%d: 1\n" % n for n in range(40_000))
    yield "the same key over and over", b"a: 1\n" * 40_000
    yield "items without end", b"[" + b"1," * 120_000 + b"1]"
    yield "documents without end", b"---\n" * 50_000
    yield "comments without end", b"# x\n" * 250_000
    yield "directives without end", b"%TAG !a! !b\n" * 80_000 + b"--- x\n"
    yield "quotes without end", b"'" * 1_000_000
    yield "colons without end", b": " * 500_000
    yield "references without end", b"greeting: '" + b"${a}" * 100_000 + b"'\n"
    yield "open references without end", b"greeting: '" + b"${" * 400_000 + b"'\n"
    yield (
        "nearly secrets without end",
        b"greeting: '" + b"bearer " * 100_000 + b"eyJ" * 50_000 + b"a://" * 30_000 + b"'\n",
    )
    yield (
        "settings without end",
        b"TOKEN = hunter22\nA_TOKEN" + b" " * 400_000 + b"\n" + b"PASSWORD=hunter22\n" * 30_000,
    )
    yield "beginnings of secrets without end", b"sk-sk_-----BEGIN AKIA:// ://a:eyJ.bearer  xox" * 20_000
    yield "nothing but NUL", b"\0" * 1_000_000
    yield "fifty megabytes", b"a: 1\n" * 10_000_000


@pytest.mark.no_cover
@pytest.mark.parametrize("bomb", [pytest.param(data, id=name) for name, data in bombs()])
@pytest.mark.timeout(20)
def test_a_file_made_to_exhaust_its_reader_does_not(bomb: bytes) -> None:
    for path in ("agent.yaml", "other.yaml", "other.json", ".env"):
        problems = validate({"agent.yaml": MemoryFile(b"name: A\n"), path: MemoryFile(bomb)})

        assert len(problems) <= MOST_PROBLEMS + 2
        assert all(len(problem.message) < 400 for problem in problems)


@pytest.mark.no_cover
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "make",
    [
        lambda n: b"cases: [{name: x, turns: [{user: a, expect: [" + b"{matches: '(a+)+$'}," * n + b"]}]}]",
        lambda n: b"cases: [" + b"{}," * n + b"]",
        lambda n: b"cases: [" + b"{name: a}," * n + b"]",
    ],
)
def test_a_great_many_faults_of_one_sort_take_no_longer_than_they_must(make: Callable[[int], bytes]) -> None:
    files: dict[str, File] = {"agent.yaml": MemoryFile(b"name: A\n"), "tests/t.yaml": MemoryFile(make(20_000))}

    assert len(validate(files)) <= MOST_PROBLEMS + 1


def test_links_and_submodules_in_every_place_are_told_of_or_let_be() -> None:
    dice = random.Random(1)
    targets = [
        b"",
        b"\xff",
        b"/x",
        b"..",
        b"agent.yaml",
        b"topics",
        b"topics/t.yaml",
        b"x" * 9000,
        b"a\0b",
        b"../" * 500,
        b"./" * 500,
    ]
    for _ in range(200):
        files: dict[str, File] = {
            path: MemoryFile(dice.choice(targets), dice.choice([FileKind.LINK, FileKind.SUBMODULE, FileKind.FILE]))
            for path in dice.sample([*PATHS, "topics", "tools"], 4)
        }
        assert isinstance(validate(files), list)
        agent_name(files)
