"""Names: the words that users type and the ledger keeps, parsed once and valid ever after."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import NamedTuple, Self

from gitagent.errors import InvalidName

# ASCII digits only and no leading zero: `v03`, `V3`, full-width digits and "v1\n" all pass a naive `v\d+$`.
_VERSION = re.compile(r"v?([1-9][0-9]{0,8})")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Besides what git gives a meaning to, control characters and what some readers take for a line break.
_UNFIT = r"<>\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ACTOR = re.compile(rf"(?P<name>[^{_UNFIT}]*[^{_UNFIT} ]) <(?P<email>[^{_UNFIT} ]+)>")
_RESERVED = frozenset({"draft", "drafts", "gitagent", "head", "latest", "ledger", "main", "master", "next", "version"})
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_SIP_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,200}")
# Besides control characters, what some programs take for a line break, and bytes that are not UTF-8.
_NO_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
LONGEST_ENVIRONMENT_NAME = 40


class VersionNumber(NamedTuple):
    """The number of a version, 1 to 999,999,999. Its text is `v` and the number."""

    number: int

    def __str__(self) -> str:
        return f"v{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `v7` or `7`. Anything else is refused as InvalidName."""
        if (match := _VERSION.fullmatch(text)) is None:
            raise InvalidName(
                f"'{text}' is not a version", hint="A version is written v7 or 7.", code="invalid-version"
            )
        return cls(int(match[1]))

    @classmethod
    def matches(cls, text: str) -> bool:
        """Whether `text` is written like a version."""
        return _VERSION.fullmatch(text) is not None

    def next(self) -> Self:
        """The number that follows."""
        return type(self)(self.number + 1)


class EnvironmentName(NamedTuple):
    """The name of an environment: lower-case words joined by hyphens, at most 40 characters."""

    text: str

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name; `_` is taken for `-`. What git or gitagent use as a name of their own is refused."""
        name = text.replace("_", "-")
        if not _ENVIRONMENT.fullmatch(name) or len(name) > LONGEST_ENVIRONMENT_NAME:
            raise InvalidName(
                f"'{text}' is not a name for an environment",
                hint="Use lower-case letters, digits and hyphens, at most 40, such as pre-release.",
                code="invalid-environment",
            )
        if name in _RESERVED or VersionNumber.matches(name):
            raise InvalidName(
                f"'{name}' has a meaning of its own and cannot name an environment",
                hint="Choose another name, such as live.",
                code="invalid-environment",
            )
        return cls(name)


class PhoneNumber(NamedTuple):
    """A phone number in E.164 form: `+`, the country code and the rest, without spaces."""

    text: str

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as a person types it, with its country code. What cannot exist is refused."""
        import phonenumbers  # 40 ms: only when a number is typed

        hint = "Write it with its country code, such as +44 20 7946 0018."
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException as error:
            raise InvalidName(f"'{text}' is not a phone number", hint=hint, code="invalid-number") from error
        # "Possible" alone lets through numbers without their area code, and some of more than 15 digits.
        possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not possible or number.extension or _E164.fullmatch(e164) is None:
            raise InvalidName(f"'{text}' is not a possible phone number", hint=hint, code="invalid-number")
        return cls(e164)

    @property
    def national(self) -> str:
        """The number as it is written in its own country: 020 7946 0018."""
        import phonenumbers

        return phonenumbers.format_number(phonenumbers.parse(self.text, None), phonenumbers.PhoneNumberFormat.NATIONAL)

    @classmethod
    def stored(cls, text: str) -> Self:
        """Read a number that was checked when it was written; only its form is looked at."""
        if _E164.fullmatch(text) is None:
            raise InvalidName(f"'{text}' is not in E.164 form", code="invalid-number")
        return cls(text)


@dataclass(frozen=True, slots=True, order=True)
class Actor:
    """Who acts: a name and an e-mail, written `First Last <first.last@example.com>`."""

    name: str
    email: str

    def __post_init__(self) -> None:
        if _ACTOR.fullmatch(str(self)) is None:
            raise InvalidName(
                f"'{self.name} <{self.email}>' does not identify a person",
                hint="A name and an e-mail without angle brackets, line breaks or control characters are needed.",
                code="invalid-actor",
            )

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `First Last <first.last@example.com>`."""
        if (match := _ACTOR.fullmatch(text)) is None:
            raise InvalidName(
                f"'{text}' does not identify a person",
                hint="Write it as: First Last <first.last@example.com>",
                code="invalid-actor",
            )
        return cls(match["name"], match["email"])


def new_ulid() -> str:
    """A new ULID, 26 characters: 48 bits of Unix time in milliseconds, then 80 random bits.

    Follows the ULID specification, https://github.com/ulid/spec. python-ulid takes 60 ms to import, half of
    what a whole promotion takes, so it stays in the tests, as the oracle.
    """
    value = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def is_ulid(text: str) -> bool:
    """Whether `text` is a ULID in its canonical, upper-case form."""
    return _ULID.fullmatch(text) is not None


def is_sip_name(text: str) -> bool:
    """Whether a text can name a SIP header: a token of RFC 3261."""
    return _SIP_NAME.fullmatch(text) is not None


def is_header_value(text: str) -> bool:
    """Whether a text can be a header's value: one line without control characters."""
    return _NO_HEADER.search(text) is None
