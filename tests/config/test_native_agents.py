"""What the files of a native agent say of each other, and what no model can tell."""

from __future__ import annotations

import pytest
from support.checking import Content, link, told

NO_VARIABLE = "Add it to 'variables' in agent.yaml."
AGENT = """\
name: A
variables: {opening_hours: noon to ten, guests: 2}
handoffs:
  - {name: front desk, number: "+442079460018"}
"""
TOOL = "name: book_table\ndescription: Book.\nparameters: {type: object, properties: {day: {type: string}}}\n"


def with_agent(contents: dict[str, Content]) -> list[str]:
    return told({"agent.yaml": AGENT, **contents})


def agent(text: str, **others: str) -> list[str]:
    return told({"agent.yaml": f"name: A\n{text}", **others})


@pytest.mark.parametrize("language", ["en", "en-GB", "pt-BR", "zh-Hant-TW", "es-419", "no", "de-CH-1996", "yue"])
def test_a_language_is_a_tag(language: str) -> None:
    assert agent(f"language: {language}\n") == []


@pytest.mark.parametrize("language", ["English", "en_GB", "e", "en-", "english please"])
def test_what_is_no_language_tag_is_told(language: str) -> None:
    assert agent(f"language: {language}\n") == [
        f"agent.yaml:2:11: bad-language: '{language}' is not a language tag"
        " -> Write a BCP 47 tag, such as en, en-GB or pt-BR."
    ]


@pytest.mark.parametrize("name", ["prompt.md", "prompts/main.md", "./prompt.md", "PROMPT.MD"])
def test_a_prompt_may_be_a_markdown_file(name: str) -> None:
    assert told({"agent.yaml": f"name: A\nprompt: {name}\n", name.removeprefix("./"): "Be kind.\n"}) == []


def test_a_prompt_file_that_is_missing_is_told() -> None:
    files = {"agent.yaml": "name: A\nprompt: promt.md\n", "prompt.md": "Be kind."}

    assert told(files) == ["agent.yaml:2:9: prompt-missing: there is no file 'promt.md' -> Did you mean 'prompt.md'?"]
    assert agent("prompt: other.md\n") == [
        "agent.yaml:2:9: prompt-missing: there is no file 'other.md'"
        " -> Name a Markdown file of the agent, or write the prompt itself."
    ]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (b"", "warning: prompt.md:1:1: empty: the prompt is empty"),
        (b" \n", "warning: prompt.md:1:1: empty: the prompt is empty"),
        (b"a\n\xff", "prompt.md:2:1: not-utf-8: the byte 0xff is not UTF-8 -> Save the file in UTF-8."),
        (b"a\nb\x00", "prompt.md:2:2: bad-character: the character U+0000 has no place in a text -> Remove it."),
        (
            b"x" * 1024 * 1025,
            "prompt.md: too-large: 1.0 MiB; a configuration file has at most 1 MiB"
            " -> Move data that the agent does not need out of its configuration.",
        ),
        (
            b"a\n<<<<<<< ours\n",
            "prompt.md:2:1: merge-conflict: a merge was not finished here -> Keep what is right of"
            " both sides, and remove the lines of '<<<<<<<', '=======' and '>>>>>>>'.",
        ),
        (b"one\ntwo ${x}\n", f"warning: prompt.md:2:5: unknown-variable: there is no variable 'x' -> {NO_VARIABLE}"),
    ],
)
def test_a_prompt_file_is_read(prompt: bytes, expected: str) -> None:
    assert told({"agent.yaml": "name: A\nprompt: prompt.md\n", "prompt.md": prompt}) == [expected]


def test_a_prompt_file_that_is_a_broken_link_is_told_once() -> None:
    assert told({"agent.yaml": "name: A\nprompt: prompt.md\n", "prompt.md": link("no.md")}) == [
        "warning: prompt.md: link-broken: the link leads nowhere: there is no 'no.md'"
    ]


def test_a_prompt_in_place_is_read_too() -> None:
    assert agent("prompt: |\n  Say\n  ${name}\n") == [
        f"warning: agent.yaml:4:3: unknown-variable: there is no variable 'name' -> {NO_VARIABLE}"
    ]


@pytest.mark.parametrize("value", ["text", "1", "1.5", "true", "''"])
def test_a_variable_is_one_value(value: str) -> None:
    assert agent(f"variables: {{x: {value}}}\n") == []


