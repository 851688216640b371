"""A whole agent with a fault in nearly every line: everything is told in one go, in order, with what to do."""

from __future__ import annotations

import re

from support.checking import Contents, link, told

from gitagent.config.files import FileKind, MemoryFile

KEYS = "name, description, language, greeting, prompt, model, voice, variables, handoffs"
SECRET = "Write ${env:NAME} instead and set NAME where the agent runs; a secret that was saved once must be replaced."
AGENT = """\
name: 42
nme: x
language: english please
greeting:
prompt: promt.md
model: {provider: openai, temperature: 3, nane: x}
voice: {speed: "1.2"}
variables: {opening_hours: noon, "bad name": x}
handoffs:
  - name: front desk
    number: +447700900000
    sip_headers: {X Y: a, X-N: 5}
  - number: 020 7946 0018
    name: Front desk
api_key: sk-abcdefghijklmnopqrstuvwx1234
"""
TOPIC = """\
name: opening hours
enabled: yes
example_queries: When are you open?
content: "We are open ${opening_hour}"
actions:
  - tool: bok
  - handoff: front desc
  - {}
"""
TOOL = """\
name: book
parameters:
  type: objct
  properties:
    day: {type: strng, pattern: "("}
  required: [date]
request:
  method: get
  url: "htp:/x"
  headers: {"A b": x, token: abcd1234efgh5678ZZ}
"""
SUITE = """\
cases:
  - name: x
    variables: {opening: 1}
    fixtures: {boook: 1}
    turns:
      - user: hi
        expect: [{topic: parking}, {matches: "("}, {handoff: nobody}, {max_turns: 0}, {contain: x}]
      - expect: []
"""
FILES: Contents = {
    "agent.yaml": AGENT,
    "prompt.md": "Be kind.\n",
    "topics/hours.yaml": TOPIC,
    "tools/book.yaml": TOOL,
    "tests/bookings.yaml": SUITE,
    "data.json": '{"a": 1,}',
    "large.yaml": b"a" * 2_000_000,
    "link": link("../x"),
    "lib": MemoryFile(b"", FileKind.SUBMODULE),
}


def of(path: str) -> list[str]:
    """What is told of one file of the agent."""
    lines = [line for line in told(FILES) if line.removeprefix("warning: ").startswith(f"{path}:")]
    return [re.sub(f"{re.escape(path)}: ?", "", line, count=1) for line in lines]


def test_every_file_has_its_say() -> None:
    paths = [line.removeprefix("warning: ").partition(":")[0] for line in told(FILES)]

    assert list(dict.fromkeys(paths)) == [
        "agent.yaml",
        "data.json",
        "large.yaml",
        "lib",
        "link",
        "tests/bookings.yaml",
        "tools/book.yaml",
        "topics/hours.yaml",
    ]
    assert sorted(paths) == paths


def test_the_agent_file() -> None:
    assert of("agent.yaml") == [
        "1:7: not-text: 'name' must be a text, but 42 without quotes is the number 42 -> Put it in quotes: \"42\"",
        "2:1: unknown-key: 'nme' is not known here -> Did you mean 'name'?",
        "3:11: bad-language: 'english please' is not a language tag -> Write a BCP 47 tag, such as en, en-GB or pt-BR.",
        "4:10: not-text: 'greeting' has no value -> Give it a text, or remove the key.",
        "5:9: prompt-missing: there is no file 'promt.md' -> Did you mean 'prompt.md'?",
        "6:40: out-of-range: 'temperature' must be at most 2, not 3",
        "6:43: unknown-key: 'nane' is not known here -> Did you mean 'name'?",
        "7:16: not-number: 'speed' must be a number, not the text '1.2' -> Write it without quotes, as a number.",
        "8:34: bad-variable: 'bad name' cannot be used as ${…} -> Use letters, digits and _, and begin with a letter.",
        "11:13: unquoted-number: 'number' must be a text, but +447700900000 without quotes is a number:"
        " its '+' and zeros get lost -> Put it in quotes: \"+447700900000\"",
        "12:19: bad-header: 'X Y' cannot name a SIP header"
        " -> Use letters, digits and - . ! % * _ + ` ' ~ without spaces, such as X-Queue.",
        "12:32: not-text: 'X-N' must be a text, but 5 without quotes is the number 5 -> Put it in quotes: \"5\"",
        "13:13: bad-number: '020 7946 0018' is not in E.164 form"
        ' -> Write + and the country code, digits only and in quotes, such as "+442079460018".',
        "14:11: duplicate-name: the handoff 'Front desk' is defined twice, first in agent.yaml:10:11"
        " -> Give each a name of its own.",
        f"15:1: unknown-key: 'api_key' is not known here -> Known keys: {KEYS}.",
        f"15:10: secret: this looks like an API key -> {SECRET}",
    ]


