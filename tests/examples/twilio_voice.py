"""A telephone number at Twilio, answered by whatever gitagent serves on it (WSGI: gunicorn, Flask's server, any other).

Point the number's voice webhook at /voice and its status callback at /status:

    gunicorn 'twilio_voice:application()'
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it has no types
from twilio.twiml.voice_response import Connect, VoiceResponse  # type: ignore[import-untyped]  # it has no types

from gitagent.client import Client
from gitagent.errors import CallNotFound, GitagentError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from gitagent.client import Begun

LOG = logging.getLogger(__name__)
LARGEST_FORM = 64 * 1024
OUTCOMES = {
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no-answer",
    "failed": "failed",
    "canceled": "abandoned",
}
"""What gitagent's statistics call Twilio's ways of ending."""


def application() -> WSGIApplication:
    """The webhooks, set up by the environment."""
    client = Client(
        os.environ["GITAGENT_URL"], token=os.environ.get("GITAGENT_TOKEN"), cache=os.environ["GITAGENT_CACHE"]
    )
    return webhooks(client, auth_token=os.environ["TWILIO_AUTH_TOKEN"], url=os.environ["PUBLIC_URL"])


def webhooks(client: Client, *, auth_token: str, url: str) -> WSGIApplication:
    """Twilio's webhooks at a public address, such as https://voice.example.com."""
    validator = RequestValidator(auth_token)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, form = environ["PATH_INFO"], form_of(environ)
        if not validator.validate(url + path, form, environ.get("HTTP_X_TWILIO_SIGNATURE", "")):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"that was not Twilio\n"]
        if path == "/voice":
            start("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
            return [str(voice(client, form, url)).encode()]
        if path == "/status":
            start(status(client, form), [])
            return []
        start("404 Not Found", [])
        return []

    return answer


def voice(client: Client, form: dict[str, str], url: str) -> VoiceResponse:
    """A call comes in: begin it, and let its version speak."""
    response = VoiceResponse()
    try:
        begun = client.begin(
            form["CallSid"], number=form["To"], caller=form.get("From"), sip_headers=sip_headers_of(form)
        )
    except NotFound:  # nothing is served on this number
        response.reject()
    except GitagentError as error:  # such as the server away, which never said anything of this number
        LOG.warning("%s cannot be answered: %s", form["To"], error)
        response.say("We cannot take your call right now. Please call again in a few minutes.")
        response.hangup()
    else:
        response.append(conversation(begun, url))
    return response


def conversation(begun: Begun, url: str) -> Connect:
    """Speech goes to and fro over a WebSocket; which version speaks goes with it."""
    configuration = begun.configuration.document()
    spoken = configuration["voice"] or {}
    connect = Connect()
    relay = connect.conversation_relay(
        url=f"{url.replace('http', 'ws', 1)}/conversation",
        welcome_greeting=configuration["greeting"],
        language=configuration["language"],
        tts_provider=spoken.get("provider"),
        voice=spoken.get("name"),
    )
    relay.parameter(name="agent", value=begun.call.agent)
    relay.parameter(name="version", value=str(begun.call.version))
    return connect


def status(client: Client, form: dict[str, str]) -> str:
    """A call has ended: say how, and after how many seconds."""
    outcome = OUTCOMES.get(form.get("CallStatus", ""))
    if outcome is None:
        return "204 No Content"  # it rings, or is under way
    try:
        client.end(form["CallSid"], outcome=outcome, duration=float(form.get("CallDuration", 0)))
    except CallNotFound:
        return "404 Not Found"
    return "204 No Content"


def form_of(environ: WSGIEnvironment) -> dict[str, str]:
    """The form that was posted."""
    length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_FORM)
    return dict(parse_qsl(environ["wsgi.input"].read(length).decode(), keep_blank_values=True))


def sip_headers_of(form: dict[str, str]) -> dict[str, str]:
    """The SIP headers of a call that came from a SIP trunk."""
    return {name.removeprefix("SipHeader_"): value for name, value in form.items() if name.startswith("SipHeader_")}
