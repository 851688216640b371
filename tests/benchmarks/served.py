"""Served: requests a second, against a bare starlette application that returns the same bytes, one worker each."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
from growing import ADA, START
from measuring import GITAGENT, Figure
from standing import standing

from gitagent import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent import Agent

REQUESTS, RUNS = 3_000, 11
NUMBER = "+442079460021"
CONFIGURATION, CALLS = "/v1/agents/small/environments/live/config", "/v1/calls"
CALL = json.dumps({"call_id": "CA%d", "to": NUMBER, "from": "+447700900123"})
_HAMMER = str(Path(__file__).with_name("hammering.py"))
# As `gitagent serve` runs uvicorn; all that it does itself is left out.
_BARE = """
import sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
def answer(body):
    async def answered(request):
        return Response(body, media_type="application/json")
    return answered
routes = [Route("/" + file.name, answer(file.read_bytes())) for file in Path(sys.argv[1]).iterdir()]
print("http://127.0.0.1:" + sys.argv[2], file=sys.stderr, flush=True)
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), http="httptools", ws="none", log_config=None,
    access_log=False, server_header=False, proxy_headers=False)
"""


def served(agent: Agent, folder: Path) -> Iterator[Figure]:
    """A configuration, and a call with its durable record. Ratios are of times, so that more is worse."""
    agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=START)
    answers = folder / "answers"
    answers.mkdir()
    with standing([GITAGENT, "serve", str(agent.path), "--port", "0", "--store", str(folder / "calls.db")]) as server:
        ours, url = server.port, server.url
        (answers / "config").write_bytes(httpx.get(url + CONFIGURATION).raise_for_status().content)
        begun = httpx.post(url + CALLS, content=CALL, headers={"Content-Type": "application/json"})
        (answers / "call").write_bytes(begun.raise_for_status().content)
        with standing([sys.executable, "-c", _BARE, str(answers), _free_port()]) as bare:
            yield _figure("GET …/config", 1 / 0.6, [ours, CONFIGURATION], [bare.port, "/config"])
            yield _figure("POST /v1/calls, durable", 1 / 0.25, [ours, CALLS, CALL], [bare.port, "/call"])


def _figure(name: str, target: float, ours: list[str], bare: list[str]) -> Figure:
    """The two in turn, as everywhere; the first pair warms up."""
    pairs = [(_seconds(ours), _seconds(bare)) for _ in range(RUNS + 1)][1:]
    ratios = [own / other for own, other in pairs]
    share = f"{name}, {100 / median(ratios):.0f} % of a bare app"
    return Figure(share, median(own for own, _ in pairs) / REQUESTS * 1000, ratios, target)


def _seconds(asked: list[str]) -> float:
    port, *what = asked
    command = [sys.executable, _HAMMER, port, str(REQUESTS), *what]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def _free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])
