"""Live tools: real requests to a real service, and what the model is told where there is no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from gitagent.chat.answers import Conversation, ToolCall
from gitagent.chat.live import LARGEST, Live
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Meaning, Request, Tool

ENVIRON = {"TOKEN": "a-secret"}


class Came(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: str


class Service:
    """What a tool asks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.came: list[Came] = []
        self.over = Event()

    def call(
        self, path: str = "/find", method: str = "GET", headers: Mapping[str, str] | None = None, **arguments: object
    ) -> ToolCall:
        self.came.clear()
        request = Request(method, f"{self.url}{path}", headers or {})
        meaning = Meaning(Layout.NATIVE, tools=(Tool("find", request=request),))
        return Live(ENVIRON, seconds=5).call(Conversation(meaning, fixtures={"find": "fixed"}), "find", arguments)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, service: Service, *of_the_server: Any) -> None:
        self._service = service
        super().__init__(*of_the_server)

    def handle(self) -> None:
        with suppress(ConnectionError):  # who asked wants no more of what is large
            super().handle()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._service.came.append(Came(self.command, self.path, headers, body))
        status, data = {
            "/away": (503, b'{"reason": "closed"}'),
            "/moved": (302, b""),
            "/text": (200, "täglich".encode()),
            "/nothing": (204, b""),
            "/large": (200, b"x" * (4 * LARGEST)),
        }.get(self.path, (200, b'{"tables": [1, 2]}'))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/find")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.path == "/slow":
            self._service.over.wait()
            self.close_connection = True
        else:
            self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Tests look at `came` instead."""


@contextmanager
def running() -> Iterator[Service]:
    service = Service("")
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, service))
    service.url = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        service.over.set()
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service


def test_arguments_go_where_the_request_names_them_and_the_others_into_the_query(service: Service) -> None:
    headers = {"Authorization": "Bearer ${env:TOKEN}", "X-For": "${name}"}
    call = service.call("/find/${day}?kind=a", headers=headers, day="1/2 ?&", name="Ada", guests=2, inside=True)

    assert (call.result, call.problem) == ({"tables": [1, 2]}, None)
    (came,) = service.came
    assert (came.method, came.path, came.body) == ("GET", "/find/1%2F2%20%3F%26?kind=a&guests=2&inside=true", "")
    assert (came.headers["authorization"], came.headers["x-for"]) == ("Bearer a-secret", "Ada")


def test_what_changes_something_gets_its_arguments_as_the_body(service: Service) -> None:
    service.call("/book", "POST", day="Monday", guests=2)

    (came,) = service.came
    assert (came.method, came.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(came.body) == {"day": "Monday", "guests": 2}


@pytest.mark.parametrize(
    ("path", "result", "problem"),
    [
        ("/text", "täglich", None),
        ("/nothing", None, None),
        ("/away", {"reason": "closed"}, "it answered 503"),
        ("/moved", None, "it answered 302"),
        ("/large", "x" * LARGEST, None),
    ],
)
def test_a_service_may_answer_anything(service: Service, path: str, result: object, problem: str | None) -> None:
    call = service.call(path)

    assert (call.result, call.problem) == (result, problem)
    assert len(service.came) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    ("path", "headers", "arguments", "problem"),
    [
        ("/${day}", {}, {"day": ".."}, "the argument 'day' cannot be '..' in an address"),
        ("/${day}", {}, {"day": ""}, "the argument 'day' cannot be '' in an address"),
        ("/", {"X-For": "${name}"}, {"name": "a\r\nX-Other: b"}, "the header 'X-For' would get a line break or a"),
        ("/", {"X-Key": "${env:NOT_THERE}"}, {}, "the environment has no NOT_THERE"),
    ],
)
def test_a_request_that_would_be_another_is_not_made(
    service: Service, path: str, headers: dict[str, str], arguments: dict[str, str], problem: str
) -> None:
    call = service.call(path, headers=headers, **arguments)

    assert (call.problem or "").startswith(problem)
    assert service.came == []


def test_half_a_character_is_replaced(service: Service) -> None:
    assert service.call("/find/${day}", day="\ud83d", name="\udcff").result == {"tables": [1, 2]}
    assert service.came[0].path == "/find/%3F?name=%3F"


def test_a_service_that_is_slow_is_left(service: Service) -> None:
    meaning = Meaning(Layout.NATIVE, tools=(Tool("find", request=Request("GET", f"{service.url}/slow")),))
    call = Live({}, seconds=0.2).call(Conversation(meaning), "find", {})

    assert call.problem == "it did not answer within 0.2 s"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://", "find", "http://[/", "http://127.0.0.1:x/"])
def test_a_service_that_is_not_there_is_a_problem_of_the_call(url: str) -> None:
    meaning = Meaning(Layout.NATIVE, tools=(Tool("find", request=Request("GET", url)),))

    call = Live({}).call(Conversation(meaning), "find", {"day": "Monday"})

    assert (call.problem or "").startswith("it cannot be asked: ")


def test_a_tool_without_a_request_answers_from_its_fixture() -> None:
    meaning = Meaning(Layout.ADK, tools=(Tool("find"),))
    conversation = Conversation(meaning, fixtures={"find": ["fixed"]})

    assert Live({}).call(conversation, "find", {}) == ToolCall("find", {}, ["fixed"])
    assert Live({}).call(conversation, "book", {}).problem == "no fixture says what it answers"


def test_what_stands_for_itself_in_an_address_is_sent_as_it_is(service: Service) -> None:
    service.call("/find?a=$${b}&c=${env:TOKEN}")

    assert service.came[0].path in ("/find?a=$%7Bb%7D&c=a-secret", "/find?a=${b}&c=a-secret")
