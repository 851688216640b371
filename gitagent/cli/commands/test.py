"""`gitagent test`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gitagent.cli.command import command
from gitagent.cli.failures import ANSWER_NO, DONE
from gitagent.cli.options import argument, completer, sign_option
from gitagent.cli.session import Session

MOST_TIMES = 1000
EXAMPLE = """gitagent test
gitagent test live -k monday
gitagent test --against live
gitagent test v7 --repeat 5
gitagent test --junitxml ../report.xml
gitagent test --list"""


class Processes(click.ParamType[str]):
    """In how many processes cases are played: a number, or `auto`."""

    name = "number"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "auto" and not (value.isascii() and value.isdigit() and 0 < len(value) < 4 and int(value)):
            self.fail(f"'{value}' is neither a number of processes nor auto", param, ctx)
        return value


class Times(click.ParamType[int]):
    """How often each case is played."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        if not (
            text.isascii() and text.isdigit() and len(text) <= len(str(MOST_TIMES)) and 0 < int(text) <= MOST_TIMES
        ):
            self.fail(f"'{value}' is not a number of times; give 1 to {MOST_TIMES}", param, ctx)
        return int(text)


@command(example=EXAMPLE)
@argument("selector", "The draft (the default), a version or an environment.", required=False, completes="selectors")
@click.option("--list", "listing", is_flag=True, help="List the cases by suite, with their lines, and play none.")
@click.option("-k", "keyword", metavar="EXPRESSION", help="Play the cases whose names or files fit, as pytest has it.")
@click.option("--lf", "last_failed", is_flag=True, help="Play the cases that failed last time, or all if none did.")
@click.option(
    "--responder",
    metavar="NAME",
    default="embedded",
    show_default=True,
    help="What answers: embedded, openai, or openai:MODEL.",
)
@click.option("--live-tools", is_flag=True, help="Really request what tools request, instead of what fixtures answer.")
@click.option(
    "--repeat", metavar="N", type=Times(), default=1, help="Play each case so often; one has to pass each time."
)
@click.option(
    "--against",
    "other",
    metavar="SELECTOR",
    shell_complete=completer("selectors"),
    help="Also play the same cases on this one, and say what is better or worse.",
)
@click.option("-n", "processes", type=Processes(), help="Play in so many processes, or auto; needs pytest-xdist.")
@click.option(
    "--junitxml",
    type=click.Path(path_type=Path),
    help="Also write what came of it into this file, best outside the agent's folder.",
)
@click.option(
    "--record/--no-record",
    default=None,
    help="Record the result for environments that ask for tests; by default if there is one.",
)
@sign_option
@click.pass_obj
def test(
    session: Session,
    selector: str | None,
    listing: bool,
    keyword: str | None,
    last_failed: bool,
    responder: str,
    live_tools: bool,
    repeat: int,
    other: str | None,
    processes: str | None,
    junitxml: Path | None,
    record: bool | None,
) -> int:
    """Play the suites of the draft, a version or an environment.

    Each case is a conversation, and passes if all that it expects comes true. What did not is shown with the
    conversation and the line that expected it. Ends with exit code 1 when a case failed, or none could be played.
    Where an environment asks for tests, the result is recorded for exactly these files. The suites are tests of pytest,
    too: 'pytest' in the agent's folder plays them.
    """
    from gitagent.cli import trying
    from gitagent.cli.cases import show_cases
    from gitagent.cli.outcomes import outcome_lines, outcome_record
    from gitagent.suites.running import Wishes

    if listing:
        chosen = (keyword, other, processes, junitxml, record)
        if last_failed or live_tools or any(each is not None for each in chosen):
            raise click.UsageError("--list plays nothing, and goes with a selector alone", click.get_current_context())
        show_cases(session, trying.tried(session, selector or "draft"))
        return DONE
    if record and (keyword is not None or last_failed):
        raise click.UsageError("--record is for all cases, without -k and --lf", click.get_current_context())
    wishes = Wishes(
        responder,
        live_tools=live_tools,
        keyword=keyword,
        last_failed=last_failed,
        junitxml=junitxml,
        processes=processes,
        repeat=repeat,
        cache=trying.cache_of(session),
    )
    subject = trying.tried(session, selector or "draft")
    beside = None if other is None else trying.tried(session, other)
    with trying.budgeted(wishes) as wishes, session.working("Playing the suites") as bar:
        run = trying.play(subject.candidate.files, subject.candidate.cases, wishes, bar)
        against = None if beside is None else trying.play_beside(subject, beside, wishes, bar)
    session.show(
        "test",
        json=lambda: outcome_record(subject, run, against),
        text=lambda: outcome_lines(subject, run, session.screen, against),
    )
    session.finish()
    if record is not False and (told := trying.record(session, subject, run, asked_for=bool(record))) is not None:
        session.note(told)
    if junitxml is not None:
        trying.warn_of_report(session, junitxml)
    return DONE if run.passed else ANSWER_NO
