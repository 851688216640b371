"""What the files of an ADK project define, by name, for others of its files to refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from gitagent.config.documents import Document
from gitagent.config.suggestions import did_you_mean

_GLOBAL_FUNCTION = re.compile(r"functions/[^/]+\.py")
_FLOW_FUNCTION = re.compile(r"flows/[^/]+/functions/[^/]+\.py")
_FLOW_CONFIG = re.compile(r"flows/[^/]+/flow_config\.yaml")
_PUNCTUATION = re.compile(r"[\W_]+")


def clean(name: str) -> str:
    """A name as the ADK makes it into the name of a file: lower case, and `_` for what is no letter or digit."""
    return _PUNCTUATION.sub("_", name.lower()).strip("_")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one sort. Unless all of them are `known`, because a file cannot be read, none counts as missing."""

    sort: str
    names: tuple[str, ...]
    known: bool = True

    def lack(self, name: str) -> bool:
        """Whether nothing of that name is defined."""
        return self.known and clean(name) not in {clean(each) for each in self.names}

    def hint(self, name: str) -> str | None:
        """What may have been meant."""
        return did_you_mean(name, self.names)

    def with_others(self, others: Self) -> Self:
        """These names and those."""
        return type(self)(self.sort, self.names + others.names, self.known and others.known)


class Inventory:
    """Everything that can be referred to by name in one project."""

    def __init__(self, paths: Iterable[str], documents: Mapping[str, Document]) -> None:
        self._paths = sorted(paths)
        self._documents = documents
        self.functions = self._stems("function", _GLOBAL_FUNCTION)
        self.all_functions = self.functions.with_others(self._stems("function", _FLOW_FUNCTION))
        self.flows = self._own("flow", _FLOW_CONFIG)
        self.entities = self._listed("entity", "config/entities.yaml", "entities")
        self.handoffs = self._listed("handoff", "config/handoffs.yaml", "handoffs")
        self.messages = self._listed("SMS template", "config/sms_templates.yaml", "sms_templates")
        self.translations = self._listed("translation", "config/translations.yaml", "translations")
        self.variants = self._listed("variant", "config/variant_attributes.yaml", "variants")
        self.attributes = self._listed("variant attribute", "config/variant_attributes.yaml", "attributes")

    def flow_functions(self, folder: str) -> Names:
        """The transition functions of the flow in `flows/<folder>`."""
        return self._stems("function of this flow", re.compile(rf"flows/{re.escape(folder)}/functions/[^/]+\.py"))

    def steps(self, folder: str) -> Names:
        """The steps of the flow in `flows/<folder>`, those written in Python too."""
        flow = f"flows/{re.escape(folder)}"
        steps = self._own("step of this flow", re.compile(rf"{flow}/steps/[^/]+\.ya?ml"))
        return steps.with_others(self._stems("", re.compile(rf"{flow}/function_steps/[^/]+\.py")))

    def _stems(self, sort: str, pattern: re.Pattern[str]) -> Names:
        return Names(sort, tuple(PurePosixPath(path).stem for path in self._paths if pattern.fullmatch(path)))

    def _own(self, sort: str, pattern: re.Pattern[str]) -> Names:
        return _names(sort, (_field(self._documents.get(path)) for path in self._paths if pattern.fullmatch(path)))

    def _listed(self, sort: str, path: str, key: str) -> Names:
        if path not in self._paths:
            return Names(sort, ())
        document = self._documents.get(path)
        return _names(sort, _items(document.value if document else "", key))


def _field(document: Document | None) -> object:
    return document.value.get("name") if document and isinstance(document.value, dict) else None


def _items(value: object, key: str) -> Iterator[object]:
    """The names in a list under a key; one that is no text where there is something else, an empty value apart."""
    listed = value.get(key) if isinstance(value, dict) else value
    if isinstance(listed, list):
        yield from (item.get("name") if isinstance(item, dict) else None for item in listed)
    elif listed is not None:
        yield None


def _names(sort: str, found: Iterable[object]) -> Names:
    every = tuple(found)
    texts = tuple(name for name in every if isinstance(name, str))
    return Names(sort, texts, known=len(texts) == len(every))
