"""Files that nobody would write: whatever stands in them, there is a meaning, and something to say."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from support.ferries import PROJECT

from gitagent import templates
from gitagent.chat.answers import Conversation
from gitagent.chat.embedded import Embedded
from gitagent.config.files import File, MemoryFile
from gitagent.config.meaning import meaning_of

VALUES = (
    "null", "true", "0x1F", "-1.5e309", ".nan", "[]", "{}", "[[[]]]", "{a: {b: [null]}}", "''", '"\\0"', "2026-03-01",
    "!!binary aGk=", "&a [*a]", "*gone", "<<: {}", "? x", "|", "- -", "{", "\t", "\ud7ff", "🙂" * 50, "${a}${${b}}$${",
    "{{attr:x}}{{vrbl:}}{{tn:y}}{{", "x" * 5_000,
)  # fmt: skip
SAID = (None, "", "When are you open?", "a table for two tomorrow at eight", "yes", "put me through to a person")


def mutated(text: str, seed: int) -> str:
    """A text with a few places of it replaced, cut off or doubled."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(": ")
        match chance.randrange(5):
            case 0:
                lines[at] = f"{key}{colon or ': '}{chance.choice(VALUES)}"
            case 1:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 2:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 3:
                lines[at] = chance.choice((" ", "  - ", "")) + lines[at].lstrip()
            case _:
                del lines[at:]
        text = "\n".join(lines)
    return text


def agents(layout: str) -> Iterator[dict[str, File]]:
    """Agents with one file each that is not as it should be."""
    if layout == "adk":
        whole = {path: text.encode() for path, text in PROJECT.items()}
        main = "project.yaml"
    else:
        whole = {path: file.read() for path, file in templates.load("restaurant").items()}
        main = "agent.yaml"
    for number, (path, content) in enumerate(whole.items()):
        for seed in range(8):
            text = mutated(content.decode(), 100 * number + seed)
            yield {main: MemoryFile(whole[main]), path: MemoryFile(text.encode("utf-8", "surrogatepass"))}


@pytest.mark.parametrize("layout", ["native", "adk"])
def test_there_is_always_a_meaning_and_an_answer(layout: str) -> None:
    for files in agents(layout):
        meaning = meaning_of(files)
        conversation, responder = Conversation.begin(meaning, variables={"a": "${b}", "b": 1}), Embedded()
        for said in SAID:
            answer = responder.answer(conversation, said)
            conversation = conversation.after(said, answer)
            assert answer.text
        named = {each.path for each in meaning.unread}
        assert all(each.why for each in meaning.unread)
        assert meaning.topics or meaning.suites or named or meaning.greeting or len(files) == 1


def test_a_thousand_topics_are_read_and_answered_from() -> None:
    files: dict[str, File] = {"agent.yaml": MemoryFile(b"name: x\nvariables: {n: 5}\n")}
    for number in range(1000):
        text = f"name: shelf {number}\nexample_queries: [Where is shelf {number}?]\ncontent: 'Row ${{n}}, {number}.'\n"
        files[f"topics/{number}.yaml"] = MemoryFile(text.encode())
    meaning = meaning_of(files)

    assert (len(meaning.topics), meaning.unread) == (1000, ())
    assert Embedded().answer(Conversation.begin(meaning), "where is shelf 617").text == "Row 5, 617."
