"""What an agent in the native layout says, as the model of every layout."""

from __future__ import annotations

import pytest

from gitagent import templates
from gitagent.config.files import File, FileKind, MemoryFile
from gitagent.config.layouts import Layout
from gitagent.config.meaning import meaning_of
from gitagent.config.meaning.values import (
    Action,
    Case,
    Expectation,
    Handoff,
    Meaning,
    Request,
    Suite,
    Tool,
    Topic,
    Turn,
    Unread,
)

BISTRO = {
    "agent.yaml": (
        "name: Bistro\ndescription: Answers\nlanguage: en-GB\ngreeting: This is ${place}.\nprompt: ./prompt.md\n"
        "model: {name: small}\nvoice: {name: Alice}\n"
        "variables: {place: Lantern House, last: 10}\n"
        "handoffs:\n  - {name: desk, number: '+442079460018', sip_headers: {X-Place: '${place}'}}\n"
    ),
    "prompt.md": "You answer for ${place}.\n",
    "topics/hours.yaml": (
        "name: hours\nexample_queries: ['Open until ${last}?']\ncontent: Until ${last}, costs $${5}.\n"
        "actions:\n  - {handoff: desk, when: 'after ${last}'}\n  - tool: find\n"
    ),
    "topics/old.yml": "enabled: false\n",
    "tools/find.yaml": (
        "name: find\ndescription: Finds\nparameters: {type: object, properties: {last: {type: string}}}\n"
        "request: {url: 'https://x.example/${last}/${place}', headers: {Key: '${env:KEY}'}}\n"
    ),
    "tests/asks.yaml": (
        "description: What is asked\nfixtures: {find: [1]}\ncases:\n"
        "  - name: greets\n    turns:\n      - expect: [{contains: Lantern}]\n"
        "  - name: knows the hours\n    variables: {last: 11}\n    channel: webchat\n    sip_headers: {X-A: b}\n"
        "    turns:\n"
        "      - user: Open late?\n        expect:\n          - topic: hours\n            contains: '11'\n"
    ),
    "notes.md": "beside\n",
}


def meaning(files: dict[str, str]) -> Meaning:
    return meaning_of({path: MemoryFile(text.encode()) for path, text in files.items()})


def broken(files: dict[str, str]) -> list[str]:
    return [f"{each.path}:{each.line} {each.key}: {each.why}" for each in meaning(files).unread if each.broken]


def test_an_agent_is_read_as_it_stands() -> None:
    assert meaning(BISTRO) == Meaning(
        Layout.NATIVE,
        name="Bistro",
        description="Answers",
        language="en-GB",
        greeting="This is ${place}.",
        prompt="You answer for ${place}.\n",
        model={"name": "small"},
        topics=(
            Topic(
                "hours",
                ("Open until ${last}?",),
                "Until ${last}, costs $${5}.",
                (Action(None, "desk", "after ${last}"), Action("find", None)),
                path="topics/hours.yaml",
                line=1,
            ),
            Topic("old", enabled=False, path="topics/old.yml", line=1),
        ),
        tools=(
            Tool(
                "find",
                "Finds",
                {"type": "object", "properties": {"last": {"type": "string"}}},
                Request("GET", "https://x.example/${last}/${place}", {"Key": "${env:KEY}"}),
                path="tools/find.yaml",
                line=1,
            ),
        ),
        handoffs=(Handoff("desk", "+442079460018", {"X-Place": "${place}"}),),
        variables={"place": "Lantern House", "last": 10},
        suites=(
            Suite(
                "asks",
                "tests/asks.yaml",
                {"find": [1]},
                (
                    Case(
                        "greets",
                        "tests/asks.yaml",
                        4,
                        {},
                        {},
                        (Turn(None, (Expectation("contains", "Lantern", 6),), 6),),
                        sip_headers={},
                    ),
                    Case(
                        "knows the hours",
                        "tests/asks.yaml",
                        7,
                        {"last": 11},
                        {},
                        (
                            Turn(
                                "Open late?", (Expectation("topic", "hours", 14), Expectation("contains", "11", 15)), 12
                            ),
                        ),
                        channel="webchat",
                        sip_headers={"X-A": "b"},
                    ),
                ),
                "What is asked",
            ),
        ),
        unread=(
            Unread("agent.yaml", "voice", "how the agent sounds, not what it says", 7, {"name": "Alice"}),
            Unread("notes.md", None, "a file beside what the layout has"),
        ),
    )


def test_texts_are_filled_with_the_values_of_variables() -> None:
    found = meaning(BISTRO).filled({"last": "eleven"})

    assert (found.greeting, found.prompt) == ("This is Lantern House.", "You answer for Lantern House.\n")
    assert found.topics[0][1:4] == (
        ("Open until eleven?",),
        "Until eleven, costs ${5}.",
        (Action(None, "desk", "after eleven"), Action("find", None)),
    )
    assert found.tools[0].request == Request("GET", "https://x.example/${last}/Lantern House", {"Key": "${env:KEY}"})
    assert found.handoffs[0].sip_headers == {"X-Place": "Lantern House"}
    assert found.variables == {"place": "Lantern House", "last": "eleven"}


def test_variables_hold_variables_and_unknown_ones_stay() -> None:
    files = {"agent.yaml": "greeting: ${a} ${c}\nvariables: {a: '<${b}>', b: 1}\n"}

    assert meaning(files).filled().greeting == "<1> ${c}"
    assert meaning(files).filled({"b": True, "c": 2.5}).greeting == "<true> 2.5"


