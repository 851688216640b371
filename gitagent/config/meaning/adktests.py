"""The tests of an ADK project as cases: a scenario that somebody plays, and what is expected of the whole of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.meaning.values import Case, Expectation, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.config.meaning.reading import Part, Reading

FOLDER = "test_suite"
JUDGE = "judge"
TOOL_CALLED = "tool_called"


def tests(reading: Reading) -> tuple[Suite, ...]:
    """The one suite that the files in `test_suite` make; none where there are none."""
    parts = [part for path in reading.paths(rf"{FOLDER}/[^/]+\.ya?ml") if (part := reading.mapping(path))]
    return (Suite(FOLDER, FOLDER, cases=tuple(_case(part) for part in parts)),) if parts else ()


def _case(part: Part) -> Case:
    judged = [Expectation(JUDGE, text, part.line_of("prompt_assertions")) for text in part.texts("prompt_assertions")]
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
        mocks=part.mapping("api_mocks"),
        attributes=part.mapping("integration_attributes"),
    )
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
