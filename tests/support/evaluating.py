"""Evaluating: expectations of the sample agents' own suites, and many more, judged by us and by a public harness."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gitagent import templates
from gitagent.chat.answers import Conversation
from gitagent.chat.embedded import Embedded
from gitagent.config.meaning import meaning_of
from gitagent.config.meaning.values import Case, Expectation, Meaning
from gitagent.suites.expectations import Heard, miss

KINDS = ("contains", "not_contains", "matches", "not_matches", "equals")
AGENTS = ("restaurant", "clinic")
LONGEST = 240
_ASSERTIONS = {
    "contains": "icontains",
    "not_contains": "not-icontains",
    "matches": "regex",
    "not_matches": "not-regex",
    "equals": "equals",
}
_INSPECTING = Path(__file__).with_name("inspecting.py")


class Check(NamedTuple):
    """One expectation of one answer: what is sent for the answer, and whether we say that it holds."""

    agent: str
    body: dict[str, Any]
    kind: str
    value: str
    holds: bool


def checks() -> list[Check]:
    """Of every answer in the sample agents' suites: what they expect, and more of each kind, some of which fails."""
    return [each for agent in AGENTS for each in _of_agent(agent)]


def _of_agent(agent: str) -> Iterator[Check]:
    meaning = meaning_of(templates.load(agent))
    for suite in meaning.suites:
        for case in suite.cases:
            yield from _of_case(agent, meaning, case)


def _of_case(agent: str, meaning: Meaning, case: Case) -> Iterator[Check]:
    conversation, responder = Conversation.begin(meaning, variables=case.variables, fixtures=case.fixtures), Embedded()
    for turn in case.turns:
        conversation = conversation.after(turn.user, responder.answer(conversation, turn.user))
        text = conversation.turns[-1].answer.text
        said = [{"role": "user", "content": each.user} for each in conversation.turns if each.user is not None]
        heard = Heard(conversation, (conversation.turns[-1].answer,))
        own = [(each.kind, str(each.value)) for each in turn.expect if each.kind in KINDS]
        for kind, value in [*own, *_more(text)]:
            missed = miss(Expectation(kind, value), heard, responder)
            body = {"messages": said, "variables": dict(case.variables), "fixtures": dict(case.fixtures)}
            yield Check(agent, body, kind, value, missed is None)


def _more(text: str) -> Iterator[tuple[str, str]]:
    words = [word for word in re.findall(r"\w+", text) if len(word) > 1]
    part = text[len(text) // 3 :][:30].split("\n")[0].strip()
    yield from (("contains", part.upper()), ("contains", f"{words[0]} zebra"))
    yield from (("not_contains", "zebra"), ("not_contains", part.lower()))
    yield from (("matches", rf"\b{words[-1]}\b\W*$"), ("matches", rf"^{words[-1]}{words[-1]}"))
    yield from (("matches", rf"{words[0]}[^a-z]+\w"), ("matches", r"[0-9]{9}"))
    yield from (("not_matches", rf"{words[0]}\W+{words[1]}"), ("not_matches", rf"{words[-1]}\W{words[0]}{{9}}"))
    yield from (("equals", text), ("equals", f"{text} Goodbye, zebra"))


def by_inspect(url: str, asked: Sequence[Check], folder: Path) -> list[bool]:
    """What inspect-ai says of each, from the server's answers."""
    told, file = folder / "checks.json", folder / "verdicts.json"
    told.write_text(json.dumps([{**each._asdict(), "url": _address(url, each)} for each in asked]), encoding="utf-8")
    environ = {**os.environ, "INSPECT_LOG_DIR": str(folder / "logs"), "HOME": str(folder), "NO_COLOR": "1"}
    _run([sys.executable, str(_INSPECTING), str(told), str(file)], folder, environ)
    return _verdicts(file)


def by_promptfoo(url: str, asked: Sequence[Check], folder: Path) -> list[bool]:
    """What promptfoo says of each, from the server's answers."""
    told, file = folder / "promptfoo.json", folder / "told.json"
    told.write_text(json.dumps(_as_promptfoo_has_it(url, asked)), encoding="utf-8")
    off = {f"PROMPTFOO_DISABLE_{what}": "1" for what in ("TELEMETRY", "UPDATE", "REMOTE_GENERATION")}
    environ = {**os.environ, **off, "PROMPTFOO_CONFIG_DIR": str(folder), "PROMPTFOO_FAILED_TEST_EXIT_CODE": "0"}
    command = ["promptfoo", "eval", "-c", str(told), "-o", str(file), "--no-cache", "--no-table", "--no-progress-bar"]
    _run(command, folder, environ)
    results = json.loads(file.read_text(encoding="utf-8"))["results"]["results"]
    assert not [each["error"] for each in results if each["failureReason"] == 2]
    return [each["success"] for each in sorted(results, key=lambda each: each["vars"]["number"])]


def _as_promptfoo_has_it(url: str, asked: Sequence[Check]) -> dict[str, Any]:
    request = {
        "url": "{{url}}",
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": "{{body | safe}}",
        "transformResponse": "json.message.content",
    }
    return {
        "prompts": ["{{number}}"],
        "providers": [{"id": "http", "config": request}],
        "tests": [
            {
                "vars": {"number": number, "url": _address(url, each), "body": json.dumps(each.body)},
                "assert": [{"type": _ASSERTIONS[each.kind], "value": _in_javascript(each.value)}],
            }
            for number, each in enumerate(asked)
        ],
    }


def _in_javascript(value: str) -> str:
    """An expression that is for capitals and small letters alike, in JavaScript, which cannot say so inside of one."""
    if not value.startswith("(?i)"):
        return value
    both = re.sub(
        r"\\.|[a-z]", lambda found: found[0] if len(found[0]) > 1 else f"[{found[0]}{found[0].upper()}]", value
    )
    return both.removeprefix("(?[iI])")


def _address(url: str, check: Check) -> str:
    return f"{url}/v1/agents/{check.agent}/environments/live/chat"


def _run(command: list[str], folder: Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=LONGEST
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def _verdicts(file: Path) -> list[bool]:
    verdicts: list[bool] = json.loads(file.read_text(encoding="utf-8"))
    return verdicts
