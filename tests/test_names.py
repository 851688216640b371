"""What may be typed as a version, an environment, a phone number or a person."""

from __future__ import annotations

import pytest
import ulid
from hypothesis import given
from hypothesis import strategies as st
from support.refusing import Refusal, refusal

from gitagent import Actor, EnvironmentName, PhoneNumber, VersionNumber
from gitagent.errors import InvalidName
from gitagent.names import is_ulid, new_ulid

E164_HINT = "Write it with its country code, such as +44 20 7946 0018."


@pytest.mark.parametrize(("text", "number"), [("v1", 1), ("1", 1), ("v10", 10), ("999999999", 999_999_999)])
def test_a_version_is_written_with_or_without_its_letter(text: str, number: int) -> None:
    assert VersionNumber.parse(text) == VersionNumber(number)
    assert VersionNumber.matches(text)
    assert str(VersionNumber.parse(text)) == f"v{number}"


NO_VERSIONS = [
    "",
    "v",
    "v0",
    "0",
    "v03",
    "V3",
    "v\uff13",
    "v1\n",
    " v1",
    "v1 ",
    "v-1",
    "+1",
    "1.0",
    "vv1",
    "v1000000000",
    "\u0661",
]


@pytest.mark.parametrize("text", NO_VERSIONS)
def test_what_only_looks_like_a_version_is_refused(text: str) -> None:
    assert not VersionNumber.matches(text)
    assert refusal(lambda: VersionNumber.parse(text)) == Refusal(
        "InvalidName", "invalid-version", f"'{text}' is not a version", "A version is written v7 or 7."
    )


@given(st.integers(1, 999_999_998))
def test_versions_are_ordered_by_number_and_survive_the_round_trip(number: int) -> None:
    version = VersionNumber(number)
    assert version < version.next() == VersionNumber(number + 1)
    assert VersionNumber.parse(str(version)) == version


@given(st.text(max_size=12))
def test_a_text_parses_as_a_version_exactly_when_it_matches(text: str) -> None:
    if VersionNumber.matches(text):
        assert text.removeprefix("v") == str(VersionNumber.parse(text)).removeprefix("v")
    else:
        assert refusal(lambda: VersionNumber.parse(text)).code == "invalid-version"


@pytest.mark.parametrize(
    ("text", "name"),
    [("live", "live"), ("pre-release", "pre-release"), ("pre_release", "pre-release"), ("eu2", "eu2"), ("a" * 40,) * 2],
)
def test_an_environment_is_lower_case_words_joined_by_hyphens(text: str, name: str) -> None:
    assert str(EnvironmentName.parse(text)) == name
    assert EnvironmentName.parse(text) == EnvironmentName(name)


BAD_ENVIRONMENTS = [
    "", "Live", "live ", "live\n", "-live", "live-", "pre--release", "1st", "a/b", "a.b", "a" * 41, "élan", "li ve",
    "@", "a..b", "refs/heads/live", "live.lock", "a~1", "a^", "a:b", "\udcff",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_ENVIRONMENTS)
def test_what_cannot_be_an_environment_is_refused(text: str) -> None:
    assert refusal(lambda: EnvironmentName.parse(text)) == Refusal(
        "InvalidName",
        "invalid-environment",
        f"'{text}' is not a name for an environment",
        "Use lower-case letters, digits and hyphens, at most 40, such as pre-release.",
    )


@pytest.mark.parametrize(
    "text", ["main", "master", "draft", "drafts", "head", "latest", "gitagent", "ledger", "v7", "next"]
)
def test_a_word_with_a_meaning_of_its_own_names_no_environment(text: str) -> None:
    assert refusal(lambda: EnvironmentName.parse(text)) == Refusal(
        "InvalidName",
        "invalid-environment",
        f"'{text}' has a meaning of its own and cannot name an environment",
        "Choose another name, such as live.",
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+44 20 7946 0018", "+442079460018"),
        ("+442079460018", "+442079460018"),
        ("tel:+44-20-7946-0018", "+442079460018"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+39 06 1234", "+39061234"),
        ("+683 4000", "+6834000"),
        ("+44 20 \uff17\uff19\uff14\uff16 0018", "+442079460018"),
    ],
)
def test_a_phone_number_is_stored_in_e164_form(typed: str, stored: str) -> None:
    number = PhoneNumber.parse(typed)
    assert str(number) == stored
    assert PhoneNumber.stored(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "abc", "020 7946 0018", "+", "+44", "+999 1234567", "0044 20 7946 0018", "\udcff"]
)
def test_a_text_that_is_no_phone_number_is_refused(text: str) -> None:
    assert refusal(lambda: PhoneNumber.parse(text)) == Refusal(
        "InvalidName", "invalid-number", f"'{text}' is not a phone number", E164_HINT
    )


