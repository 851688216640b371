"""Options: what a client and its verbs take by name, written once for both clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Required, TypedDict

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from gitagent.client.values import Scalar
    from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber


class Options(TypedDict, total=False):
    """How a client goes about it.

    `cache` is a folder of this machine where what the server says is kept, and calls that it was not told of yet;
    several processes can share it. With None they are in memory alone, and end with the process. Whoever asks waits no
    longer than `timeout` seconds in all (2), for up to `attempts` (3). A server that failed is told of what waits every
    `report_every` seconds (2); until it takes that, or `pause` seconds are over (5), it is not asked where an answer is
    known. `verify` is as httpx has it; `now` tells the time.
    """

    cache: Required[str | Path | None]
    token: str | None
    timeout: float
    attempts: int
    pause: float
    report_every: float
    verify: ssl.SSLContext | bool
    now: Callable[[], datetime]


class Asked(TypedDict, total=False):
    """What a call is begun with: a `number`, or an `agent` with an `environment` or a `version`, and what is known."""

    number: PhoneNumber | str | None
    agent: str | None
    environment: EnvironmentName | str | None
    version: VersionNumber | str | None
    direction: str | None
    caller: str | None
    sip_headers: Mapping[str, str] | None
    attributes: Mapping[str, Scalar] | None


class Ending(TypedDict, total=False):
    """How a call ended. Without `success` its outcome says it, as `completed` does; `duration` is in seconds."""

    outcome: str | None
    success: bool | None
    duration: float | None


class Filters(TypedDict, total=False):
    """Which calls are meant. `since` is included, `until` is not."""

    agent: str
    version: VersionNumber | str
    environment: EnvironmentName | str
    number: PhoneNumber | str
    outcome: str
    since: datetime
    until: datetime
