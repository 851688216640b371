"""Conformance: schemathesis asks a real server what its description allows, and much that it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.standing import Standing

from gitagent.runtime.places import own_folder
from gitagent.server.endpoints import TABLE
from gitagent.server.served import now
from gitagent.server.tokens import Scope, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.building import Built

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


@pytest.fixture
def standing(shop: Built) -> Iterator[Standing]:
    standing = Standing(shop.path.parent).start()
    yield standing
    standing.stop()


def _asked(standing: Standing, folder: Path, examples: int, *more: str, token: str | None = None) -> str:
    """What schemathesis says, which found nothing."""
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", f"{standing.url}/openapi.json", "--no-color", "--generation-database", "none"),
        *("--max-examples", str(examples), "--checks", ",".join(CHECKS), "--request-timeout", "30"),
        *(() if token is None else ("--header", f"Authorization: Bearer {token}")),
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


def test_every_kind_of_request_is_answered_as_it_is_described(standing: Standing, tmp_path: Path) -> None:
    said = _asked(standing, tmp_path, 1, "--phases", "examples,coverage")
    assert f"Tested: {len(TABLE) - 1}" in said  # all but the description itself


@pytest.mark.scale
@pytest.mark.parametrize("scopes", [(), (Scope.ADMIN,), (Scope.READ, Scope.CALL)], ids=str)
def test_nobody_gets_an_error_or_an_answer_that_is_not_described(
    standing: Standing, tmp_path: Path, scopes: tuple[Scope, ...]
) -> None:
    tokens = Tokens(own_folder(standing.folder))
    token = tokens.add("schemathesis", scopes, at=now()).text if scopes else None
    _asked(standing, tmp_path, 50, token=token)


@pytest.mark.scale
def test_who_has_no_token_is_refused_everywhere_in_a_way_that_is_described(standing: Standing, tmp_path: Path) -> None:
    Tokens(own_folder(standing.folder)).add("somebody else", [Scope.READ], at=now())
    _asked(standing, tmp_path, 30, "--phases", "examples,coverage,fuzzing")
