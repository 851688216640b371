"""Soundness: whether tags, main and the environments' branches are what the ledger makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from gitagent.agent.findings import FETCH, Finding, finding
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.replay import is_by
from gitagent.agent.store import REMOTE
from gitagent.agent.versions import tag_message, tag_ref
from gitagent.config.problems import Severity
from gitagent.errors import ObjectMissing, StorageFailed
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from gitagent.agent.events import Event
    from gitagent.agent.states import State, VersionRecord
    from gitagent.git.exact import Trees
    from gitagent.git.repository import Repository

_LIKE_A_VERSION = re.compile(r"v?[._-]?[0-9]+", re.IGNORECASE)
_UNREADABLE = ""
_PUT_BACK = "Any command puts it back: gitagent status"


def misplaced(
    repository: Repository, state: State, records: Mapping[VersionNumber, VersionRecord]
) -> Iterator[Finding]:
    """The refs that are not where the ledger has them, those that it does not know, and where HEAD stands."""
    yield from _tags(repository, state, records)
    for environment in state.environments:
        ref = branch_ref(environment.name)
        found = yield from _target(repository, ref)
        if found not in (environment.commit, _UNREADABLE):
            serves = f"{environment.name} serves {environment.version or 'nothing'}"
            stands = f"its branch is at {found[:12]}" if found else "its branch is missing"
            code = "branch-missing" if not found else "branch-moved" if environment.commit else "branch-unknown"
            yield Finding(code, f"{serves}, and {stands}", _PUT_BACK, ref)
    if (last := records.get(state.last_version)) is not None:
        yield from _main(repository, state.last_version, last.commit)
    yield from _head(repository)


def unsound_versions(
    trees: Trees,
    records: Mapping[VersionNumber, VersionRecord],
    made: Mapping[VersionNumber, Event],
    done: Callable[[int], None],
) -> Iterator[Finding]:
    """Versions whose tag object, place in the line of first parents or files are not as they have to be.

    `done` is told each number that was checked.
    """
    if not records:
        return
    newest = max(records)
    line, findings = _line(trees, records[newest].commit, newest)
    yield from findings
    previous: VersionNumber | None = None
    for number, record in sorted(records.items()):
        yield from _tag_object(trees.repository, number, record, made.get(number))
        if previous is not None and not findings and not _follows(line, records[previous].commit, record.commit):
            message = f"{previous} cannot be reached from {number} by first parents"
            yield Finding("version-line", message, f"See: git log --first-parent {number}", tag_ref(number))
        previous = number
        done(number.number)


def _tags(repository: Repository, state: State, records: Mapping[VersionNumber, VersionRecord]) -> Iterator[Finding]:
    for number, record in records.items():
        ref = tag_ref(number)
        found = yield from _target(repository, ref)
        if found is None:
            yield Finding("tag-missing", f"the tag {number} is missing", f"Bring it back: gitagent show {number}", ref)
        elif found not in (record.tag, _UNREADABLE):
            message = f"the tag {number} was moved: it is {found[:12]}, and the ledger made {record.tag[:12]}"
            yield Finding("tag-moved", message, f"Put it back: gitagent show {number}", ref)
    for ref in repository.refs("refs/tags/"):
        name = ref.removeprefix("refs/tags/")
        if name.startswith("v") and VersionNumber.matches(name):
            if VersionNumber.parse(name) > state.last_version:
                message = f"the tag {name} exists, and the newest version of the ledger is {state.last_version}"
                hint = "git reflog gitagent/ledger shows whether the ledger was moved back; if it was not: git tag -d"
                yield Finding("tag-unknown", message, f"{hint} {name}", ref)
        elif _LIKE_A_VERSION.fullmatch(normalize("NFKC", name)):
            message = f"the tag {name} looks like a version's and is none"
            yield Finding(
                "tag-look-alike",
                message,
                f"Rename it: git tag old-{name} {name} && git tag -d {name}",
                ref,
                severity=Severity.WARNING,
            )


def _main(repository: Repository, newest: VersionNumber, last: str) -> Iterator[Finding]:
    main = yield from _target(repository, MAIN)
    if main in (last, _UNREADABLE):
        return
    if main is None:
        yield Finding("main-missing", "the branch main is missing", _PUT_BACK, MAIN)
        return
    try:
        if repository.is_ancestor(main, last) and repository.config(REMOTE) is not None:
            message = f"main does not have {newest}, the newest version, which others saved"
            yield Finding("main-behind", message, "Bring it here: gitagent sync", MAIN, severity=Severity.WARNING)
        elif repository.is_ancestor(main, last):
            yield Finding("main-behind", f"main is behind {newest}, the newest version", _PUT_BACK, MAIN)
        elif not repository.is_ancestor(last, main):
            message = f"main does not contain {newest}, the newest version"
            hint = "The next version takes in what main has; nothing has to be done."
            yield Finding("main-diverged", message, hint, MAIN, severity=Severity.WARNING)
    except ObjectMissing as error:
        yield finding(error, ref=MAIN)


def _head(repository: Repository) -> Iterator[Finding]:
    if repository.is_bare:
        return
    try:
        name = repository.head_name()
    except StorageFailed as error:
        yield finding(error, ref="HEAD")
        return
    if name != MAIN:
        where = f"on {name.removeprefix('refs/heads/')}" if name else "detached"
        message = f"HEAD is {where}, so that the working tree is not the draft"
        yield Finding("head-elsewhere", message, "Go back: git switch main", "HEAD", severity=Severity.WARNING)


def _tag_object(
    repository: Repository, number: VersionNumber, record: VersionRecord, event: Event | None
) -> Iterator[Finding]:
    """A tag object that is missing, or says something else than its version's event."""
    ref = tag_ref(number)
    if not repository.has(record.tag):
        yield Finding("object-missing", f"the tag object of {number}, {record.tag}, is missing", FETCH, ref)
        return
    try:
        tag = repository.tag(record.tag)
    except ValueError:  # its texts are not UTF-8
        tag = None
    if tag is None:
        yield Finding("tag-not-annotated", f"{number} is no annotated tag", f"See: git cat-file -p {record.tag}", ref)
        return
    hint = f"See: git cat-file -p {record.tag[:12]}"
    if tag.name != str(number):
        yield Finding("tag-name", f"the tag object of {number} names itself {tag.name}", hint, ref)
    if tag.target != record.commit:
        message = f"the tag object of {number} is on {tag.target[:12]}, not on {record.commit[:12]}"
        yield Finding("tag-commit", message, hint, ref)
    if event is None:
        return
    by_actor = is_by(event.actor, tag.tagger_name, tag.tagger_email) and tag.at == event.at
    if not by_actor or tag.message.rstrip("\n") != tag_message(number, event.name, event.message).rstrip("\n"):
        yield Finding("tag-words", f"the tag object of {number} says something else than its event", hint, ref)


def _line(trees: Trees, start: str, newest: VersionNumber) -> tuple[dict[str, int], list[Finding]]:
    """How far each commit is from the newest version's by first parents, and which objects are missing on the way."""
    line: dict[str, int] = {}
    seen: set[str] = set()
    findings: list[Finding] = []
    try:
        for commit in trees.repository.first_parents(start):
            line[commit.id] = len(line)
            for id_ in trees.missing(commit.tree, seen):
                message = f"object {id_} of commit {commit.id[:12]} is missing"
                findings.append(Finding("object-missing", message, FETCH, tag_ref(newest)))
    except ObjectMissing as error:
        findings.append(finding(error, ref=tag_ref(newest)))
    return line, findings


def _follows(line: Mapping[str, int], older: str, newer: str) -> bool:
    return older in line and newer in line and line[older] > line[newer]


def _target(repository: Repository, ref: str) -> Generator[Finding, None, str | None]:
    try:
        return repository.ref(ref)
    except StorageFailed as error:
        yield finding(error, ref=ref)
        return _UNREADABLE
