"""Mutated command lines: a message and an exit code of 0 to 3, never a traceback, nothing changed where refused."""

from __future__ import annotations

import random

from support.building import Built
from support.commandline import Cli

SEEDS = (
    "status",
    "status --json",
    "save --name X -m Y",
    "publish v1 -m why",
    "publish --dry-run",
    "promote live --yes",
    "promote pre-release --version v1 -y",
    "rollback sandbox v1 --yes",
    "rollback live --dry-run",
    "restore v1 --yes",
    "discard --to live -y",
    "drafts list",
    "drafts show 01JB5Z9KQ4",
    "drafts drop 01JB5Z9KQ4AAAAAAAAAAAAAAAA --yes",
    "environments",
    "environments set live --requires-number",
    "versions --limit 3",
    "versions --all --json",
    "show latest notes.md",
    "show v1",
    "history --environment live --op promote --since 3d",
    "at live --when yesterday",
    "compare v1 v2 --view unified --exit-code",
    "compare live draft --view keys",
    "numbers assign +442079460018 --environment live --sip-header A=B",
    "numbers release +442079460018 -y",
    "validate draft --format github",
    "schema agent",
    "completion bash",
    "-C . --json status",
    "-m why --name N save",
    "promote --help",
)
WORDS = (
    "v0", "v01", "V1", "v\uff11", "v999999999", "v9999999999", "-1", "--", "-", "", " ", "..", "/", "HEAD", "main",
    "draft", "latest", "live", "pre_release", "sandbox", "--json", "--yes", "--dry-run", "-C", "--all", "--limit",
    "--version", "\udcff", "菜单", "\x1b[2J", "a" * 5000, "refs/heads/live", "$(id)", "';--", "%s%n", "{}", "*", "~",
    "--json=1", "--limit=-5", "--limit=99999999999999999999", "@", "@{-1}", "v1^{tree}", "+", "+1", "0", "--name=",
    "-m", "--op=x", "\n", "\t", "--no-requires-number", "٣", "1e3", "0x1", "None", "true", "gitagent", "--help", "-hh",
    "--html",
)  # fmt: skip
LINES = 600


def mutated(choose: random.Random) -> list[str]:
    words = choose.choice(SEEDS).split()
    for _ in range(choose.randint(1, 3)):
        place = choose.randrange(len(words) + 1)
        match choose.randrange(6):
            case 0:
                words.insert(place, choose.choice(WORDS))
            case 1 if place < len(words):
                words[place] = choose.choice(WORDS)
            case 2 if place < len(words):
                del words[place]
            case 3 if words:
                words.insert(place, choose.choice(words))
            case 4 if place < len(words) and words[place]:
                letter = choose.randrange(len(words[place]))
                words[place] = words[place][:letter] + choose.choice("aZ0-_.=é\udc80") + words[place][letter + 1 :]
            case _:
                choose.shuffle(words)
    return words


def test_no_mutated_command_line_crashes_hangs_or_half_changes_anything(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release").publish("two\n").edit("three\n")
    choose = random.Random(20260302)
    seen: set[int] = set()
    for _ in range(LINES):
        words = mutated(choose)
        before = state(agent)
        ran = cli(*words)
        seen.add(ran.code)
        assert ran.code in {0, 1, 2, 3}, (words, ran)
        assert "Traceback" not in ran.out + ran.err, (words, ran)
        if ran.code in {2, 3}:
            assert ran.err.startswith(("error: ", "hint: ", "notes.md:")) or '"error"' in ran.out, (words, ran)
            assert state(agent) == before, words
    assert seen >= {0, 2, 3}
    agent.git("fsck", "--strict")


def state(agent: Built) -> tuple[object, ...]:
    """Everything that a refused command must leave alone: refs, working tree and index."""
    files = {path: path.read_bytes() for path in agent.path.rglob("*") if path.is_file() and ".git" not in path.parts}
    refs = agent.path / ".git"
    names = sorted(path for path in (refs / "refs").rglob("*") if path.is_file())
    return (files, [(path, path.read_bytes()) for path in names], (refs / "HEAD").read_bytes())
