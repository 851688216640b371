"""Every exception that gitagent raises on purpose.

GitagentError
├── Refused                        a rule says no, or the thing is not there
│   ├── NotFound
│   │   ├── AgentNotFound
│   │   ├── EnvironmentNotFound
│   │   ├── VersionNotFound
│   │   ├── DraftNotFound
│   │   ├── NumberNotFound
│   │   ├── CallNotFound
│   │   ├── TokenNotFound
│   │   └── NeverServed
│   ├── InvalidName
│   ├── InvalidConfiguration
│   ├── IdentityMissing
│   ├── SigningKeyMissing
│   ├── RemoteRefused
│   ├── RuleBroken
│   │   └── Untested
│   ├── NumberContested
│   ├── CallIdTaken
│   ├── CallEnded
│   ├── AddressUnusable
│   ├── TokenRefused
│   ├── ScopeMissing
│   ├── ExtraMissing
│   ├── ModelMissing
│   ├── ModelRefused
│   ├── BudgetSpent
│   └── LedgerInvalid
├── Conflict                       somebody else was first: try again
│   ├── AgentBusy
│   ├── DraftEdited
│   ├── EnvironmentMoved
│   ├── LedgerMoved
│   └── LineGrown
└── StorageFailed                  git, the disk or a foreign file failed
    ├── RepositoryUnreadable
    ├── RemoteUnreachable
    ├── ServerUnreachable
    ├── ModelUnreachable
    ├── SigningFailed
    ├── CallStoreFailed
    └── ObjectMissing
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.config.problems import Problem


class GitagentError(Exception):
    """What went wrong (`message`), its stable kebab-case `code`, and what to type next (`hint`)."""

    code = "error"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class Refused(GitagentError):
    """A rule says no. Nothing was changed."""

    code = "refused"


class NotFound(Refused):
    """The thing named is not there."""

    code = "not-found"


class AgentNotFound(NotFound):
    """No agent in this folder or above it."""

    code = "agent-not-found"


class EnvironmentNotFound(NotFound):
    """The pipeline has no environment of that name."""

    code = "environment-not-found"


class VersionNotFound(NotFound):
    """No version of that number was ever made."""

    code = "version-not-found"


class DraftNotFound(NotFound):
    """No kept draft has that id."""

    code = "draft-not-found"


class NumberNotFound(NotFound):
    """The phone number is assigned to no environment."""

    code = "number-not-found"


class CallNotFound(NotFound):
    """No call has that id."""

    code = "call-not-found"


class TokenNotFound(NotFound):
    """No token has that id."""

    code = "token-not-found"


class NeverServed(NotFound):
    """The environment never served that version, or serves none at all."""

    code = "never-served"


class InvalidName(Refused):
    """A text is not a version, an environment, a phone number or an identity."""

    code = "invalid-name"


class InvalidConfiguration(Refused):
    """The configuration has problems; all of them are in `problems`."""

    code = "invalid-configuration"

    def __init__(self, message: str, *, problems: Sequence[Problem], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class IdentityMissing(Refused):
    """Git knows no name and e-mail for the person who acts."""

    code = "identity-missing"


class SigningKeyMissing(Refused):
    """A signature is asked for, and git knows no key to make it with."""

    code = "signing-key-missing"


class RemoteRefused(Refused):
    """The shared remote said no: a rule of its hooks, or a right that is missing. Nothing moved there."""

    code = "remote-refused"


class RuleBroken(Refused):
    """An operation would break one of the rules; `code` says which."""

    code = "rule-broken"


class Untested(RuleBroken):
    """An environment asks for tests, and no result is recorded of the files in `trees`."""

    code = "tests-missing"

    def __init__(self, message: str, *, trees: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.trees = tuple(trees)


class NumberContested(Refused):
    """Several agents under one folder have the phone number, and none of them answers it to whoever asks."""

    code = "number-contested"


class CallIdTaken(Refused):
    """A call of that id has begun already, for something else."""

    code = "call-id-taken"


class CallEnded(Refused):
    """The call has ended already, in another way."""

    code = "call-ended"


class AddressUnusable(Refused):
    """The server cannot listen where it was told to: somebody else does, or it may not."""

    code = "address-unusable"


class TokenRefused(Refused):
    """A request to the server names no token, or none that is valid."""

    code = "token-invalid"


class ScopeMissing(Refused):
    """The token of a request to the server is not for what it asks."""

    code = "scope-missing"


class ExtraMissing(Refused):
    """What is asked for needs an extra that is not installed."""

    code = "extra-missing"


class ModelMissing(Refused):
    """A model is to be asked, and its name or the key to it is not known."""

    code = "model-missing"


class ModelRefused(Refused):
    """The server of the model does not take the request: the key, the model's name, or what is asked."""

    code = "model-refused"


class BudgetSpent(Refused):
    """A run has used as many tokens as it may."""

    code = "budget-spent"


class LedgerInvalid(Refused):
    """The ledger holds something that gitagent did not write, or cannot read."""

    code = "ledger-invalid"


class Conflict(GitagentError):
    """Somebody else was first. Nothing was changed; try again."""

    code = "conflict"


class AgentBusy(Conflict):
    """Another process kept the agent locked for longer than the time allowed."""

    code = "agent-busy"


class DraftEdited(Conflict):
    """The draft was edited between the question and the answer, or while it was being overwritten."""

    code = "draft-edited"


class EnvironmentMoved(Conflict):
    """The environment moved between the question and the answer."""

    code = "environment-moved"


class LedgerMoved(Conflict):
    """The ledger moved between the check and the write."""

    code = "ledger-moved"


class LineGrown(Conflict):
    """Somebody saved versions that this draft does not know yet."""

    code = "line-grown"


class StorageFailed(GitagentError):
    """Git, the disk or a foreign file failed."""

    code = "storage-failed"


class RepositoryUnreadable(StorageFailed):
    """The repository is of a kind, or in a state, that cannot be opened."""

    code = "repository-unreadable"


class RemoteUnreachable(StorageFailed):
    """The shared remote cannot be reached, or did not answer."""

    code = "remote-unreachable"


class ServerUnreachable(StorageFailed):
    """The server of calls cannot be reached, or answers nothing that gitagent would."""

    code = "server-unreachable"


class ModelUnreachable(StorageFailed):
    """The server of the model cannot be reached, is too slow or too busy, or its answer was cut off or is none."""

    code = "model-unreachable"


class SigningFailed(StorageFailed):
    """A signature is asked for, and the program that git signs with did not make it. Nothing was changed."""

    code = "signing-failed"


class CallStoreFailed(StorageFailed):
    """The store of calls is away, full or broken."""

    code = "call-store-failed"


class ObjectMissing(StorageFailed):
    """A git object that the ledger names is not in the repository."""

    code = "object-missing"
