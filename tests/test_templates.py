"""The sample agents: what is in them, and that each is a model of a good agent."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitagent import templates
from gitagent.config.files import FileKind, MemoryFile
from gitagent.config.validation import validate
from gitagent.errors import NotFound

FULL = ("clinic", "restaurant")
# Ofcom keeps these ranges for drama: nobody can be called by trying a sample agent.
# https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
FICTIONAL = re.compile(r"\+44(207946|117496)0\d{3}")


def content(template: str, path: str) -> str:
    return templates.load(template)[path].read().decode()


def parsed(template: str, path: str) -> dict[str, object]:
    value = YAML(typ="safe").load(content(template, path))
    assert isinstance(value, dict)
    return value


def paths(template: str, folder: str) -> list[str]:
    return [path for path in templates.load(template) if path.startswith(f"{folder}/")]


def items(value: object) -> list[Any]:
    assert isinstance(value, list)
    return value


def test_names_are_sorted() -> None:
    assert templates.names() == ("blank", "clinic", "restaurant")


def test_names_are_the_folders_beside_the_module() -> None:
    folder = Path(templates.__file__).parent
    found = sorted(path.name for path in folder.iterdir() if (path / "agent.yaml").is_file())

    assert tuple(found) == templates.names()


def test_each_template_is_described_in_one_line() -> None:
    assert {name: templates.describe(name) for name in templates.names()} == {
        "blank": "The least that is an agent: a name, a greeting and a prompt to fill in.",
        "clinic": "A surgery's reception: appointments, prescriptions, results, and emergencies first.",
        "restaurant": "A restaurant's telephone: bookings, changes, allergies, groups and directions.",
    }


def test_blank_is_an_agent_and_its_prompt() -> None:
    assert list(templates.load("blank")) == ["agent.yaml", "prompt.md"]


def test_restaurant_has_a_file_for_everything_an_agent_can_do() -> None:
    assert list(templates.load("restaurant")) == [
        "agent.yaml",
        "prompt.md",
        "tests/bookings.yaml",
        "tests/questions.yaml",
        "tools/book_table.yaml",
        "tools/cancel_booking.yaml",
        "tools/find_booking.yaml",
        "tools/find_table.yaml",
        "topics/changing_or_cancelling.yaml",
        "topics/children_and_dogs.yaml",
        "topics/dietary_needs.yaml",
        "topics/directions_and_parking.yaml",
        "topics/groups.yaml",
        "topics/opening_hours.yaml",
        "topics/reservations.yaml",
        "topics/speak_to_a_person.yaml",
    ]


def test_clinic_has_a_file_for_everything_an_agent_can_do() -> None:
    assert list(templates.load("clinic")) == [
        "agent.yaml",
        "prompt.md",
        "tests/reception.yaml",
        "tests/safety.yaml",
        "tools/book_appointment.yaml",
        "tools/find_appointments.yaml",
        "tools/find_patient.yaml",
        "tools/request_prescription.yaml",
        "topics/appointments.yaml",
        "topics/changing_an_appointment.yaml",
        "topics/emergencies.yaml",
        "topics/new_patients.yaml",
        "topics/opening_hours.yaml",
        "topics/repeat_prescriptions.yaml",
        "topics/speak_to_a_person.yaml",
        "topics/test_results.yaml",
    ]


def test_files_are_plain_files_with_content() -> None:
    for name in templates.names():
        for path, file in templates.load(name).items():
            assert file.kind is FileKind.FILE, path
            assert file.size == len(file.read()) > 0, path
            assert file.read().endswith(b"\n"), path


def test_a_file_left_behind_by_a_file_manager_is_not_part_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blank" / "topics.yaml").mkdir(parents=True)
    (tmp_path / "blank" / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "blank" / "agent.yaml").write_text("name: Test\n")
    monkeypatch.setattr(templates, "_FOLDER", tmp_path)

    assert list(templates.load("blank")) == ["agent.yaml"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("restarant", "Did you mean 'restaurant'?"),
        ("Clinic", "Did you mean 'clinic'?"),
        ("airport", "The templates are blank, clinic, restaurant."),
        ("", "The templates are blank, clinic, restaurant."),
        ("../templates/clinic", "The templates are blank, clinic, restaurant."),
    ],
)
def test_an_unknown_template_is_refused_with_what_to_type_instead(name: str, hint: str) -> None:
    for call in (templates.describe, templates.load):
        with pytest.raises(NotFound) as caught:
            call(name)
        error = caught.value
        assert (error.code, error.message, error.hint) == (
            "template-not-found",
            f"there is no template '{name}'",
            hint,
        )


@pytest.mark.parametrize("name", FULL)
def test_a_sample_agent_says_everything_about_itself(name: str) -> None:
    assert list(parsed(name, "agent.yaml")) == [
        "name",
        "description",
        "language",
        "greeting",
        "prompt",
        "model",
        "voice",
        "variables",
        "handoffs",
    ]


@pytest.mark.parametrize("name", FULL)
def test_handoffs_go_to_numbers_kept_for_drama_and_carry_sip_headers(name: str) -> None:
    handoffs = items(parsed(name, "agent.yaml")["handoffs"])

    assert len(handoffs) >= 2
    for handoff in handoffs:
        assert FICTIONAL.fullmatch(str(handoff["number"])), handoff
        assert handoff["sip_headers"], handoff


@pytest.mark.parametrize("name", FULL)
def test_no_other_phone_number_is_in_a_sample_agent(name: str) -> None:
    handoffs = {str(handoff["number"]) for handoff in items(parsed(name, "agent.yaml")["handoffs"])}
    found = {number for path in templates.load(name) for number in re.findall(r"\+\d{6,}", content(name, path))}

    assert found == handoffs


@pytest.mark.parametrize("name", FULL)
def test_every_credential_is_a_reference_to_the_environment(name: str) -> None:
    for path in paths(name, "tools"):
        for line in content(name, path).splitlines():
            if "Authorization" in line:
                assert re.fullmatch(r" +Authorization: Bearer \$\{env:[A-Z_]+\}", line), (path, line)


@pytest.mark.parametrize("name", FULL)
def test_addresses_of_services_can_never_exist(name: str) -> None:
    hosts = {host for path in templates.load(name) for host in re.findall(r"https?://([^/\s]+)", content(name, path))}

    assert hosts
    assert all(host.endswith(".example") for host in hosts), hosts


@pytest.mark.parametrize("name", FULL)
def test_every_variable_is_used_and_every_one_used_is_defined(name: str) -> None:
    variables = parsed(name, "agent.yaml")["variables"]
    assert isinstance(variables, dict)
    texts = [content(name, path) for path in templates.load(name) if not path.startswith("tests/")]
    # A comment explains the syntax with ${name}.
    used = {found for text in texts for found in re.findall(r"\$\{(\w+)\}", text)} - {"name"}

    assert used == set(variables)


@pytest.mark.parametrize("name", FULL)
def test_every_tool_that_the_prompt_names_is_there(name: str) -> None:
    tools = {str(parsed(name, path)["name"]) for path in paths(name, "tools")}

    assert set(re.findall(r"`(\w+)`", content(name, "prompt.md"))) <= tools


@pytest.mark.parametrize("name", FULL)
def test_every_tool_and_handoff_is_used_by_a_topic_and_every_one_used_is_there(name: str) -> None:
    tools = {str(parsed(name, path)["name"]) for path in paths(name, "tools")}
    handoffs = {str(handoff["name"]) for handoff in items(parsed(name, "agent.yaml")["handoffs"])}
    actions = [action for path in paths(name, "topics") for action in items(parsed(name, path)["actions"])]

    assert {action["tool"] for action in actions if "tool" in action} == tools
    assert {action["handoff"] for action in actions if "handoff" in action} == handoffs
    assert all(action["when"] for action in actions)


@pytest.mark.parametrize("name", FULL)
def test_tools_are_named_like_their_files_and_describe_every_parameter(name: str) -> None:
    for path in paths(name, "tools"):
        tool = parsed(name, path)
        parameters = tool["parameters"]
        assert isinstance(parameters, dict)
        assert path == f"tools/{tool['name']}.yaml"
        assert all(value.get("description") for value in parameters["properties"].values()), path
        assert set(parameters.get("required", ())) <= set(parameters["properties"])


@pytest.mark.parametrize("name", FULL)
def test_topics_have_distinct_names_and_queries(name: str) -> None:
    topics = [parsed(name, path) for path in paths(name, "topics")]
    queries = [query for topic in topics for query in items(topic["example_queries"])]

    assert len({str(topic["name"]) for topic in topics}) == len(topics) == 8
    assert len({str(query) for query in queries}) == len(queries) >= 40


@pytest.mark.parametrize("name", FULL)
def test_texts_are_short_enough_to_be_said_aloud(name: str) -> None:
    for path in paths(name, "topics"):
        topic = parsed(name, path)
        assert len(str(topic["content"]).split()) <= 60, path
        assert topic["actions"], path


@pytest.mark.parametrize("name", FULL)
def test_a_case_speaks_of_topics_that_exist_and_of_words_in_them(name: str) -> None:
    agent = parsed(name, "agent.yaml")
    topics = {str(topic["name"]): topic for topic in (parsed(name, path) for path in paths(name, "topics"))}
    for path in paths(name, "tests"):
        for case in items(parsed(name, path)["cases"]):
            for turn in items(case["turns"]):
                check_turn(turn, topics=topics, variables=agent["variables"], case=case)


def check_turn(
    turn: dict[str, object],
    *,
    topics: dict[str, dict[str, object]],
    variables: object,
    case: dict[str, object],
) -> None:
    """That a responder which answers with a topic's content meets every expectation of the turn."""
    expected = {kind: text for each in items(turn["expect"]) for kind, text in each.items()}
    if "topic" not in expected:
        return
    topic = topics[str(expected["topic"])]
    assert turn["user"] in items(topic["example_queries"]), case["name"]
    assert isinstance(variables, dict)
    own = case.get("variables", {})
    assert isinstance(own, dict)
    answer = str(topic["content"])
    for variable, value in {**variables, **own}.items():
        answer = answer.replace(f"${{{variable}}}", str(value))
    assert str(expected.get("contains", "")) in answer, case["name"]
    if pattern := expected.get("not_matches"):
        assert not re.search(str(pattern), answer), case["name"]


