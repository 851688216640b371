"""Offline: what a client answers itself while the server is away, and what it keeps for that."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from gitagent.client.cache import Pin, own_headers, with_own
from gitagent.client.keys import environment_key, key_of
from gitagent.client.values import NOTHING, Begun, Call, Resolution, time_form
from gitagent.errors import CallIdTaken

if TYPE_CHECKING:
    from gitagent.client.answers import NewCall
    from gitagent.client.asking import Around
    from gitagent.client.waiting import Body


def answered_before(around: Around, call_id: str, key: str) -> Begun | None:
    """With what this machine answered the call already; CallIdTaken where it then asked for something else."""
    waits = around.waiting.get(call_id)
    pin = around.cache.pin(call_id)
    if waits is not None and waits.call is not None and waits.begin is not None:
        pin = Pin(key_of(waits.begin), waits.call, from_cache=True, recorded=False)
    if pin is None or (configuration := around.cache.configuration(pin.call.commit)) is None:
        return None
    if pin.asked != key:
        raise CallIdTaken(
            f"call {call_id} has begun already, for something else", hint="Give each call an id of its own."
        )
    recorded = waits is None if pin.from_cache else pin.recorded
    return Begun(pin.call, configuration, recorded, pin.from_cache)


def answered(around: Around, body: Body, key: str) -> Begun | None:
    """The call begun with what the server said last, to be reported; None where that is not known."""
    if (known := around.cache.answer(key)) is None:
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
    told: Body = {"version": str(answer.version), "at": time_form(at)}
    if answer.number is not None:  # it may reach another environment by the time that the server is told
        told |= {"agent": answer.agent, "environment": str(answer.environment)}
    call = around.waiting.begin(wanted, {**body, "sip_headers": dict(wanted.sip_headers), "answered": told})
    if (configuration := around.cache.configuration(call.commit)) is None:
        return None
    around.cache.keep_pin(Pin(key, call, from_cache=True, recorded=False))
    return Begun(call, configuration, recorded=False, from_cache=True)


def keep(around: Around, body: Body, key: str, begun: NewCall) -> None:
    """Remember what the server said. A call that had begun before says nothing of what is served now."""
    call, cache = begun.call, around.cache
    before = cache.answer(key)
    if begun.is_new or before is None:
        known = NOTHING if before is None else before[0].sip_headers
        own = own_headers(call.sip_headers, body.get("sip_headers", NOTHING), known)
        answer = Resolution(call.agent, call.version, call.commit, call.environment, call.number, own)
        cache.keep(key, answer, begun.configuration)
        if call.number is not None and call.environment is not None:
            place = environment_key(call.agent, str(call.environment))
            cache.keep(place, answer._replace(number=None, sip_headers=NOTHING), begun.configuration)
    cache.keep_pin(Pin(key, call, from_cache=False, recorded=begun.recorded))
