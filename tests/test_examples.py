"""The examples: run as they stand, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET  # as everybody calls it
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from examples.twilio_voice import application, webhooks
from support.building import ADA, Built
from support.calling_agents import NUMBER
from support.chat_server import MODEL, Say, chat_server
from support.hosting import hosting
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it has no types

from gitagent.client import Client
from gitagent.names import PhoneNumber
from gitagent.templates import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.hosting import Host

SECRET, PUBLIC = "twilio's", "https://voice.example.com"
OTHER = "+442079460021"


@pytest.fixture(scope="module")
def bistro(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {path: file.read().decode().replace("gpt-4o-mini", MODEL) for path, file in load("restaurant").items()}
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


@pytest.mark.scale
@pytest.mark.parametrize(("end", "outcome"), [("ended", "completed"), ("cancelled", "abandoned"), ("failed", "failed")])
def test_a_pipeline_is_set_up_by_what_is_served_and_recorded_to_its_end(
    client: Client, host: Host, bistro: Built, tmp_path: Path, end: str, outcome: str
) -> None:
    if find_spec("pipecat") is None and not os.environ.get("CI"):
        pytest.skip("pipecat-ai is not installed: pip install 'gitagent-config[harness]'")
    with chat_server(lambda _: Say("On which day?")) as model:
        command = [sys.executable, "-m", "support.piping", f"http://127.0.0.1:{host.port}", str(tmp_path / "calls")]
        piping = subprocess.run(
            [*command, model.url, end, OTHER, end],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert piping.returncode == 0, piping.stderr
    served = client.configuration("bistro", "live").document()
    assert json.loads(piping.stdout) == {
        "spoken": [served["greeting"], "On which day?"],
        "voice": served["voice"]["name"],
    }
    (asked,) = model.asked
    assert asked.body["messages"] == [
        {"role": "system", "content": served["prompt"]},
        {"role": "user", "content": "A table for two, please"},
    ]
    assert asked.body["temperature"] == served["model"]["temperature"]
    assert [each["function"]["name"] for each in asked.body["tools"]] == [each["name"] for each in served["tools"]]
    call = client.get(end)
    assert (call.outcome, call.success, call.attributes["turns"]) == (outcome, outcome == "completed", 1)
    assert (call.caller, str(call.version)) == ("+447700900123", str(bistro.agent.environment("live").version))
