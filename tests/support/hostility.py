"""Hostility: requests that no honest client sends, put together from small parts. Each is to be refused with a 4xx.

A request is what is sent, byte for byte. Whoever sends it has a token for one agent; there is another one beside it.
"""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_from_bytes

from support.hostile_parts import (
    DEEP,
    INJECTIONS,
    LEADING,
    LINES,
    ODD_BYTES,
    ODD_LINES,
    ODD_TEXTS,
    OTHER_PROTOCOLS,
    PATHS,
    QUERIES,
    QUERY_TEXTS,
    RAW_CHANGES,
    SMUGGLED,
    TRAVERSALS,
    TYPES,
    WRONG,
    WRONG_CHANGES,
    WRONG_TOGETHER,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class Scene(NamedTuple):
    """What the requests speak of: the own agent and its call, and what the other one has."""

    token: str
    host: str
    agent: str
    number: str
    call: str
    other: str
    other_number: str
    other_call: str


class Hostile(NamedTuple):
    """A request, and in short what is hostile in it."""

    name: str
    sent: bytes


def requests(scene: Scene) -> list[Hostile]:
    """All of them, no two alike."""
    groups = (paths, queries, bodies, changes, tokens, headers, methods, frames, others, taken)
    made = [hostile for group in groups for hostile in group(scene)]
    alike = {hostile.sent: hostile for hostile in made}
    return list(alike.values())


def request(
    scene: Scene,
    method: str,
    path: str | bytes,
    body: bytes | None = None,
    *,
    more: bytes = b"",
    token: str | None = None,
    host: str | None = None,
) -> bytes:
    """A request that is right but for what it is made of."""
    target = path.encode() if isinstance(path, str) else path
    lines = [
        b"%b %b HTTP/1.1" % (method.encode(), target),
        b"Host: " + (scene.host if host is None else host).encode(),
        b"Authorization: Bearer " + (scene.token if token is None else token).encode(),
        b"Connection: close",
    ]
    if body is not None:
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n" + more + b"\r\n" + (body or b"")


def paths(scene: Scene) -> Iterator[Hostile]:
    """What is not a name, where a path has one; escaped, and as it is where HTTP lets it through."""
    texts = [*TRAVERSALS, *INJECTIONS, *ODD_TEXTS]
    values = [*(text.encode() for text in texts), *ODD_BYTES]
    for (method, path), value in product(PATHS, values):
        body = None if method == "GET" else b'{"score": 1}'
        escaped = path.replace("%s", quote_from_bytes(value, safe=""))
        yield Hostile(f"{method} {escaped[:80]}", request(scene, method, escaped, body))
    for (method, path), text in product(PATHS, TRAVERSALS):
        body = None if method == "GET" else b'{"score": 1}'
        raw = path.replace("%s", text)
        yield Hostile(f"{method} {raw}", request(scene, method, raw.encode(), body))
        twice = path.replace("%s", quote_from_bytes(quote_from_bytes(text.encode(), safe=".").encode(), safe=""))
        yield Hostile(f"{method} {twice}", request(scene, method, twice, body))


def queries(scene: Scene) -> Iterator[Hostile]:
    """Parameters that are none, or have no such value."""
    for name, values in QUERIES.items():
        for value in values:
            path = f"/v1/calls?{name}={value}"
            yield Hostile(f"GET {path[:80]}", request(scene, "GET", path.replace(" ", "%20")))
    for text in QUERY_TEXTS:
        yield Hostile(f"GET ?{text}", request(scene, "GET", f"/v1/calls?{text}"))
    for path in (f"/v1/agents/{scene.agent}", f"/v1/calls/{scene.call}", "/v1/agents", "/openapi.json"):
        for text in ("debug=true", "format=html", "callback=alert", "agent=clinic"):
            yield Hostile(f"GET {path}?{text}", request(scene, "GET", f"{path}?{text}"))
    yield Hostile("a long query", request(scene, "GET", "/v1/calls?outcome=" + "x" * 5000))
    yield Hostile("a long path", request(scene, "GET", "/" + "x" * 5000))


def bodies(scene: Scene) -> Iterator[Hostile]:
    """What does not begin a call."""
    right = {"call_id": "CA-hostile", "to": scene.number}
    for name, values in WRONG.items():
        for value in values:
            text = json.dumps({**right, name: value})
            yield Hostile(f"begin {name}={text[:80]}", request(scene, "POST", "/v1/calls", text.encode()))
    for together in WRONG_TOGETHER:
        text = json.dumps({"call_id": "CA-hostile", **together})
        yield Hostile(f"begin {text}", request(scene, "POST", "/v1/calls", text.encode()))
    whole = json.dumps(right).encode()
    for body in _not_json(whole):
        yield Hostile(f"begin {body[:60]!r}", request(scene, "POST", "/v1/calls", body))


def changes(scene: Scene) -> Iterator[Hostile]:
    """What changes no call."""
    for name, values in WRONG_CHANGES.items():
        for value in values:
            text = json.dumps({name: value})
            yield Hostile(f"change {text[:80]}", request(scene, "PATCH", f"/v1/calls/{scene.call}", text.encode()))
    for body in (*RAW_CHANGES, *_not_json(b'{"outcome": "completed"}')):
        yield Hostile(f"change {body[:60]!r}", request(scene, "PATCH", f"/v1/calls/{scene.call}", body))


def tokens(scene: Scene) -> Iterator[Hostile]:
    """What lets nobody in."""
    id_, _, secret = scene.token.removeprefix("ga_").partition("_")
    texts = (
        *("", "x", "ga_", "ga__", f"ga_{id_}_", f"ga_{id_}", secret, f"ga_{id_}_{secret[:-1]}", f"ga_{id_}_{secret}x"),
        *(f"ga_{id_}_{'A' * 43}", f"ga_aaaaaaaa_{secret}", f"GA_{id_}_{secret}", f"ga_{id_.upper()}_{secret}"),
        *(f"ga_{id_}_{secret[::-1]}", f"ga_{id_}_*", "ga_*_*", "' OR 1=1", "null", "undefined", "[object Object]"),
        *(
            f"ga_../../x_{secret}",
            "é",
            "\t",
            "=" * 5000,
            f"ga_{id_}_{secret},{scene.token}",
            "eyJhbGciOiJub25lIn0.e30.",
        ),
    )
    asked = ("/v1/calls", f"/v1/agents/{scene.agent}", f"/v1/agents/{scene.other}", "/metrics")
    for text, path in product(texts, asked):
        yield Hostile(f"token {text[:60]!r} at {path}", request(scene, "GET", path, token=text))
    for scheme in ("Basic", "Digest", "Token", "bearer:", "Bearer:", "", "Bearer Bearer", "Bearer\x0b"):
        head = f"GET /v1/calls HTTP/1.1\r\nHost: {scene.host}\r\nConnection: close\r\n"
        yield Hostile(f"scheme {scheme!r}", f"{head}Authorization: {scheme} {scene.token}\r\n\r\n".encode())
    for header in ("Cookie: token=", "X-Api-Key: ", "X-Authorization: Bearer ", "Proxy-Authorization: Bearer "):
        head = f"GET /v1/calls HTTP/1.1\r\nHost: {scene.host}\r\nConnection: close\r\n"
        yield Hostile(f"token as {header}", f"{head}{header}{scene.token}\r\n\r\n".encode())
    yield Hostile("token in the query", request(scene, "GET", f"/v1/calls?access_token={scene.token}", token="x"))


def headers(scene: Scene) -> Iterator[Hostile]:
    """Headers that would lead elsewhere, were they believed, and those that are too many or too long."""
    theirs = f"/v1/agents/{scene.other}"
    for name, value in product(LEADING, (theirs, f"http://{scene.host}{theirs}", "127.0.0.1", "GET", "admin", "0")):
        more = f"{name}: {value}\r\n".encode()
        yield Hostile(f"{name}: {value}", request(scene, "GET", theirs, more=more))
    for value in TYPES:
        head = f"POST /v1/calls HTTP/1.1\r\nHost: {scene.host}\r\nAuthorization: Bearer {scene.token}\r\n"
        body = json.dumps({"call_id": "CA-hostile", "to": scene.number})
        rest = f"Connection: close\r\nContent-Type: {value}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        yield Hostile(f"Content-Type: {value}", f"{head}{rest}".encode())
    for count in (101, 200, 1000):
        yield Hostile(f"{count} headers", request(scene, "GET", "/v1/calls", more=b"X-A: 1\r\n" * count))
    for size in (17_000, 40_000, 60_000):
        yield Hostile(
            f"{size} bytes of a header", request(scene, "GET", "/v1/calls", more=b"X-A: %b\r\n" % (b"a" * size))
        )


def methods(scene: Scene) -> Iterator[Hostile]:
    """Methods that are not for a path, and methods that are none."""
    asked = ("/v1/calls", f"/v1/calls/{scene.call}", f"/v1/agents/{scene.agent}", "/v1/agents", "/healthz", "/metrics")
    names = ("PUT", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "MKCOL", "COPY", "LOCK", "PURGE", "LINK", "SEARCH")
    for name, path in product(names, asked):
        yield Hostile(f"{name} {path}", request(scene, name, path))
    for name in ("GETT", "get", "G\0T", "GET/", "A" * 300, "{}", "POST\tx", "QUERY1"):
        yield Hostile(f"method {name[:20]!r}", request(scene, name, "/v1/calls"))


def frames(scene: Scene) -> Iterator[Hostile]:
    """What is not HTTP, or is two requests to one reader and one to another."""
    token, host = scene.token.encode(), scene.host.encode()
    head = b"POST /v1/calls/none HTTP/1.1\r\nHost: %b\r\nAuthorization: Bearer %b\r\n" % (host, token)
    hidden = b"GET /v1/agents/%b HTTP/1.1\r\nHost: %b\r\n\r\n" % (scene.other.encode(), host)
    for lines in SMUGGLED:
        yield Hostile(f"smuggled by {lines!r}", head + lines + b"\r\n" + b"0\r\n\r\n" + hidden)
    for line in LINES:
        yield Hostile(f"line {line[:60]!r}", line + b"\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    for line in ODD_LINES:
        start = b"GET /v1/agents/%b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n" % (scene.other.encode(), host)
        yield Hostile(f"header {line[:60]!r}", start + line + b"\r\n\r\n")
    for greeting in OTHER_PROTOCOLS:
        yield Hostile(f"greeting {greeting[:40]!r}", greeting)


def others(scene: Scene) -> Iterator[Hostile]:
    """What the other agent has, asked for with a token that is not for it."""
    agent, call, number = scene.other, scene.other_call, scene.other_number.replace("+", "%2B")
    for path in (
        *(f"/v1/agents/{agent}", f"/v1/agents/{agent}/environments", f"/v1/agents/{agent}/environments/live"),
        *(f"/v1/agents/{agent}/environments/live/config", f"/v1/agents/{agent}/versions/v1/config"),
        *(f"/v1/agents/{agent}/stats", f"/v1/agents/{agent}/stats?version=v2", f"/v1/calls?agent={agent}"),
        *(f"/v1/calls/{call}", f"/v1/calls/{call}/config", f"/v1/numbers/{number}", f"/v1/numbers/sip:{number}@x"),
    ):
        yield Hostile(f"theirs {path}", request(scene, "GET", path))
        yield Hostile(f"theirs unless it has changed {path}", request(scene, "GET", path, more=b"If-None-Match: *\r\n"))
    for method, path, values in (
        ("POST", f"/v1/agents/{agent}/refresh", {}),
        ("POST", f"/v1/webhooks/{agent}", {}),
        ("DELETE", f"/v1/calls?before=2030-01-01T00:00:00Z&agent={agent}", {}),
        ("DELETE", "/v1/calls?before=2030-01-01T00:00:00Z", {}),
        ("PATCH", f"/v1/calls/{call}", {"outcome": "failed"}),
        ("PATCH", f"/v1/calls/{call}", {"score": 0}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "to": scene.other_number}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "to": f"sip:{scene.other_number}@example.com"}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "agent": agent, "environment": "live"}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "agent": agent, "version": "v1", "direction": "outbound"}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "from": scene.other_number, "direction": "outbound"}),
        ("POST", "/v1/calls", {"call_id": "CA-hostile", "to": scene.other_number, "agent": scene.agent}),
        ("POST", "/v1/calls", {"call_id": call, "to": scene.other_number}),
    ):
        body = json.dumps(values).encode() if values else None
        yield Hostile(f"theirs {method} {path} {values}", request(scene, method, path, body))


