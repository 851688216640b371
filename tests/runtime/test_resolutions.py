"""Resolving: which version answers a number now, as quickly as a look at a file."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built, git

from gitagent.errors import (
    AgentNotFound,
    EnvironmentNotFound,
    InvalidName,
    NeverServed,
    NumberNotFound,
    VersionNotFound,
)
from gitagent.names import PhoneNumber
from gitagent.runtime.configurations import Configurations, read
from gitagent.runtime.dialling import dialled
from gitagent.runtime.resolutions import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUMBER, OTHER = PhoneNumber("+442079460018"), PhoneNumber("+442079460019")


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent whose live serves v1 and answers a number."""
    return assign(build().publish().promote("pre-release", "live"))


def assign(built: Built, number: PhoneNumber = NUMBER, environment: str = "live", **headers: str) -> Built:
    built.agent.assign_number(number, environment, actor=ADA, at=built.clock(), sip_headers=headers)
    return built


def resolver(built: Built) -> Resolver:
    return Resolver(built.path, "agent", Configurations())


def test_a_number_is_answered_by_what_its_environment_serves(built: Built) -> None:
    found = resolver(built).number(NUMBER)
    assert (found.agent, str(found.version), str(found.environment), found.number) == ("agent", "v1", "live", NUMBER)
    assert found.commit == built.git("rev-parse", "live").strip()
    assert found.configuration.document()["files"] == {"notes.md": "one\n"}
    assert found.configuration.etag == f'"{found.commit}"'


def test_every_move_is_followed_at_once(built: Built) -> None:
    one = resolver(built)
    seen = [str(one.number(NUMBER).version)]
    built.publish("two\n").promote("pre-release", "live")
    seen.append(str(one.number(NUMBER).version))
    built.rollback("live")
    seen.append(str(one.number(NUMBER).version))
    for text in ("three\n", "four\n", "five\n"):  # moves that may share a tick of the file system's clock
        built.publish(text).promote("pre-release", "live")
        seen.append(str(one.number(NUMBER).version))
    assert seen == ["v1", "v2", "v1", "v3", "v4", "v5"]


def test_a_ledger_that_git_packed_is_followed_too(built: Built) -> None:
    one = resolver(built)
    built.git("pack-refs", "--all", "--prune")
    assert str(one.number(NUMBER).version) == "v1"
    built.publish("two\n").promote("pre-release", "live")
    assert str(one.number(NUMBER).version) == "v2"
    built.git("pack-refs", "--all", "--prune")
    assert str(one.number(NUMBER).version) == "v2"


def test_git_is_read_once_while_the_ledger_stays(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    one = resolver(built)
    age(built)
    first = one.number(NUMBER)
    monkeypatch.setattr(one, "_fresh", lambda *_: pytest.fail("git was read"))
    assert one.number(NUMBER) is first
    assert not one.has_changed(one.known())


def test_git_is_read_once_though_the_clock_was_set_back_since(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    one = resolver(built)
    age(built, seconds=-3600)
    first = one.number(NUMBER)
    monkeypatch.setattr(one, "_fresh", lambda *_: pytest.fail("git was read"))
    assert one.number(NUMBER) is first


def test_times_of_full_seconds_alone_are_trusted_later(built: Built) -> None:
    ledger = built.path / ".git/refs/heads/gitagent/ledger"
    now, second = time.time_ns(), 10**9
    for age_, is_trusted in ((now % second + second, False), (now % second + 4 * second, True)):
        os.utime(ledger, ns=(now, now - age_))
        one = resolver(built)
        one.number(NUMBER)
        assert one.has_changed(one.known()) is not is_trusted


def age(built: Built, seconds: int = 1) -> None:
    """Let the ledger's ref be older than the ticks in which files are dated."""
    path = built.path / ".git/refs/heads/gitagent/ledger"
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - seconds * 10**9))


def test_a_number_keeps_its_own_headers_whatever_came_with_the_call(built: Built) -> None:
    assign(built, OTHER, **{"X-Queue": "bookings"})
    came = {"x-queue": "staff", "Via": "SIP/2.0"}
    assert resolver(built).number(OTHER, came).sip_headers == {"Via": "SIP/2.0", "X-Queue": "bookings"}
    assert resolver(built).number(OTHER).sip_headers == {"X-Queue": "bookings"}


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7946 0018",
        "sip:+442079460018@host:5060;user=phone",
        "tel:+442079460018",
        "SIPS:+442079460018@h",
        " +442079460018 ",
    ],
)
def test_a_number_is_understood_as_people_and_telephony_write_it(text: str) -> None:
    assert dialled(text) == NUMBER


