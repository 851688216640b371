"""Webhooks: whether a message that says that a shared remote changed comes from who may say so."""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import InvalidName, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
GITHUB, GITLAB = "x-hub-signature-256", "x-gitlab-token"
HEADERS = (*STANDARD, GITHUB, GITLAB)
LONGEST_AGE = 300
"""Seconds that a message may have been under way, as the Standard Webhooks have it."""
LEAST = 16
"""Characters of a secret."""
_PREFIX = "whsec_"
_GITHUB_PREFIX = "sha256="


class Secret(NamedTuple):
    """One that messages are signed with: its text, and the key that it stands for in the Standard Webhooks."""

    text: bytes
    key: bytes


class Secrets:
    """The secrets of one file, one on each line; they can be changed while a server runs."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._known: tuple[Secret, ...] = ()

    def all(self) -> tuple[Secret, ...]:
        """Every secret; StorageFailed where the file cannot be read, InvalidName where one is too short or none is."""
        try:
            found = self._file.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._known, self._stamp = _secrets(self._file.read_text(encoding="utf-8")), stamp
        except (OSError, UnicodeDecodeError) as error:
            raise StorageFailed(f"cannot read the webhook secrets in {self._file}: {error}") from error
        return self._known


def is_signed(secrets: tuple[Secret, ...], headers: Mapping[str, str], body: bytes, *, at: datetime) -> bool:
    """Whether a message is signed with one of them: as a Standard Webhook, or as GitHub or GitLab sign theirs."""
    return any(_is_signed(each, headers, body, at) for each in secrets)


def _is_signed(secret: Secret, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    if "webhook-signature" in headers:
        return _is_standard(secret, headers, body, at)
    if (signature := headers.get(GITHUB)) is not None:
        return _same(signature, _GITHUB_PREFIX + hmac.new(secret.text, body, sha256).hexdigest())
    return _same(headers.get(GITLAB, ""), secret.text.decode())


def _is_standard(secret: Secret, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    id_, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > len("9999999999"):
        return False
    if abs(at.timestamp() - int(timestamp)) > LONGEST_AGE:
        return False
    signed = b"%s.%s.%s" % (id_.encode(), timestamp.encode(), body)
    wanted = "v1," + base64.b64encode(hmac.new(secret.key, signed, sha256).digest()).decode()
    return any(_same(each, wanted) for each in headers["webhook-signature"].split())


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _secrets(text: str) -> tuple[Secret, ...]:
    lines = [line.strip() for line in text.splitlines()]
    found = tuple(_secret(line) for line in lines if line and not line.startswith("#"))
    if not found:
        raise InvalidName(
            "the file of webhook secrets holds none",
            hint="Write one on each line: openssl rand -base64 32",
            code="invalid-secret",
        )
    return found


def _secret(text: str) -> Secret:
    if len(text) < LEAST:
        raise InvalidName(
            f"a webhook secret has less than {LEAST} characters",
            hint="Make a better one: openssl rand -base64 32",
            code="invalid-secret",
        )
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True) if text.startswith(_PREFIX) else text.encode()
    except (binascii.Error, ValueError) as error:
        raise InvalidName(
            f"a webhook secret begins with {_PREFIX}, and is not base64 after it", code="invalid-secret"
        ) from error
    return Secret(text.encode(), key)