def taken(scene: Scene) -> Iterator[Hostile]:
    """Calls of one's own, by an id that a call of the other agent has."""
    for target in ({"to": scene.number}, {"agent": scene.agent, "environment": "live"}):
        body = json.dumps({"call_id": scene.other_call, **target}).encode()
        yield Hostile(f"their id {target}", request(scene, "POST", "/v1/calls", body))


def _not_json(whole: bytes) -> Iterator[bytes]:
    """Bodies that are not one JSON object in UTF-8: cut off anywhere, too deep, in another form."""
    yield from (whole[:end] for end in range(len(whole)))
    yield from (whole + tail for tail in (b"}", b"{}", b",", b"\0", b"//", b"x", b"\xff"))
    yield from (b"[]", b"null", b"true", b"0", b'""', b"{}", b"[" + whole + b"]", json.dumps(whole.decode()).encode())
    yield from (whole.decode().encode(form) for form in ("utf-16", "utf-32", "utf-8-sig"))
    yield from (b"[" * DEEP, b'{"a":' * (DEEP // 3), b'{"attributes":' + b"[" * DEEP, b"9" * DEEP, b"-", b'"' * DEEP)
    yield from (
        b"call_id=CA1&to=1",
        b"<call/>",
        b"call_id: CA1",
        b"\x80\x04]",
        b"NaN",
        b"{'call_id': 'CA1'}",
        b"\x1f\x8b\x08",
    )
    yield whole[:-1] + b', "padding": "' + b"x" * 70_000 + b'"}'