def test_what_is_no_variable_is_told() -> None:
    assert agent("variables:\n  a b: x\n  ok:\n  list: [1]\n") == [
        "agent.yaml:3:3: bad-variable: 'a b' cannot be used as ${…}"
        " -> Use letters, digits and _, and begin with a letter.",
        "agent.yaml:4:6: bad-variable: the variable 'ok' must be a text, a number, true or false"
        " -> Give it one value; quote a text that begins with a brace or bracket.",
        "agent.yaml:5:9: bad-variable: the variable 'list' must be a text, a number, true or false"
        " -> Give it one value; quote a text that begins with a brace or bracket.",
    ]


def test_references_are_to_variables_and_to_the_environment() -> None:
    known = "greeting: ${a} and ${env:KEY} and $${not} and $5 and {x}\nvariables: {a: '${b}', b: x}\n"
    wrong = "greeting: ${opening_hour} ${env:} ${a b}\nvariables: {opening_hours: x}\n"

    assert agent(known) == []
    assert agent(wrong) == [
        "warning: agent.yaml:2:11: unknown-variable: there is no variable 'opening_hour'"
        " -> Did you mean 'opening_hours'?",
        "agent.yaml:2:27: bad-reference: '${env:}' names no environment variable"
        " -> Write ${env:NAME}: letters, digits and _ after the colon.",
        "warning: agent.yaml:2:35: bad-reference: '${a b}' is not a reference"
        " -> Write ${name} for a variable, ${env:NAME} for a secret, and $${ for the characters themselves.",
    ]


@pytest.mark.parametrize("number", ['"+447700900000"', '"${env:DESK}"', "'+12025550123'"])
def test_a_handoff_has_a_number(number: str) -> None:
    assert agent(f"handoffs:\n- name: x\n  number: {number}\n") == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            "+447700900000",
            "unquoted-number: 'number' must be a text, but +447700900000 without quotes is a number:"
            " its '+' and zeros get lost -> Put it in quotes: \"+447700900000\"",
        ),
        (
            "07700900000",
            "unquoted-number: 'number' must be a text, but 07700900000 without quotes is a number:"
            " its '+' and zeros get lost -> Put it in quotes: \"07700900000\"",
        ),
        (
            "+44 20 7946-0018",
            "bad-number: '+44 20 7946-0018' is not in E.164 form"
            ' -> Write + and the country code, digits only and in quotes, such as "+442079460018".',
        ),
        (
            "0049 30 901820",
            "bad-number: '0049 30 901820' is not in E.164 form"
            ' -> Write + and the country code, digits only and in quotes, such as "+4930901820".',
        ),
        (
            "020 7946 0018",
            "bad-number: '020 7946 0018' is not in E.164 form"
            ' -> Write + and the country code, digits only and in quotes, such as "+442079460018".',
        ),
        (
            "reception",
            "bad-number: 'reception' is not in E.164 form"
            ' -> Write + and the country code, digits only and in quotes, such as "+442079460018".',
        ),
    ],
)
def test_what_is_no_number_is_told(number: str, expected: str) -> None:
    assert agent(f"handoffs:\n- name: x\n  number: {number}\n") == [f"agent.yaml:4:11: {expected}"]


def test_sip_headers_follow_the_standard() -> None:
    headers = '{X-Queue: a, "X Y": b, X-Z: "a\\r\\nEvil: 1", "é": c}'

    assert agent(f'handoffs: [{{name: x, number: "+442079460018", sip_headers: {headers}}}]\n') == [
        "agent.yaml:2:73: bad-header: 'X Y' cannot name a SIP header"
        " -> Use letters, digits and - . ! % * _ + ` ' ~ without spaces, such as X-Queue.",
        "agent.yaml:2:88: bad-header: the value of 'X-Z' has a line break or a control character"
        " -> Write the value in one line.",
        "agent.yaml:2:104: bad-header: 'é' cannot name a SIP header"
        " -> Use letters, digits and - . ! % * _ + ` ' ~ without spaces, such as X-Queue.",
    ]


def test_sip_headers_are_the_agents_own_and_given_once() -> None:
    headers = "{X-Queue: a, x-queue: b, call-id: c}"

    assert agent(f'handoffs: [{{name: x, number: "+442079460018", sip_headers: {headers}}}]\n') == [
        "agent.yaml:2:73: bad-header: the SIP header 'x-queue' stands twice: upper and lower case are the same"
        " -> Remove one of them.",
        "agent.yaml:2:85: bad-header: the SIP header 'call-id' belongs to the call itself"
        " -> Use a name of your own, such as X-call-id.",
    ]


