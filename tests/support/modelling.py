"""Modelling: what an agent should be after each operation, in plain Python; refusals are predicted by their code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

Content = dict[str, tuple[bool, str]]
"""Whether it is executable, and its text, by path."""
TESTED = {"agent.yaml", "tests/greeting.yaml"}
"""What has to be there so that there is something to test."""


class Served(NamedTuple):
    """A version that an environment serves, on top of what it goes back to."""

    version: int
    below: Served | None


class Predicted(Exception):  # noqa: N818 - a prediction, not an error
    """The operation will be refused, with this code."""


@dataclass
class Model:
    """An agent: versions, what each environment serves and served, rules, numbers, draft and kept drafts."""

    pipeline: list[str]
    draft: Content
    versions: dict[int, Content] = field(default_factory=dict)
    stacks: dict[str, Served | None] = field(default_factory=dict)
    ever: dict[str, set[int]] = field(default_factory=dict)
    needs_number: dict[str, bool] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    asks: dict[str, int] = field(default_factory=dict)
    approved: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    gated: dict[str, bool] = field(default_factory=dict)
    passes: list[tuple[Content, bool]] = field(default_factory=list)
    published: int | None = None
    base: int = 1
    head: Content = field(default_factory=dict)
    kept: list[tuple[Content, int]] = field(default_factory=list)
    events: int = 1

    def __post_init__(self) -> None:
        self.versions[1] = self.head = dict(self.draft)
        for name in self.pipeline:
            self.stacks[name], self.ever[name], self.needs_number[name] = None, set(), len(self.pipeline) == 1

    @property
    def last(self) -> int:
        return max(self.versions)

    @property
    def first(self) -> str:
        return self.pipeline[0]

    def now(self, environment: str) -> int | None:
        stack = self.stacks[environment]
        return stack.version if stack else None

    def serving(self) -> dict[str, str | None]:
        return {name: f"v{now}" if (now := self.now(name)) else None for name in self.pipeline}

    # Operations

    def save(self) -> None:
        if self.draft == self.versions[self.last]:
            raise Predicted("nothing-to-save")
        self._make_version()
        self.events += 1

    def publish_draft(self) -> None:
        new = self.draft != self.versions[self.last]
        self._check_publication(self.last + 1 if new else self.last, self.draft)
        if new:
            self._make_version()
        self._put(self.first, self.last)
        self.published = self.last

    def publish_version(self, number: int) -> None:
        self._check_made(number)
        self._check_publication(number, self.versions[number])
        self._put(self.first, number)
        self.published = number

    def promote(self, environment: str, number: int | None) -> None:
        if number is not None:
            self._check_made(number)
        position = self.pipeline.index(environment)
        if position == 0:
            raise Predicted("first-environment")
        source = self.pipeline[position - 1]
        number = number or self.now(source)
        if number is None or number not in self.ever[source]:
            raise Predicted("never-served")
        now = self.now(environment)
        if now is not None and number <= now:
            raise Predicted("already-served" if number == now else "not-forward")
        self._check_number(environment)
        self._check_approvals(environment, number)
        self._check_tests(environment, self.versions[number])
        self._put(environment, number)

    def roll_back(self, environment: str, number: int | None) -> None:
        if number is not None:
            self._check_made(number)
        stack = self.stacks[environment]
        if stack is None or (number is not None and number not in self.ever[environment]):
            raise Predicted("never-served")
        if number is not None and number >= stack.version:
            raise Predicted("already-served" if number == stack.version else "not-backward")
        below = stack.below
        while number is not None and below is not None and below.version > number:
            below = below.below
        if number is None and below is None:
            raise Predicted("never-served")
        to = number or (below.version if below else 0)
        rest = below.below if below is not None and below.version == to else below
        self.stacks[environment] = Served(to, rest)
        self.events += 1

    def restore(self, content: Content, base: int) -> None:
        if self.draft not in (self.versions[self.base], content):
            self.kept.insert(0, (dict(self.draft), self.base))
        self.draft, self.base = dict(content), base

    def set_rules(self, environment: str, *, requires_number: bool) -> None:
        if self.needs_number[environment] == requires_number:
            raise Predicted("unchanged")
        self.needs_number[environment] = requires_number
        self.events += 1

    def ask_for_approvals(self, environment: str, count: int) -> None:
        if self.asks.get(environment, 0) == count:
            raise Predicted("unchanged")
        self.asks[environment] = count
        self.events += 1

    def approve(self, number: int, environment: str, who: str) -> None:
        """An approval by somebody else than the author, who is always the same."""
        self._check_made(number)
        if who in self.approved.get((number, environment), set()):
            raise Predicted("unchanged")
        self.approved.setdefault((number, environment), set()).add(who)
        self.events += 1

    def ask_for_tests(self, environment: str, *, on: bool) -> None:
        if self.gated.get(environment, False) == on:
            raise Predicted("unchanged")
        self.gated[environment] = on
        self.events += 1

    def test(self, number: int | None, *, passes: bool) -> None:
        """A run of the suites of a version, or of the draft."""
        if number is not None:
            self._check_made(number)
        content = self.draft if number is None else self.versions[number]
        if not content.keys() >= TESTED:
            raise Predicted("result-invalid")
        self.passes.insert(0, (dict(content), passes))
        self.events += 1

    def assign(self, number: str, environment: str, header: str) -> None:
        holder = self.numbers.get(number)
        if holder is not None and (holder[0] != environment or holder[1] == header):
            raise Predicted("number-taken")
        self.numbers[number] = (environment, header)
        self.events += 1

    def release(self, number: str) -> None:
        if number not in self.numbers:
            raise Predicted("number-not-found")
        environment = self.numbers[number][0]
        alone = sum(holder == environment for holder, _ in self.numbers.values()) == 1
        if self.needs_number[environment] and self.stacks[environment] is not None and alone:
            raise Predicted("number-required")
        del self.numbers[number]
        self.events += 1

    # Edits

    def write(self, path: str, text: str) -> None:
        """Write a file; a file that stands where a folder is needed makes way, and a folder for a file."""
        for other in list(self.draft):
            if path.startswith(f"{other}/") or other.startswith(f"{path}/"):
                del self.draft[other]
        self.draft[path] = (self.draft.get(path, (False, ""))[0], text)

    def _make_version(self) -> None:
        self.versions[self.last + 1] = self.head = dict(self.draft)
        self.base = self.last

    def _put(self, environment: str, number: int) -> None:
        self.stacks[environment] = Served(number, self.stacks[environment])
        self.ever[environment].add(number)
        self.events += 1

    def _check_made(self, number: int) -> None:
        if number not in self.versions:
            raise Predicted("version-not-found")

    def _check_publication(self, number: int, content: Content) -> None:
        if self.now(self.first) == number:
            raise Predicted("already-served")
        self._check_number(self.first)
        self._check_approvals(self.first, number)
        self._check_tests(self.first, content)

    def _check_tests(self, environment: str, content: Content) -> None:
        if not self.gated.get(environment, False):
            return
        passed = next((passed for tested, passed in self.passes if tested == content), None)
        if passed is None or not content.keys() >= TESTED:
            raise Predicted("tests-missing")
        if not passed:
            raise Predicted("tests-failed")

    def _check_approvals(self, environment: str, number: int) -> None:
        if len(self.approved.get((number, environment), ())) < self.asks.get(environment, 0):
            raise Predicted("approvals-missing")

    def _check_number(self, environment: str) -> None:
        if self.needs_number[environment] and environment not in {holder for holder, _ in self.numbers.values()}:
            raise Predicted("number-required")