def test_the_topic() -> None:
    assert of("topics/hours.yaml") == [
        "2:10: not-truth-value: 'enabled' must be true or false, not the text 'yes'"
        " -> Write true or false: in YAML 1.2 'yes' is a text.",
        "3:18: not-list: 'example_queries' must be a list, not the text 'When are you open?'"
        " -> Write each item in a line of its own that begins with '- '.",
        "warning: 4:23: unknown-variable: there is no variable 'opening_hour' -> Did you mean 'opening_hours'?",
        "6:11: unknown-tool: there is no tool 'bok' -> Did you mean 'book'?",
        "7:14: unknown-handoff: there is no handoff 'front desc' -> Did you mean 'front desk'?",
        "8:5: bad-action: an action names either a tool or a handoff"
        " -> Write 'tool: …' or 'handoff: …', and a list item for each.",
    ]


def test_the_tool() -> None:
    assert of("tools/book.yaml") == [
        "1:1: missing-key: 'description' is missing -> Add a line 'description: …'.",
        "3:3: bad-schema: the parameters of a tool are an object"
        " -> Write 'type: object' and each argument under 'properties'.",
        "3:9: bad-schema: 'objct' is no type of JSON Schema -> Did you mean 'object'?",
        "5:17: bad-schema: 'strng' is no type of JSON Schema -> Did you mean 'string'?",
        "5:33: bad-pattern: not a regular expression: missing ), unterminated subpattern"
        " -> Use 'contains' for plain text; a backslash needs single quotes or none in YAML.",
        "6:14: bad-schema: 'date' is required, but is not among the properties",
        "8:11: not-allowed: 'method' must be one of GET, POST, PUT, PATCH, DELETE, not the text 'get'"
        " -> Did you mean 'GET'?",
        "9:8: bad-url: 'htp:/x' is not an address of the web -> Begin with https:// and the name of the server.",
        "10:13: bad-header: 'A b' cannot name an HTTP header -> Use letters, digits and - without spaces.",
        f"10:30: secret: the value of 'token' looks like a secret -> {SECRET}",
    ]


def test_the_suite() -> None:
    assert of("tests/bookings.yaml") == [
        "warning: 3:17: unknown-variable: there is no variable 'opening' -> Did you mean 'opening_hours'?",
        "4:16: unknown-tool: there is no tool 'boook' -> Did you mean 'book'?",
        "7:26: unknown-topic: there is no topic 'parking' -> There is: 'opening hours'.",
        "7:46: bad-pattern: not a regular expression: missing ), unterminated subpattern"
        " -> Use 'contains' for plain text; a backslash needs single quotes or none in YAML.",
        "7:62: unknown-handoff: there is no handoff 'nobody' -> There is: 'Front desk', 'front desk'.",
        "7:83: out-of-range: 'max_turns' must be at least 1, not 0",
        "7:88: unknown-key: 'contain' is not known here -> Did you mean 'contains'?",
        "8:9: missing-key: 'user' is missing -> Only the first turn may do without: it checks the greeting.",
    ]


def test_what_is_no_configuration() -> None:
    assert of("data.json") == [
        "1:8: json-syntax: a comma before '}' -> JSON allows no comma after the last item: remove it."
    ]
    assert of("large.yaml") == ["warning: not-checked: 1.9 MiB, too large to be checked"]
    assert of("lib") == [
        "submodule: the files of a submodule live in another repository and are not part of a version"
        " -> Copy its files into the agent, or remove it with 'git rm'."
    ]
    assert of("link") == [
        "link-leaves-agent: the link leads out of the agent, to '../x'"
        " -> Put a copy of the file in its place: a version holds everything that it needs."
    ]


def test_the_order_is_the_same_each_time() -> None:
    backwards = dict(reversed(list(FILES.items())))

    assert told(backwards) == told(FILES)
