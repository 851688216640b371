"""Hostile parts: texts, values and lines that no honest client sends, from which whole requests are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAVERSALS = (
    *("..", "../..", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "..\\..\\etc"),
    *("/etc/passwd", "//etc/passwd", "./.", "~root", "file:///etc/passwd", ".git/config", ".git", ".gitagent"),
    *(".gitagent/tokens.json", ".gitagent/calls.db", "clinic/../bistro/../clinic", "\\\\host\\share", "C:\\Windows"),
)
INJECTIONS = (
    *("' OR '1'='1", "'; DROP TABLE calls; --", '" OR ""="', "1 UNION SELECT * FROM calls", "%' --", "x' AND SLEEP(9)"),
    *("$(id)", "`id`", "; cat /etc/passwd", "| id", "&& id", "--upload-pack=id", "-oProxyCommand=id", "ext::sh -c id"),
    *("{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0.__class__}", "%s%s%s%n", "${jndi:ldap://127.0.0.1/a}"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "__proto__", "constructor"),
    *("*", "%", "_", "?", "[a-z]", "{a,b}", "(?:a+)+$", "a" * 100 + "!"),
)
ODD_TEXTS = (
    *("\0", "clinic\0", "\r\nSet-Cookie: a=b", "\n", "\t", " ", "\x1b[2J", "\x7f", "\u202eclinic", "\ufeff", "\u200b"),
    *("ﬁ", "é", "clin\u0131c", "\uff43\uff4c\uff49\uff4e\uff49\uff43", "\u0421LINIC", "CLINIC", "clinic "),
    *(" clinic", "clinic.", "clinic.git", "💣"),
    *("null", "undefined", "NaN", "true", "-1", "0", "1e999", "9" * 400, "x" * 3000, "v0", "v-1", "v1.5"),
    *("v\uff19", "V01"),
)
ODD_BYTES = (b"\xff\xfe", b"\xc0\xae\xc0\xae", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80")
PATHS = (
    ("GET", "/v1/calls/%s"),
    ("GET", "/v1/calls/%s/config"),
    ("PATCH", "/v1/calls/%s"),
    ("GET", "/v1/agents/%s"),
    ("GET", "/v1/agents/%s/environments"),
    ("GET", "/v1/agents/bistro/environments/%s"),
    ("GET", "/v1/agents/bistro/environments/%s/config"),
    ("GET", "/v1/agents/bistro/versions/%s/config"),
    ("GET", "/v1/agents/%s/stats"),
    ("GET", "/v1/numbers/%s"),
    ("POST", "/v1/agents/%s/refresh"),
    ("POST", "/v1/webhooks/%s"),
)
QUERIES = {
    "limit": ("0", "-1", "1001", "1e3", "0x10", "\uff19", "1;DROP", "99999999999999999999", " 5", "5%00", "NaN"),
    "cursor": ("x", "0", "..", "' OR 1=1", "%00", "%ff", "eyJhIjoxfQ", "A" * 3000, "-1.a", "1.", ".CA1", "1e9.CA1"),
    "since": ("yesterday", "now()", "2026-13-01T00:00:00Z", "2026-01-01", "0", "99999-01-01T00:00:00Z", "%00", "T"),
    "until": ("x", "2026-01-01T00:00:00", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+99:00", "' OR 1=1", "-1"),
    "version": ("v0", "-1", "latest;", "v1'", "1.0", "x", "%00", "v" + "9" * 100, "live", "draft", "v\uff11"),
    "environment": ("a b", "../live", "%00", "' OR 1=1", "x" * 300, "LIVE;", "%2e%2e", "refs/heads/live", "-live"),
    "number": ("abc", "+", "+44'", "%00", "+" + "4" * 100, "0x44", "911;ext=1", "${7*7}", "%2B44%0A2079460018"),
    "agent": ("clinic", "..", "%00", "clinic'", "*"),
    "admin": ("true",),
    "__proto__": ("x",),
    "call_id": ("CA1",),
    "limit[]": ("5",),
    "limit%00": ("5",),
    "LIMIT": ("5",),
}
QUERY_TEXTS = ("limit=5&limit=6", "limit", "=5", "&&&", "limit=%", "limit=%zz", "%ff=1", "limit=5;agent=clinic", "?")
DEEP = 30_000


LONG_AGO = "2026-01-01T00:00:00Z"
RAW_CHANGES = (
    *(b'{"score": 1e999}', b'{"score": -1e999}', b'{"score": %b}' % (b"9" * 400), b'{"score": %b}' % (b"9" * 5000)),
    *(b'{"attributes": {"a": 1e400}}', b'{"attributes": {"a": %b}}' % (b"9" * 30), b'{"attributes": {"a": 01}}'),
    *(
        b'{"attributes": {"\\ud800": 1}}',
        b'{"outcome": "\\ud83d"}',
        b'{"attributes": {"a": "\\u0000"}}',
        b'{"score": +1}',
    ),
    *(b'{"duration": 99999999999999999999999}', b'{"duration": .5}', b'{"duration": 0x10}', b'{"duration": 1_0}'),
    b'{"ended_at": "9999-12-31T23:59:59.999999-23:59"}',
    b'{"ended_at": "0001-01-01T00:00:00+23:59"}',
)
WRONG: Mapping[str, tuple[Any, ...]] = {
    "call_id": (
        "",
        " ",
        "a b",
        "\0",
        "é",
        "\r\n",
        "a\tb",
        "x" * 201,
        "💣",
        None,
        1,
        1.5,
        True,
        [],
        {},
        ["CA1"],
        "\x7f",
    ),
    "to": (
        *("", "+", "abc", "+44", "0", "+" + "4" * 50, "\0", "sip:", "sip:@", "tel:"),
        *("x" * 5000,),
        *("'; DROP TABLE calls; --", "+442079460018\r\nVia: x", "../../etc/passwd", 442079460018, True, [], {}, 1e999),
    ),
    "from": ("a\0b", "x" * 201, "a\nb", 1, True, [], {}),
    "sip_headers": (
        *(1, "X: 1", [], ["X"], {"": "x"}, {"X Y": "1"}, {"X:": "1"}, {"X\r\n": "1"}, {"é": "1"}, {"X": "a\r\nVia: b"}),
        *({"X": "\0"}, {"X": 1}, {"X": None}, {"X": ["a"]}, {"X": "x" * 4001}, {"x" * 201: "1"}, {"X": "\ud800"}),
        {f"X-{number}": "1" for number in range(101)},
    ),
    "attributes": (
        *(1, "a", [], {"": 1}, {"a\nb": 1}, {"x" * 65: 1}, {"a": []}, {"a": {}}, {"a": [1]}, {"a": {"b": 1}}),
        *({"a": "\0"},),
        *({"a": "x" * 4001}, {"a": 2**63}, {"a": -(2**70)}, {"a": float("nan")}, {"a": float("inf")}, {"a": "\ud800"}),
        {str(number): 1 for number in range(101)},
    ),
    "answered": (
        *(
            1,
            "v1",
            [],
            {},
            {"version": "v1"},
            {"at": LONG_AGO},
            {"version": "v1", "at": "now"},
            {"version": 1, "at": LONG_AGO},
        ),
        *(
            {"version": "v999", "at": LONG_AGO},
            {"version": "v1", "at": "0001-01-01T00:00:00+23:59"},
            {"version": "v1", "at": 0},
        ),
        {"version": "v2", "at": LONG_AGO, "agent": "clinic", "environment": "live"},
        {"version": "v2", "at": LONG_AGO, "agent": "bistro", "environment": "live", "commit": "0" * 40},
    ),
    "direction": ("", "sideways", 1, True, [], "INBOUND", "inbound "),
    "configuration": ("x",),
    "commit": ("0" * 40,),
    "began_at": ("2020-01-01T00:00:00Z",),
    "__proto__": ({"admin": True},),
    "__class__": ("x",),
    "recorded": (True,),
    "number": ("+442079460018",),
    "scope": ("admin",),
}
ODD_VERSIONS: tuple[Any, ...] = ("v0", "v999999", "live", "", "1;", 1, "v" + "9" * 20, "v" + "9" * 180)
ODD_AGENTS: tuple[Any, ...] = ("", "..", ".", "/", "bistro/", "../bistro", "\0", 1, [], "*")
ODD_ENVIRONMENTS: tuple[Any, ...] = ("", "..", "LIVE!", "a/b", "\0", 1, [], "refs/heads/live")
WRONG_TOGETHER: tuple[Mapping[str, Any], ...] = (
    {},
    {"agent": "bistro"},
    {"environment": "live"},
    {"version": "v1"},
    {"agent": "bistro", "environment": "live", "version": "v1"},
    {"agent": "bistro", "environment": "live", "to": "+442079460018", "version": "v1"},
    {"agent": "bistro", "version": "v1", "direction": "inbound"},
    *({"agent": "bistro", "version": each, "direction": "outbound"} for each in ODD_VERSIONS),
    *({"agent": each, "environment": "live"} for each in ODD_AGENTS),
    *({"agent": "bistro", "environment": each} for each in ODD_ENVIRONMENTS),
)
WRONG_CHANGES: Mapping[str, tuple[Any, ...]] = {
    "outcome": ("", " ", "\0", "a\nb", "x" * 65, 1, True, [], {}, "\ud800"),
    "success": ("yes", 1, [], {}),
    "duration": (-1, 1e300, float("nan"), float("inf"), "1", True, [], 40_000_000),
    "ended_at": ("", "now", 0, True, [], "2026-01-01T00:00:00", "2026-99-01T00:00:00Z", "99999-01-01T00:00:00Z", 1e308),
    "score": (float("nan"), float("-inf"), 1e10, "1", True, [], {}),
    "attributes": (1, "a", [], {"a": []}, {"a": "\0"}, {"": 1}, {"a\r": 1}, {"a": 2**64}, {}),
    "ended": (False, "true", 0, []),
    "version": ("v1",),
    "commit": ("0" * 40,),
    "agent": ("clinic",),
    "environment": ("sandbox",),
    "call_id": ("CA2",),
    "began_at": ("2020-01-01T00:00:00Z",),
}
LEADING = (
    *("X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Method-Override", "X-Forwarded-Path"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP"),
    *("X-Host", "X-User", "X-Remote-User", "X-Agent", "X-Scope", "X-Admin", "Referer", "Origin", "Via", "Range"),
)
TYPES = (
    *("text/plain", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x", "*/*"),
    *("application/xml", "application/jsonx", "application/ld+json", "text/json", ",application/json", "/", ";"),
    *("application/json\0", "application\\json", "application/json, text/html", "json"),
)
SMUGGLED = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5, 5\r\n",
    b"Content-Length: +5\r\n",
    b"Content-Length: -5\r\n",
    b"Content-Length: 0x5\r\n",
    b"Content-Length: 5 5\r\n",
    b"Content-Length: \r\n",
    b"Content-Length: 99999999999999999999999\r\n",
    b"Content-Length: 1e1\r\n",
    b"Content-Length : 5\r\n",
    b"Content_Length: 5\r\nTransfer-Encoding: x\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"Transfer-Encoding\t: chunked\r\n",
    b"X: 1\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\x00\r\n",
    b" Transfer-Encoding: chunked\r\n",
)
LINES = (
    *(b"GET", b"GET ", b"GET /", b"/v1/calls", b"GET /v1/calls", b"GET  /v1/calls HTTP/1.1"),
    *(b"GET /v1/calls HTTP/1.1 x",),
    *(b"GET /v1/calls HTTP/9.9", b"GET /v1/calls HTTP/1.", b"GET /v1/calls http/1.1", b"GET /v1/calls HTTP/11"),
    *(b"GET /v1/ca lls HTTP/1.1", b"GET /v1/ca\x00lls HTTP/1.1", b"GET /\xff HTTP/1.1", b"GET /\x80/\xfe HTTP/1.1"),
    *(b"GET http://evil.example/v1/agents/clinic HTTP/1.1", b"GET //clinic/v1/calls HTTP/1.1", b"GET * HTTP/1.1"),
    *(b"OPTIONS * HTTP/1.1", b"CONNECT evil.example:443 HTTP/1.1", b"GET evil.example:80 HTTP/1.1"),
    *(b"GET \\v1\\calls HTTP/1.1", b"GET #x HTTP/1.1", b"GET ?limit=1 HTTP/1.1", b"GET /v1/calls\t HTTP/1.1"),
    *(b"\x00GET /v1/calls HTTP/1.1", b" GET /v1/calls HTTP/1.1", b"PRI * HTTP/2.0", b"GET /v1/calls;x=1 HTTP/1.1"),
)
ODD_LINES = (
    *(b"X", b": x", b"X Y: 1", b"X\x00: 1", b"X: \x00", b"X: a\rb", b" folded: x", b"X: 1\r\n folded", b"\xff: 1"),
    *(b"X(y): 1", b"X: \x1f", b"Expect: 200-ok", b"Upgrade: websocket\r\nConnection: upgrade", b"Host: evil.example"),
)
OTHER_PROTOCOLS = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    b"EHLO evil.example\r\n\r\n",
    b"*1\r\n$4\r\nPING\r\n\r\n",
    b"0000git-upload-pack /clinic\0host=x\0\r\n\r\n",
    b"INVITE sip:+442079460021@127.0.0.1 SIP/2.0\r\n\r\n",
    b"{}\r\n\r\n",
    b"\x00\x00\x00\x08\x04\xd2\x16\x2f\r\n\r\n",
)
