"""Exchanges: what a client and a server say to one another, and what the client does while the server is away."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gitagent import telemetry
from gitagent.client import answers, requests
from gitagent.client.cache import Pin, own_headers, with_own
from gitagent.client.steps import Do, Patience, Steps, attempted
from gitagent.client.values import NOTHING, Begun, Call, Resolution, time_form
from gitagent.errors import CallIdTaken, Conflict, NotFound, Refused, ScopeMissing, ServerUnreachable, TokenRefused
from gitagent.names import EnvironmentName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gitagent.client.answers import Answer
    from gitagent.client.cache import Cache
    from gitagent.client.requests import Request
    from gitagent.client.steps import Watch
    from gitagent.client.values import Configuration, Page
    from gitagent.client.waiting import Body, Entry, Waiting

    _Found = tuple[Resolution, Configuration]

_Value = TypeVar("_Value")
NOT_MODIFIED = 304
LONGEST_IN_DOUBT = timedelta(days=1)
"""For so long the server is told again of what it says it knows nothing about."""
_DIALLED = re.compile(r"(?:sips?:|tel:)?([^@;?<>]+)(?:[@;?].*)?", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[ ().\-/]")


def key_of(body: Body) -> str:
    """What a call begins with, by which its answer is remembered."""
    if "environment" in body:
        return environment_key(body["agent"], body["environment"])
    if "version" in body:
        return f"version {body['agent']} {body['version'].removeprefix('v')}"
    return number_key(body["from" if body.get("direction") == "outbound" else "to"])


def number_key(number: str) -> str:
    """A number, however it is written with its country code."""
    match = _DIALLED.fullmatch(number.strip())
    return f"number {_PUNCTUATION.sub('', number if match is None else match[1])}"


def environment_key(agent: str, environment: str) -> str:
    """An environment of an agent."""
    return f"environment {agent} {environment.replace('_', '-')}"


class Around(NamedTuple):
    """What surrounds the exchanges: the server's address, what is known of it, and the time."""

    server: str
    cache: Cache
    waiting: Waiting
    watch: Watch
    patience: Patience
    clock: Callable[[], float]
    now: Callable[[], datetime]


def begin(around: Around, body: Body) -> Steps[Begun]:
    """Begin a call. Where the server is away, it gets what the server said last, and the server is told later."""
    call_id, asked = body["call_id"], key_of(body)
    before: Begun | None = yield Do(partial(_answered_before, around, call_id, asked))
    if before is not None and before.from_cache:
        return _told(before)  # also when the server is back: it may not have been told yet
    if not around.watch.may_ask(within=around.patience.seconds):
        offline = before or (yield Do(partial(_offline, around, body, asked)))
        if offline is not None:
            return _told(offline)
    try:
        begun: answers.NewCall = yield from _asked(around, requests.begin(body), answers.begun)
    except ServerUnreachable:
        offline = before or (yield Do(partial(_offline, around, body, asked)))
        if offline is None:
            raise
        return _told(offline)
    except NotFound:
        yield Do(partial(around.cache.forget, asked))
        raise
    yield Do(partial(_keep, around, body, asked, begun))
    return _told(Begun(begun.call, begun.configuration, begun.recorded))


def change(around: Around, call_id: str, body: Body) -> Steps[Call | None]:
    """End a call or add to it; None where the server is told later."""
    later = {"ended_at": time_form(around.now()), **body} if body.get("ended") else body
    if (yield Do(partial(around.waiting.join, call_id, later))):
        return None  # what comes later is told later
    if around.watch.may_ask(within=around.patience.seconds):
        try:
            found: Call = yield from _asked(around, requests.change(call_id, body), answers.call)
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
    found: Call = yield from _asked(around, requests.get(call_id), answers.call)
    return found


def find(around: Around, filters: Mapping[str, object]) -> Steps[Page]:
    """A page of calls, newest first, and where the next one begins."""
    found: Page = yield from _asked(around, requests.find(filters), answers.calls)
    return found


def resolve(around: Around, number: str) -> Steps[Resolution]:
    """What answers a number now, or where the server is away did so last."""
    known: _Found | None = yield Do(partial(around.cache.answer, number_key(number)))
    if known is not None and not around.watch.may_ask(within=around.patience.seconds):
        return known[0]
    try:
        found: Resolution = yield from _asked(around, requests.number(number), answers.resolution)
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
        found: Configuration = yield from _asked(around, request, partial(_configured, known))
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
    found: Configuration = yield from _asked(around, requests.configuration_of(call_id), answers.configuration)
    return found