@pytest.mark.parametrize("name", templates.names())
def test_of_a_template_nothing_but_its_voice_is_left(name: str) -> None:
    found = meaning_of(templates.load(name))

    assert {each.key for each in found.unread} <= {"voice"}
    assert "${" not in repr(found.filled()[:9]).replace("${env:", "")
    assert all(topic.example_queries and topic.content for topic in found.topics)


def test_a_prompt_can_be_written_in_place() -> None:
    assert meaning({"agent.yaml": "prompt: Be brief.\n"}).prompt == "Be brief."
    assert meaning({"agent.yaml": "prompt: 'Be brief.\n\n  See notes.md'\n"}).prompt == "Be brief.\nSee notes.md"


def test_what_is_neither_layout_is_its_name_and_its_files() -> None:
    assert meaning({"b.txt": "x", "a.json": "{"}) == Meaning(
        Layout.PLAIN,
        unread=(
            Unread("a.json", None, "a file beside what the layout has"),
            Unread("b.txt", None, "a file beside what the layout has"),
        ),
    )
    assert meaning({}) == Meaning(Layout.PLAIN)


FAULTS = [
    ("agent.yaml", "- a\n", ":0 None: holds no keys"),
    ("agent.yaml", "greeting: [a]\n", ":1 greeting: not a text"),
    ("agent.yaml", "prompt: gone.md\n", ":1 prompt: there is no file 'gone.md'"),
    ("agent.yaml", "variables: [a]\n", ":1 variables: holds no keys"),
    ("agent.yaml", "variables:\n  a: {}\n", ":2 variables.a: neither a text nor a number"),
    ("agent.yaml", "handoffs: desk\n", ":1 handoffs: not a list"),
    ("agent.yaml", "handoffs:\n- name: [x]\n", ":2 handoffs[0].name: not a text"),
    ("topics/a.yaml", "name: a\nname: [\n", ":3 None: cannot be read: did not find expected node content"),
    ("topics/a.yaml", "- a\n", ":0 None: holds no keys"),
    ("topics/a.yaml", "name: {}\n", ":1 name: not a text"),
    ("topics/a.yaml", "enabled: maybe\n", ":1 enabled: neither true nor false"),
    ("topics/a.yaml", "example_queries: What?\n", ":1 example_queries: not a list"),
    ("topics/a.yaml", "example_queries:\n- a\n- [b]\n", ":3 example_queries[1]: not a text"),
    ("topics/a.yaml", "actions:\n- desk\n", ":2 actions[0]: holds no keys"),
    ("tools/a.yaml", "request: https://x.example\n", ":1 request: holds no keys"),
    ("tools/a.yaml", "request:\n  headers: {A: []}\n", ":2 request.headers.A: not a text"),
    ("tests/a.yaml", "cases:\n- just a text\n", ":2 cases[0]: holds no keys"),
    ("tests/a.yaml", "cases:\n- turns:\n  - expect: hello\n", ":3 cases[0].turns[0].expect: not a list"),
    ("tests/a.yaml", "cases:\n- turns:\n  - user: {}\n", ":3 cases[0].turns[0].user: not a text"),
]


@pytest.mark.parametrize(("path", "text", "said"), FAULTS)
def test_what_cannot_be_read_is_named_with_its_line(path: str, text: str, said: str) -> None:
    assert broken({"agent.yaml": "name: x\n", path: text}) == [path + said]


def test_a_key_that_is_not_known_is_kept_with_its_value() -> None:
    found = meaning({"agent.yaml": "name: x\nmood: [1, {a: b}]\n"})

    assert found.unread == (Unread("agent.yaml", "mood", "no key that is understood", 2, [1, {"a": "b"}]),)


def test_numbers_and_truth_values_in_texts_are_as_they_are_written() -> None:
    files = {
        "agent.yaml": "name: x\ngreeting: 007\n",
        "topics/a.yaml": "name: 1.50\nexample_queries: [yes, 0x1F]\ncontent: true\n",
    }
    found = meaning(files)

    assert (found.greeting, found.topics[0][:3]) == ("007", ("1.50", ("yes", "0x1F"), "true"))


def test_a_link_is_what_it_leads_to_and_one_that_leads_nowhere_is_named() -> None:
    files: dict[str, File] = {
        "agent.yaml": MemoryFile(b"name: x\nprompt: p.md\n"),
        "p.md": MemoryFile(b"other.md", FileKind.LINK),
        "other.md": MemoryFile(b"Hello"),
        "topics/a.yaml": MemoryFile(b"gone.yaml", FileKind.LINK),
        "topics/big.yaml": MemoryFile(b"#" * (1024 * 1024 + 1)),
        "topics/latin.yaml": MemoryFile(b"name: caf\xe9\n"),
        "topics/deep/b.yaml": MemoryFile(b"name: b\n"),
    }
    found = meaning_of(files)

    assert (found.prompt, found.topics) == ("Hello", ())
    assert [(each.path, each.why) for each in found.unread] == [
        ("other.md", "a file beside what the layout has"),
        ("topics/a.yaml", "leads to no file"),
        ("topics/big.yaml", "larger than a configuration file may be"),
        ("topics/deep/b.yaml", "only files that are right in the folder are read"),
        ("topics/latin.yaml", "cannot be read: the byte 0xe9 is not UTF-8"),
    ]
