"""Dumping: plain values written as YAML, the same value always as the same text.

The emitters at hand do not do: libyaml's escapes every emoji, and ruamel's own breaks off at an empty text without
a tag. What is written here is read back in the tests by both of their parsers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from gitagent.config.scalars import is_plain_text

# Safe without quotes at every place in block style: begins with a letter or the like, holds no ': ' and no ' #'.
_PLAIN = re.compile(r"[\w+./($](?:[\w +./()@%=~^;<>!?$&*'\"\\,|{}\[\]-]|:(?=[\w/.@-]))*", re.ASCII)
_UNSAFE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"
_LINE = rf"[^\s{_UNSAFE}](?:[^{_UNSAFE}]*[^\s{_UNSAFE}])?"
_LITERAL = re.compile(rf"(?:{_LINE}\n\n?)*{_LINE}\n")
# What JSON leaves as it is and YAML does not allow in a file, or takes for the end of a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LONGEST_KEY = 100


def dump(value: object) -> str:
    """`value` as YAML in block style, keys in the order given, text in quotes only where it needs them."""
    if isinstance(value, dict | list | tuple) and value:
        return "".join(_block(value, ""))
    return _scalar(value, "") + "\n"


def _block(value: dict[object, object] | list[object] | tuple[object, ...], indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            text = _quoted(key) if isinstance(key, str) else _scalar(key, "")
            yield f"{indent}{text}:" if len(text) <= _LONGEST_KEY else f"{indent}? {text}\n{indent}:"
            yield from _after(item, indent)
    else:
        for item in value:
            yield f"{indent}-"
            if isinstance(item, dict | list | tuple) and item:
                first, *rest = _block(item, indent + "  ")
                yield " " + first.removeprefix(indent + "  ")
                yield from rest
            else:
                yield f" {_scalar(item, indent)}\n"


def _after(value: object, indent: str) -> Iterator[str]:
    if isinstance(value, dict | list | tuple) and value:
        yield "\n"
        yield from _block(value, indent + "  ")
    else:
        yield f" {_scalar(value, indent)}\n"


def _scalar(value: object, indent: str) -> str:
    match value:
        case str():
            return _literal(value, indent) if _LITERAL.fullmatch(value) else _quoted(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else repr(value).replace("inf", ".inf")
        case int() | float():
            return repr(value)
        case dict():
            return "{}"
        case list() | tuple():
            return "[]"
    raise TypeError(f"{type(value).__name__} has no YAML form")


def _literal(text: str, indent: str) -> str:
    lines = text.removesuffix("\n").split("\n")
    return "|\n" + "\n".join(f"{indent}  {line}" if line else "" for line in lines)


def _quoted(text: str) -> str:
    if is_plain_text(text) and not text.endswith(" ") and _is_plain(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _is_plain(text: str) -> bool:
    # Letters of every script are as safe as those of English; what is left is matched as if it were a letter.
    letters = "".join("a" if ord(char) > 0xA0 and char.isalnum() else char for char in text)
    return _PLAIN.fullmatch(letters) is not None and not text.startswith("...")