def report(around: Around) -> Steps[int]:
    """Tell the server what waits, in order; how many calls. None are told while another process is about it.

    What it refuses for good is kept apart; ServerUnreachable and the like where it can be told later.
    """
    told = 0
    with around.waiting.reporting() as is_mine:
        if not is_mine:
            return 0
        yield Do(around.waiting.sweep)
        entries: list[Entry] = yield Do(around.waiting.entries)
        for entry in entries:
            told += yield from _reported(around, entry)
    return told


def _reported(around: Around, entry: Entry) -> Steps[int]:
    try:
        if entry.begin is not None:
            yield from _asked(around, requests.begin(entry.begin, whole=False), answers.call)
        for body in entry.changes:
            yield from _asked(around, requests.change(entry.call_id, body), answers.call)
    except (TokenRefused, ScopeMissing):
        raise  # whoever mends the token has all of it told
    except (Refused, Conflict) as refusal:
        # A server may itself have to hear first what another one knows: of the version, or of the call.
        if not isinstance(refusal, NotFound) or around.now() - entry.since > LONGEST_IN_DOUBT:
            yield Do(partial(around.waiting.set_aside, entry, refusal))
        return 0
    yield Do(partial(around.waiting.done, entry))
    return 1


def _asked(around: Around, request: Request, reader: Callable[[Answer], _Value]) -> Steps[_Value]:
    """What a server says to a request; its refusal is raised, and ServerUnreachable where it says nothing useful."""
    request = request._replace(headers={**request.headers, **telemetry.outgoing()})
    outcome = yield from attempted(request, around.patience, around.clock)
    if answers.is_worth_another(outcome):
        around.watch.failed()
    else:
        around.watch.answered()
    return answers.read(outcome, reader, around.server)


def _configured(known: _Found | None, answer: Answer) -> Configuration:
    if answer.status == NOT_MODIFIED and known is not None:
        return known[1]
    return answers.configuration(answer)


def _answered_before(around: Around, call_id: str, asked: str) -> Begun | None:
    """With what this machine answered the call already; CallIdTaken where it then asked for something else."""
    waits = around.waiting.get(call_id)
    pin = around.cache.pin(call_id)
    if waits is not None and waits.call is not None and waits.begin is not None:
        pin = Pin(key_of(waits.begin), waits.call, from_cache=True, recorded=False)
    if pin is None or (configuration := around.cache.configuration(pin.call.commit)) is None:
        return None
    if pin.asked != asked:
        raise CallIdTaken(
            f"call {call_id} has begun already, for something else", hint="Give each call an id of its own."
        )
    recorded = waits is None if pin.from_cache else pin.recorded
    return Begun(pin.call, configuration, recorded, pin.from_cache)


def _offline(around: Around, body: Body, asked: str) -> Begun | None:
    """The call begun with what the server said last, to be reported; None where that is not known."""
    if (known := around.cache.answer(asked)) is None:
        return None
    answer, at = known[0], around.now()
    outbound = body.get("direction") == "outbound"
    wanted = Call(
        call_id=body["call_id"],
        agent=answer.agent,
        version=answer.version,
        commit=answer.commit,
        began_at=at,
        environment=answer.environment,
        number=answer.number,
        caller=body.get("to" if outbound else "from"),
        direction="outbound" if outbound else "inbound",
        sip_headers=with_own(body.get("sip_headers", NOTHING), answer.sip_headers),
        attributes=MappingProxyType(dict(body.get("attributes", NOTHING))),
    )
    answered = {"version": str(answer.version), "at": time_form(at)}
    if answer.number is not None:  # it may reach another environment by the time that the server is told
        answered |= {"agent": answer.agent, "environment": str(answer.environment)}
    told = {**body, "sip_headers": dict(wanted.sip_headers), "answered": answered}
    call = around.waiting.begin(wanted, told)
    if (configuration := around.cache.configuration(call.commit)) is None:
        return None
    around.cache.keep_pin(Pin(asked, call, from_cache=True, recorded=False))
    return Begun(call, configuration, recorded=False, from_cache=True)


def _keep(around: Around, body: Body, asked: str, begun: answers.NewCall) -> None:
    """Remember what the server said. A call that had begun before says nothing of what is served now."""
    call, cache = begun.call, around.cache
    before = cache.answer(asked)
    if begun.is_new or before is None:
        known = NOTHING if before is None else before[0].sip_headers
        own = own_headers(call.sip_headers, body.get("sip_headers", NOTHING), known)
        answer = Resolution(call.agent, call.version, call.commit, call.environment, call.number, own)
        cache.keep(asked, answer, begun.configuration)
        if call.number is not None and call.environment is not None:
            key = environment_key(call.agent, str(call.environment))
            cache.keep(key, answer._replace(number=None, sip_headers=NOTHING), begun.configuration)
    cache.keep_pin(Pin(asked, call, from_cache=False, recorded=begun.recorded))


def _told(begun: Begun) -> Begun:
    telemetry.mark(begun.call, begun.call.call_id)
    return begun
