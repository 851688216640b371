"""An agent in the native layout as a whole: each file against its model, and what the files say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitagent.config.documents import Document
from gitagent.config.inspection import Inspection
from gitagent.config.native.definitions import Definitions
from gitagent.config.native.handoffs import check_handoffs
from gitagent.config.native.parameters import arguments_of
from gitagent.config.native.queries import Queries
from gitagent.config.native.references import is_variable_name, references_in_document, references_in_text
from gitagent.config.native.schemas import KINDS, kept_schema
from gitagent.config.native.suites import Known, check_suite
from gitagent.config.native.tools import check_tool
from gitagent.config.native.values import check_said, items_at, pairs_at, text_at
from gitagent.config.problems import Problem, Severity
from gitagent.config.shapes import fits
from gitagent.config.suggestions import did_you_mean, shortened

MAIN = "agent.yaml"
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3})?(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-[A-Za-z0-9]{4,8})*"
)
_PROMPT_FILE = re.compile(r"[^\n\r]{1,250}\.md", re.IGNORECASE)


def check_agent(inspection: Inspection) -> None:
    """Take in every problem of an agent's files."""
    agents = _read(inspection, re.escape(MAIN), "agent")
    topics = _read(inspection, r"topics/[^/]+\.ya?ml", "topic")
    tools = _read(inspection, r"tools/[^/]+\.ya?ml", "tool")
    suites = _read(inspection, r"tests/[^/]+\.ya?ml", "suite")
    known = Known(
        Definitions("topic", whole=None not in topics),
        Definitions("tool", whole=None not in tools),
        Definitions("handoff", whole=None not in agents),
        [],
        {},
    )
    inspection.add(*_check_folders(inspection))
    for document in filter(None, agents):
        inspection.add(*_check_main(inspection, document, known))
    for document in filter(None, tools):
        inspection.add(*known.tools.define(document, ("name",)), *check_tool(document, known.referable))
        if (name := text_at(document, ("name",))) is not None and (taken := arguments_of(document)) is not None:
            known.arguments[name] = taken
    queries = Queries()
    for document in filter(None, topics):
        inspection.add(*known.topics.define(document, ("name",)), *queries.define(document))
    for document in filter(None, topics):
        inspection.add(*_check_topic(document, known))
    for document in filter(None, suites):
        inspection.add(*check_suite(document, known))


def _check_folders(inspection: Inspection) -> Iterator[Problem]:
    for folder in ("topics", "tools", "tests"):
        if folder in inspection.files:
            message = f"'{folder}' is not a folder, so that nothing is read from it"
            yield Problem(folder, 0, 0, "not-a-folder", message, f"Make '{folder}' a folder of files.")
    for path in inspection.paths(r"(?:topics|tools)/.+/[^/]+\.ya?ml"):
        folder = path.partition("/")[0]
        message = f"only files that are right in '{folder}' are read"
        yield Problem(path, 0, 0, "not-read", message, f"Move it to {folder}/.", Severity.WARNING)


def _read(inspection: Inspection, pattern: str, kind: str) -> list[Document | None]:
    documents = [inspection.document(path) for path in inspection.paths(pattern)]
    for document in documents:
        if document is not None and not fits(document.value, kept_schema(kind)):
            _check_model(inspection, document, kind)
    return documents


def _check_model(inspection: Inspection, document: Document, kind: str) -> None:
    from gitagent.config.models import check_model
    from gitagent.config.native import models

    check_model(document, getattr(models, KINDS[kind]), inspection)


def _check_main(inspection: Inspection, document: Document, known: Known) -> Iterator[Problem]:
    for at, name, value in pairs_at(document, ("variables",)):
        known.variables.append(name)
        yield from check_variable(document, at, name, value)
    yield from check_handoffs(document, known.handoffs)
    language = text_at(document, ("language",))
    if language is not None and _LANGUAGE.fullmatch(language) is None:
        message = f"'{shortened(language)}' is not a language tag"
        hint = "Write a BCP 47 tag, such as en, en-GB or pt-BR."
        yield document.problem("bad-language", message, at=("language",), hint=hint)
    for key in ("greeting", "variables", "handoffs"):
        yield from references_in_document(document, (key,), known.variables)
    yield from _check_prompt(inspection, document, known)


def check_variable(document: Document, at: tuple[str | int, ...], name: str, value: object) -> Iterator[Problem]:
    """The problems of one variable: its name, and the type of its value."""
    if not is_variable_name(name):
        message = f"'{shortened(name)}' cannot be used as ${{…}}"
        hint = "Use letters, digits and _, and begin with a letter."
        yield document.problem("bad-variable", message, at=at, on_key=True, hint=hint)
    if value is None or isinstance(value, dict | list):
        message = f"the variable '{shortened(name)}' must be a text, a number, true or false"
        yield document.problem(
            "bad-variable", message, at=at, hint="Give it one value; quote a text that begins with a brace or bracket."
        )


def _check_prompt(inspection: Inspection, document: Document, known: Known) -> Iterator[Problem]:
    prompt = text_at(document, ("prompt",))
    if prompt is None:
        return
    if _PROMPT_FILE.fullmatch(prompt) is None:
        yield from references_in_document(document, ("prompt",), known.variables)
        return
    path = prompt.removeprefix("./")
    if path not in inspection.files:
        markdown = [other for other in inspection.files if other.endswith(".md")]
        message = f"there is no file '{shortened(path)}'"
        hint = did_you_mean(path, markdown) or "Name a Markdown file of the agent, or write the prompt itself."
        yield document.problem("prompt-missing", message, at=("prompt",), hint=hint)
        return
    text = inspection.text(path)
    if text is None:
        return
    if not text.strip():
        yield Problem(path, 1, 1, "empty", "the prompt is empty", severity=Severity.WARNING)
    yield from references_in_text(text, path, known.variables)


def _check_topic(document: Document, known: Known) -> Iterator[Problem]:
    yield from check_said(document, ("name",))
    for at, _ in items_at(document, ("example_queries",)):
        yield from check_said(document, at)
    yield from references_in_document(document, ("content",), known.referable)
    for at, action in items_at(document, ("actions",)):
        if not isinstance(action, dict):
            continue
        if ("tool" in action) == ("handoff" in action):
            message = "an action names either a tool or a handoff"
            hint = "Write 'tool: …' or 'handoff: …', and a list item for each."
            yield document.problem("bad-action", message, at=at, hint=hint)
        yield from known.tools.refer(document, (*at, "tool"))
        yield from known.handoffs.refer(document, (*at, "handoff"))
