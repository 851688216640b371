"""Reports: what a server is told later, once it is back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from gitagent.client import answers, requests
from gitagent.client.asking import asked
from gitagent.client.steps import Do, Steps
from gitagent.errors import Conflict, NotFound, Refused, ScopeMissing, ServerUnreachable, TokenRefused

if TYPE_CHECKING:
    from gitagent.client.asking import Around
    from gitagent.client.waiting import Entry

LONGEST_IN_DOUBT = timedelta(days=1)
"""For so long the server is told again of what it says it knows nothing about."""


def report(around: Around) -> Steps[int]:
    """Tell the server what waits, in order; how many calls. None are told while another process is about it.

    What it refuses for good is kept apart; ServerUnreachable and the like where it can be told later.
    """
    told, failure = 0, None
    with around.waiting.reporting() as is_mine:
        if not is_mine:
            return 0
        entries = around.waiting.entries()
        while (entry := (yield Do(partial(next, entries, None)))) is not None:
            try:
                told += yield from _reported(around, entry)
            except ServerUnreachable as error:
                if around.watch.is_away:
                    raise
                failure = error  # it fails on this one; the others need not wait for that
    if failure is not None:
        raise failure
    return told


def _reported(around: Around, entry: Entry) -> Steps[int]:
    try:
        if entry.begin is not None:
            yield from asked(around, requests.begin(entry.begin, whole=False), answers.call)
        for body in entry.changes:
            yield from asked(around, requests.change(entry.call_id, body), answers.call)
    except (TokenRefused, ScopeMissing):
        raise  # whoever mends the token has all of it told
    except (Refused, Conflict) as refusal:
        # A server may itself have to hear first what another one knows: of the version, or of the call.
        if not isinstance(refusal, NotFound) or around.now() - entry.since > LONGEST_IN_DOUBT:
            yield Do(partial(around.waiting.set_aside, entry, refusal))
        return 0
    yield Do(partial(around.waiting.done, entry))
    return 1
