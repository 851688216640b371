"""States: the ledger's files, read back as they were written and refused when somebody else wrote them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built, git
from support.refusing import Refusal, refusal

from gitagent import AssignedNumber, EnvironmentName, PhoneNumber, VersionNumber
from gitagent.agent.access import LATER, Access, Role, Verb
from gitagent.agent.states import (
    ACCESS_PATH,
    EnvironmentState,
    State,
    VersionRecord,
    environment_path,
    format_record,
    format_state,
    parse_environment,
    parse_record,
    parse_state,
    version_path,
)
from gitagent.config import yaml
from gitagent.errors import LedgerInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

SANDBOX, LIVE = EnvironmentName("sandbox"), EnvironmentName("live")
NUMBERS = tuple(
    AssignedNumber(PhoneNumber(number), LIVE, headers)
    for number, headers in [("+442079460018", {"X-A": 'é "quoted": #yes', "X-B": "no"}), ("+442079460019", {})]
)
FULL = EnvironmentState(LIVE, VersionNumber(7), "a" * 40, START, ADA, "b" * 40, True, NUMBERS)
STATE = State((EnvironmentState(SANDBOX), FULL), VersionNumber(9), VersionNumber(7))


def test_a_state_comes_back_as_it_was_written() -> None:
    files = format_state(STATE)
    assert sorted(files) == ["environments/live.yaml", "environments/sandbox.yaml", "state.yaml"]
    assert parse_state(files.__getitem__) == STATE
    assert parse_environment(LIVE, files.__getitem__) == FULL
    assert format_state(parse_state(files.__getitem__)) == files


def test_the_files_of_a_state_are_yaml_that_says_what_it_means() -> None:
    files = {path: yaml.load(content) for path, content in format_state(STATE).items()}
    assert files["state.yaml"] == {
        "format": 1,
        "pipeline": ["sandbox", "live"],
        "last_version": "v9",
        "last_published": "v7",
    }
    assert files["environments/live.yaml"] == {
        "version": "v7",
        "commit": "a" * 40,
        "since": "2026-03-02T09:00:00+00:00",
        "by": "Ada Lovelace <ada@example.com>",
        "before": "b" * 40,
        "requires_number": True,
        "numbers": {
            "+442079460018": {"sip_headers": {"X-A": 'é "quoted": #yes', "X-B": "no"}},
            "+442079460019": {"sip_headers": {}},
        },
    }


def test_rules_that_came_later_stand_in_the_files_only_where_they_are_set() -> None:
    ruled = FULL._replace(approvals=2, requires_signature=True, tests=95, not_worse=True)
    path = environment_path(LIVE)
    plain, written = (format_state(STATE.with_environment(each))[path] for each in (FULL, ruled))
    assert b"approvals" not in plain
    assert b"requires_signature" not in plain
    assert b"tests" not in plain
    assert b"not_worse" not in plain
    later = {"approvals": 2, "requires_signature": True, "tests": 95, "not_worse": True}
    assert json.loads(written) == json.loads(plain) | later
    assert parse_environment(LIVE, {path: written}.__getitem__) == ruled


def test_a_record_comes_back_as_it_was_written() -> None:
    made = VersionRecord("a" * 40, "b" * 40)
    approved = made.with_approval(LIVE, "grace@example.com").with_approval(SANDBOX, "alan@example.com")
    for record in (made, made._replace(served=(SANDBOX, LIVE)), approved):
        assert parse_record(format_record(record)) == record


def test_approvals_stand_in_a_record_only_where_there_are_any() -> None:
    made = VersionRecord("a" * 40, "b" * 40)
    assert b"approved" not in format_record(made)
    twice = made.with_approval(LIVE, "grace@example.com").with_approval(LIVE, "alan@example.com")
    assert json.loads(format_record(twice))["approved"] == {"live": ["grace@example.com", "alan@example.com"]}


def test_who_may_do_what_stands_in_a_file_of_its_own_once_somebody_was_named() -> None:
    assert ACCESS_PATH not in format_state(STATE)
    roles: dict[Role, tuple[str, ...]] = {Role(verb): ("*",) for verb in Verb}
    roles[Role(Verb.ADMIN)] = ("ada@example.com",)
    roles[Role(Verb.PROMOTE, LIVE)] = ()
    roles[Role(Verb.RULES, LIVE)] = ("ada@example.com", "grace@example.com")
    roles[Role(Verb.FORCE, LIVE)] = ("*",)
    state = STATE._replace(access=Access(roles))
    files = format_state(state)
    assert parse_state(files.__getitem__) == state
    assert yaml.load(files[ACCESS_PATH]) == {
        "format": 1,
        "roles": {
            "admin": ["ada@example.com"],
            "save": ["*"],
            "publish": ["*"],
            "promote": ["*"],
            "promote live": [],
            "rollback": ["*"],
            "approve": ["*"],
            "numbers": ["*"],
            "rules": ["*"],
            "rules live": ["ada@example.com", "grace@example.com"],
            "force": ["*"],
            "force live": ["*"],
        },
    }
    assert ACCESS_PATH not in format_state(state._replace(last_version=VersionNumber(10)), since=state)


def test_roles_that_came_later_stand_in_the_file_only_once_somebody_was_given_them_or_they_were_taken() -> None:
    roles: dict[Role, tuple[str, ...]] = {Role(verb): LATER.get(verb, ("*",)) for verb in Verb}
    roles[Role(Verb.ADMIN)] = ("ada@example.com",)
    files = format_state(STATE._replace(access=Access(roles)))
    assert parse_state(files.__getitem__).access == Access(roles)
    assert not {"test", "force"} & json.loads(files[ACCESS_PATH])["roles"].keys()
    taken = Access({**roles, Role(Verb.TEST): (), Role(Verb.FORCE): ("*",)})
    files = format_state(STATE._replace(access=taken))
    assert parse_state(files.__getitem__).access == taken
    assert (
        json.loads(files[ACCESS_PATH])["roles"] | {"test": [], "force": ["*"]}
        == json.loads(files[ACCESS_PATH])["roles"]
    )


@pytest.mark.parametrize(
    "roles",
    [
        {"admin": ["ada@example.com"]},
        {**{str(verb): ["a@b.c"] for verb in Verb}, "test": ["*"]},
        {**{str(verb): ["a@b.c"] for verb in Verb}, "force": []},
        {str(verb): [] for verb in Verb},
        {str(verb): ["Ada@example.com"] for verb in Verb},
        {str(verb): "ada@example.com" for verb in Verb},
        {**{str(verb): ["a@b.c"] for verb in Verb}, "own": []},
        {**{str(verb): ["a@b.c"] for verb in Verb}, "promote Live": []},
        {**{str(verb): ["a@b.c"] for verb in Verb}, "promote live": [1]},
    ],
)
def test_roles_that_gitagent_did_not_write_are_refused(roles: object) -> None:
    files = format_state(STATE) | {ACCESS_PATH: json.dumps({"format": 1, "roles": roles}).encode()}
    refused = refusal(lambda: parse_state(files.__getitem__))
    assert (refused.kind, refused.code) == ("LedgerInvalid", "ledger-invalid")
    assert refused.message.startswith("the ledger's access.yaml cannot be read: ")


def test_versions_are_kept_a_hundred_to_a_folder() -> None:
    assert [version_path(VersionNumber(number)) for number in (1, 99, 100, 12_345)] == [
        "versions/0/v1.yaml",
        "versions/0/v99.yaml",
        "versions/1/v100.yaml",
        "versions/123/v12345.yaml",
    ]


def test_one_environment_is_found_or_refused() -> None:
    assert (STATE.environment(LIVE), STATE.pipeline) == (FULL, (SANDBOX, LIVE))
    assert refusal(lambda: STATE.environment(EnvironmentName("prod"))) == Refusal(
        "EnvironmentNotFound",
        "environment-not-found",
        "no environment is called prod",
        "The pipeline is sandbox → live.",
    )
    changed = STATE.with_environment(EnvironmentState(LIVE))
    assert changed.environments == (EnvironmentState(SANDBOX), EnvironmentState(LIVE))


DAMAGED: dict[str, tuple[str, str]] = {
    "another format": ("state.yaml", "{format: 2, pipeline: [live], last_version: v1, last_published: null}"),
    "no mapping": ("state.yaml", "[]"),
    "no yaml": ("state.yaml", "{"),
    "no utf-8": ("state.yaml", "\udcff"),
    "empty": ("state.yaml", ""),
    "no version": ("state.yaml", "{format: 1, pipeline: [sandbox, live], last_version: 9.5, last_published: null}"),
    "a bad name": ("state.yaml", "{format: 1, pipeline: [Live], last_version: v1, last_published: null}"),
    "no pipeline": ("state.yaml", "{format: 1, last_version: v1, last_published: null}"),
    "an empty environment": ("environments/live.yaml", "{}"),
    "numbers as a list": (
        "environments/live.yaml",
        "{version: null, commit: null, since: null, by: null, before: null, requires_number: false, numbers: [1]}",
    ),
    "a bad number": (
        "environments/live.yaml",
        "{version: null, commit: null, since: null, by: null, before: null, requires_number: false,"
        ' numbers: {"123": {sip_headers: {}}}}',
    ),
    "bad approvals": (
        "environments/live.yaml",
        '{"version": null, "commit": null, "since": null, "by": null, "before": null, "requires_number": false,'
        ' "numbers": {}, "approvals": true}',
    ),
    "too many approvals": (
        "environments/live.yaml",
        '{"version": null, "commit": null, "since": null, "by": null, "before": null, "requires_number": false,'
        ' "numbers": {}, "approvals": 21}',
    ),
    "a bad time": (
        "environments/live.yaml",
        "{version: v1, commit: x, since: today, by: null, before: null, requires_number: false, numbers: {}}",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_state_that_gitagent_did_not_write_is_refused(damage: str) -> None:
    path, content = DAMAGED[damage]
    files = format_state(STATE) | {path: content.encode("utf-8", "surrogateescape")}
    refused = refusal(lambda: parse_state(files.__getitem__))
    assert (refused.kind, refused.code) == ("LedgerInvalid", "ledger-invalid")
    assert refused.message.startswith(f"the ledger's {'state' if path == 'state.yaml' else path} cannot be read: ")
    assert refused.hint == "Look at it with: git show gitagent/ledger:state.yaml"


@pytest.mark.parametrize("content", [b"", b"[]", b"{commit: x}", b"{commit: x, tag: y, served: [Live]}", b"\xff"])
def test_a_record_that_gitagent_did_not_write_is_refused(content: bytes) -> None:
    assert refusal(lambda: parse_record(content)).message.startswith("the ledger's version cannot be read: ")


def test_an_environment_whose_file_is_missing_is_refused(build: Callable[..., Built]) -> None:
    agent = build()
    git(agent.path, "switch", "-q", "gitagent/ledger")
    git(agent.path, "rm", "-q", "environments/live.yaml")
    git(agent.path, "commit", "-q", "-m", "damage")
    git(agent.path, "switch", "-q", "main")
    assert refusal(agent.reopen) == Refusal(
        "LedgerInvalid",
        "ledger-invalid",
        "the ledger's environments/live.yaml cannot be read: environments/live.yaml is missing",
        "Look at it with: git show gitagent/ledger:state.yaml",
    )


def test_environments_are_kept_by_name() -> None:
    assert environment_path(EnvironmentName("pre-release")) == "environments/pre-release.yaml"


@pytest.mark.parametrize("wrong", ["", "v1", "A" * 40, "a" * 39, "a" * 41, "a" * 40 + "\n"])
def test_what_is_no_object_id_is_refused(wrong: str) -> None:
    with pytest.raises(LedgerInvalid):
        parse_record(format_record(VersionRecord(wrong, "a" * 40)))
