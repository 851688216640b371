"""Suites that are run in a folder of their own: limits, repetition, what is left out, and how two versions compare."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.testing import AGENT, FILES, GREETS, SUITE, suite

from gitagent import templates
from gitagent.chat.answers import Answer, Conversation, Verdict
from gitagent.chat.embedded import Embedded
from gitagent.chat.responders import Listener
from gitagent.config.cases import cases_of
from gitagent.config.files import File, FileKind, MemoryFile
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Case, Expectation, Meaning, Suite, Turn
from gitagent.errors import NotFound, Refused
from gitagent.suites.comparing import BETTER, NOT_PLAYED, SAME, WORSE, Pair, pairs, with_suites
from gitagent.suites.expectations import Miss
from gitagent.suites.limits import TooLong, within
from gitagent.suites.plans import plan_of
from gitagent.suites.playing import MOST_TURNS, Stage
from gitagent.suites.running import Wishes, lay_out, run
from gitagent.suites.runs import ERROR, CaseRun, Did, Run, run_of

ENDLESS = "cases:\n  - name: never ends\n    turns:\n      - expect: [{matches: '(\\w+ ?)+!'}]\n"
LONG = "name: Bistro\ngreeting: " + "word " * 40 + "\n"
MEANING = Meaning(Layout.NATIVE, greeting="Hello.")


def files_of(files: Mapping[str, str]) -> dict[str, File]:
    return {path: MemoryFile(text.encode()) for path, text in files.items()}


def ran(files: Mapping[str, File], wishes: Wishes = Wishes()) -> Run:  # noqa: B008  # a frozen value
    return run(files, cases_of(files), wishes, responder="embedded")


def outcomes(of: Run) -> dict[str, str]:
    return {each.name: each.outcome for each in of.cases}


def test_every_sample_agent_passes_its_own_suites() -> None:
    for name in ("restaurant", "clinic"):
        came = ran(templates.load(name))
        assert (came.passed, came.whole, came.played) == (True, True, True)
        assert [each.name for each in came.cases] == list(cases_of(templates.load(name)).names)


def test_a_case_that_goes_on_for_ever_is_broken_off_and_fails() -> None:
    files = files_of({"agent.yaml": LONG, SUITE: ENDLESS, "tests/more.yaml": suite("greets", says="word")})
    came = ran(files, Wishes(case_seconds=0.2))

    assert outcomes(came) == {f"{SUITE}::never ends": "failed", "tests/more.yaml::greets": "passed"}
    assert came.cases[0].worst.misses == (Miss(4, "it is over within 0.2 s", "it is not, and was broken off"),)


def test_a_run_that_lasts_too_long_fails_what_is_left() -> None:
    came = ran(files_of(FILES), Wishes(run_seconds=1e-9))

    assert set(outcomes(came).values()) == {"failed"}
    assert "no further case is begun" in came.cases[0].worst.why


def test_somebody_elses_timer_goes_on() -> None:
    fired = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: fired.set())
    outer = signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        with pytest.raises(TooLong), within(0.01):
            fired.wait(10)
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 50 < left < 60
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, before)
    assert not fired.is_set()


def test_what_took_too_long_is_not_taken_for_a_trouble_that_may_pass() -> None:
    tries = []

    def trying_again() -> None:
        for _ in range(2):
            try:
                tries.append(threading.Event().wait(1))
            except Exception:  # noqa: BLE001, S112  # as libraries do
                continue

    with pytest.raises(TooLong), within(0.01):
        trying_again()
    assert tries == []


def test_what_goes_on_after_it_was_interrupted_is_interrupted_again() -> None:
    async def waiting() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)
        loop.call_soon(time.sleep, 60)
        await asyncio.sleep(60)

    began = time.monotonic()
    with pytest.raises(TooLong), within(0.01):
        asyncio.run(waiting())
    assert time.monotonic() - began < 60


def test_beside_the_main_thread_what_took_too_long_is_found_out_at_the_end() -> None:
    raised = []

    def limited() -> None:
        with pytest.raises(TooLong), within(0):
            time.monotonic()
        raised.append(True)

    thread = threading.Thread(target=limited)
    thread.start()
    thread.join()
    assert raised == [True]


def test_cases_are_repeated_and_counted() -> None:
    told: list[tuple[int, int]] = []
    files = files_of(FILES)
    came = run(files, cases_of(files), Wishes(repeat=3), responder="embedded", tell=lambda *amount: told.append(amount))

    assert (came.cases[0].name, len(came.cases[0].times), came.cases[0].passed) == (GREETS, 3, 3)
    assert (told[0], told[-1]) == ((1, 6), (6, 6))


def test_cases_of_one_name_are_told_apart_and_those_of_an_unreadable_file_have_not_passed() -> None:
    files = files_of({**FILES, SUITE: suite("greets", "greets"), "tests/no.yaml": "cases: [{name: x}]\nname: [\n"})
    came = ran(files)

    assert outcomes(came)[f"{SUITE}::greets#2"] == "passed"
    assert all(outcome == ERROR for name, outcome in outcomes(came).items() if name.startswith("tests/no.yaml"))


def test_a_file_that_pytest_would_take_for_another_is_not_passed_by() -> None:
    strange = {f"tests/{name}.yaml": suite("greets") for name in ("a[1]", "greeting.yaml::b")}
    came = ran(files_of({**FILES, **strange}))

    assert (came.played, came.passed, came.count("passed"), came.count("failed")) == (False, False, 2, 2)


def test_what_stands_deeper_in_the_folder_of_tests_is_no_part_of_it() -> None:
    deeper = {"tests/x/agent.yaml": AGENT, "tests/x/tests/greeting.yaml": suite("sneaks in"), "tests/test_x.py": "1/0"}
    came = ran(files_of({**FILES, **deeper, "conftest.py": "1/0", "tests/conftest.py": "1/0"}))

    assert list(outcomes(came).values()) == ["passed", "passed"]


@pytest.mark.parametrize("processes", [None, "1"])
def test_no_file_of_an_agent_is_run_as_a_program(
    processes: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"open({str(tmp_path / 'ran')!r}, 'a').write(__file__)\n"
    strange = {"__init__.py": program, "tests/__init__.py": program, "conftest.py": program, "setup.py": program}
    for name in ("execnet", "sitecustomize", "xdist", "queue"):
        (tmp_path / f"{name}.py").write_text(program)
    monkeypatch.chdir(tmp_path)

    came = ran(files_of({**FILES, **strange}), Wishes(processes=processes))

    assert list(outcomes(came).values()) == ["passed", "passed"]
    assert not (tmp_path / "ran").exists()


def test_what_keeps_pytest_from_playing_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitagent.suites.collecting.collected", lambda path, parent: parent / path)
    with pytest.raises(Refused) as refused:
        ran(files_of(FILES))

    assert refused.value.message.startswith("the suites cannot be played: ")
    assert "TypeError: unsupported operand" in refused.value.message
    assert "\n" not in refused.value.message


def test_where_there_is_no_case_nothing_is_played() -> None:
    with pytest.raises(NotFound, match="there is no case to play"):
        ran(files_of({"agent.yaml": AGENT}))


def test_files_are_laid_out_inside_the_folder_and_links_as_what_they_lead_to(tmp_path: Path) -> None:
    files: dict[str, File] = files_of({"agent.yaml": AGENT, "../out.yaml": "x", "a/../../up.yaml": "x"})
    files["b/link.yaml"] = MemoryFile(b"../agent.yaml", FileKind.LINK)
    files["passwd"] = MemoryFile(b"/etc/passwd", FileKind.LINK)

    lay_out(files, tmp_path / "agent")

    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert found == ["agent/agent.yaml", "agent/b/link.yaml"]
    assert (tmp_path / "agent/b/link.yaml").read_text() == AGENT


def test_two_versions_are_held_against_each_other_by_the_same_cases() -> None:
    here = files_of({**FILES, SUITE: suite("greets") + suite("parts", says="Bye").removeprefix("cases:\n")})
    there = files_of({"agent.yaml": "name: x\ngreeting: Bye.\n", "tests/old.yaml": suite("is gone")})
    merged = with_suites(there, here)

    found = pairs(ran(here), ran(merged))

    assert sorted(merged) == ["agent.yaml", SUITE]
    assert [(each.here.name, each.verdict) for each in found] == [(GREETS, BETTER), (f"{SUITE}::parts", WORSE)]
    assert {each.verdict for each in pairs(ran(here), ran(here))} == {SAME}


@pytest.mark.parametrize(
    ("did", "played"),
    [
        (Did("x", "x", 1, "failed", misses=(Miss(1, "contains: x"),)), True),
        (Did("x", "x", 1, "failed", why="the run has lasted 9 s"), False),
        (Did("x", "x", 1, ERROR), False),
    ],
)
def test_a_case_that_was_not_played_is_neither_better_nor_worse(did: Did, played: bool) -> None:
    here, there = CaseRun((Did("x", "x", 1, "passed"),)), CaseRun((did,))

    assert (Pair(here, there).verdict, Pair(there, here).verdict) == (
        (BETTER, WORSE) if played else (NOT_PLAYED, NOT_PLAYED)
    )
    assert Pair(here, None).verdict == NOT_PLAYED


def test_a_case_that_nothing_was_heard_of_has_not_passed() -> None:
    done = [Did("a::x", "a", 1, "passed")]

    whole = run_of(done, ["a::x", "a::y"], responder="embedded", seconds=0.14, chosen=False)
    some = run_of(done, ["a::x", "a::y"], responder="embedded", seconds=0.16, chosen=True)

    assert (outcomes(whole), whole.played, whole.passed) == ({"a::x": "passed", "a::y": ERROR}, False, False)
    assert (outcomes(some), some.whole, some.passed, some.seconds) == ({"a::x": "passed"}, False, True, 0.2)


class Talker(Embedded):
    """Plays the user as it is told to, and grades everything with no."""

    def __init__(self, says: Iterator[str | None]) -> None:
        super().__init__()
        self._says = says

    def answer(self, conversation: Conversation, said: str | None, *, listener: Listener | None = None) -> Answer:
        return Answer("Bye.", handoff="desk") if said == "bye" else Answer(f"{said}?")

    def play(self, conversation: Conversation, scenario: str) -> str | None:
        return next(self._says)

    def judge(self, conversation: Conversation, question: str) -> Verdict:
        return Verdict(holds=False, reason="No.")


@pytest.mark.parametrize(
    ("says", "turns"),
    [(["hello", None], 2), (["hello", "bye", "hello"], 3), (["again"] * 99, MOST_TURNS + 1)],
)
def test_a_model_plays_the_user_of_a_scenario_until_it_is_over(says: list[str | None], turns: int) -> None:
    case = Case("x", scenario="Ask for a table.", expect=(Expectation("judge", "Is it kind?", 9),))
    played = Stage(MEANING, Talker(iter(says))).play(Suite("s", "t"), case, seconds=9)

    assert len(played.conversation.turns) == turns
    assert played.misses == (Miss(9, "judge: Is it kind?", "no: No."),)


def test_without_a_model_a_scenario_is_not_played() -> None:
    case = Case("x", scenario="Ask for a table.", expect=(Expectation("judge", "Is it kind?", 9),))
    played = Stage(MEANING, Embedded()).play(Suite("s", "t"), case, seconds=9)

    assert (played.misses, played.conversation.turns) == ((), ())
    assert played.unanswered == "only a model can play the user of a scenario: --responder openai"


@pytest.mark.parametrize("case", [Case("x", turns=(Turn("hello"),)), Case("x", scenario="Ask for a table.")])
def test_a_case_that_expects_nothing_does_not_pass(case: Case) -> None:
    played = Stage(MEANING, Talker(iter([None]))).play(Suite("s", "t"), case, seconds=9)

    assert played.unanswered == "it expects nothing, and would pass whatever came"


def test_a_case_has_its_own_circumstances_and_ends_with_the_turn_that_failed() -> None:
    wrong = Turn("no", (Expectation("contains", "yes", 3), Expectation("topic", "x", 4)))
    case = Case("x", turns=(wrong, Turn("more")), fixtures={"a": 1}, language="de", caller="+1", at="now")
    played = Stage(MEANING, Embedded()).play(Suite("s", "t", fixtures={"a": 0, "b": 2}), case, seconds=9)

    assert [each.line for each in played.misses] == [3, 4]
    assert len(played.conversation.turns) == 1
    conversation = played.conversation
    assert (conversation.fixtures, conversation.meaning.language) == ({"a": 1, "b": 2}, "de")
    assert (conversation.caller, conversation.at, conversation.channel) == ("+1", "now", "voice")


def test_a_case_of_an_adk_project_is_known_by_its_file() -> None:
    suites = (Suite("test_suite", "test_suite", cases=(Case("books", path="test_suite/a.yaml"),)),)
    files = files_of({"project.yaml": "name: x\n", "test_suite/a.yaml": "name: books\n"})

    [planned] = plan_of(files, MEANING._replace(suites=suites))["test_suite/a.yaml"]

    assert (planned.name, planned.own) == ("test_suite/a.yaml", "books")
