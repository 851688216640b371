"""Traffic on the command line: which version answers a number, and what became of the calls."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, Built
from support.commandline import Cli, Ran
from support.unsynced import unsynced

from gitagent import PhoneNumber
from gitagent.cli.call_views.exports import comma_separated
from gitagent.cli.call_views.figures import spent
from gitagent.cli.call_views.plots import Span, plot
from gitagent.runtime.records import Call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["unsynced"]
NUMBER = "+442079460018"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
OUTCOMES = ("completed", "completed", "failed", "completed")


@pytest.fixture
def served(agent: Built) -> Built:
    """An agent whose live serves v1 and answers a number, with four calls; then v2, with one that has not ended."""
    agent.publish().promote("pre-release", "live")
    headers = {"X-Queue": "bookings"}
    agent.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=agent.clock(), sip_headers=headers)
    with agent.agent.calls as calls:
        for number, outcome in enumerate(OUTCOMES, 1):
            at = START + timedelta(minutes=number)
            calls.begin(f"CA{number}", at=at, number=NUMBER, caller="+447700900123")
            calls.end(f"CA{number}", at=at, outcome=outcome, duration=30 * number)
        calls.annotate("CA1", score=0.5, attributes={"language": "en", "tries": 2})
        agent.publish("two\n", name="Autumn").promote("pre-release", "live")
        calls.begin("CB1", at=START + timedelta(hours=1), version="v2", caller="+447700900123")
    return agent


def test_resolve_tells_what_answers_a_number(served: Built, cli: Cli) -> None:
    assert cli("resolve", "+44 20 7946 0018", "--sip-header", "x-queue=staff", "--sip-header", "X-Trunk=7") == Ran(
        0,
        f'{NUMBER} (020 7946 0018) reaches live of agent, which serves v2 "Autumn".\n'
        "  commit   <commit>\n"
        "  X-Trunk  7\n"
        "  X-Queue  bookings\n",
    )
    assert cli.json("resolve", f"sip:{NUMBER}@host") == {
        "format": "gitagent.resolve/1",
        "agent": "agent",
        "environment": "live",
        "version": "v2",
        "commit": "<commit>",
        "number": NUMBER,
        "sip_headers": {"X-Queue": "bookings"},
        "national": "020 7946 0018",
        "configuration": {
            "format": "gitagent.configuration/1",
            "layout": "plain",
            "name": None,
            "files": {"notes.md": "two\n"},
        },
    }


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["resolve", "+442079460019"], 3, "error: +442079460019 is assigned to no environment\n"),
        (["resolve", "anna"], 3, "error: 'anna' is not a phone number\n"),
        (
            ["resolve", NUMBER, "--sip-header", "X"],
            2,
            "error: --sip-header is written NAME=VALUE, each name once; 'X' is not\n",
        ),
        (["resolve", NUMBER, "--sip-header", "a b=c"], 3, "error: the SIP headers cannot be taken: a name has letters"),
        (["calls", "show", "CA9"], 3, "error: there is no call CA9\n"),
        (["calls", "list", "--environment", "staging"], 3, "error: no environment is called 'staging'\n"),
        (["calls", "list", "--cursor", "x"], 3, "error: that is not where a page of calls ends\n"),
        (["calls", "list", "--limit", "1001"], 3, "error: the limit cannot be taken: it is 1 to 1000\n"),
        (["calls", "stats", "v9"], 3, "error: there is no version v9\n"),
        (["calls", "prune", "--before", "now"], 3, "error: confirmation is needed: Remove the calls that began before"),
        (["calls", "prune"], 2, "error: missing option '--before'\n"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], code: int, error: str, served: Built, cli: Cli) -> None:
    ran = cli(*words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(error)


def test_calls_are_listed_newest_first(served: Built, cli: Cli) -> None:
    listed = (
        "2026-03-01 10:00  CB1  v2  –     → +447700900123  open\n"
        "2026-03-01 09:04  CA4  v1  live  +442079460018    completed  2:00\n"
        "2026-03-01 09:03  CA3  v1  live  +442079460018    failed     1:30\n"
        "2026-03-01 09:02  CA2  v1  live  +442079460018    completed  1:00\n"
        "2026-03-01 09:01  CA1  v1  live  +442079460018    completed  30.0 s\n"
    )
    assert cli("calls") == cli("calls", "list") == Ran(0, listed)


def test_calls_are_listed_page_by_page(served: Built, cli: Cli) -> None:
    first = cli("calls", "list", "--limit", "2")
    found = re.fullmatch(r"There are more: gitagent calls list --cursor (\S+)\n", first.err)
    assert found is not None
    second = cli.json("calls", "list", "--limit", "2", "--cursor", found[1])
    third = cli.json("calls", "list", "--limit", "2", "--cursor", second["next"])
    assert [[each["call_id"] for each in page["calls"]] for page in (second, third)] == [["CA3", "CA2"], ["CA1"]]
    assert third["next"] is None


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--version", "v1", "--outcome", "failed"], ["CA3"]),
        (["--version", "live"], ["CB1"]),
        (["-e", "live", "--since", "2026-03-01T09:03", "--until", "2026-03-01T09:04"], ["CA3"]),
        (["--number", "+44 20 7946 0018", "--outcome", "completed"], ["CA4", "CA2", "CA1"]),
        (["--outcome", "lost"], []),
    ],
)
def test_calls_are_listed_by_what_is_known_of_them(options: list[str], ids: list[str], served: Built, cli: Cli) -> None:
    assert [each["call_id"] for each in cli.json("calls", "list", *options)["calls"]] == ids
    if not ids:
        assert cli("calls", "list", *options).out == "No call is like that.\n"


def test_a_call_is_shown_whole(served: Built, cli: Cli) -> None:
    assert cli("calls", "show", "CA1") == Ran(
        0,
        "CA1\n"
        "  version      v1\n"
        "  environment  live\n"
        "  agent        agent\n"
        "  commit       <commit>\n"
        "  direction    inbound\n"
        "  number       +442079460018\n"
        "  caller       +447700900123\n"
        "  began        2026-03-01 09:01:00 +0000\n"
        "  ended        2026-03-01 09:01:00 +0000\n"
        "  outcome      completed\n"
        "  success      yes\n"
        "  duration     30.0 s\n"
        "  score        0.5\n"
        "  SIP headers\n"
        "    X-Queue  bookings\n"
        "  attributes\n"
        "    language  en\n"
        "    tries     2\n",
    )
    assert "  ended        not yet\n" in cli("calls", "show", "CB1").out


def test_the_configuration_that_a_call_got_can_be_printed(served: Built, cli: Cli) -> None:
    assert json.loads(cli("calls", "show", "CA1", "--config").out)["files"] == {"notes.md": "one\n"}


STATS = """\
v2 against v1

               v2          v1
