"""The examples: run as they stand, against a real server."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET  # as everybody calls it
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from examples import streaming_session as streaming
from examples.twilio_voice import application, webhooks
from support.building import ADA, Built
from support.calling_agents import NUMBER
from support.hosting import hosting
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it has no types

from gitagent.client import AsyncClient, Client
from gitagent.names import PhoneNumber
from gitagent.templates import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from support.hosting import Host

SECRET, PUBLIC = "twilio's", "https://voice.example.com"
OTHER = "+442079460021"


@pytest.fixture(scope="module")
def bistro(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {path: file.read().decode() for path, file in load("restaurant").items()}
    built = Built(tmp_path_factory.mktemp("agents") / "bistro", files=files, pipeline="sandbox,live")
    built.publish().promote("live")
    for number in (NUMBER, OTHER):
        built.agent.assign_number(PhoneNumber(number), "live", actor=ADA, at=built.clock())
    return built


@pytest.fixture(scope="module")
def host(bistro: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with hosting(bistro.path.parent, tmp_path_factory.mktemp("log") / "log") as host:
        yield host


@pytest.fixture
def client(host: Host, tmp_path: Path) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{host.port}", cache=tmp_path / "cache", timeout=30.0) as client:
        yield client


def post(app: Any, path: str, form: dict[str, str], *, signature: str | None = None) -> httpx.Response:
    """What Twilio would post, signed as it signs."""
    signed = signature or RequestValidator(SECRET).compute_signature(PUBLIC + path, form)
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url=PUBLIC) as twilio:
        return twilio.post(path, data=form, headers={"X-Twilio-Signature": signed})


def call(call_id: str, **more: str) -> dict[str, str]:
    return {"CallSid": call_id, "To": NUMBER, "From": "+447700900123", "CallStatus": "ringing", **more}


def test_a_call_at_twilio_is_spoken_to_by_the_version_that_it_began_with(client: Client, bistro: Built) -> None:
    app = webhooks(client, auth_token=SECRET, url=PUBLIC)
    first = post(app, "/voice", call("CA1", **{"SipHeader_X-Queue": "vip"}))
    bistro.edit(bistro.path.joinpath("agent.yaml").read_text().replace("name: Alice", "name: Dora"), "agent.yaml")
    bistro.publish().promote("live")
    second, again = post(app, "/voice", call("CA2")), post(app, "/voice", call("CA1"))
    relays = [ET.fromstring(each.text).find("Connect/ConversationRelay") for each in (first, second, again)]  # noqa: S314  # our own
    assert [each.get("voice") for each in relays if each is not None] == ["Alice", "Dora", "Alice"]
    relay = relays[0]
    assert relay is not None
    assert relay.get("url") == "wss://voice.example.com/conversation"
    assert str(relay.get("welcomeGreeting")).startswith("Good day, this is Lantern House.")
    assert {each.get("name"): each.get("value") for each in relay} == {"agent": "bistro", "version": "v1"}
    assert post(app, "/status", call("CA1", CallStatus="completed", CallDuration="94")).status_code == 204
    ended = client.get("CA1")
    assert (ended.outcome, ended.duration, str(ended.version)) == ("completed", 94.0, "v1")
    assert (ended.caller, dict(ended.sip_headers)) == ("+447700900123", {"X-Queue": "vip"})


def test_only_twilio_is_answered(client: Client) -> None:
    app = webhooks(client, auth_token=SECRET, url=PUBLIC)
    assert post(app, "/voice", call("forged"), signature="AAAA").status_code == 403
    assert post(app, "/nothing", {}).status_code == 404
    assert post(app, "/status", call("forged", CallStatus="completed")).status_code == 404
    assert post(app, "/status", call("forged")).status_code == 204  # it rings


def test_a_number_that_nobody_has_is_rejected_and_a_server_that_is_away_excused(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = webhooks(client, auth_token=SECRET, url=PUBLIC)
    assert "<Reject" in post(app, "/voice", call("CA8", To="+442079460099")).text
    settings = {"GITAGENT_URL": "http://127.0.0.1:9", "GITAGENT_CACHE": str(tmp_path / "other")}
    for name, value in {**settings, "TWILIO_AUTH_TOKEN": SECRET, "PUBLIC_URL": PUBLIC}.items():
        monkeypatch.setenv(name, value)
    assert "Please call again" in post(application(), "/voice", call("CA9")).text


async def stream(*frames: streaming.Frame, breaks: bool = False) -> AsyncIterator[streaming.Frame]:
    for frame in frames:
        await asyncio.sleep(0)
        yield frame
    if breaks:
        raise ConnectionError("the stream broke")


def test_streams_are_instructed_by_what_is_served_and_recorded_to_their_end(host: Host, tmp_path: Path) -> None:
    async def one(client: AsyncClient, call_id: str, *frames: streaming.Frame) -> list[streaming.Frame]:
        started = streaming.Started(call_id, OTHER, "+447700900123")
        return [each async for each in streaming.Agent(client).run(stream(started, *frames))]

    async def all_() -> tuple[list[list[streaming.Frame]], list[Any]]:
        async with AsyncClient(f"http://127.0.0.1:{host.port}", cache=tmp_path, timeout=30.0) as client:
            heard = streaming.Heard("A table for two")
            came = await asyncio.gather(
                one(client, "ST1", heard, streaming.Ended()),
                one(client, "ST2", streaming.Ended("no audio")),
                one(client, "ST3", heard, heard),
            )
            return list(came), [await client.get(call_id) for call_id in ("ST1", "ST2", "ST3")]

    came, calls = asyncio.run(all_())
    assert [[type(frame).__name__ for frame in each] for each in came] == [
        ["Started", "Instructed", "Say", "Heard", "Ended"],
        ["Started", "Instructed", "Say", "Ended"],
        ["Started", "Instructed", "Say", "Heard", "Heard"],
    ]
    _, instructed, say, *_ = came[0]
    assert isinstance(instructed, streaming.Instructed)
    assert isinstance(say, streaming.Say)
    assert instructed.model["name"] == "gpt-4o-mini"
    assert "${" not in instructed.prompt + say.text
    assert [(each.outcome, each.success, each.attributes["turns"]) for each in calls] == [
        ("completed", True, 1),
        ("failed", False, 0),
        ("abandoned", False, 2),
    ]


@pytest.mark.parametrize("how", ["broken", "cancelled"])
def test_a_stream_that_does_not_end_in_order_is_recorded_as_failed(host: Host, tmp_path: Path, how: str) -> None:
    async def run(client: AsyncClient) -> None:
        frames = streaming.Agent(client).run(stream(streaming.Started(how, OTHER), breaks=how == "broken"))
        async for frame in frames:
            if how == "cancelled" and isinstance(frame, streaming.Say):
                await frames.athrow(asyncio.CancelledError)  # type: ignore[attr-defined]  # it is a generator

    async def outcome() -> str | None:
        async with AsyncClient(f"http://127.0.0.1:{host.port}", cache=tmp_path, timeout=30.0) as client:
            with pytest.raises((ConnectionError, asyncio.CancelledError)):
                await run(client)
            return (await client.get(how)).outcome

    assert asyncio.run(outcome()) == "failed"
