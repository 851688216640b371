"""Inspecting: what inspect-ai's own scorers say of a server's answers. A program: file of checks, file for verdicts."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
from inspect_ai import Task, eval  # noqa: A004  # its name there
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, exact, includes, pattern, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver


@solver
def served() -> Solver:
    """The answer comes from the server that the sample names."""

    async def solve(state: TaskState, _generate: Generate) -> TaskState:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(state.metadata["url"], json=state.metadata["body"])
        answer.raise_for_status()
        state.output = ModelOutput.from_content("gitagent", answer.json()["message"]["content"])
        return state

    return solve


@scorer(metrics=[accuracy()])
def judged() -> Scorer:
    """By the harness's own scorer for each kind."""

    async def score(state: TaskState, target: Target) -> Score | None:
        kind = state.metadata["kind"]
        if kind == "equals":
            return await exact()(state, target)
        if kind in ("matches", "not_matches"):
            # It compares what a group has: that of the first character, where the expression is found after that.
            flags, expression = re.fullmatch(r"((?:\(\?[a-z]+\))?)(.*)", target.text, re.DOTALL).groups()  # type: ignore[union-attr]
            looking = pattern(rf"{flags}\A(?=[\s\S]*?(?:{expression}))([\s\S])", ignore_case=False)
            found: Score | None = await looking(state, Target(state.output.completion[0]))
        else:
            found = await includes(ignore_case=True)(state, target)
        if found is None or not kind.startswith("not_"):
            return found
        return Score(value=INCORRECT if found.value == CORRECT else CORRECT)

    return score


def main(told: Path, verdicts: Path) -> None:
    """Let every check be judged."""
    checks: list[dict[str, Any]] = json.loads(told.read_text(encoding="utf-8"))
    samples = [
        Sample(id=number, input=json.dumps(each["body"]), target=each["value"], metadata=each)
        for number, each in enumerate(checks)
    ]
    task = Task(dataset=samples, solver=served(), scorer=judged())
    (log,) = eval(task, model="mockllm/model", display="none", log_dir=str(told.parent / "logs"), max_samples=4)
    assert log.status == "success", log.error
    found = {each.id: each.scores["judged"].value for each in log.samples or [] if each.scores}
    verdicts.write_text(json.dumps([found[number] == CORRECT for number in range(len(checks))]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
