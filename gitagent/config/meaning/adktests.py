"""The tests of an ADK project as cases: a scenario that somebody plays, and what is expected of the whole of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.meaning.values import Case, Expectation, Mock, Suite

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from gitagent.config.meaning.reading import Part, Reading

FOLDER = "test_suite"
JUDGE = "judge"
TOOL_CALLED = "tool_called"


def tests(reading: Reading, operations: Container[str]) -> tuple[Suite, ...]:
    """The one suite that the files in `test_suite` make; none where there are none.

    `operations` is what tools ask services for: what others answer is of no use.
    """
    parts = [part for path in reading.paths(rf"{FOLDER}/[^/]+\.ya?ml") if (part := reading.mapping(path))]
    return (Suite(FOLDER, FOLDER, cases=tuple(_case(part, operations) for part in parts)),) if parts else ()


def _case(part: Part, operations: Container[str]) -> Case:
    judged = [Expectation(JUDGE, text, line) for line, text in part.lines("prompt_assertions")]
    case = Case(
        name=part.text("name") or PurePosixPath(part.path).stem,
        path=part.path,
        line=part.line,
        channel=part.text("channel") or None,
        sip_headers=part.headers("sip_headers"),
        language=part.text("language") or None,
        variant=part.text("variant") or None,
        caller=part.text("caller_number") or None,
        at=part.text("simulated_at") or None,
        tags=part.texts("tags"),
        scenario=part.text("scenario"),
        expect=(*judged, *_calls(part)),
        mocks=dict(_mocks(part, operations)),
    )
    part.leave("integration_attributes", "only the functions' code reads them, and it is never run")
    part.leave_the_rest()
    return case


def _calls(part: Part) -> Iterator[Expectation]:
    """The functions that must have been called, each with the arguments that it must have been given."""
    for each in part.parts("function_call_assertions"):
        if not each.flag("is_asserted", otherwise=True):
            each.leave_itself("it is not asserted")
            continue
        arguments = {}
        for argument in each.parts("arguments"):
            arguments[argument.text("parameter_name")] = argument.raw("expected_value")
            argument.leave("value_type", "values are compared as they are written")
            argument.leave_the_rest()
        name = each.text("name")
        yield Expectation(TOOL_CALLED, {"name": name, "arguments": arguments} if arguments else name, each.line)
        each.leave_the_rest()


def _mocks(part: Part, operations: Container[str]) -> Iterator[tuple[str, tuple[Mock, ...]]]:
    """What services answer, by `service.operation`."""
    services = part.part("api_mocks")
    for service in services.values() if services else ():
        if services is None or (answers := services.part(service)) is None:
            continue
        for name in answers.values():
            if (operation := f"{service}.{name}") in operations:
                yield operation, tuple(_mock(each) for each in answers.parts(name))
            else:
                answers.leave(name, "no function that a model can call is seen to ask for it")


def _mock(part: Part) -> Mock:
    times, respond = part.whole("repeat", otherwise=1), part.part("respond")
    part.leave_the_rest()
    if respond is None:
        return Mock(200, times=times)
    mock = Mock(respond.whole("status", otherwise=200), respond.raw("body"), times)
    respond.leave("headers", "only the functions' code could read them")
    respond.leave_the_rest()
    return mock
