"""Events: what happened to an agent, and the one form in which the ledger says so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import InvalidName, LedgerInvalid
from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber, is_ulid

if TYPE_CHECKING:
    from gitagent.git.objects import Commit

FORMAT = 1
LONGEST_NAME = 100
LONGEST_REASON = 500
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 1, 1, tzinfo=UTC)
"""libgit2 and older gits keep seconds in 32 bits."""
LONGEST_MESSAGE = 65_536
_OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_KEYS = (
    "Format",
    "Seq",
    "Op-Id",
    "Op",
    "Environment",
    "From",
    "To",
    "Tag",
    "Name",
    "Number",
    "Tree",
    "Detail",
    "Forced",
    "Actor",
)
_REQUIRED = frozenset({"Format", "Seq", "Op-Id", "Op", "Actor"})
_PREFIX = "Gitagent-"
# Control characters other than line break and tab; lone surrogates (bytes of the command line that are not UTF-8).
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


class Operation(StrEnum):
    """What an event records."""

    INIT = "init"
    SAVE = "save"
    PUBLISH = "publish"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RULES = "rules"
    ASSIGN_NUMBER = "assign-number"
    RELEASE_NUMBER = "release-number"
    APPROVE = "approve"
    GRANT = "grant"
    REVOKE = "revoke"
    TEST = "test"


class Event(NamedTuple):
    """One entry of the ledger.

    `seq` counts from 1 without gaps; `id` is a ULID; object ids are 40 hexadecimal digits. `tag` is there when the
    event made the version in `to_version`, and `name` then is that version's. `tree` is that of the files whose suites
    were run; `forced` says why a version went where its tests would not have let it. `commit` is the ledger's own
    commit, empty until it is written.
    """

    seq: int
    id: str
    operation: Operation
    actor: Actor
    at: datetime
    environment: EnvironmentName | None = None
    from_version: VersionNumber | None = None
    from_commit: str | None = None
    to_version: VersionNumber | None = None
    to_commit: str | None = None
    tag: str | None = None
    name: str | None = None
    number: PhoneNumber | None = None
    tree: str | None = None
    detail: str | None = None
    forced: str | None = None
    message: str | None = None
    commit: str = ""

    @property
    def subject(self) -> str:
        """The first line: what happened, in a few words."""
        words: list[str] = [self.operation]
        match self.operation:
            case Operation.ASSIGN_NUMBER:
                words += [str(self.number), "to", str(self.environment)]
            case Operation.RELEASE_NUMBER:
                words += [str(self.number), "from", str(self.environment)]
            case Operation.RULES:
                words += [str(self.environment), self.detail or ""]
            case Operation.TEST:
                words += [str(self.to_version or str(self.tree)[:12]), (self.detail or "").partition(",")[0]]
            case Operation.GRANT | Operation.REVOKE:
                words += [self.detail or ""]
                words += ["for", str(self.environment)] if self.environment else []
            case _:
                words += [str(self.environment)] if self.environment else []
                words += [f"{self.from_version} ->"] if self.from_version else []
                words += [str(self.to_version)]
                words += [self.name] if self.name else []
        return " ".join(words)


def checked_name(text: str | None) -> str | None:
    """A version's name as given: one line of at most 100 characters, or None. InvalidName otherwise."""
    name = (text or "").strip()
    if "\n" in name or "\t" in name or _UNPRINTABLE.search(name) or len(name) > LONGEST_NAME:
        raise InvalidName(
            f"a name is one line of at most {LONGEST_NAME} characters",
            hint="Put the rest into the message: -m",
            code="invalid-version-name",
        )
    return name or None


def checked_reason(text: str | None) -> str | None:
    """Why something is forced, one line of at most 500 characters, or None. InvalidName otherwise."""
    reason = (text or "").strip()
    if "\n" in reason or "\t" in reason or _UNPRINTABLE.search(reason) or len(reason) > LONGEST_REASON:
        raise InvalidName(
            f"a reason is one line of at most {LONGEST_REASON} characters",
            hint="Put the rest into the message: -m",
            code="invalid-reason",
        )
    return reason or None


def checked_message(text: str | None) -> str | None:
    """A message as given, with plain line ends and trimmed, or None. InvalidName for control characters."""
    message = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    if (found := _UNPRINTABLE.search(message)) is not None or len(message) > LONGEST_MESSAGE:
        what = f"U+{ord(found[0]):04X}" if found else f"more than {LONGEST_MESSAGE:,} characters"
        raise InvalidName(f"the message holds {what}", hint="Use plain text.", code="invalid-message")
    return "\n".join(line.rstrip() for line in message.strip().splitlines()) or None


