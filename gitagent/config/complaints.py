"""Complaints: a validation error in the words of a person who edits configuration files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gitagent.config.documents import Document, Path
from gitagent.config.suggestions import did_you_mean, shortened

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_PHONE = re.compile(r"\+?[0-9]{7,15}")
_NUMBER_KEYS = frozenset({"number", "numbers", "phone", "phone_number", "phone_numbers", "telephone"})
_TRUTH_OF_YAML_1_1 = frozenset({"yes", "no", "on", "off", "y", "n"})
_TYPES = {
    "string_type": ("not-text", "a text"),
    "float_type": ("not-number", "a number"),
    "int_type": ("not-number", "a whole number"),
    "int_from_float": ("not-number", "a whole number"),
    "bool_type": ("not-truth-value", "true or false"),
    "list_type": ("not-list", "a list"),
    "dict_type": ("not-mapping", "a mapping"),
    "model_type": ("not-mapping", "a mapping"),
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_LENGTHS = {"string_too_short": "empty", "too_short": "empty", "string_too_long": "too-long", "too_long": "too-long"}


class Complaint(NamedTuple):
    """What is wrong with one value, or with its key."""

    code: str
    message: str
    hint: str | None = None
    on_key: bool = False


def complaint(document: Document, at: Path, errors: list[ErrorDetails], *, keys: list[str]) -> Complaint:
    """The complaint about the value at `at`; `keys` are those known beside it."""
    error = errors[0]
    kind = error["type"]
    name = _name(at)
    if kind == "missing":
        return Complaint("missing-key", f"{name} is missing", f"Add a line '{at[-1]}: …'.")
    if kind == "extra_forbidden":
        hint = (
            _hint_elsewhere(str(at[-1]), keys)
            or did_you_mean(str(at[-1]), keys)
            or (f"Known keys: {', '.join(keys)}." if keys else None)
        )
        return Complaint("unknown-key", f"{name} is not known here", hint, on_key=True)
    if len(errors) > 1:
        return _no_member(name, errors)
    if kind in _TYPES:
        return _wrong_type(document, at, name, error)
    return _wrong_value(name, error)


def _hint_elsewhere(key: str, keys: list[str]) -> str | None:
    if key.lower() in _NUMBER_KEYS and "handoffs" in keys:
        return "Numbers to hand calls to stand under 'handoffs'; the agent's own: gitagent numbers assign."
    return None


def _wrong_value(name: str, error: ErrorDetails) -> Complaint:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _BOUNDS:
        (words, key), given = _BOUNDS[kind], shortened(str(error["input"]))
        return Complaint("out-of-range", f"{name} must be {words} {context[key]:g}, not {given}")
    if kind == "finite_number":
        return Complaint("out-of-range", f"{name} must be a finite number")
    if kind in _LENGTHS:
        code = _LENGTHS[kind]
        return Complaint(code, f"{name} is {code.replace('-', ' ')}")
    if kind == "literal_error":
        return _no_choice(name, error["input"], str(context.get("expected", "")))
    if "_" not in kind:  # pydantic's own kinds are in snake case, ours in kebab case
        return Complaint(kind, error["msg"], context.get("hint"), on_key="[key]" in error["loc"])
    return Complaint("bad-value", f"{name}: {context.get('error', _lowered(error['msg']))}")


def described(value: object) -> str:
    """A value in a few words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text '{shortened(value)}'"
        case int() | float():
            return f"the number {shortened(str(value))}"
        case list():
            return "a list"
    return "a mapping"


def _name(at: Path) -> str:
    keys = [part for part in at if isinstance(part, str)]
    if not keys:
        return "the file" if not at else "the item"
    name = f"'{shortened(keys[-1])}'"
    return name if isinstance(at[-1], str) else f"an item of {name}"


def _no_member(name: str, errors: list[ErrorDetails]) -> Complaint:
    wanted = list(dict.fromkeys(_TYPES[error["type"]][1] for error in errors if error["type"] in _TYPES))
    if not wanted:
        return Complaint("bad-value", f"{name}: {_lowered(errors[0]['msg'])}")
    return Complaint("bad-value", f"{name} must be {' or '.join(wanted)}, not {described(errors[0]['input'])}")


def _no_choice(name: str, value: object, expected: str) -> Complaint:
    choices = re.findall(r"'([^']*)'", expected)
    message = f"{name} must be one of {', '.join(choices)}, not {described(value)}"
    return Complaint("not-allowed", message, did_you_mean(value, choices) if isinstance(value, str) else None)


def _wrong_type(document: Document, at: Path, name: str, error: ErrorDetails) -> Complaint:
    code, wanted = _TYPES[error["type"]]
    value, source = error["input"], document.source(at)
    if value is None:
        return Complaint(code, f"{name} has no value", f"Give it {wanted}, or remove the key.")
    if code == "not-text" and source is not None:
        if _PHONE.fullmatch(source):
            message = f"{name} must be a text, but {source} without quotes is a number: its '+' and zeros get lost"
            return Complaint("unquoted-number", message, f'Put it in quotes: "{source}"')
        message = f"{name} must be a text, but {shortened(source)} without quotes is {described(value)}"
        return Complaint(code, message, f'Put it in quotes: "{shortened(source)}"')
    if code == "not-number" and isinstance(value, int) and not isinstance(value, bool):
        return Complaint("out-of-range", f"{name} has too many digits")
    hint = None
    if code == "not-text" and isinstance(value, dict | list):
        hint = "Put a text that begins with a brace or bracket, or that holds ': ', in quotes."
    elif isinstance(value, str) and code in ("not-number", "not-truth-value"):
        hint = _hint_unquoted(value, wanted, quoted=document.is_quoted(at))
    elif code == "not-list":
        hint = "Write each item in a line of its own that begins with '- '."
    return Complaint(code, f"{name} must be {wanted}, not {described(value)}", hint)


def _hint_unquoted(text: str, wanted: str, *, quoted: bool) -> str:
    if quoted:
        return f"Write it without quotes, as {wanted}."
    if text.lower() in _TRUTH_OF_YAML_1_1:
        return f"Write {wanted}: in YAML 1.2 '{text}' is a text."
    return f"Write {wanted}."


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
