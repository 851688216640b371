"""States: what is true of an agent after an event, and the files of the ledger that hold it.

The files are YAML in its JSON form: any YAML reader takes them, and the standard library reads them in 0.05 ms where
importing a YAML parser alone costs 27 ms, a quarter of a whole promotion.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent.errors import EnvironmentNotFound, InvalidName, LedgerInvalid
from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.access import Access

_Result = TypeVar("_Result")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}")
FORMAT = 1
STATE_PATH = "state.yaml"
ACCESS_PATH = "access.yaml"
MOST_APPROVALS = 20
VERSIONS_PER_FOLDER = 100
"""So that the folder written with each version stays small, however many versions there are."""


class AssignedNumber(NamedTuple):
    """A phone number, the one environment that it is assigned to, and the SIP headers of its calls."""

    number: PhoneNumber
    environment: EnvironmentName
    sip_headers: Mapping[str, str]


class EnvironmentState(NamedTuple):
    """What the ledger keeps of an environment.

    `before` is the ledger commit that still says what was served before this version: where a rollback goes. `tests`
    are the per cent of a version's cases that have to pass before it goes in, 0 where none has to; with `not_worse`,
    none that passes on what is served may fail.
    """

    name: EnvironmentName
    version: VersionNumber | None = None
    commit: str | None = None
    since: datetime | None = None
    by: Actor | None = None
    before: str | None = None
    requires_number: bool = False
    numbers: tuple[AssignedNumber, ...] = ()
    approvals: int = 0
    requires_signature: bool = False
    tests: int = 0
    not_worse: bool = False


class State(NamedTuple):
    """The whole state but for the versions: the pipeline in order, the newest numbers, and who may do what.

    Where there is no `access`, everybody may do everything.
    """

    environments: tuple[EnvironmentState, ...]
    last_version: VersionNumber
    last_published: VersionNumber | None = None
    access: Access | None = None

    @property
    def pipeline(self) -> tuple[EnvironmentName, ...]:
        return tuple(environment.name for environment in self.environments)

    def environment(self, name: EnvironmentName) -> EnvironmentState:
        """One environment; EnvironmentNotFound when the pipeline has none of that name."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        raise EnvironmentNotFound(
            f"no environment is called {name}", hint=f"The pipeline is {' → '.join(map(str, self.pipeline))}."
        )

    def with_environment(self, changed: EnvironmentState) -> State:
        """This state with one environment replaced."""
        return self._replace(
            environments=tuple(changed if each.name == changed.name else each for each in self.environments)
        )


class VersionRecord(NamedTuple):
    """What the ledger keeps of a version: its commit, its tag object, and the environments that ever served it.

    `approvals` are the environments that it was approved for, each with the e-mails of those who did, in that order.
    """

    commit: str
    tag: str
    served: tuple[EnvironmentName, ...] = ()
    approvals: tuple[tuple[EnvironmentName, tuple[str, ...]], ...] = ()

    def approved(self, environment: EnvironmentName) -> tuple[str, ...]:
        """Who approved it for an environment."""
        return dict(self.approvals).get(environment, ())

    def with_approval(self, environment: EnvironmentName, who: str) -> VersionRecord:
        """This record with one approval more."""
        approvals = {**dict(self.approvals), environment: (*self.approved(environment), who)}
        return self._replace(approvals=tuple(sorted(approvals.items())))


def environment_path(name: EnvironmentName) -> str:
    """Where the ledger keeps an environment."""
    return f"environments/{name}.yaml"


def version_path(number: VersionNumber) -> str:
    """Where the ledger keeps a version's record."""
    return f"versions/{number.number // VERSIONS_PER_FOLDER}/{number}.yaml"


def format_state(state: State, *, since: State | None = None) -> dict[str, bytes]:
    """The files of a state, but for the versions' records; with `since`, without environments that were so before."""
    top: dict[str, Any] = {
        "format": FORMAT,
        "pipeline": [str(name) for name in state.pipeline],
        "last_version": str(state.last_version),
        "last_published": state.last_published and str(state.last_published),
    }
    files = {STATE_PATH: _dump(top)}
    for environment in state.environments:
        if since is None or environment not in since.environments:
            files[environment_path(environment.name)] = _dump(_environment_values(environment))
    if state.access is not None and (since is None or state.access != since.access):
        from gitagent.agent.access import access_values

        files[ACCESS_PATH] = _dump(access_values(state.access))
    return files


