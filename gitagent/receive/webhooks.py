"""Webhooks: the addresses that are told of what a push changed, and how what they are told is signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from gitagent.git.remote import run_git

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "gitagent.webhook"
SIGNING = "gitagent.webhookSecret"
_SECRETS = r"^gitagent\.(.*\.)?webhooksecret$"
_PREFIX = "whsec_"
LEAST_SECRET, MOST_SECRET = 24, 64
"""Bytes, as the Standard Webhooks have it: https://www.standardwebhooks.com"""
_HOW = 'whsec_"$(openssl rand -base64 32)"'


class Webhook(NamedTuple):
    """An address, and the key that what it is told is signed with. Neither is ever shown whole: both can be secrets."""

    url: str
    key: bytes

    @property
    def id(self) -> str:
        """What tells it from others, also where their hosts are the same."""
        return hashlib.sha256(self.url.encode(errors="surrogateescape")).hexdigest()[:8]

    @property
    def name(self) -> str:
        """What it is called in front of people: its host, and its id."""
        return f"{_host(self.url)} ({self.id})"

    def __repr__(self) -> str:
        return f"Webhook({self.name})"


class Unusable(NamedTuple):
    """A webhook that cannot be told anything, by its name, and what to do about that."""

    name: str
    problem: str


def configured(folder: Path) -> tuple[list[Webhook], list[Unusable]]:
    """The webhooks that git's configuration of a repository names, and those that cannot be used."""
    secrets = _secrets(folder)
    webhooks: list[Webhook] = []
    unusable: list[Unusable] = []
    answer = run_git(folder, "config", "-z", "--get-all", ADDRESS).stdout
    for url in dict.fromkeys(each for each in answer.split("\0") if each):
        webhook = Webhook(url, _key(secrets.get(url, secrets.get(""))) or b"")
        problem = _problem(url) or (None if webhook.key else _no_secret(is_set=bool(secrets)))
        if problem is None:
            webhooks.append(webhook)
        else:
            unusable.append(Unusable(webhook.name, problem))
    return webhooks, unusable


def signature(webhook: Webhook, id_: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`, as the Standard Webhooks have it."""
    signed = b"%s.%d.%s" % (id_.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(webhook.key, signed, hashlib.sha256).digest()).decode()


def _secrets(folder: Path) -> dict[str, str]:
    """The secrets of git's configuration by the address that each is for; that for all others by no address."""
    answer = run_git(folder, "config", "-z", "--get-regexp", _SECRETS).stdout
    found = (each.partition("\n") for each in answer.split("\0") if each)
    prefix, suffix = "gitagent.", "webhooksecret"
    return {name[len(prefix) : -len(suffix)].removesuffix("."): value for name, _, value in found}


def _key(secret: str | None) -> bytes | None:
    if secret is None or not secret.startswith(_PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if LEAST_SECRET <= len(key) <= MOST_SECRET else None


def _problem(url: str) -> str | None:
    parts = _parts(url)
    if parts is None or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        return f"this is no address; see: git config --get-all {ADDRESS}"
    if parts.scheme not in {"http", "https"}:
        return f"only http and https are told anything, not {parts.scheme}"
    return "an address has no user and no password: what is sent is signed" if "@" in parts.netloc else None


def _no_secret(*, is_set: bool) -> str:
    what = f"its secret is not {_PREFIX} and {LEAST_SECRET} to {MOST_SECRET} bytes in base64" if is_set else "no secret"
    return f"{what}; set one: git config {SIGNING} {_HOW}"


def _host(url: str) -> str:
    parts = _parts(url)
    return "?" if parts is None or not parts.netloc else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