calls          1 (1 open)  4
completed      0           3
failed         0           1
success        –           75.0 %
  95 % sure    –           30.1 to 95.4 %
mean duration  –           1:15
median         –           1:00
90 % within    –           2:00
95 % within    –           2:00
99 % within    –           2:00
mean score     –           0.5

Success rate, with its 95 % interval, from 0 to 100 %
  v1                ▐██████████████████████████████▊    75.0 %  (30.1 to 95.4 %)

Durations, from the median to the longest tenth, from 0 to 2:00
  v1                           █████████████████████████  1:00 to 2:00
"""


def test_statistics_stand_beside_those_of_the_version_before(served: Built, cli: Cli) -> None:
    assert cli("calls", "stats") == Ran(0, STATS)
    assert cli("calls", "stats", "v1").out.startswith("v1\n\n               v1\ncalls          4\n")
    assert cli("calls", "stats", "v1", "-e", "live").out.startswith("v1, in live\n")


def test_the_difference_is_told_where_both_have_ended_calls(served: Built, cli: Cli) -> None:
    with served.agent.calls as calls:
        calls.end("CB1", at=START + timedelta(hours=2), outcome="completed")
    out = cli("calls", "stats").out
    assert "\nSuccess rate: +25.0 points, -56.9 to +69.9: no difference shown.\n" in out
    found = cli.json("calls", "stats")
    assert (found["format"], found["version"], found["before"]["version"]) == ("gitagent.calls-stats/1", "v2", "v1")
    assert found["before"]["success"] | {"low": 0, "high": 0} == {
        "successes": 3,
        "calls": 4,
        "rate": 0.75,
        "low": 0,
        "high": 0,
    }
    assert found["before"]["duration"] == {
        "calls": 4,
        "mean": 75.0,
        "p50": 60.0,
        "p90": 120.0,
        "p95": 120.0,
        "p99": 120.0,
    }
    assert found["difference"]["verdict"] == "no difference shown"


class Tags(HTMLParser):
    """The tags of a page, each of which has to be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_statistics_are_written_as_a_page_that_needs_nothing_else(served: Built, cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "stats.html"
    for _ in range(2):  # a page that was written before may be written again
        assert cli("calls", "stats", "--html", str(page)) == Ran(0, "", "Wrote <tmp>/stats.html.\n")
    tags = Tags(page.read_text(encoding="utf-8"))
    assert tags.open == []
    assert [attributes["aria-label"] for tag, attributes in tags.seen if tag == "svg"] == [
        "Success rate, with its 95 % interval, from 0 to 100 %",
        "Durations, from the median to the longest tenth, from 0 to 2:00",
    ]
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in tags.seen}
    assert "75.0 %  (30.1 to 95.4 %)" in page.read_text(encoding="utf-8")
    written = cli("calls", "stats", "--html", "-").out
    assert written.partition("Made by")[0] == page.read_text(encoding="utf-8").partition("Made by")[0]


