"""`gitagent chat`, through a pipe and on a terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.building import Built
from support.chat_server import MODEL, Call, ChatServer, Cut, Fail, Say, Silent, chat_server
from support.commandline import Cli, Ran
from support.ferries import PROJECT
from support.terminals import on_a_terminal

from gitagent.chat.answers import Answer, Conversation
from gitagent.chat.embedded import Embedded
from gitagent.cli.chatting import talk
from gitagent.cli.session import Session

BISTRO = {
    "agent.yaml": (
        "name: Bistro\nlanguage: en-GB\ngreeting: This is ${place}. How can I help?\n"
        "variables: {place: Bistro, hours: noon to ten}\n"
        "handoffs: [{name: desk, number: '+442079460018'}]\n"
    ),
    "topics/hours.yaml": "name: hours\nexample_queries: [When are you open?]\ncontent: 'From ${hours}.'\n",
    "topics/person.yaml": (
        "name: person\nexample_queries: [Let me talk to a person]\ncontent: Of course.\n"
        "actions: [{handoff: desk, when: at once}]\n"
    ),
}
TITLE = "Bistro: the draft, the same as v1, answered by embedded\n"
GREETING = "agent> This is Bistro. How can I help?\n"
TERMINAL = {"NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
PROMPT = "\r\n\x1b[?2004h"
"""What the terminal is sent when it can be typed on: keys that come earlier are lost."""


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    return build(files=BISTRO)


def unwrapped(text: str) -> str:
    """Messages without the breaks that a narrow terminal needs."""
    return re.sub(r"\n(?!note:|error:|hint:|$)\s*", " ", text)


def said(cli: Cli, *lines: str, options: Sequence[str] = (), **environ: str) -> Ran:
    """What comes of saying this, with messages as a wide terminal has them."""
    ran = cli("chat", *options, typed="".join(f"{line}\n" for line in lines), environ=environ)
    return replace(ran, err=unwrapped(ran.err))


def test_a_conversation_through_a_pipe(cli: Cli) -> None:
    assert said(cli, "When are you open?", "", "  Let me talk to a person ", "🍕") == Ran(
        0,
        f"{TITLE}{GREETING}"
        "you> When are you open?\n"
        "agent> From noon to ten.\n"
        "you> Let me talk to a person\n"
        "agent> Of course.\n"
        "  [handed over to desk, +442079460018: a call ends here]\n"
        "you> 🍕\n"
        "agent> I did not catch that. Could you say it again?\n",
    )


def test_it_says_which_version_answers(cli: Cli, agent: Built) -> None:
    agent.publish().edit("x\n", "notes.md").save(name="Late").edit("y\n", "notes.md")

    for selector, words in (
        ([], "the draft, edited since v2"),
        (["draft"], "the draft, edited since v2"),
        (["v1"], "v1"),
        (["latest"], 'v2 "Late"'),
        (["sandbox"], "sandbox, which serves v1"),
    ):
        assert cli("chat", *selector).out == f"Bistro: {words}, answered by embedded\n{GREETING}"


def test_a_talk_stays_with_the_version_that_it_began_with_until_it_is_begun_anew(cli: Cli, agent: Built) -> None:
    agent.publish()
    answer = Embedded.answer

    def after_a_move(self: Embedded, conversation: Conversation, said: str | None, **options: Any) -> Answer:
        if said == "hello":
            agent.edit(BISTRO["agent.yaml"].replace("noon", "nine"), "agent.yaml").publish()
        return answer(self, conversation, said, **options)

    cli.patch.setattr(Embedded, "answer", after_a_move)
    ran = cli("chat", "sandbox", typed="hello\nWhen are you open?\n/restart\nWhen are you open?\n")

    assert [line for line in ran.out.splitlines() if "From" in line or "serves" in line] == [
        "Bistro: sandbox, which serves v1, answered by embedded",
        "agent> From noon to ten.",
        "Bistro: sandbox, which serves v2, answered by embedded",
        "agent> From nine to ten.",
    ]


def test_variables_replace_the_agents_own_and_unknown_ones_are_told(cli: Cli) -> None:
    ran = cli("chat", "--variable", "hours=one=two", "--variable", "nothing=1", typed="When are you open?\n")

    assert ran.out.endswith("agent> From one=two.\n")
    assert ran.err == "note: nothing in it refers to nothing\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--variable", "x"], "--variable is written NAME=VALUE; 'x' is not"),
        (["--variable", "=x"], "--variable is written NAME=VALUE; '=x' is not"),
        (["--sip-header", "x"], "--sip-header is written NAME=VALUE, each name once; 'x' is not"),
        (["--channel", "fax"], "invalid value for '--channel': 'fax' is not one of 'voice', 'webchat'"),
        (["--variant", "East"], "there is no variant 'East'"),
        (["--responder", "nobody"], "there is no responder 'nobody'"),
        (["nowhere"], "'nowhere' is neither a version nor an environment"),
        (["live"], "live serves no version yet"),
        (["--transcript", "agent.yaml"], "agent.yaml is part of the draft"),
        (["--transcript", "no/talk.txt"], "the folder no does not exist"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_said(cli: Cli, options: list[str], message: str) -> None:
    ran = cli("chat", *options, typed="hello\n")

    assert (ran.code, ran.out, ran.err.splitlines()[0]) == (ran.code, "", f"error: {message}")
    assert ran.code in (2, 3)


def test_why_tells_what_was_thought_of(cli: Cli) -> None:
    ran = said(cli, "/why", "xyzzy", "/why", "open?", "/why", "person please", "/why")

    for line in (
        "  the greeting, as it is written",
        "  no topic shares a word with it",
        "  topic hours; what fits best, of 100:",
        "     70.0  hours, by its text",
        "     93.0  person, by its name",
        "  handed over to desk",
    ):
        assert line in ran.out.splitlines()


def test_another_version_answers_the_same_turns(cli: Cli, agent: Built) -> None:
    agent.publish().edit(BISTRO["agent.yaml"].replace("noon", "nine"), "agent.yaml")
    lines = ("/compare sandbox", "When are you open?", "/compare sandbox", "thanks", "/compare v1")
    narrow, wide = said(cli, *lines), said(cli, *lines, COLUMNS="100")

    differing = "the draft, edited since v1:\nFrom nine to ten.\n(topic hours)\n{}:\nFrom noon to ten.\n(topic hours)\n"
    assert narrow.out.removeprefix(TITLE.replace("the same as", "edited since")) == (
        f"{GREETING}"
        "sandbox, which serves v1: the same.\n"
        "you> When are you open?\nagent> From nine to ten.\n"
        f"{differing.format('sandbox, which serves v1')}"
        "you> thanks\nagent> What can I do for you?\n"
        "v1: the same here; another answer in 1 of 2 turns before:\n"
        f"you> When are you open?\n{differing.format('v1')}"
    )
    assert [line for line in wide.out.splitlines() if "│" in line][:3] == [
        f"{'the draft, edited since v1:':48} │ sandbox, which serves v1:",
        f"{'From nine to ten.':48} │ From noon to ten.",
        f"{'(topic hours)':48} │ (topic hours)",
    ]


def test_all_turns_are_told_in_which_another_version_answers_otherwise(cli: Cli, agent: Built) -> None:
    agent.publish().edit(BISTRO["agent.yaml"].replace("noon", "nine").replace("This is", "Here is"), "agent.yaml")
    found = said(cli, "When are you open?", "/compare v1", "/compare draft").out.partition("agent> From nine to ten.\n")

    assert re.findall(r"^(?:v1|you|the draft.*:|\(the g).*$", found[2], re.MULTILINE) == [
        "v1: another answer here, and in 1 of 1 turn before:",
        "(the greeting)",
        "the draft, edited since v1:",
        "v1:",
        "you> When are you open?",
        "the draft, edited since v1:",
        "v1:",
        "the draft, edited since v1: the same, in all 2 turns.",
    ]


def test_what_is_compared_with_is_looked_at_anew_each_time(cli: Cli, agent: Built) -> None:
    edited = iter(["nine", "eight", "eight"])
    side_of = talk.side_of

    def after_an_edit(session: Session, selector: str) -> talk.Side:
        if selector == "draft":
            agent.edit(BISTRO["agent.yaml"].replace("noon", next(edited)), "agent.yaml")
        return side_of(session, selector)

    cli.patch.setattr(talk, "side_of", after_an_edit)
    lines = ("When are you open?", *["/compare draft"] * 3)
    ran = cli("chat", "v1", typed="".join(f"{line}\n" for line in lines))

    assert re.findall(r"^From (\w+)", ran.out, re.MULTILINE) == ["noon", "nine", "noon", "eight", "noon", "eight"]


def test_a_conversation_is_saved_as_a_case_that_the_agent_passes(cli: Cli, agent: Built) -> None:
    lines = ["When are you open?", "/save-case", "Let me talk to a person", "/save-case hands over"]
    saved = [line for line in said(cli, *lines).out.splitlines() if "saved" in line]
    assert saved == [
        "  saved as the case 'When are you open?', tests/from_chat.yaml:3; the draft is edited by that",
        "  saved as the case 'hands over', tests/from_chat.yaml:10; the draft is edited by that",
    ]

    assert (agent.path / "tests" / "from_chat.yaml").read_text() == (
        "# Conversations from gitagent chat. What is expected of each answer is yours to sharpen.\n"
        "cases:\n"
        "  - name: When are you open?\n"
        "    turns:\n"
        "      - expect:\n"
        "          - contains: This is Bistro.\n"
        "      - user: When are you open?\n"
        "        expect:\n"
        "          - topic: hours\n"
        "  - name: hands over\n"
        "    turns:\n"
        "      - expect:\n"
        "          - contains: This is Bistro.\n"
        "      - user: When are you open?\n"
        "        expect:\n"
        "          - topic: hours\n"
        "      - user: Let me talk to a person\n"
        "        expect:\n"
        "          - topic: person\n"
        "          - handoff: desk\n"
    )
    assert cli("validate") == Ran(0, "The draft is valid.\n")


def test_a_case_cannot_be_saved_where_there_are_no_suites(
    at: Callable[[Path], Cli], build: Callable[..., Built]
) -> None:
    ran = said(at(build("notes").path), "hello", "/save-case")

    assert (ran.code, ran.err.splitlines()[-2:]) == (
        3,
        [
            "error: an agent without agent.yaml or project.yaml has no suites",
            "hint: See: gitagent schema agent",
        ],
    )


@pytest.mark.parametrize("line", ["/comapre live", "/compare", "/compare nowhere", "/compare live", "/"])
def test_a_command_that_is_none_is_told_and_a_talk_through_a_pipe_goes_on(cli: Cli, line: str) -> None:
    ran = said(cli, line, "When are you open?", "/why")

    assert ran.out.startswith(f"{TITLE}{GREETING}you> When are you open?\nagent> From noon to ten.\n  topic hours")
    assert (ran.code, ran.err.startswith("error: "), ran.err.count("error:")) == (3, True, 1)
    assert said(cli, "/comapre").err.endswith("hint: Did you mean /compare?\n")


def test_a_refused_command_is_told_beside_what_json_prints(cli: Cli) -> None:
    ran = cli("chat", "--json", typed="/typo\nhello\n/quit\n")

    assert (ran.code, ran.err.splitlines()[0]) == (3, "error: there is no command '/typo' in a conversation")
    assert [turn["user"] for turn in json.loads(ran.out)["turns"]] == [None, "hello"]


def test_what_begins_with_two_slashes_is_said(cli: Cli) -> None:
    assert "you> /when are you open?\nagent> From noon to ten.\n" in said(cli, "//when are you open?").out


def test_help_lists_the_commands_and_quit_leaves(cli: Cli) -> None:
    ran = said(cli, "/help", "/quit", "never said")

    assert [line.split()[0] for line in ran.out.splitlines()[2:]] == [
        "/why",
        "/compare",
        "/save-case",
        "/restart",
        "/help",
        "/quit",
    ]
    assert said(cli, "/exit", "never").out == said(cli, "/q", "never").out == TITLE + GREETING


def test_a_transcript_is_written_when_the_talk_ends(cli: Cli, agent: Built, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    arguments = ["chat", "--transcript", str(path)]
    ran = cli(*arguments, typed="When are you open?\n/restart\nhello\n", environ={"COLUMNS": "300"})

    assert (ran.code, ran.err) == (0, "The conversation is in <tmp>/talk.txt.\n")
    assert path.read_text() == (
        f"# gitagent chat: {TITLE}\n{GREETING}you> When are you open?\nagent> From noon to ten.\n"
        f"\n# gitagent chat: {TITLE}\n{GREETING}you> hello\nagent> What can I do for you?\n"
    )
    assert cli(*arguments, typed="/nothing\n").code == 3
    assert path.read_text() == f"# gitagent chat: {TITLE}\n{GREETING}"
    path.write_text("mine\n")
    assert (cli(*arguments).code, path.read_text()) == (3, "mine\n")


def test_a_transcript_in_json_is_what_json_prints(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    arguments = ["chat", "--channel", "webchat", "--sip-header", "X-A=b", "--variable", "hours=noon", "--json"]
    for _ in range(2):
        ran = cli(*arguments, "--transcript", str(path), typed="When are you open?\n/why\n")

    printed, written = json.loads(ran.out), json.loads(path.read_text())
    assert printed == written
    assert {key: value for key, value in printed.items() if key != "turns"} == {
        "format": "gitagent.chat/1",
        "agent": "Bistro",
        "selector": "draft",
        "version": None,
        "responder": "embedded",
        "variables": {"hours": "noon"},
        "channel": "webchat",
        "sip_headers": {"X-A": "b"},
        "earlier": [],
    }
    assert [(turn["user"], turn["answer"]["text"]) for turn in printed["turns"]] == [
        (None, "This is Bistro. How can I help?"),
        ("When are you open?", "From noon."),
    ]


def test_a_transcript_that_cannot_be_written_leaves_the_old_one(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("# gitagent chat: old\n")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    ran = cli("chat", "--transcript", str(path))

    assert (ran.code, ran.err) == (5, "error: no space left on device\n")
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["talk.txt"]
    assert path.read_text() == "# gitagent chat: old\n"


def test_what_could_not_be_read_is_told_first(cli: Cli, agent: Built) -> None:
    agent.edit("name: x\ncontent: [1]\n", "topics/broken.yaml").edit("name: [\n", "topics/hours.yaml")
    (agent.path / "topics" / "person.yaml").unlink()
    where = "topics/broken.yaml:2: not a text. See: gitagent validate"
    assert said(cli).err == f"note: 2 parts could not be read, such as {where}\n"

    (agent.path / "topics" / "broken.yaml").unlink()
    assert said(cli).err.splitlines()[1] == "note: it has no topics, which is what the embedded responder answers from"


def test_an_adk_project_is_talked_to_on_its_channels(build: Callable[..., Built], at: Callable[[Path], Cli]) -> None:
    cli = at(build("ferries", files=PROJECT).path)
    spoken = cli("chat", "--variant", "West Quay", typed="when does the next ferry leave\n")
    written = cli("chat", "v1", "--channel", "webchat")

    assert spoken.out.splitlines()[1:] == [
        "agent> Northsound Ferries at the west quay, how can I help?",
        "you> when does the next ferry leave",
        "agent> Ferries leave every two hours from six in the morning. On Sundays the first one leaves at eight.",
    ]
    assert written.out.endswith("agent> Hello from Northsound Ferries.\n")
    ran = cli("chat", "--variant", "East Key")
    assert ran.err == "error: there is no variant 'East Key'\nhint: There are East Quay and West Quay.\n"


def test_very_long_lines_and_bytes_that_are_no_text_are_said_as_far_as_they_can_be(agent: Built) -> None:
    lines = b"x" * 5_000_000 + b"\nWhen are you \xff open?\nLet me talk to a person"
    done = subprocess.run(
        [sys.executable, "-m", "gitagent", "-C", str(agent.path), "chat"], input=lines, capture_output=True, check=False
    )
    out = done.stdout.decode()

    assert (done.returncode, done.stderr) == (0, b"")
    assert len(out) < 70_000
    assert "you> When are you \ufffd open?\nagent> From noon to ten.\n" in out
    assert out.endswith("a call ends here]\n")


def test_what_is_typed_on_a_terminal_can_be_edited_and_is_remembered(agent: Built) -> None:
    for keys in ("When are you clos\x7f\x7f\x7f\x7fopen?\r", "\x1b[A\r"):
        answers = {f"How can I help?{PROMPT}": keys, f"From noon to ten.{PROMPT}": "\x04"}
        code, screen = on_a_terminal(agent.path, "chat", answers=answers, environ=TERMINAL)

        assert code == 0, screen
        assert "agent> From noon to ten." in screen
    history = agent.path / ".git" / "gitagent" / "chat-history"
    assert history.stat().st_mode & 0o777 == 0o600
    assert "+When are you open?\n" in history.read_text()


@pytest.mark.parametrize("history", ["/dev/full", "a folder", "a link to nothing"])
def test_a_talk_goes_on_where_its_lines_cannot_be_remembered(agent: Built, history: str) -> None:
    path = agent.path / ".git" / "gitagent" / "chat-history"
    if history == "a folder":
        path.mkdir()
    else:
        path.symlink_to("/gone/away" if history == "a link to nothing" else history)
    answers = {f"How can I help?{PROMPT}": "When are you open?\r", f"From noon to ten.{PROMPT}": "\x04"}

    assert on_a_terminal(agent.path, "chat", answers=answers, environ=TERMINAL)[0] == 0


def test_a_mistake_on_a_terminal_is_told_and_the_talk_goes_on(agent: Built) -> None:
    answers = {
        f"How can I help?{PROMPT}": "/compare nowhere\r",
        f"versions are written v7 or 7.{PROMPT}": "When are you open?\r",
        f"From noon to ten.{PROMPT}": "half a line\x03",
        f"\x1b[?2004l{PROMPT.strip()}": "\x04",
    }
    code, screen = on_a_terminal(agent.path, "chat", answers=answers, environ=TERMINAL, columns=100)

    assert code == 0, screen
    assert "error: 'nowhere' is neither a version nor an environment" in screen


def test_control_c_on_an_empty_line_leaves(agent: Built, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    code, _ = on_a_terminal(
        agent.path, "chat", "--transcript", str(path), answers={f"How can I help?{PROMPT}": "\x03"}, environ=TERMINAL
    )
    assert (code, path.read_text()) == (130, f"# gitagent chat: {TITLE}\n{GREETING}")


REPAIRS = {
    **BISTRO,
    "topics/repair.yaml": (
        "name: repair\nexample_queries: [Is my bicycle ready?]\ncontent: Let me look that up.\n"
        "actions: [{tool: look_up, when: the caller asks for it}]\n"
    ),
    "tools/look_up.yaml": (
        "name: look_up\ndescription: Finds a repair\n"
        "parameters: {type: object, properties: {ticket: {type: integer}}, required: [ticket]}\n"
    ),
    "tests/repairs.yaml": (
        "cases:\n- name: finds a repair\n  fixtures: {look_up: ready}\n"
        "  turns: [{user: Is it?, expect: [{contains: a}]}]\n"
    ),
}
READY = "look_up(ticket: 7) → ready, as in the case 'finds a repair'"


def test_a_tool_answers_as_the_first_case_says_and_each_version_as_its_own(
    build: Callable[..., Built], at: Callable[[Path], Cli], tmp_path: Path
) -> None:
    agent = build(files=REPAIRS)
    agent.edit(
        REPAIRS["tests/repairs.yaml"].replace("ready", "away").replace("finds a", "seeks a"), "tests/repairs.yaml"
    )
    path, asked = tmp_path / "talk.txt", ("Is my bicycle ready?", "7", "/why")
    ran = said(at(agent.path), *asked, "/compare v1", options=["--transcript", str(path)])

    away = "look_up(ticket: 7) → away, as in the case 'seeks a repair'"
    assert f"agent> away\n  [{away}]\n" in ran.out
    assert f"  called {away}\n" in ran.out
    assert f"v1:\nready\n[{READY}]\n" in ran.out
    assert f"  [{away}]\n" in path.read_text()
    assert (
        "look_up(ticket: 7) → no fixture says what it answers"
        in said(at(agent.path), *asked, options=["--live-tools"]).out
    )


def test_what_a_whole_suite_says_a_tool_answers_is_told_as_it_is(
    build: Callable[..., Built], at: Callable[[Path], Cli]
) -> None:
    agent = build(files={**REPAIRS, "tests/z.yaml": f"fixtures: {{look_up: gone}}\n{REPAIRS['tests/repairs.yaml']}"})
    assert "  [look_up(ticket: 7) → gone]\n" in said(at(agent.path), "Is my bicycle ready?", "7").out


def test_what_could_not_be_read_is_told_again_when_a_talk_is_begun_anew(cli: Cli, agent: Built) -> None:
    hours, answer = BISTRO["topics/hours.yaml"], Embedded.answer

    def after_an_edit(self: Embedded, conversation: Conversation, said: str | None, **options: Any) -> Answer:
        if said in ("break", "mend"):
            agent.edit(hours if said == "mend" else "name: hours\ncontent: [1]\n", "topics/hours.yaml")
        return answer(self, conversation, said, **options)

    cli.patch.setattr(Embedded, "answer", after_an_edit)
    broken = "1 part could not be read, such as topics/hours.yaml:2: not a text. See: gitagent validate\n"
    assert said(cli, "break", "/restart").err == f"note: {broken}"
    assert said(cli, "mend", "/restart").err == f"note: {broken}"
    assert said(cli, "break", "/restart", "mend", "/restart", "When are you open?").err == f"note: {broken}"
    agent.edit("name: hours\ncontent: [1]\n", "topics/hours.yaml")
    assert said(cli, "/compare draft", options=["v1"]).err == f"note: the draft, edited since v1: {broken}"


def test_a_transcript_in_the_agents_folder_is_said_to_be_part_of_the_draft(cli: Cli, agent: Built) -> None:
    told = "note: talk.txt is part of the draft now; a file outside the agent's folder is not\n"
    assert said(cli, options=["--transcript", "talk.txt"]).err == f"The conversation is in talk.txt.\n{told}"

    agent.edit("*.txt\n", ".gitignore")
    assert said(cli, options=["--transcript", "other.txt"]).err == "The conversation is in other.txt.\n"


def test_a_channel_for_which_an_agent_has_nothing_of_its_own_is_told(
    cli: Cli, build: Callable[..., Built], at: Callable[[Path], Cli]
) -> None:
    assert (
        said(cli, options=["--channel", "webchat"]).err == "note: it has no greeting or style of its own for webchat\n"
    )
    assert said(cli, options=["--channel", "voice"]).err == ""
    assert said(at(build("ferries", files=PROJECT).path), options=["--channel", "webchat"]).err == ""


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


def test_a_model_can_answer_in_the_agents_place(cli: Cli, model: ChatServer) -> None:
    model.will(Say("From noon, I think.\nUntil ten."))
    ran = said(cli, "When are you open?", "/why", options=("--responder", "openai"), **model.environ)

    assert ran.out.splitlines()[:4] == [
        f"Bistro: the draft, the same as v1, answered by openai:{MODEL}",
        "agent> This is Bistro. How can I help?",
        "you> When are you open?",
        "agent> From noon, I think.",
    ]
    assert "  user: When are you open?" in ran.out.splitlines()
    assert "  assistant: From noon, I think.\n      Until ten.\n" in ran.out
    assert ran.out.splitlines()[-1].endswith(", 100 tokens")


def test_why_tells_what_a_model_was_told_and_what_it_called(
    build: Callable[..., Built], at: Callable[[Path], Cli], model: ChatServer
) -> None:
    cli = at(build(files={**REPAIRS, "agent.yaml": f"{BISTRO['agent.yaml']}prompt: '{'Be kind. ' * 100}'\n"}).path)
    model.will(Call([("look_up", {"ticket": 7})], text="One moment."), Say("It is ready."))
    ran = said(cli, "Is 7 ready?", "/why", options=("--responder", "openai"), **model.environ, COLUMNS="5000")
    prompt = model.asked[-1].body["messages"][0]["content"]

    why = ran.out.partition(READY)[2].splitlines()
    at_system = next(number for number, line in enumerate(why) if "system" in line)
    assert why[at_system : at_system + 7] == [
        f"  system, {len(prompt):,} characters: {prompt[:600].rstrip()}…",
        "  (1 message of what was said before)",
        "  user: Is 7 ready?",
        "  assistant: One moment.",
        '      look_up({"ticket": 7})',
        "  tool: ready",
        "  assistant: It is ready.",
    ]
    assert f"  called {READY}" in why


def test_why_a_model_greets_so_tells_what_it_was_told(
    build: Callable[..., Built], at: Callable[[Path], Cli], model: ChatServer
) -> None:
    cli = at(build(files={"agent.yaml": "name: Bistro\nprompt: Be kind.\n"}).path)
    ran = said(cli, "/why", options=("--responder", "openai"), **model.environ)

    assert ran.out.splitlines()[2].startswith("  system, ")
    assert "  assistant: Certainly." in ran.out
    assert "as it is written" not in ran.out


def test_what_keeps_a_model_from_answering_is_told_with_what_to_do(agent: Built, model: ChatServer) -> None:
    environ = TERMINAL | model.environ | {"GITAGENT_TOKENS": "20"}
    answers = {f"How can I help?{PROMPT}": "When?\r", f"try fewer cases.{PROMPT}": "\x04"}
    arguments = ("chat", "--responder", "openai")
    code, screen = on_a_terminal(agent.path, *arguments, answers=answers, environ=environ, columns=200)

    assert code == 0, screen
    assert "error: the budget of 20 tokens is not enough" in screen
    assert "hint: Set GITAGENT_TOKENS to the tokens that a run may use" in screen


def test_a_model_that_gives_no_answer_ends_a_talk_through_a_pipe(cli: Cli, model: ChatServer) -> None:
    model.will(Fail(400, "no such model"))
    ran = said(cli, "hello", "never said", options=("--responder", "openai"), **model.environ)

    assert ran.code == 3
    assert "never said" not in ran.out
    assert ran.err.startswith("error: ")


def test_on_a_terminal_a_models_answer_is_written_while_it_comes(agent: Built, model: ChatServer) -> None:
    model.will(Say("Certainly,\nfrom \x1b[2Jnoon."), Fail(400, "no such model"), Cut("From mid"), Say("From ten."))
    answers = {
        f"How can I help?{PROMPT}": "When?\r",
        f"noon.{PROMPT}": "And then?\r",
        f"no such model{PROMPT}": "Again?\r",
        f"From ten.{PROMPT}": "\x04",
    }
    arguments = ("chat", "--responder", "openai")
    code, screen = on_a_terminal(agent.path, *arguments, answers=answers, environ=TERMINAL | model.environ, columns=200)

    assert code == 0, screen
    assert "agent> Certainly,\n       from \\x1b[2Jnoon.\n" in screen
    assert "error: " in screen
    assert "agent> From mid\n  [cut off, and asked again]\nagent> From ten.\n" in screen


def test_control_c_while_a_model_thinks_takes_the_question_back(
    agent: Built, model: ChatServer, tmp_path: Path
) -> None:
    model.will(Silent("Let me"), Say("Yes."))
    answers = {
        f"How can I help?{PROMPT}": "When?\r",
        "agent> Let me": "\x03",
        f"nothing was answered]{PROMPT}": "Really?\r",
        f"agent> Yes.{PROMPT}": "\x04",
    }
    path = tmp_path / "talk.txt"
    arguments = ("chat", "--responder", "openai", "--transcript", str(path))
    code, screen = on_a_terminal(agent.path, *arguments, answers=answers, environ=TERMINAL | model.environ, columns=200)

    assert code == 0, screen
    assert "When?" not in path.read_text()
    assert path.read_text().endswith("you> Really?\nagent> Yes.\n")