def format_record(record: VersionRecord) -> bytes:
    """The file of a version's record."""
    approved = {str(environment): list(who) for environment, who in record.approvals}
    return _dump(
        {
            "commit": record.commit,
            "tag": record.tag,
            "served": [str(name) for name in record.served],
            **({"approved": approved} if approved else {}),
        }
    )


def parse_state(read: Callable[[str], bytes]) -> State:
    """The state whose files `read` returns by path. LedgerInvalid when they are not what gitagent writes."""
    return _checked("state", lambda: _state(read))


def parse_environment(name: EnvironmentName, read: Callable[[str], bytes]) -> EnvironmentState:
    """One environment, whose file `read` returns by path."""
    return _checked(environment_path(name), lambda: _environment(name, read(environment_path(name))))


def parse_record(content: bytes) -> VersionRecord:
    """A version's record."""
    return _checked("version", lambda: _record(content))


def _checked(what: str, parse: Callable[[], _Result]) -> _Result:
    try:
        return parse()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, InvalidName) as error:
        raise LedgerInvalid(
            f"the ledger's {what} cannot be read: {error.args[0] if isinstance(error, KeyError) else error}",
            hint="Look at it with: git show gitagent/ledger:state.yaml",
        ) from error


def _state(read: Callable[[str], bytes]) -> State:
    top = _load(read(STATE_PATH))
    if top["format"] != FORMAT:
        raise ValueError(f"its format is {top['format']!r}; this gitagent reads {FORMAT}")
    names = [EnvironmentName.parse(name) for name in top["pipeline"]]
    last_published = top["last_published"]
    return State(
        environments=tuple(parse_environment(name, read) for name in names),
        last_version=VersionNumber.parse(top["last_version"]),
        last_published=VersionNumber.parse(last_published) if last_published else None,
        access=_access(read),
    )


def _access(read: Callable[[str], bytes]) -> Access | None:
    try:
        content = read(ACCESS_PATH)
    except KeyError:  # nobody has given out roles
        return None
    from gitagent.agent.access import parse_access

    return _checked(ACCESS_PATH, lambda: parse_access(_load(content)))


def _environment(name: EnvironmentName, content: bytes) -> EnvironmentState:
    values = _load(content)
    version, since, by = values["version"], values["since"], values["by"]
    return EnvironmentState(
        name=name,
        version=VersionNumber.parse(version) if version else None,
        commit=values["commit"] and _object_id(values["commit"]),
        since=datetime.fromisoformat(since) if since else None,
        by=Actor.parse(by) if by else None,
        before=values["before"] and _object_id(values["before"]),
        requires_number=values["requires_number"],
        numbers=tuple(
            AssignedNumber(PhoneNumber.stored(number), name, dict(given["sip_headers"]))
            for number, given in values["numbers"].items()
        ),
        approvals=_approvals(values.get("approvals", 0)),
        requires_signature=values.get("requires_signature", False),
        tests=_rate(values.get("tests", 0)),
        not_worse=values.get("not_worse", False),
    )


def _approvals(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MOST_APPROVALS:
        raise ValueError(f"{value!r} is not a number of approvals")
    return value


def _rate(value: object) -> int:
    if type(value) is not int or not 0 <= value <= 100:
        raise ValueError(f"{value!r} is not a rate of cases that pass")
    return value


def _environment_values(environment: EnvironmentState) -> dict[str, Any]:
    # Rules that came later are left out where nobody set them, so that older ledgers are still as they should be.
    later = {
        "approvals": environment.approvals,
        "requires_signature": environment.requires_signature,
        "tests": environment.tests,
        "not_worse": environment.not_worse,
    }
    return {
        "version": environment.version and str(environment.version),
        "commit": environment.commit,
        "since": environment.since and environment.since.isoformat(),
        "by": environment.by and str(environment.by),
        "before": environment.before,
        "requires_number": environment.requires_number,
        **{name: value for name, value in later.items() if value},
        "numbers": {str(each.number): {"sip_headers": dict(each.sip_headers)} for each in environment.numbers},
    }


def _record(content: bytes) -> VersionRecord:
    values = _load(content)
    served = tuple(EnvironmentName.parse(name) for name in values["served"])
    approved = tuple((EnvironmentName.parse(name), tuple(who)) for name, who in values.get("approved", {}).items())
    return VersionRecord(_object_id(values["commit"]), _object_id(values["tag"]), served, approved)


def _object_id(text: str) -> str:
    if _OBJECT_ID.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not the id of an object")
    return text


def _load(content: bytes) -> dict[str, Any]:
    values = json.loads(content)
    if not isinstance(values, dict):
        raise TypeError("it is not a mapping")
    return values


def _dump(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()
