"""The entry of the server's hooks: `python -m gitagent.receive pre-receive`, without what a command line costs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PUSHER = "GITAGENT_RECEIVE_PACK"
"""Where the hook's script puts the id of the process that takes the push."""


def pre_receive(lines: Iterable[str], environ: Mapping[str, str]) -> None:
    """Decide on the push that `lines` tell of. Refused with the rule's code; nothing moves then."""
    from gitagent.errors import RuleBroken
    from gitagent.git.hooked import hooked_repository
    from gitagent.receive.approvals import approve, withdraw, write_for_all
    from gitagent.receive.judging import judged
    from gitagent.receive.ledgers import newest_operation
    from gitagent.receive.pushes import read_updates
    from gitagent.receive.turns import refuse_out_of_turn
    from gitagent.receive.users import REQUIRED, acting_user, refuse_unknown

    repository = hooked_repository()
    folder, pusher = repository.git_directory / "gitagent", int(environ.get(PUSHER) or os.getppid())
    write_for_all(repository.git_directory)
    user = acting_user(environ, folder)
    refuse_unknown(user, required=repository.is_on(REQUIRED))
    updates = read_updates(lines)
    if (operation := newest_operation(repository, updates)) is None:
        approve(folder, pusher, judged(repository, updates, user))
        return
    refuse_out_of_turn(folder, operation)
    approve(folder, pusher, judged(repository, updates, user))
    try:
        # Again, since a turn that began meanwhile waits for the pushes only that it found approved.
        refuse_out_of_turn(folder, operation)
    except RuleBroken:
        withdraw(folder, pusher)
        raise


def proc_receive(environ: Mapping[str, str]) -> None:
    """Let each operation that asks for its turn wait for it, and tell git so: no ref moves for that."""
    from gitagent.receive.approvals import write_for_all
    from gitagent.receive.requests import answer_requests
    from gitagent.receive.users import REQUIRED, acting_user, refuse_unknown

    repository = Path(environ.get("GIT_DIR", ".")).absolute()
    folder = repository / "gitagent"
    if (user := acting_user(environ, folder)) is None:
        from gitagent.git.remote import run_git

        # Nobody keeps others waiting who may not push.
        wanted = run_git(repository, "config", "--type=bool", REQUIRED).stdout
        refuse_unknown(user, required=wanted.strip() == "true")
    write_for_all(repository)
    answer_requests(folder)


def main(arguments: list[str] | None = None) -> int:
    """Run one hook, and say what it refuses. Whatever goes wrong refuses the push."""
    from gitagent.errors import GitagentError

    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a file or a pipe, opened by Python
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments == ["proc-receive"]:
            proc_receive(os.environ)
            return 0
        if arguments != ["pre-receive"]:
            return _say("this hook is not one of gitagent's", f"Known: pre-receive, proc-receive; not {arguments}.")
        told = sys.stdin.buffer.read().decode(errors="surrogateescape")
        # Not splitlines, which takes characters that may stand in a ref's name for the end of a line.
        pre_receive([line for line in told.split("\n") if line], os.environ)
    except GitagentError as error:
        return _say(f"refused: {error.code}: {error.message}", error.hint)
    except OSError as error:
        return _say(f"refused: storage-failed: {error}", f"Look after the disk and the rights in {Path.cwd()}.")
    except Exception as error:  # noqa: BLE001  # whatever happens, a push that was not judged is not taken
        return _say(f"refused: bug: {type(error).__name__}: {error}", "Please report it, with what was pushed.")
    return 0


def _say(message: str, hint: str | None) -> int:
    for line in (message, *([hint] if hint else [])):
        sys.stderr.write(f"gitagent: {'; '.join(line.splitlines()) if line is hint else line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
