"""The native models: what each file may hold, and in which words it is told that it holds something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.checking import told

from gitagent.config import yaml
from gitagent.config.native import models
from gitagent.config.native.schemas import KINDS, kept_schema, write_schemas
from gitagent.config.shapes import fits

KNOWN = "Known keys: name, description, language, greeting, prompt, model, voice, variables, handoffs."


def agent(text: str) -> list[str]:
    return told({"agent.yaml": text})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("description: x\n", "1:1: missing-key: 'name' is missing -> Add a line 'name: …'."),
        ("name: A\nnme: x\n", "2:1: unknown-key: 'nme' is not known here -> Did you mean 'name'?"),
        ("name: A\nzzz: x\n", f"2:1: unknown-key: 'zzz' is not known here -> {KNOWN}"),
        ("name: A\nvoice: {sped: 1}\n", "2:9: unknown-key: 'sped' is not known here -> Did you mean 'speed'?"),
        (
            'name: A\nhandoffs: [{name: x, number: "+442079460018", sip_header: {}}]\n',
            "2:47: unknown-key: 'sip_header' is not known here -> Did you mean 'sip_headers'?",
        ),
        (
            "name: 42\n",
            "1:7: not-text: 'name' must be a text, but 42 without quotes is the number 42 -> Put it in quotes: \"42\"",
        ),
        (
            "name: true\n",
            "1:7: not-text: 'name' must be a text, but true without quotes is true -> Put it in quotes: \"true\"",
        ),
        ("name:\n", "1:6: not-text: 'name' has no value -> Give it a text, or remove the key."),
        (
            "name: A\ngreeting: [Hello]\n",
            "2:11: not-text: 'greeting' must be a text, not a list"
            " -> Put a text that begins with a brace or bracket, or that holds ': ', in quotes.",
        ),
        (
            "name: A\ngreeting: {a: b}\n",
            "2:11: not-text: 'greeting' must be a text, not a mapping"
            " -> Put a text that begins with a brace or bracket, or that holds ': ', in quotes.",
        ),
        (
            "name: A\nlanguage: 12345678\n",
            "2:11: unquoted-number: 'language' must be a text, but 12345678 without"
            " quotes is a number: its '+' and zeros get lost -> Put it in quotes: \"12345678\"",
        ),
        ("name: ''\n", "1:7: empty: 'name' is empty"),
        (f"name: {'x' * 101}\n", "1:7: too-long: 'name' is too long"),
        (
            "name: A\nvoice: {speed: fast}\n",
            "2:16: not-number: 'speed' must be a number, not the text 'fast' -> Write a number.",
        ),
        (
            "name: A\nnumber: '+442079460018'\n",
            "2:1: unknown-key: 'number' is not known here"
            " -> Numbers to hand calls to stand under 'handoffs'; the agent's own: gitagent numbers assign.",
        ),
        ("name: A\nvoice: {speed: true}\n", "2:16: not-number: 'speed' must be a number, not true"),
        ("name: A\nvoice: {speed: 5}\n", "2:16: out-of-range: 'speed' must be at most 4, not 5"),
        ("name: A\nvoice: {speed: 0.1}\n", "2:16: out-of-range: 'speed' must be at least 0.25, not 0.1"),
        ("name: A\nvoice: {speed: .nan}\n", "2:16: out-of-range: 'speed' must be a finite number"),
        ("name: A\nmodel: gpt\n", "2:8: not-mapping: 'model' must be a mapping, not the text 'gpt'"),
        ("name: A\nmodel: {temperature: 2.5}\n", "2:22: out-of-range: 'temperature' must be at most 2, not 2.5"),
        ("name: A\nvariables: [a]\n", "2:12: not-mapping: 'variables' must be a mapping, not a list"),
        (
            "name: A\nhandoffs: x\n",
            "2:11: not-list: 'handoffs' must be a list, not the text 'x'"
            " -> Write each item in a line of its own that begins with '- '.",
        ),
        ("name: A\nhandoffs: [x]\n", "2:12: not-mapping: an item of 'handoffs' must be a mapping, not the text 'x'"),
        ("- a\n", "1:1: not-mapping: the file must be a mapping, not a list"),
        ("", "1:1: empty: the file is empty -> It needs at least: name."),
        ("# nothing\n", "1:1: empty: the file is empty -> It needs at least: name."),
    ],
)
def test_what_an_agent_file_may_not_hold_is_told(text: str, expected: str) -> None:
    assert agent(text) == [f"agent.yaml:{expected}"]


def test_whole_agents_are_fine() -> None:
    assert agent("name: A\n") == []
    assert (
        agent(
            "name: A\ndescription: ''\nlanguage: en-GB\ngreeting: Hello ${who}\nprompt: Be kind.\n"
            "model: {provider: p, name: n, temperature: 0}\nvoice: {provider: p, name: n, speed: 0.25}\n"
            "variables: {who: you, n: 1, yes: true, x: 1.5}\n"
            'handoffs: [{name: desk, number: "+442079460018", sip_headers: {X-Queue: desk}}]\n'
        )
        == []
    )


def test_numbers_of_any_length_are_told_in_short() -> None:
    assert agent(f"name: A\nmodel: {{temperature: {'9' * 900}}}\n") == [
        "agent.yaml:2:22: out-of-range: 'temperature' has too many digits"
    ]


def test_a_word_that_is_none_of_the_choices_is_told() -> None:
    tool = "name: t\ndescription: d\nrequest: {url: 'https://x.example', method: %s}\n"

    def method(word: str) -> list[str]:
        return told({"agent.yaml": "name: A\n", "tools/t.yaml": tool % word})

    choices = "GET, POST, PUT, PATCH, DELETE"
    place = "tools/t.yaml:3:45: not-allowed: 'method' must be one of"
    assert method("POST") == []
    assert method("post") == [f"{place} {choices}, not the text 'post' -> Did you mean 'POST'?"]
    assert method("5") == [f"{place} {choices}, not the number 5"]


def test_a_suite_needs_cases_and_a_case_needs_turns() -> None:
    contents = {
        "agent.yaml": "name: A\n",
        "tests/a.yaml": "cases: []\n",
        "tests/b.yaml": "cases:\n- {name: x, turns: []}\n",
    }

    assert told(contents) == [
        "tests/a.yaml:1:8: empty: 'cases' is empty",
        "tests/b.yaml:2:20: empty: 'turns' is empty",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_that_are_kept_are_those_of_the_models(
    kind: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # After a change to a model: python -m gitagent.config.native.schemas
    monkeypatch.setattr("gitagent.config.native.schemas._FOLDER", tmp_path)

    write_schemas()

    assert json.loads((tmp_path / f"{kind}.json").read_text("utf-8")) == kept_schema(kind)


KEYS = sorted({key for kind in KINDS for key in json.dumps(kept_schema(kind)).split('"') if key.isidentifier()})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "a", "GET", "x" * 101]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inside, max_size=5),
    max_leaves=12,
)


def shaped(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that nearly fit a schema: now and then, one of them does not."""
    if "$ref" in schema:
        return shaped(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "properties" in schema:
        keys = {key: shaped(inner, definitions) for key, inner in schema["properties"].items()}
        needed = {key: keys.pop(key) for key in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional=keys)
    if "items" in schema:
        return st.lists(shaped(schema["items"], definitions), max_size=2) | ANYTHING
    simple: dict[str, st.SearchStrategy[Any]] = {
        "string": st.sampled_from(schema.get("enum", ["a", "b c"])),
        "number": st.sampled_from([0, 1, 1.5, 2.0, 0.25]),
        "integer": st.integers(0, 3),
        "boolean": st.booleans(),
        "object": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", 1, True]), max_size=2),
    }
    return st.one_of([simple[schema["type"]]] * 9 + [ANYTHING])


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_fits_its_schema_only_when_the_model_takes_it(kind: str) -> None:
    schema = kept_schema(kind)
    model = getattr(models, KINDS[kind])

    @settings(max_examples=150)
    @given(shaped(schema, schema.get("$defs", {})) | ANYTHING)
    def holds(value: object) -> None:
        try:
            model.model_validate(value)
        except ValidationError:
            assert not fits(value, schema)

    holds()


@pytest.mark.parametrize("template", ["blank", "restaurant", "clinic"])
def test_sound_agents_fit_without_pydantic(template: str) -> None:
    from pathlib import Path

    import gitagent

    folder = Path(gitagent.__file__).parent / "templates" / template
    kinds = {"agent.yaml": "agent", "topics/*.yaml": "topic", "tools/*.yaml": "tool", "tests/*.yaml": "suite"}
    misfits = [
        path.name
        for pattern, kind in kinds.items()
        for path in folder.glob(pattern)
        if not fits(yaml.parse(path.read_bytes(), path.name).value, kept_schema(kind))
    ]

    assert misfits == []


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("yes", "Write true or false: in YAML 1.2 'yes' is a text."),
        ("Off", "Write true or false: in YAML 1.2 'Off' is a text."),
        ("'true'", "Write it without quotes, as true or false."),
        ('"yes"', "Write it without quotes, as true or false."),
        ("maybe", "Write true or false."),
    ],
)
def test_a_text_in_place_of_a_truth_value_is_told_by_how_it_is_written(written: str, hint: str) -> None:
    lines = told({"agent.yaml": "name: A\n", "topics/t.yaml": f"name: T\nenabled: {written}\n"})

    assert [line.partition(" -> ")[2] for line in lines] == [hint]