@pytest.mark.parametrize(
    "text", ["", "sip:anna@host", "020 7946 0018", "+44", "+442079460018" * 9, "anonymous", "1" * 5000]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidName, match="not a"):
        dialled(text)


def test_what_answers_nothing_is_said_so(built: Built) -> None:
    one = resolver(built)
    with pytest.raises(NumberNotFound):
        one.number("+442079460020")
    with pytest.raises(EnvironmentNotFound, match="no environment is called staging") as refused:
        one.environment("staging")
    assert refused.value.hint == "The pipeline is sandbox → pre-release → live."
    with pytest.raises(VersionNotFound):
        one.version("v9")


def test_an_environment_that_serves_nothing_answers_nothing(build: Callable[..., Built]) -> None:
    one = resolver(assign(build().publish()))
    with pytest.raises(NeverServed, match="live serves no version yet"):
        one.number(NUMBER)
    with pytest.raises(NeverServed):
        one.environment("pre_release")
    assert str(one.environment("sandbox").version) == "v1"


def test_a_version_is_looked_for_anew_where_another_agent_took_the_folder(
    built: Built, build: Callable[..., Built]
) -> None:
    one = resolver(built)
    age(built)
    first = one.version("v1")
    built.path.rename(built.path.with_name("away"))
    again = build(files={"notes.md": "another\n"})
    assert first.commit != one.version("v1").commit == again.git("rev-parse", "v1^{commit}").strip()


def test_a_version_can_be_named_that_no_environment_serves(built: Built) -> None:
    built.save("two\n")
    one = resolver(built)
    found = one.version("2")
    assert (str(found.version), found.environment, found.configuration.document()["files"]) == (
        "v2",
        None,
        {"notes.md": "two\n"},
    )
    assert one.version("v2") is found


def test_what_was_known_is_served_on_while_the_repository_is_away(built: Built) -> None:
    one = resolver(built)
    one.number(NUMBER)
    built.path.rename(built.path.with_name("away"))
    assert str(one.number(NUMBER).version) == "v1"
    assert isinstance(one.trouble, AgentNotFound)
    built.path.with_name("away").rename(built.path)
    assert str(one.number(NUMBER).version) == "v1"
    assert one.trouble is None


def test_a_repository_that_was_never_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(AgentNotFound):
        Resolver(tmp_path, "agent", Configurations()).number(NUMBER)
    git(tmp_path, "init", "-q")
    with pytest.raises(AgentNotFound):
        Resolver(tmp_path, "agent", Configurations()).number(NUMBER)


def test_an_agent_resolves_its_own_numbers(built: Built) -> None:
    found = built.agent.resolve("+44 20 7946 0018", {"Via": "SIP/2.0"})
    assert (found.agent, str(found.version), found.sip_headers) == ("agent", "v1", {"Via": "SIP/2.0"})
    with pytest.raises(NumberNotFound):
        built.agent.resolve(OTHER)


def test_a_bare_repository_is_served_as_well(built: Built, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(built.path), "bare.git")
    one = Resolver(tmp_path / "bare.git", "bare", Configurations())
    assert one.number(NUMBER).configuration.document()["files"] == {"notes.md": "one\n"}


# Configurations


@pytest.fixture
def commits(built: Built) -> list[str]:
    """Three versions' commits."""
    built.save("2" * 500).save("3" * 500)
    return [version.commit for version in built.agent.versions()][::-1]


def test_configurations_are_read_once_until_there_is_no_room(built: Built, commits: list[str]) -> None:
    kept = Configurations(room=1100)
    found = [kept.get(built.path, commit) for commit in commits]
    assert kept.get(built.path, commits[2]) is found[2]
    assert kept.get(built.path, commits[0]) is not found[0]
    assert [each.body for each in found] == [read(built.path, commit) for commit in commits]


def test_a_pruned_configuration_is_read_again(built: Built, commits: list[str]) -> None:
    kept = Configurations()
    first = kept.get(built.path, commits[0])
    kept.prune()
    assert kept.get(built.path, commits[0]) == first
