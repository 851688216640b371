"""Stores of calls, and which one an address means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.errors import InvalidName

if TYPE_CHECKING:
    from gitagent.runtime.stores.interface import CallStore

_POSTGRES = ("postgresql://", "postgres://")
_SQLITE = "sqlite:///"  # the path begins with the last of these

_PASSWORD = re.compile(r"(://[^:@/]*:)[^@]*(?=@)|(password=)[^&\s]*")


def shown(address: str) -> str:
    """An address without the password."""
    return _PASSWORD.sub(r"\1\2…", address)


def open_store(address: str) -> CallStore:
    """The store of `sqlite:///path`, or of a path (SQLite), or of `postgresql://…`. It is opened when it is used."""
    if address.startswith(_POSTGRES):
        from gitagent.runtime.stores.postgres import PostgresStore

        return PostgresStore(address)
    path = "/" + address.removeprefix(_SQLITE).lstrip("/") if address.startswith(_SQLITE) else address
    if "://" in path or not path.strip("/ ") or "\0" in path:
        raise InvalidName(
            f"'{address.partition('://')[0]}://…' is no store of calls",
            hint="Write sqlite:///path/to/calls.db, or postgresql://user@host/database.",
            code="invalid-store",
        )
    from gitagent.runtime.stores.sqlite import SqliteStore

    return SqliteStore(Path(path))