@pytest.mark.parametrize("name", FULL)
def test_each_suite_has_six_to_ten_cases_with_distinct_names(name: str) -> None:
    for path in paths(name, "tests"):
        cases = [str(case["name"]) for case in items(parsed(name, path)["cases"])]
        assert 6 <= len(set(cases)) == len(cases) <= 10, path


@pytest.mark.parametrize("name", FULL)
def test_every_topic_is_tried_by_a_case(name: str) -> None:
    topics = {str(parsed(name, path)["name"]) for path in paths(name, "topics")}
    tried = {
        str(expectation["topic"])
        for path in paths(name, "tests")
        for case in items(parsed(name, path)["cases"])
        for turn in items(case["turns"])
        for expectation in items(turn["expect"])
        if "topic" in expectation
    }

    assert tried == topics


@pytest.mark.parametrize("name", templates.names())
def test_a_template_has_no_problem_and_no_warning(name: str) -> None:
    assert validate(templates.load(name)) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "code"),
    [
        ("agent.yaml", '"+442079460018"', "+442079460018", "unquoted-number"),
        ("agent.yaml", "prompt: prompt.md", "prompt: promt.md", "prompt-missing"),
        ("topics/groups.yaml", "handoff: events team", "handoff: event team", "unknown-handoff"),
        ("topics/groups.yaml", "${deposit}", "${deposits}", "unknown-variable"),
        ("tests/bookings.yaml", "topic: groups and private events", "topic: groups", "unknown-topic"),
        ("tools/find_table.yaml", "method: GET", "method: GRAB", "not-allowed"),
    ],
)
def test_a_slip_in_a_template_would_be_found(path: str, old: str, new: str, code: str) -> None:
    files = templates.load("restaurant")
    text = content("restaurant", path)
    assert text.count(old) == 1

    (problem,) = validate({**files, path: MemoryFile(text.replace(old, new).encode())})

    assert (problem.path, problem.code) == (path, code)


def test_importing_templates_imports_no_parser_and_no_model() -> None:
    code = "import sys, gitagent.templates;print({'pydantic', 'ruamel.yaml', 'pygit2', 'difflib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