def test_a_page_never_overwrites_anything_else(served: Built, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.html").write_text("mine")
    assert cli("calls", "stats", "--html", str(tmp_path / "notes.html")).code == 3
    assert (tmp_path / "notes.html").read_text() == "mine"
    assert cli("calls", "stats", "--html", "-", "--json").code == 2


def test_calls_are_exported_for_other_programs(served: Built, cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("calls", "export", "--version", "v1").out)))
    assert [row["call_id"] for row in rows] == ["CA4", "CA3", "CA2", "CA1"]
    assert rows[-1] == {
        "call_id": "CA1",
        "agent": "agent",
        "environment": "live",
        "version": "v1",
        "commit": "<commit>",
        "direction": "inbound",
        "number": NUMBER,
        "caller": "+447700900123",
        "began_at": "2026-03-01T09:01:00.000+00:00",
        "ended_at": "2026-03-01T09:01:00.000+00:00",
        "outcome": "completed",
        "success": "true",
        "duration": "30.0",
        "score": "0.5",
        "sip_headers": '{"X-Queue": "bookings"}',
        "attributes": '{"language": "en", "tries": 2}',
    }
    lines = [json.loads(line) for line in cli("calls", "export", "--format", "jsonl").out.splitlines()]
    assert lines == cli.json("calls")["calls"]
    assert cli("calls", "export", "--json") == cli("calls", "export", "--format", "jsonl")


def test_what_a_spreadsheet_would_take_for_a_formula_is_a_text(served: Built) -> None:
    call = Call("=1+1", "agent", served.agent.version("v1").number, "c", START, caller="@SUM(A1)", outcome="-2")
    (row,) = csv.DictReader(io.StringIO("".join(comma_separated([call]))))
    assert (row["call_id"], row["caller"], row["outcome"]) == ("'=1+1", "'@SUM(A1)", "-2")


def test_old_calls_are_removed_and_their_statistics_stay(served: Built, cli: Cli) -> None:
    before = ["--before", "2026-03-01T10:30"]
    assert cli("calls", "prune", *before, "--dry-run") == Ran(
        0,
        "This would remove 4 calls that began before 2026-03-01 10:30:00 +0000.\nNothing was changed (--dry-run).\n",
    )
    assert cli("calls", "prune", *before, typed="n\n").code == 1
    assert cli("calls", "prune", *before, "--yes") == Ran(
        0, "Removed 4 calls that began before 2026-03-01 10:30:00 +0000; their statistics stay.\n"
    )
    assert cli.json("calls", "prune", *before, "--open", "--yes") == {
        "format": "gitagent.calls-prune/1",
        "dry_run": False,
        "calls": 1,
    }
    assert cli("calls").out == "No call is like that.\n"
    assert cli("calls", "stats") == Ran(0, STATS)


def test_the_store_can_be_named_by_the_environment(served: Built, cli: Cli, tmp_path: Path) -> None:
    elsewhere = {"GITAGENT_CALLS": str(tmp_path / "none.db")}
    assert cli("calls", environ=elsewhere) == Ran(0, "No call is like that.\n", "Looked in <tmp>/none.db.\n")
    assert "hint: Looked in <tmp>/none.db. List the calls" in cli("calls", "show", "CA1", environ=elsewhere).err
    assert not (tmp_path / "none.db").exists()
    assert cli("calls", "stats", environ=elsewhere).err.startswith("error: there are no calls yet\n")
    broken = cli("calls", environ={"GITAGENT_CALLS": "postgresql://ada:secret@/none?host=/nowhere"})
    assert (broken.code, "secret" in broken.err) == (5, False)
    assert broken.err.startswith("error: the store of calls postgresql://ada:…@/none?host=/nowhere failed: ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0.0 s"), (59.94, "59.9 s"), (60, "1:00"), (3599.6, "1:00:00"), (3661, "1:01:01")],
)
def test_durations_are_written_as_people_do(seconds: float | None, text: str) -> None:
    assert spent(seconds) == text


def test_a_plot_without_block_characters_is_made_of_others() -> None:
    spans = [Span("v1", 0, 0.5, "half"), Span("v10", 1, 1, "all")]
    assert list(plot(spans, scale=1, width=33, encoding="ascii")) == [
        "  v1   ##########            half",
        "  v10                     #  all",
    ]
    assert list(plot(spans, scale=1, width=33, encoding="utf-8")) == [
        "  v1   ██████████            half",
        "  v10                     ▐  all",
    ]


def test_calls_are_completed_by_their_ids(served: Built, cli: Cli, at: Callable[[Path], Any]) -> None:
    from gitagent.cli.completions import offer

    assert [(each.value, each.help) for each in offer("calls", served.path, "cb")] == [("CB1", "v2, open")]
