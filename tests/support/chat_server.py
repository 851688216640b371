"""Chat server: a real HTTP server that speaks the OpenAI chat protocol, and says what a test lets it say."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

KEY = "sk-a-key-of-the-tests"
MODEL = "a-model"
Json = dict[str, Any]


class Say(NamedTuple):
    """The model speaks, piece by piece."""

    text: str
    piece: int = 5
    finish: str | None = "stop"
    usage: int | None = 100


class Call(NamedTuple):
    """The model calls functions, each a name and its arguments; it may say something first."""

    calls: Sequence[tuple[str, Mapping[str, object] | str]]
    text: str = ""
    piece: int = 7
    usage: int | None = 100
    numbered: bool = True


class Fail(NamedTuple):
    """The server answers an error."""

    status: int
    message: str = "something is wrong"
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = {}


class Cut(NamedTuple):
    """The connection ends after so many characters of text."""

    text: str


class Silent(NamedTuple):
    """Nothing comes after the text, and the connection stays."""

    text: str = ""


class Dribble(NamedTuple):
    """Comments come without end, a line at a time: the connection is never silent, and nothing is said."""


class Raw(NamedTuple):
    """These bytes as the body."""

    body: bytes
    content_type: str = "text/event-stream"


Act = Say | Call | Fail | Cut | Silent | Dribble | Raw
Brain = Callable[[Json], Act]


class Asked(NamedTuple):
    """A request that came."""

    path: str
    headers: Mapping[str, str]
    body: Json


class ChatServer:
    """The server. What it is told to say it says in that order; after that its `brain` decides from the request."""

    def __init__(self, brain: Brain | None = None) -> None:
        self.asked: list[Asked] = []
        self.brain: Brain = brain or (lambda _: Say("Certainly."))
        self.ended = Event()
        self._acts: deque[Act] = deque()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which this server is asked."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": KEY, "GITAGENT_MODEL": MODEL}

    def will(self, *acts: Act) -> ChatServer:
        """What to say next, and after it."""
        self._acts.extend(acts)
        return self

    def forget(self) -> None:
        """Be as if nothing had been asked, and nothing were to be said."""
        self.asked.clear()
        self._acts.clear()

    def next(self, body: Json) -> Act:
        return self._acts.popleft() if self._acts else self.brain(body)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def chat_server(brain: Brain | None = None) -> Iterator[ChatServer]:
    """A server for as long as it is needed."""
    server = ChatServer(brain)
    server.start()
    try:
        yield server
    finally:
        server.end()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, chat: ChatServer, *of_the_server: Any) -> None:
        self._chat = chat
        super().__init__(*of_the_server)

    def handle(self) -> None:
        with suppress(ConnectionError):  # who asked has gone
            super().handle()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._chat.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self._act(self._refusal(body) or self._chat.next(body), body)

    def _refusal(self, body: Json) -> Fail | None:
        if self.path != "/v1/chat/completions":
            return Fail(404, f"there is nothing at {self.path}")
        if self.headers["Authorization"] != f"Bearer {KEY}":
            message = f"Incorrect API key provided: {self.headers['Authorization'].removeprefix('Bearer ')}"
            return Fail(401, message, "invalid_api_key")
        if body["model"] != MODEL:
            return Fail(404, f"The model `{body['model']}` does not exist", "model_not_found")
        return None

    def _act(self, act: Act, body: Json) -> None:
        match act:
            case Fail():
                self._fail(act)
            case Raw():
                self._head(200, {"Content-Type": act.content_type, "Content-Length": str(len(act.body))})
                self.wfile.write(act.body)
            case _:
                self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
                self._stream(act, usage=bool(body.get("stream_options", {}).get("include_usage")))

    def _stream(self, act: Act, *, usage: bool) -> None:
        for event in _events(act):
            self._chunk(b"data: " + json.dumps({**_COMMON, **event}).encode() + b"\n\n")
        match act:
            case Cut():
                self.close_connection = True
            case Silent():
                self._chat.ended.wait()
                self.close_connection = True
            case Dribble():
                while not self._chat.ended.wait(0.01):
                    self._chunk(b": still thinking\n\n")
            case Say() | Call():
                if usage and act.usage is not None:
                    self._chunk(b"data: " + json.dumps({**_COMMON, **_usage(act.usage)}).encode() + b"\n\n")
                self._chunk(b"data: [DONE]\n\n")
                self.wfile.write(b"0\r\n\r\n")

    def _fail(self, act: Fail) -> None:
        error = {"message": act.message, "type": "an_error", "code": act.code, "param": act.param}
        data = json.dumps({"error": error}).encode()
        self._head(act.status, {"Content-Type": "application/json", "Content-Length": str(len(data)), **act.headers})
        self.wfile.write(data)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def log_message(self, *_: object) -> None:
        """Tests look at `asked` instead."""


_COMMON = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": MODEL}


def _usage(tokens: int) -> Json:
    usage = {"prompt_tokens": tokens - 10, "completion_tokens": 10, "total_tokens": tokens}
    return {"choices": [], "usage": usage}


def _events(act: Act) -> Iterator[Json]:
    yield _delta({"role": "assistant", "content": ""})
    match act:
        case Say():
            for at in range(0, len(act.text), act.piece):
                yield _delta({"content": act.text[at : at + act.piece]})
            if act.finish is not None:
                yield _delta({}, act.finish)
        case Call():
            if act.text:
                yield _delta({"content": act.text})
            for number, (name, arguments) in enumerate(act.calls):
                yield from _call(number, name, arguments, act)
            yield _delta({}, "tool_calls")
        case Cut() | Silent() if act.text:
            yield _delta({"content": act.text})


def _call(number: int, name: str, arguments: Mapping[str, object] | str, act: Call) -> Iterator[Json]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    index = number if act.numbered else 0
    call_id = f"call_{name}_{number}"
    start = {"index": index, "id": call_id, "type": "function"}
    if not act.numbered:
        yield _delta({"tool_calls": [{**start, "function": {"name": name, "arguments": text}}]})
        return
    yield _delta({"tool_calls": [{**start, "function": {"name": name, "arguments": ""}}]})
    for at in range(0, len(text), act.piece):
        yield _delta({"tool_calls": [{"index": index, "function": {"arguments": text[at : at + act.piece]}}]})


def _delta(delta: Json, finish: str | None = None) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