def test_what_could_not_be_read_gives_no_warnings_elsewhere() -> None:
    others: dict[str, Content] = {
        "topics/t.yaml": "name: t\ncontent: We open at ${opening_hours}, ${env:}.\nactions: [{handoff: front desk}]\n",
        "tools/t.yaml": TOOL + "request: {url: 'https://x.org/${opening_hours}', method: GET}\n",
        "tests/s.yaml": "cases: [{name: c, variables: {guests: 2}, turns: [{user: 'Hello ${guests}'}]}]\n",
    }
    found = told({"agent.yaml": "name: [A\nvariables: {opening_hours: noon}\n", **others})

    assert [line.split(":")[0] for line in found] == ["agent.yaml", "topics/t.yaml"]
    assert found[1].startswith("topics/t.yaml:2:39: bad-reference: ")


def test_a_name_is_given_once_capitals_or_not() -> None:
    topics: dict[str, Content] = {"topics/a.yaml": "name: Hours\n", "topics/b.yml": "name: hours\n"}

    assert with_agent({**topics, "tools/a.yaml": TOOL, "tools/b.yaml": TOOL}) == [
        "tools/b.yaml:1:7: duplicate-name: the tool 'book_table' is defined twice, first in tools/a.yaml:1:7"
        " -> Give each a name of its own.",
        "topics/b.yml:1:7: duplicate-name: the topic 'hours' is defined twice, first in topics/a.yaml:1:7"
        " -> Give each a name of its own.",
    ]


def test_actions_name_tools_and_handoffs() -> None:
    topic = (
        "name: t\nactions:\n- {tool: book_table, when: asked}\n- {handoff: front desk}\n"
        "- {tool: book}\n- {handoff: desk}\n"
    )

    assert with_agent({"topics/t.yaml": topic, "tools/b.yaml": TOOL}) == [
        "topics/t.yaml:5:10: unknown-tool: there is no tool 'book' -> Did you mean 'book_table'?",
        "topics/t.yaml:6:13: unknown-handoff: there is no handoff 'desk' -> Did you mean 'front desk'?",
    ]


def test_an_action_is_one_thing() -> None:
    topic = "name: t\nactions: [{}, {tool: book_table, handoff: front desk}, tool]\n"

    assert [line.split(" ->")[0] for line in with_agent({"topics/t.yaml": topic, "tools/b.yaml": TOOL})] == [
        "topics/t.yaml:2:11: bad-action: an action names either a tool or a handoff",
        "topics/t.yaml:2:15: bad-action: an action names either a tool or a handoff",
        "topics/t.yaml:2:56: not-mapping: an item of 'actions' must be a mapping, not the text 'tool'",
    ]


def test_what_is_there_is_listed_where_nothing_is_close() -> None:
    topic = "name: t\nactions: [{tool: xyz}, {handoff: qqq}]\n"

    assert with_agent({"topics/t.yaml": topic}) == [
        "topics/t.yaml:2:18: unknown-tool: there is no tool 'xyz' -> No tool is defined.",
        "topics/t.yaml:2:34: unknown-handoff: there is no handoff 'qqq' -> There is: 'front desk'.",
    ]


def test_no_name_is_unknown_while_a_file_that_may_define_it_cannot_be_read() -> None:
    topic = "name: t\nactions: [{tool: xyz}]\n"

    lines = with_agent({"topics/t.yaml": topic, "tools/broken.yaml": "name: [\n"})

    assert [line.split(": ")[1] for line in lines] == ["yaml-syntax"]


def test_a_topic_may_use_variables() -> None:
    assert with_agent({"topics/t.yaml": "name: t\ncontent: ${opening_hours} ${guest}\n"}) == [
        "warning: topics/t.yaml:2:27: unknown-variable: there is no variable 'guest' -> Did you mean 'guests'?"
    ]


def test_files_that_are_not_read_are_told() -> None:
    nested: dict[str, Content] = {
        "topics/more/a.yaml": "name: a\n",
        "tools/x/y/b.yml": "x: 1\n",
        "tests/data/c.yaml": "x: 1\n",
    }

    assert with_agent(nested) == [
        "warning: tools/x/y/b.yml: not-read: only files that are right in 'tools' are read -> Move it to tools/.",
        "warning: topics/more/a.yaml: not-read: only files that are right in 'topics' are read -> Move it to topics/.",
    ]


def test_a_link_in_place_of_a_folder_is_told() -> None:
    assert with_agent({"topics": link("shared"), "shared/a.yaml": "name: a\n"}) == [
        "topics: not-a-folder: 'topics' is not a folder, so that nothing is read from it"
        " -> Make 'topics' a folder of files."
    ]


def test_an_agent_file_that_cannot_be_read_leaves_the_rest_to_be_checked() -> None:
    lines = told({"agent.yaml": "name: [\n", "topics/t.yaml": "nme: t\n"})

    assert [line.split(": ")[1] for line in lines] == ["yaml-syntax", "missing-key", "unknown-key"]
