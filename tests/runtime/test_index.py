"""The index of many agents: a start that reads it is as right as one that reads every ledger."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built, git

from gitagent import Agent
from gitagent.errors import NumberNotFound
from gitagent.names import PhoneNumber
from gitagent.runtime import index as indexes
from gitagent.runtime.folders import FEW, LOOK_AGAIN, Agents
from gitagent.runtime.index import Told, read_index, told_of, write_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.agent.states import State

COUNT = FEW + 4


def number(agent: int) -> str:
    return f"+44207946{agent:04}"


class Fleet:
    """Many agents, each of which answers a number of its own, and how many ledgers a start reads."""

    def __init__(self, build: Callable[..., Built], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "agents"
        self.index = self.folder / ".gitagent/agents.json"
        self.read = 0
        self.first = build("agents/a0", pipeline="sandbox,live").publish().promote("live")
        for agent in range(1, COUNT):
            shutil.copytree(self.first.path, self.folder / f"a{agent}")
            self.assign(agent)
        self.assign(0)

        def counted(state: State) -> Told:
            self.read += 1
            return told_of(state)

        monkeypatch.setattr("gitagent.runtime.resolutions.told_of", counted)

    def assign(self, agent: int, to: str | None = None) -> None:
        """Give an agent a number: its own, or another."""
        opened = Agent.open(self.folder / f"a{agent}")
        opened.assign_number(PhoneNumber(to or number(agent)), "live", actor=ADA, at=self.first.clock())

    def started(self) -> Agents:
        """The agents as a process that has just started has them."""
        self.read = 0
        return Agents(self.folder, index=self.index)

    def answers(self) -> list[str]:
        """Who answers each number after a start, and at which version."""
        agents = self.started()
        found = [agents.number(number(agent)) for agent in range(1, COUNT)]
        return [f"{each.agent} {each.version} {each.environment}" for each in found]


@pytest.fixture
def fleet(build: Callable[..., Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    return Fleet(build, tmp_path, monkeypatch)


EXPECTED = [f"a{agent} v1 live" for agent in range(1, COUNT)]


def test_a_second_start_reads_no_ledger_and_answers_the_same(fleet: Fleet) -> None:
    assert (fleet.answers(), fleet.read) == (EXPECTED, COUNT)
    assert (fleet.answers(), fleet.read) == (EXPECTED, 0)
    assert fleet.index.stat().st_mode & 0o777 == 0o600
    one, other = Agents(fleet.folder), fleet.started()
    for name in one.names():
        ours, theirs = other.get(name).snapshot(), one.get(name).snapshot()
        assert (ours.numbers, ours.environments) == (theirs.numbers, theirs.environments)


def test_what_changed_between_two_starts_is_read(fleet: Fleet) -> None:
    fleet.answers()
    fleet.first.publish("two\n").promote("live")
    fleet.assign(3, to="+442079469999")
    agents = fleet.started()
    assert str(agents.number(number(0)).version) == "v2"
    assert agents.number("+442079469999").agent == "a3"
    assert agents.number(number(3)).agent == "a3"
    assert fleet.read == 2


def test_an_agent_that_was_renamed_removed_packed_or_put_back_is_answered_as_it_is(fleet: Fleet) -> None:
    fleet.answers()
    (fleet.folder / "a1").rename(fleet.folder / "renamed")
    shutil.rmtree(fleet.folder / "a2")
    git(fleet.folder / "a3", "pack-refs", "--all", "--prune")
    before = git(fleet.folder / "a4", "rev-parse", "gitagent/ledger").strip()
    stamp = (fleet.folder / "a4/.git/refs/heads/gitagent/ledger").stat()
    fleet.assign(4, to="+442079469999")
    again = fleet.started()
    assert again.number("+442079469999").agent == "a4"
    # Put back as from a copy of before: what it holds is another again, though its time is the same as ever.
    ledger = fleet.folder / "a4/.git/refs/heads/gitagent/ledger"
    ledger.write_text(f"{before}\n")
    os.utime(ledger, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    agents = fleet.started()
    assert agents.number(number(1)).agent == "renamed"
    assert [each for each in agents.names() if each in ("a1", "a2")] == []
    assert agents.number(number(3)).agent == "a3"
    for gone in (number(2), "+442079469999"):
        with pytest.raises(NumberNotFound):
            agents.number(gone)


WRITTEN = b'{"format":1,"ledgers":{}}'


@pytest.mark.parametrize(
    "broken",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"live", b"love"),
        lambda whole: whole.partition(b"\n")[2],
        lambda whole: indexes._digest(WRITTEN) + b"\n" + WRITTEN.replace(b"1", b"2"),
        lambda whole: b"\xff" * 100,
    ],
)
def test_an_index_that_is_not_as_it_was_written_is_made_anew(fleet: Fleet, broken: Callable[[bytes], bytes]) -> None:
    fleet.answers()
    whole = fleet.index.read_bytes()
    fleet.index.write_bytes(broken(whole))
    assert (fleet.answers(), fleet.read) == (EXPECTED, COUNT)
    assert fleet.index.read_bytes() == whole


def test_an_index_of_another_format_is_made_anew(fleet: Fleet) -> None:
    fleet.answers()
    values = json.loads(fleet.index.read_bytes().partition(b"\n")[2])
    content = json.dumps({**values, "format": indexes.FORMAT + 1, "ledgers": {"else": 1}}).encode()
    fleet.index.write_bytes(indexes._digest(content) + b"\n" + content)
    assert (fleet.answers(), fleet.read) == (EXPECTED, COUNT)
    assert (fleet.answers(), fleet.read) == (EXPECTED, 0)


def test_agents_are_served_where_no_index_can_be_kept(fleet: Fleet) -> None:
    fleet.index.parent.write_text("no folder")
    assert (fleet.answers(), fleet.read) == (EXPECTED, COUNT)
    fleet.index.parent.unlink()
    fleet.index.mkdir(parents=True)
    assert (fleet.answers(), fleet.read) == (EXPECTED, COUNT)
    assert list(fleet.index.parent.iterdir()) == [fleet.index]


def test_few_agents_need_no_index(build: Callable[..., Built], tmp_path: Path) -> None:
    build("agents/one", pipeline="live")
    agents = Agents(tmp_path / "agents", index=tmp_path / "agents.json")
    agents.refresh()
    assert agents.names() == ["one"]
    assert not (tmp_path / "agents.json").exists()


def test_the_index_is_kept_anew_when_much_of_it_is_old(fleet: Fleet) -> None:
    seconds = 0.0
    agents = Agents(fleet.folder, index=fleet.index, clock=lambda: seconds)
    agents.refresh()
    written: list[bytes] = [fleet.index.read_bytes()]
    for agent in (1, 2, 3):
        fleet.assign(agent, to=number(agent + 5000))
        seconds += LOOK_AGAIN * 1.1
        agents.refresh()
        written.append(fleet.index.read_bytes())
    assert [written[0] == each for each in written] == [True, True, True, False]
    assert (fleet.answers(), fleet.read) == (EXPECTED, 0)


def test_many_processes_that_start_at_once_leave_an_index_that_is_whole(fleet: Fleet) -> None:
    start = (
        "import sys; from pathlib import Path; from gitagent.runtime.folders import Agents;"
        "folder = Path(sys.argv[1]); agents = Agents(folder, index=folder / '.gitagent/agents.json');"
        "agents.refresh(); print(len(agents.names()))"
    )
    command = [sys.executable, "-c", start, os.fspath(fleet.folder)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [each.communicate()[0].strip() for each in processes] == [str(COUNT)] * 4
    assert (fleet.answers(), fleet.read) == (EXPECTED, 0)
    assert [each.name for each in fleet.index.parent.iterdir()] == [fleet.index.name]


def test_whoever_reads_while_it_is_written_reads_one_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "agents.json"
    versions = [{f"{count:040}": Told({"live": (count, "c" * 40)}, {}) for count in range(size)} for size in (1, 400)]
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(len(read_index(path)))

    write_index(path, versions[0])
    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(100):
        write_index(path, versions[turn % 2])
    done.set()
    reader.join()
    assert seen <= {1, 400}


def test_many_who_ask_at_the_start_look_once(fleet: Fleet) -> None:
    agents = fleet.started()
    threads = [threading.Thread(target=agents.number, args=(number(agent),)) for agent in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fleet.read == COUNT
