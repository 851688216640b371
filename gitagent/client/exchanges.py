"""Exchanges: what a client and a server say to one another, verb by verb."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gitagent import telemetry
from gitagent.client import answers, offline, requests
from gitagent.client.asking import asked
from gitagent.client.keys import environment_key, key_of, number_key
from gitagent.client.steps import Do, Steps
from gitagent.client.values import NOTHING, Begun, Call, Resolution, time_form
from gitagent.errors import NotFound, ServerUnreachable
from gitagent.names import EnvironmentName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.client.answers import Answer
    from gitagent.client.asking import Around
    from gitagent.client.cache import Pin
    from gitagent.client.values import Configuration, Page
    from gitagent.client.waiting import Body, Entry

    _Found = tuple[Resolution, Configuration]

NOT_MODIFIED = 304


def begin(around: Around, body: Body) -> Steps[Begun]:
    """Begin a call. Where the server is away, it gets what the server said last, and the server is told later."""
    key = key_of(body)
    before: Begun | None = yield Do(partial(offline.answered_before, around, body["call_id"], key))
    if before is not None and before.from_cache:
        return _told(before)  # also when the server is back: it may not have been told yet
    answer = Do(lambda: before or offline.answered(around, body, key))
    if not around.watch.may_ask(within=around.patience.seconds) and (answered := (yield answer)) is not None:
        return _told(answered)
    try:
        begun: answers.NewCall = yield from asked(around, requests.begin(body), answers.begun)
    except ServerUnreachable:
        if (answered := (yield answer)) is None:
            raise
        return _told(answered)
    except NotFound:
        yield Do(partial(around.cache.forget, key))
        raise
    yield Do(partial(offline.keep, around, body, key, begun))
    return _told(Begun(begun.call, begun.configuration, begun.recorded))


def change(around: Around, call_id: str, body: Body) -> Steps[Call | None]:
    """End a call or add to it; None where the server is told later."""
    later = {"ended_at": time_form(around.now()), **body} if body.get("ended") else body
    if (yield Do(partial(around.waiting.join, call_id, later))):
        return None  # what comes later is told later
    if around.watch.may_ask(within=around.patience.seconds):
        try:
            found: Call = yield from asked(around, requests.change(call_id, body), answers.call)
        except ServerUnreachable:
            pass
        else:
            return found
    yield Do(partial(around.waiting.change, call_id, later, at=around.now()))
    return None


def get(around: Around, call_id: str) -> Steps[Call]:
    """The call of that id. One that the server has not been told of yet is as it began."""
    waits: Entry | None = yield Do(partial(around.waiting.get, requests.checked_id(call_id)))
    if waits is not None and waits.call is not None:
        return waits.call
    found: Call = yield from asked(around, requests.get(call_id), answers.call)
    return found


def find(around: Around, filters: Mapping[str, object]) -> Steps[Page]:
    """A page of calls, newest first, and where the next one begins."""
    found: Page = yield from asked(around, requests.find(filters), answers.calls)
    return found


def resolve(around: Around, number: str) -> Steps[Resolution]:
    """What answers a number now, or where the server is away did so last."""
    known: _Found | None = yield Do(partial(around.cache.answer, number_key(number)))
    if known is not None and not around.watch.may_ask(within=around.patience.seconds):
        return known[0]
    try:
        found: Resolution = yield from asked(around, requests.number(number), answers.resolution)
    except ServerUnreachable:
        if known is None:
            raise
        return known[0]
    return found


def configuration(around: Around, agent: str, environment: str) -> Steps[Configuration]:
    """What an environment serves now, or where the server is away served last."""
    key = environment_key(agent, environment)
    known: _Found | None = yield Do(partial(around.cache.answer, key))
    if known is not None and not around.watch.may_ask(within=around.patience.seconds):
        return known[1]
    request = requests.configuration(agent, environment, None if known is None else known[1].etag)
    try:
        found: Configuration = yield from asked(around, request, partial(_configured, known))
    except ServerUnreachable:
        if known is None:
            raise
        return known[1]
    except NotFound:
        yield Do(partial(around.cache.forget, key))
        raise
    served = Resolution(agent, found.version, found.commit, EnvironmentName.parse(environment), None, NOTHING)
    yield Do(partial(around.cache.keep, key, served, found))
    return found


def configuration_of(around: Around, call_id: str) -> Steps[Configuration]:
    """The configuration that a call keeps to its end. One that is known is not asked for: it never becomes another."""
    pin: Pin | None = yield Do(partial(around.cache.pin, requests.checked_id(call_id)))
    if pin is not None:
        known: Configuration | None = yield Do(partial(around.cache.configuration, pin.call.commit))
        if known is not None:
            return known
    found: Configuration = yield from asked(around, requests.configuration_of(call_id), answers.configuration)
    return found


def _configured(known: _Found | None, answer: Answer) -> Configuration:
    if answer.status == NOT_MODIFIED and known is not None:
        return known[1]
    return answers.configuration(answer)


def _told(begun: Begun) -> Begun:
    telemetry.mark(begun.call, begun.call.call_id)
    return begun
