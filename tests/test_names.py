"""Names: versions, environments, phone numbers, people and ULIDs."""

from __future__ import annotations

import pytest
from ulid import ULID

from gitagent.errors import InvalidName
from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber, is_ulid, new_ulid


@pytest.mark.parametrize("text", ["v7", "7"])
def test_a_version_is_read_with_and_without_its_letter(text: str) -> None:
    assert VersionNumber.parse(text) == VersionNumber(7)
    assert str(VersionNumber(7).next()) == "v8"


@pytest.mark.parametrize(
    "text", ["", "v", "v0", "v03", "V3", "v\uff13", "v1\n", " v1", "v1.0", "-1", "v1234567890", "vv1"]
)
def test_what_only_looks_like_a_version_is_refused(text: str) -> None:
    assert not VersionNumber.matches(text)
    with pytest.raises(InvalidName) as caught:
        VersionNumber.parse(text)
    assert (caught.value.code, caught.value.hint) == ("invalid-version", "A version is written v7 or 7.")


def test_versions_are_ordered_by_number_and_not_by_text() -> None:
    assert sorted(VersionNumber(each) for each in (10, 9, 100)) == [VersionNumber(each) for each in (9, 10, 100)]


@pytest.mark.parametrize("text", ["live", "pre-release", "pre_release", "eu-2"])
def test_an_environment_is_read_with_underscores_taken_for_hyphens(text: str) -> None:
    assert str(EnvironmentName.parse(text)) == text.replace("_", "-")


@pytest.mark.parametrize(
    "text",
    ["", "Live", "-live", "live-", "a--b", "a/b", "a b", "main", "draft", "latest", "gitagent", "v7", "7", "x" * 41],
)
def test_a_name_that_git_or_gitagent_use_is_no_environment(text: str) -> None:
    with pytest.raises(InvalidName) as caught:
        EnvironmentName.parse(text)
    assert caught.value.code == "invalid-environment"


@pytest.mark.parametrize("text", ["+44 20 7946 0018", "+442079460018", "+44 (0)20 7946 0018", "+44-20-7946-0018"])
def test_a_phone_number_is_kept_in_e164_form(text: str) -> None:
    assert str(PhoneNumber.parse(text)) == "+442079460018"


@pytest.mark.parametrize(
    "text", ["", "020 7946 0018", "+44", "hello", "+442079460018 ext. 5", "+44\n2079460018x", "+999123"]
)
def test_what_cannot_be_a_phone_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidName) as caught:
        PhoneNumber.parse(text)
    assert caught.value.code == "invalid-number"


@pytest.mark.parametrize("text", ["442079460018", "+0442079460018", "+44 2079460018", "+1\n"])
def test_a_stored_number_has_to_be_in_e164_form(text: str) -> None:
    with pytest.raises(InvalidName):
        PhoneNumber.stored(text)


def test_a_person_is_read_as_written() -> None:
    assert Actor.parse(str(Actor("Ada Lovelace", "ada@example.com"))) == Actor("Ada Lovelace", "ada@example.com")


@pytest.mark.parametrize(
    "text",
    ["", "Ada", "<a@b.c>", "Ada <>", "Ada <a b>", "A<da <a@b.c>", "Ada <a@b.c>\nX: y", "Ada <a@b.c> ", "A\0da <a@b.c>"],
)
def test_a_text_that_could_forge_a_trailer_is_no_person(text: str) -> None:
    with pytest.raises(InvalidName) as caught:
        Actor.parse(text)
    assert caught.value.code == "invalid-actor"


def test_a_person_made_of_parts_is_checked_too() -> None:
    with pytest.raises(InvalidName):
        Actor("Ada\nGitagent-Seq: 1", "ada@example.com")


def test_a_number_is_shown_as_its_country_writes_it() -> None:
    shown = {each: PhoneNumber(each).national for each in ("+442079460018", "+33142685300", "+12025550123")}
    assert shown == {
        "+442079460018": "020 7946 0018",
        "+33142685300": "01 42 68 53 00",
        "+12025550123": "(202) 555-0123",
    }


def test_a_ulid_is_one_to_another_implementation_and_new_each_time() -> None:
    made = {new_ulid() for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_ulid(each) and str(ULID.from_str(each)) == each for each in made)


@pytest.mark.parametrize("text", ["", "0" * 25, "8" + "0" * 25, "0" * 25 + "I", "0" * 25 + "a", "0" * 26 + "\n"])
def test_what_is_not_canonical_is_no_ulid(text: str) -> None:
    assert not is_ulid(text)


@pytest.mark.parametrize("unfit", ["\u2028", "\u2029", "\x85", "\x9f", "\udcff", "\x1c"])
def test_what_some_readers_take_for_a_line_break_is_in_no_actor(unfit: str) -> None:
    for name, email in ((f"A{unfit}B", "a@example.com"), ("A", f"a{unfit}@example.com"), (f"A{unfit}", "a@b")):
        with pytest.raises(InvalidName):
            Actor(name, email)
