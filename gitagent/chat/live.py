"""Live: tools that are really requested, with the arguments of the call and the secrets of the environment."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from gitagent.chat.answers import Conversation, ToolCall
from gitagent.chat.replies import as_json
from gitagent.chat.tools import Rehearsal
from gitagent.config.headers import is_header_value
from gitagent.config.suggestions import shortened
from gitagent.errors import ExtraMissing
from gitagent.version import VERSION

if TYPE_CHECKING:
    from gitagent.config.meaning.values import Request

try:
    import httpx
except ModuleNotFoundError as error:
    if error.name != "httpx":
        raise
    raise ExtraMissing(
        "live tools need httpx, which is not installed", hint="pip install 'gitagent-config[chat]'"
    ) from error

LONGEST_WAIT = 20.0
"""Seconds that a service may take for its whole answer."""
LARGEST = 64 * 1024
"""Bytes of an answer: more is of no use to a model."""
_PIECE = re.compile(r"\$(\$\{)|\$\{([^{}\n]{0,200})\}")
_ENVIRONMENT = "env:"
_BODILESS = ("GET", "HEAD", "DELETE")


class _Unsendable(Exception):  # noqa: N818  # the problem of a call, which goes on
    """A request that cannot be made, and why."""


class _Sent(NamedTuple):
    """A request as it goes out."""

    method: str
    url: str
    headers: Mapping[bytes, bytes]
    rest: Mapping[str, object]


class Live:
    """Tools that are asked where they are; those that have no request answer from fixtures.

    An argument goes where the tool's address or headers name it; all others go into the query of a GET or DELETE, and
    into the body of the rest, as JSON.
    """

    def __init__(self, environ: Mapping[str, str], *, seconds: float = LONGEST_WAIT) -> None:
        self._environ = environ
        self._seconds = seconds

    def call(self, conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """The call with what the service answered. Redirects are not followed: they could lead anywhere."""
        tool = next((each for each in conversation.meaning.tools if each.name == name), None)
        if tool is None or tool.request is None:
            return Rehearsal().call(conversation, name, arguments)
        try:
            status, result = asyncio.run(self._exchange(self._sent(tool.request, as_json(dict(arguments)))))
        except _Unsendable as problem:
            return ToolCall(name, arguments, problem=str(problem))
        except TimeoutError:
            return ToolCall(name, arguments, problem=f"it did not answer within {self._seconds:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = shortened(str(error) or type(error).__name__, 200)
            return ToolCall(name, arguments, problem=f"it cannot be asked: {said}")
        return ToolCall(name, arguments, result, None if 200 <= status < 300 else f"it answered {status}")

    def _sent(self, request: Request, arguments: Mapping[str, object]) -> _Sent:
        used: set[str] = set()
        url = self._filled(request.url, arguments, used, in_address=True)
        headers = {b"User-Agent": f"gitagent/{VERSION}".encode()}
        for name, text in request.headers.items():
            value = self._filled(text, arguments, used, in_address=False)
            if not is_header_value(value):
                raise _Unsendable(f"the header '{shortened(name)}' would get a line break or a control character")
            headers[name.encode()] = value.encode()
        rest = {name: value for name, value in arguments.items() if name not in used}
        return _Sent(request.method, url, headers, rest)

    def _filled(self, text: str, arguments: Mapping[str, object], used: set[str], *, in_address: bool) -> str:
        def replaced(match: re.Match[str]) -> str:
            if match[1] is not None:
                return match[1]
            name = match[2]
            if name.startswith(_ENVIRONMENT):
                return self._secret(name.removeprefix(_ENVIRONMENT))
            if name not in arguments:
                return match[0]
            used.add(name)
            return _in_address(name, arguments[name]) if in_address else _spoken(arguments[name])

        return _PIECE.sub(replaced, text)

    def _secret(self, name: str) -> str:
        if not self._environ.get(name):
            raise _Unsendable(f"the environment has no {name}")
        return self._environ[name]

    async def _exchange(self, sent: _Sent) -> tuple[int, object]:
        rest = dict(sent.rest)
        query = {key: _spoken(value) for key, value in rest.items()} if sent.method in _BODILESS and rest else None
        body = None if sent.method in _BODILESS else rest
        async with asyncio.timeout(self._seconds), httpx.AsyncClient(timeout=self._seconds) as client:
            url = httpx.URL(sent.url)
            url = url.copy_merge_params(query) if query else url
            async with client.stream(sent.method, url, headers=sent.headers, json=body) as answer:
                data = bytearray()
                async for piece in answer.aiter_bytes():
                    data += piece[: LARGEST - len(data)]
                    if len(data) >= LARGEST:
                        break
                return answer.status_code, _value(bytes(data))


def _in_address(name: str, value: object) -> str:
    text = _spoken(value)
    if text in ("", ".", ".."):
        raise _Unsendable(f"the argument '{shortened(name)}' cannot be '{text}' in an address")
    return quote(text, safe="")


def _spoken(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(data: bytes) -> Any:
    """What a service answered: the value where it is JSON, and else the text."""
    try:
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace")
