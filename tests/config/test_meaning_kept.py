"""What an agent's files have and the model has not is named in the summary: no key or value vanishes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.ferries import PROJECT

from gitagent import templates
from gitagent.cli.summaries import meaning_record
from gitagent.config.files import MemoryFile
from gitagent.config.meaning import meaning_of
from gitagent.config.yaml import parse

SAMPLES = {
    "ferries": {path: text.encode() for path, text in PROJECT.items()},
    **{name: {path: file.read() for path, file in templates.load(name).items()} for name in ("restaurant", "clinic")},
}
FLOW = "flows/book_a_crossing"
Place = tuple[Any, ...]


def summary(files: Mapping[str, bytes]) -> str:
    """What `gitagent show --summary --json` prints."""
    return json.dumps(meaning_record(meaning_of({path: MemoryFile(data) for path, data in files.items()})))


def kept(files: Mapping[str, bytes]) -> dict[tuple[str, str | None], str]:
    """What is named, and why."""
    unread = meaning_of({path: MemoryFile(data) for path, data in files.items()}).unread
    return {(each.path, each.key): each.why for each in unread}


def documents(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """The mapping in each file that is not named as a whole."""
    read = [path for path in files if path.endswith((".yaml", ".json")) and (path, None) not in kept(files)]
    return {path: value for path in read if isinstance(value := parse(files[path], path).value, dict)}


def places(value: object, at: Place = ()) -> Iterator[tuple[Place, object]]:
    """Everything in a value, by where it stands."""
    yield at, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places(part, (*at, key))


def put(value: dict[str, Any], at: Place, new: object) -> dict[str, Any]:
    """A copy with something else at one place."""
    whole = copy.deepcopy(value)
    inner: Any = whole
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return whole


def written(value: object) -> bytes:
    return json.dumps(value, default=str).encode()


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_unknown_key_in_any_mapping_of_any_file_is_named(sample: str) -> None:
    files, marks = dict(SAMPLES[sample]), dict[str, tuple[str, Place]]()
    for path, whole in documents(files).items():
        changed = whole
        for at, value in places(whole):
            if isinstance(value, dict):
                mark = f"unknown_{len(marks)}_"
                marks[mark] = path, at
                changed = put(changed, (*at, mark), mark)
        files[path] = written(changed)
    told = summary(files)

    assert len(marks) >= 50
    assert [place for mark, place in marks.items() if mark not in told] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_text_is_in_the_model_or_named(sample: str) -> None:
    files, marks = dict(SAMPLES[sample]), dict[str, tuple[str, Place]]()
    for path, whole in documents(files).items():
        changed = whole
        for at, value in places(whole):
            if isinstance(value, str):
                mark = f"text_{len(marks)}_"
                marks[mark] = path, at
                changed = put(changed, at, mark)
        files[path] = written(changed)
    told = summary(files)

    assert len(marks) >= 80
    assert [place for mark, place in marks.items() if mark not in told] == []


# The first variant is the default where none says so: there it changes nothing to say it.
@pytest.mark.parametrize(("sample", "same"), [("ferries", [("variants", 0, "is_default")]), ("restaurant", [])])
def test_every_number_and_truth_value_is_in_the_model_or_named(sample: str, same: list[Place]) -> None:
    files = SAMPLES[sample]
    silent, tried = [], 0
    for path, whole in documents(files).items():
        before = summary({**files, path: written(whole)})
        for at, value in places(whole):
            if isinstance(value, bool | int | float):
                tried += 1
                changed = put(whole, at, not value if isinstance(value, bool) else 987_654)
                silent += [at] if summary({**files, path: written(changed)}) == before else []

    assert tried >= 8
    assert silent == same


@pytest.mark.parametrize(
    ("path", "text", "key", "why"),
    [
        ("project.yaml", "project_name: x\nname: y\n", "name", "where the project lives in Agent Studio"),
        (
            "config/variant_attributes.yaml",
            "variants: [{name: a, is_default: true}, {name: b, is_default: true}]\n",
            "variants[1].is_default",
            "a variant before it is the default",
        ),
        (
            "config/variant_attributes.yaml",
            "variants: [{name: a}]\nattributes: [{name: x, values: {b: 1}}]\n",
            "attributes[0].values.b",
            "there is no variant of this name",
        ),
        (
            "config/variant_attributes.yaml",
            "variants: [{name: a}]\nattributes: [{name: x, values: {}}]\n",
            "attributes[0].name",
            "no variant has a value of it",
        ),
        ("agent_settings/personality.yaml", "adjectives: {Kind: false}\n", "adjectives.Kind", "not chosen"),
        (
            f"{FLOW}/steps/confirm.yaml",
            "conditions: [{name: a, condition_type: step_condition, description: b}]\n",
            "conditions[0]",
            "it names no step to go to",
        ),
        (
            f"{FLOW}/steps/confirm.yaml",
            "conditions: [{condition_type: exit_flow_condition, child_step: Collect day}]\n",
            "conditions[0].child_step",
            "no key that is understood",
        ),
        (
            f"{FLOW}/steps/confirm.yaml",
            "conditions: [{condition_type: later, child_step: Collect day}]\n",
            "conditions[0].condition_type",
            "neither step_condition nor exit_flow_condition",
        ),
        (f"{FLOW}/steps/confirm.yaml", "step_type: x\n", "step_type", "which sort of step it is, for the platform"),
        (
            "test_suite/books_a_crossing.yaml",
            "function_call_assertions: [{name: a, is_asserted: false}]\n",
            "function_call_assertions[0]",
            "it is not asserted",
        ),
        (
            "test_suite/books_a_crossing.yaml",
            "integration_attributes: {regular: true}\n",
            "integration_attributes",
            "only the functions' code reads them, and it is never run",
        ),
        (
            "test_suite/books_a_crossing.yaml",
            "api_mocks: {sailings: {cancel: [{respond: {status: 200}}]}}\n",
            "api_mocks.sailings.cancel",
            "no function that a model can call is seen to ask for it",
        ),
        (
            "test_suite/books_a_crossing.yaml",
            "api_mocks: {sailings: {find_sailing: [{respond: {status: 200, headers: {a: b}}}]}}\n",
            "api_mocks.sailings.find_sailing[0].respond.headers",
            "only the functions' code could read them",
        ),
        (
            "test_suite/books_a_crossing.yaml",
            "api_mocks: {sailings: {find_sailing: [{respond: {status: fine}}]}}\n",
            "api_mocks.sailings.find_sailing[0].respond.status",
            "not a whole number",
        ),
    ],
)
def test_what_does_not_count_is_named_with_the_reason(path: str, text: str, key: str, why: str) -> None:
    assert kept({**SAMPLES["ferries"], path: text.encode()})[path, key] == why