@pytest.mark.parametrize(
    "text", ["+44 20", "+1 5550123", "+1 202-555-0123 ext. 5", "+44 20 7946 0018 00", "+49 111111111111111"]
)
def test_a_phone_number_that_cannot_exist_is_refused(text: str) -> None:
    assert refusal(lambda: PhoneNumber.parse(text)) == Refusal(
        "InvalidName", "invalid-number", f"'{text}' is not a possible phone number", E164_HINT
    )


@pytest.mark.parametrize(
    "text", ["", "442079460018", "+0123456789", "+44 2079460018", "+12345", "+1234567890123456", "+\uff14\uff14"]
)
def test_a_stored_number_has_to_be_in_e164_form(text: str) -> None:
    assert refusal(lambda: PhoneNumber.stored(text)) == Refusal(
        "InvalidName", "invalid-number", f"'{text}' is not in E.164 form", None
    )


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("Ada Lovelace <ada@example.com>", Actor("Ada Lovelace", "ada@example.com")),
        ("Ada <ada>", Actor("Ada", "ada")),
        ("Jérôme 陳 <j@例え.jp>", Actor("Jérôme 陳", "j@例え.jp")),
        ("  A  B <x@y>", Actor("  A  B", "x@y")),
    ],
)
def test_a_person_is_a_name_and_an_email(text: str, actor: Actor) -> None:
    assert Actor.parse(text) == actor
    assert str(actor) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "<ada@example.com>",
        " <a@b>",
        "Ada <>",
        "Ada <a b>",
        "Ada <a@b",
        "Ada <<a@b>>",
        "A\nB <a@b>",
        "A <a@b>\n",
    ],
)
def test_what_identifies_nobody_is_refused(text: str) -> None:
    assert refusal(lambda: Actor.parse(text)) == Refusal(
        "InvalidName",
        "invalid-actor",
        f"'{text}' does not identify a person",
        "Write it as: First Last <first.last@example.com>",
    )


FORGERIES = [
    ("", "a@b"),
    ("A\nGitagent-Op: promote", "a@b"),
    ("A", "a@b>\nx"),
    ("A <x@y>", "a@b"),
    ("A", ""),
    ("A ", "a@b"),
]


@pytest.mark.parametrize(("name", "email"), FORGERIES)
def test_an_actor_that_could_forge_a_trailer_cannot_be_made(name: str, email: str) -> None:
    assert refusal(lambda: Actor(name, email)) == Refusal(
        "InvalidName",
        "invalid-actor",
        f"'{name} <{email}>' does not identify a person",
        "A name and an e-mail without angle brackets or line breaks are needed.",
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_every_actor_that_can_be_made_survives_the_round_trip(name: str, email: str) -> None:
    try:
        actor = Actor(name, email)
    except InvalidName:
        return
    assert Actor.parse(str(actor)) == actor


def test_new_ids_are_ulids_as_another_implementation_reads_them() -> None:
    made = [new_ulid() for _ in range(200)]
    assert all(is_ulid(each) for each in made)
    assert len(set(made)) == 200
    assert [str(ulid.ULID.from_str(each)) for each in made] == made
    times = [ulid.ULID.from_str(each).milliseconds for each in made]
    assert times == sorted(times)


@pytest.mark.parametrize("text", ["", "01JZ", "01jzzzzzzzzzzzzzzzzzzzzzzz", "8" + "0" * 25, "0" * 25 + "I", "0" * 27])
def test_what_is_no_canonical_ulid_is_told_apart(text: str) -> None:
    assert not is_ulid(text)


def test_names_are_hashable_and_equal_by_value() -> None:
    names = {
        VersionNumber(1),
        VersionNumber(1),
        EnvironmentName("live"),
        PhoneNumber("+442079460018"),
        Actor("A", "a@b"),
    }
    assert len(names) == 4
