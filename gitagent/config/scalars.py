"""Plain scalars: which texts of YAML 1.2's core schema are numbers, truth values or nothing, and which are text.

The rules are ruamel.yaml's, with two differences: a date stays text, because JSON and the models know no dates,
and a number of more than a thousand digits stays text, because Python refuses to write such numbers out.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9][0-9_]*")
_BASED = re.compile(r"([-+]?)0(?:x([0-9a-fA-F_]*[0-9a-fA-F])|o([0-7_]*[0-7])|b([01_]*[01]))")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)"
)
_WORDS: dict[str, Scalar] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_WORDS |= {sign + word: float(sign + "inf") for sign in ("", "-", "+") for word in (".inf", ".Inf", ".INF")}
_WORDS |= {word: float("nan") for word in (".nan", ".NaN", ".NAN")}
_NUMERIC = frozenset("-+.0123456789")
_LONGEST_NUMBER = 1000
# What a reader of YAML 1.1 (PyYAML, Ruby, Go's yaml.v2) takes for a truth value, a date, a time or an octal number.
_ONE_ONE = re.compile(
    r"(?:[yY]|[yY]es|YES|[nN]|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|=|<<"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?|[-+]?[0-9_.]+)"
)


def resolve(text: str) -> Scalar:
    """The value that a plain scalar stands for; the text itself where it is nothing else."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC or len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text.replace("_", ""))
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    if match := _BASED.fullmatch(text):
        sign, *digits = match.groups()
        base, number = next((base, found) for base, found in zip((16, 8, 2), digits, strict=True) if found)
        return int(sign + number.replace("_", ""), base)
    return text


def is_plain_text(text: str) -> bool:
    """Whether a text written without quotes is read as that text, by readers of YAML 1.2 and 1.1 alike."""
    return isinstance(resolve(text), str) and _ONE_ONE.fullmatch(text) is None