def checked_time(at: datetime) -> datetime:
    """A time as git keeps it: to the second, with its zone. InvalidName when it has none, or git cannot keep it."""
    if at.utcoffset() is None:
        raise InvalidName(f"the time {at} has no zone", hint="Use datetime.now(UTC).", code="invalid-time")
    if not EARLIEST <= at <= LATEST:
        raise InvalidName(
            f"the time {at} is none that git can keep", hint="Use one from 1970 to 2105.", code="invalid-time"
        )
    return at.replace(microsecond=0)


def format_event(event: Event) -> str:
    """The whole commit message of an event."""
    values = {
        "Format": str(FORMAT),
        "Seq": str(event.seq),
        "Op-Id": event.id,
        "Op": str(event.operation),
        "Environment": event.environment and str(event.environment),
        "From": event.from_version and f"{event.from_version} {event.from_commit}",
        "To": event.to_version and f"{event.to_version} {event.to_commit}",
        "Tag": event.tag,
        "Name": event.name,
        "Number": event.number and str(event.number),
        "Tree": event.tree,
        "Detail": event.detail,
        "Forced": event.forced,
        "Actor": str(event.actor),
    }
    trailers = "".join(f"{_PREFIX}{key}: {value}\n" for key, value in values.items() if value is not None)
    body = f"{event.message}\n\n" if event.message else ""
    return f"{event.subject}\n\n{body}{trailers}"


def parse_event(commit: Commit) -> Event:
    """The event of a ledger commit. LedgerInvalid unless it is exactly what `format_event` writes."""
    try:
        return _parse(commit)
    except (InvalidName, ValueError, KeyError) as error:
        raise LedgerInvalid(
            f"ledger commit {commit.id} is not an event: {error}",
            hint="Look at it with: git show " + commit.id[:12],
        ) from error


def _parse(commit: Commit) -> Event:
    head, _, block = commit.message.rpartition("\n\n")
    values = _trailers(block)
    if values["Format"] != str(FORMAT):
        raise ValueError(f"its format is {values['Format']}; this gitagent reads {FORMAT}")
    from_version, from_commit = _version_and_commit(values.get("From"))
    to_version, to_commit = _version_and_commit(values.get("To"))
    environment, number = values.get("Environment"), values.get("Number")
    event = Event(
        seq=int(values["Seq"]),
        id=values["Op-Id"],
        operation=Operation(values["Op"]),
        actor=Actor.parse(values["Actor"]),
        at=commit.at,
        environment=EnvironmentName.parse(environment) if environment else None,
        from_version=from_version,
        from_commit=from_commit,
        to_version=to_version,
        to_commit=to_commit,
        tag=values.get("Tag"),
        name=values.get("Name"),
        number=PhoneNumber.stored(number) if number else None,
        tree=_tree(values.get("Tree")),
        detail=values.get("Detail"),
        forced=values.get("Forced"),
        message=head.partition("\n\n")[2] or None,
        commit=commit.id,
    )
    if not is_ulid(event.id) or format_event(event) != commit.message:
        raise ValueError("it is not written as gitagent writes events")
    return event


def _trailers(block: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in filter(None, block.split("\n")):
        key, colon, value = line.partition(": ")
        name = key.removeprefix(_PREFIX)
        if not colon or not key.startswith(_PREFIX) or name not in _KEYS:
            raise ValueError(f"unknown trailer {line[:60]!r}")
        if name in values:
            raise ValueError(f"trailer {key} stands twice")
        values[name] = value
    if missing := sorted(_REQUIRED - values.keys()):
        raise ValueError(f"trailer {_PREFIX}{missing[0]} is missing")
    return values


def _tree(text: str | None) -> str | None:
    if text is not None and _OBJECT_ID.fullmatch(text) is None:
        raise ValueError(f"{text!r} names no tree")
    return text


def _version_and_commit(text: str | None) -> tuple[VersionNumber | None, str | None]:
    if text is None:
        return None, None
    version, _, commit = text.partition(" ")
    if _OBJECT_ID.fullmatch(commit) is None:
        raise ValueError(f"{text!r} names no commit")
    return VersionNumber.parse(version), commit
