"""The entry of the command line, and the one place where exceptions end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from gitagent.cli.root import COMPLETION_VARIABLE, root
from gitagent.cli.screen import prepare_streams, silence
from gitagent.cli.session import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, `sys.argv`'s unless given. Returns the exit code and never raises."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from gitagent.cli.completions import answer

        return answer(root(), instruction)
    return _run(arguments)


def _run(arguments: list[str]) -> int:
    code, session = 0, Session()
    try:
        code = _invoke([*arguments], session)  # click empties the list that it is given
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output closed it (`| head`): nothing to say to nobody
        silence(1)
        silence(2)
    except BaseException as error:  # noqa: BLE001  # the boundary: every failure becomes a message and a code
        from gitagent.cli.failures import failure_of, tell, wants_json  # 4 ms that success does not pay

        failure = failure_of(error, may_be_done=session.changing)
        _let_go_of_what_cannot_be_written()
        try:
            tell(failure, as_json=wants_json(arguments))
        except OSError:  # nobody can be told; the exit code still says it
            silence(1)
            silence(2)
        _let_go_of_what_cannot_be_written()
        return failure.exit_code
    return code


def _invoke(arguments: list[str], session: Session) -> int:
    command = root()
    try:
        with command.make_context("gitagent", arguments, obj=session) as ctx:
            answer = command.invoke(ctx)
            session.finish()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return answer if isinstance(answer, int) else 0


def _let_go_of_what_cannot_be_written() -> None:
    """Where stdout takes nothing, as on a full disk, let what waits for it go, lest Python stumble on it."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        silence(1)
