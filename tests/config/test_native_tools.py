"""Tools: their names, requests and arguments."""

from __future__ import annotations

import pytest
from support.checking import told

USE = " -> Use one of string, number, integer, boolean, object, array, null."


def tool(text: str) -> list[str]:
    head = "tools/t.yaml:"
    return [
        line.replace(head, "", 1) for line in told({"agent.yaml": "name: A\nvariables: {v: x}\n", "tools/t.yaml": text})
    ]


def parameters(text: str) -> list[str]:
    return tool(f"name: t\ndescription: d\nparameters: {text}\n")


def prop(text: str) -> list[str]:
    """What is told of one argument, which begins at column 1 of line 6."""
    lines = tool(f"name: t\ndescription: d\nparameters:\n  type: object\n  properties: {{a:\n{text}}}\n")
    return [line.replace("6:", "", 1) for line in lines]


@pytest.mark.parametrize("name", ["book", "book_table", "Book-2", "x" * 64])
def test_a_tool_has_a_name_that_models_can_call(name: str) -> None:
    assert tool(f"name: {name}\ndescription: d\n") == []


@pytest.mark.parametrize(
    ("name", "suggested"), [("Book a table!", "book_a_table"), ("réserver", "r_server"), ("???", "find_booking")]
)
def test_a_name_that_no_model_can_call_is_told(name: str, suggested: str) -> None:
    assert tool(f"name: {name!r}\ndescription: d\n") == [
        f"1:7: bad-tool-name: '{name}' cannot name a tool"
        f" -> Use at most 64 letters, digits, _ and -, such as {suggested}."
    ]


@pytest.mark.parametrize(
    "url", ["https://x.example/a?b=${v}", "http://localhost:8080", "${env:BASE}/x", "https://x.example/${day}"]
)
def test_a_request_goes_to_the_web(url: str) -> None:
    assert (
        tool(
            "name: t\ndescription: d\nparameters: {type: object, properties: {day: {type: string}}}\n"
            f"request: {{url: '{url}', headers: {{Authorization: 'Bearer ${{env:KEY}}', X_A: b}}}}\n"
        )
        == []
    )


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://x/y", "https://", "https://a b", "http://[x", "file:///etc/passwd"]
)
def test_what_is_no_address_of_the_web_is_told(url: str) -> None:
    assert tool(f"name: t\ndescription: d\nrequest: {{url: '{url}'}}\n") == [
        f"3:16: bad-url: '{url}' is not an address of the web -> Begin with https:// and the name of the server."
    ]


def test_http_headers_follow_the_standard() -> None:
    headers = '{"A B": x, C: "a\\nb", D: "${nothing}"}'

    assert tool(f"name: t\ndescription: d\nrequest:\n  url: https://x.example\n  headers: {headers}\n") == [
        "5:13: bad-header: 'A B' cannot name an HTTP header -> Use letters, digits and - without spaces.",
        "5:26: bad-header: the value of 'C' has a line break or a control character -> Write the value in one line.",
        "warning: 5:38: unknown-variable: there is no variable 'nothing' -> Add it to 'variables' in agent.yaml.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{type: object}",
        "{type: object, properties: {}, required: [], additionalProperties: false}",
        "{type: object, anyOf: [{required: [a]}, {required: [b]}], properties: {a: {}, b: true}}",
        "{type: object, properties: {a: {$ref: '#/$defs/x'}}, $defs: {x: {type: [string, 'null']}}, x-mine: 1}",
        "{type: object, properties: {a: {type: array, items: {type: integer, minimum: 0, maxLength: 1}, minItems: 0}}}",
        "{type: object, properties: {a: {enum: [1, x], pattern: '^[a-z]+$', default: 1, examples: [x]}}}",
    ],
)
def test_a_schema_that_is_well_formed_is_fine(text: str) -> None:
    assert parameters(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{}",
            "3:13: bad-schema: the parameters of a tool are an object"
            " -> Write 'type: object' and each argument under 'properties'.",
        ),
        (
            "{type: string}",
            "3:13: bad-schema: the parameters of a tool are an object"
            " -> Write 'type: object' and each argument under 'properties'.",
        ),
        ("{type: object, properties: [a]}", "3:40: bad-schema: 'properties' is a mapping of schemas by name"),
        (
            "{type: object, required: true}",
            "3:38: bad-schema: 'required' is a list of names"
            " -> Write [name, other_name] beside 'properties', not inside an argument.",
        ),
        ("{type: object, required: [a]}", "3:39: bad-schema: 'a' is required, but is not among the properties"),
        (
            "{type: object, properties: {date: {}}, required: [dat]}",
            "3:63: bad-schema: 'dat' is required, but is not among the properties -> Did you mean 'date'?",
        ),
        (
            "{type: object, properties: {date: {}}, required: [5]}",
            "3:63: bad-schema: '5' is required, but is not among the properties",
        ),
        (
            "{type: object, properties: {date: {}}, required: [[]]}",
            "3:63: bad-schema: '[]' is required, but is not among the properties",
        ),
        ("text", "3:13: not-mapping: 'parameters' must be a mapping, not the text 'text'"),
    ],
)
def test_a_schema_of_arguments_is_checked(text: str, expected: str) -> None:
    assert parameters(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", "1: bad-schema: a schema is a mapping -> Write at least 'type: string', for example."),
        ("{type: strng}", "8: bad-schema: 'strng' is no type of JSON Schema -> Did you mean 'string'?"),
        ("{type: date}", f"8: bad-schema: 'date' is no type of JSON Schema{USE}"),
        ("{type: [string, 5]}", f"8: bad-schema: '5' is no type of JSON Schema{USE}"),
        ("{type: []}", f"8: bad-schema: '[]' is no type of JSON Schema{USE}"),
        ("{patern: x}", "warning: 2: bad-schema: 'patern' is no word of JSON Schema -> Did you mean 'pattern'?"),
        ("{description: 5}", "15: bad-schema: 'description' is a text -> Put it in quotes."),
        ("{enum: []}", "8: bad-schema: 'enum' is a list of the values that are allowed"),
        ("{minLength: -1}", "13: bad-schema: 'minLength' is a whole number, 0 or more"),
        ("{maxItems: 1.5}", "12: bad-schema: 'maxItems' is a whole number, 0 or more"),
        ("{minimum: x}", "11: bad-schema: 'minimum' is a number"),
        ("{maximum: true}", "11: bad-schema: 'maximum' is a number"),
        ("{anyOf: []}", "9: bad-schema: 'anyOf' is a list of schemas"),
        ("{anyOf: [{type: x}]}", f"17: bad-schema: 'x' is no type of JSON Schema{USE}"),
        ("{items: [x]}", "9: bad-schema: a schema is a mapping -> Write at least 'type: string', for example."),
        (
            "{pattern: '('}",
            "11: bad-pattern: not a regular expression: missing ), unterminated subpattern"
            " -> Use 'contains' for plain text; a backslash needs single quotes or none in YAML.",
        ),
    ],
)
def test_the_schema_of_an_argument_is_checked(text: str, expected: str) -> None:
    assert prop(text) == [expected]
