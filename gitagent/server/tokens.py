"""Tokens: who may ask a server, kept as hashes in one file that all workers look at."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent.errors import InvalidName, StorageFailed, TokenNotFound
from gitagent.git.disk import held, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_Result = TypeVar("_Result")
FILE, LOCK = "tokens.json", "tokens.lock"
FORMAT = "gitagent.tokens/1"
LONGEST_NAME = 80
_TEXT = re.compile(r"ga_([a-z2-7]{8})_([A-Za-z0-9_-]{43})")
_SECRET_BYTES = 32
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_RECENT = 100_000_000
"""Nanoseconds for which a file may be replaced again without its stamp telling: its times are kept in ticks."""


class Scope(StrEnum):
    """What a token lets its bearer do: read what is served and recorded, begin and end calls, or all of it."""

    READ = "read"
    CALL = "call"
    ADMIN = "admin"


class Token(NamedTuple):
    """One token, without its secret. `agents` None stands for all agents."""

    id: str
    name: str
    scopes: frozenset[Scope]
    agents: frozenset[str] | None
    digest: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def state_at(self, now: datetime) -> str:
        """`revoked`, `expired` or `valid`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "valid"


class Added(NamedTuple):
    """A new token, and its text, which is known now and never again."""

    token: Token
    text: str


class Tokens:
    """The tokens of one server, in `folder`. Many threads and processes can use them.

    A token that was revoked stays in the file. So a server whose last token is revoked does not become open to all.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE
        self._path = os.fspath(self.file)
        self._known: dict[str, Token] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._settled = False

    def __bool__(self) -> bool:
        """Whether any token was ever made: then every request needs one."""
        return bool(self._current())

    def all(self) -> list[Token]:
        """Every token, the oldest first."""
        return list(self._current().values())

    def find(self, text: str, *, at: datetime) -> Token | None:
        """The valid token of that text; None where there is none, or where it is revoked or has expired."""
        match = _TEXT.fullmatch(text)
        token = None if match is None else self._current().get(match[1])
        if match is None or token is None or not hmac.compare_digest(token.digest, _digest(match[2])):
            return None
        return token if token.state_at(at) == "valid" else None

    def add(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        at: datetime,
        agents: Iterable[str] | None = None,
        expires_at: datetime | None = None,
    ) -> Added:
        """Make a token. Its text is shown now or never: only its hash is kept."""
        wanted = frozenset(scopes)
        _refuse_unfit(name, wanted, at=at, expires_at=expires_at)
        limited = None if agents is None else frozenset(agents)
        secret = secrets.token_urlsafe(_SECRET_BYTES)

        def added(known: dict[str, Token]) -> Added:
            id_ = _new_id(known)
            token = Token(id_, name, wanted, limited, _digest(secret), at, expires_at)
            known[id_] = token
            return Added(token, f"ga_{id_}_{secret}")

        return self._change(added)

    def revoke(self, id_: str, *, at: datetime) -> Token:
        """Let a token be refused from now on; TokenNotFound where there is none. Revoking it again changes nothing."""

        def revoked(known: dict[str, Token]) -> Token:
            if id_ not in known:
                raise TokenNotFound(f"there is no token {id_}", hint="List them with: gitagent tokens")
            if known[id_].revoked_at is None:
                known[id_] = known[id_]._replace(revoked_at=at)
            return known[id_]

        return self._change(revoked)

    def _current(self) -> dict[str, Token]:
        stamp = self._look()
        if stamp != self._stamp or not self._settled:
            settled = stamp is None or time.time_ns() - stamp[1] > _RECENT
            known = {} if stamp is None else _read(self.file)
            if self._known and not known:  # a folder that is moved or unmounted opens the server to nobody
                raise _unreadable(self.file, "they are gone")
            self._known, self._stamp, self._settled = known, stamp, settled
        return self._known

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116  # with every request: a Path costs more than the look itself
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.file, error.strerror) from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _change(self, change: Callable[[dict[str, Token]], _Result]) -> _Result:
        """Change the file under its lock, in one step."""
        try:
            self.file.parent.mkdir(mode=0o700, exist_ok=True)
            with held(self.file.with_name(LOCK)):
                known = _read(self.file) if self.file.exists() else {}
                result = change(known)
                _write(self.file, known)
        except OSError as error:
            raise StorageFailed(
                f"cannot write {self.file}: {error.strerror}",
                hint="Check that the folder belongs to you and that the disk is neither full nor read-only.",
            ) from error
        self._settled = False
        return result


def _refuse_unfit(name: str, scopes: frozenset[Scope], *, at: datetime, expires_at: datetime | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidName(
            f"'{name}' is not a name for a token",
            hint=f"Say in at most {LONGEST_NAME} characters who has it, such as telephony.",
            code="invalid-token-name",
        )
    if not scopes:
        raise InvalidName("a token needs a scope", hint="Say what it is for: read, call or admin.")
    if expires_at is not None and expires_at <= at:
        raise InvalidName("the token would have expired already", hint="Name a time to come.", code="invalid-time")


def _new_id(known: Mapping[str, Token]) -> str:
    while (id_ := "".join(secrets.choice(_ID_LETTERS) for _ in range(8))) in known:
        pass
    return id_


def _digest(secret: str) -> str:
    """The secret is 256 random bits: nobody can guess it, so its hash needs to be neither salted nor slow."""
    return sha256(secret.encode()).hexdigest()


def _read(file: Path) -> dict[str, Token]:
    try:
        values = json.loads(file.read_bytes())
        if values["format"] != FORMAT:
            raise _unreadable(file, f"its format is {values['format']}")
        return {each["id"]: _token(each) for each in values["tokens"]}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unreadable(file, error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(file, "it is not what gitagent writes there") from error


def _token(values: Mapping[str, Any]) -> Token:
    agents = values["agents"]
    return Token(
        values["id"],
        values["name"],
        frozenset(Scope(each) for each in values["scopes"]),
        None if agents is None else frozenset(agents),
        values["sha256"],
        datetime.fromisoformat(values["created_at"]),
        _time(values["expires_at"]),
        _time(values["revoked_at"]),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _values(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "agents": None if token.agents is None else sorted(token.agents),
        "sha256": token.digest,
        "created_at": _text(token.created_at),
        "expires_at": _text(token.expires_at),
        "revoked_at": _text(token.revoked_at),
    }


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat()


def _write(file: Path, tokens: Mapping[str, Token]) -> None:
    text = json.dumps({"format": FORMAT, "tokens": [_values(each) for each in tokens.values()]}, indent=2)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(file.parent)


def _unreadable(file: Path, reason: str | None) -> StorageFailed:
    return StorageFailed(
        f"cannot read the tokens in {file}: {reason}",
        hint="Nobody is let in until it is right: bring it back, or make new tokens after moving it away.",
        code="tokens-unreadable",
    )
