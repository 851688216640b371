"""Whom the server knows the pusher to be, and in whose name they may act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START
from support.refusing import Refusal, refusal

from gitagent import Actor, Event, Operation, VersionNumber
from gitagent.receive.users import User, acting_user, refuse_approval_of_own, refuse_other_actor

if TYPE_CHECKING:
    from pathlib import Path

EVENT = Event(2, "01ARZ3NDEKTSV4RRFFQ69G5FAV", Operation.SAVE, ADA, START, to_version=VersionNumber(2))


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, None),
        ({"REMOTE_USER": ""}, None),
        ({"REMOTE_USER": "r"}, "r"),
        ({"REMOTE_USER": "r", "GL_USER": "g"}, "g"),
        ({"REMOTE_USER": "r", "GL_USER": "g", "GITAGENT_USER": "s"}, "s"),
    ],
)
def test_the_server_names_the_user(tmp_path: Path, environ: dict[str, str], name: str | None) -> None:
    assert acting_user(environ, tmp_path) == (None if name is None else User(name))


@pytest.mark.parametrize(
    ("user", "may"),
    [("ada", True), ("Ada", True), ("ada@example.com", True), ("ADA@EXAMPLE.COM", True), ("Ada Lovelace", False),
     ("grace", False), ("ada@example", False), ("a", False), ("example.com", False)],
)  # fmt: skip
def test_the_name_is_that_of_the_e_mail_whatever_the_actor_is_called(user: str, may: bool) -> None:
    assert User(user).may_act_as(ADA) is may
    assert User(user).may_act_as(Actor("Somebody Else", "ada@example.com")) is may


def test_a_file_gives_identities_and_who_has_none_may_do_nothing(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"# people\n\nu1 = {ADA}\n u1={GRACE}\nu2 = {GRACE}\n")
    known = {name: acting_user({"GL_USER": name}, tmp_path) for name in ("u1", "u2", "ada")}
    assert known == {
        "u1": User("u1", frozenset({ADA, GRACE})),
        "u2": User("u2", frozenset({GRACE})),
        "ada": User("ada", frozenset()),
    }
    assert [user.may_act_as(ADA) for user in known.values() if user] == [True, False, False]


@pytest.mark.parametrize("content", [b"u1 = nobody\n", b"u1\n", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_refuses_everybody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "users").write_bytes(content)
    assert refusal(lambda: acting_user({"GL_USER": "u1"}, tmp_path)).code in ("invalid-actor", "storage-failed")


def test_an_event_in_another_name_is_refused() -> None:
    refuse_other_actor(None, EVENT)
    refuse_other_actor(User("ada"), EVENT)
    refused = refusal(lambda: refuse_other_actor(User("grace"), EVENT))
    assert (refused.code, refused.message) == (
        "rule-user",
        "event 2, save v2, is by Ada Lovelace <ada@example.com>, and the server knows you as grace",
    )


@pytest.mark.parametrize(
    ("user", "refused"),
    [
        (None, False),
        (User("ada"), True),
        (User("ADA@elsewhere.org"), True),
        (User("grace"), False),
        (User("u1", frozenset({GRACE, Actor("A. L.", "Ada@elsewhere.org")})), True),
        (User("u2", frozenset({GRACE})), False),
    ],
)
def test_nobody_approves_what_is_theirs_by_another_e_mail(user: User | None, refused: bool) -> None:
    event = EVENT._replace(operation=Operation.APPROVE)
    if not refused:
        refuse_approval_of_own(user, event, ["alan@example.com", "ada@elsewhere.org"])
        return
    assert refusal(lambda: refuse_approval_of_own(user, event, ["alan@example.com", "ada@elsewhere.org"])) == Refusal(
        "RuleBroken",
        "rule-own-approval",
        "event 2, approve v2: the server knows you as ada@elsewhere.org, too",
        "Let somebody else approve it.",
    )
