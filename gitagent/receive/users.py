"""Users: whom the server knows the pusher to be, and the people in whose name they may act."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import RuleBroken, StorageFailed
from gitagent.names import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gitagent.agent.events import Event

VARIABLES = ("GITAGENT_USER", "GL_USER", "REMOTE_USER")
"""Where the pusher's name stands: set by an ssh forced command, by gitolite, by a web server. The first one counts."""
REQUIRED = "gitagent.requireUser"
"""The key of git's configuration that asks for a known user. Without it, a push by nobody known is not asked whose."""
FILE = "users"


class User(NamedTuple):
    """Somebody whom the server knows. `identities` are those given to them; None where nobody was given any."""

    name: str
    identities: frozenset[Actor] | None = None

    def may_act_as(self, actor: Actor) -> bool:
        """Whether events by that actor are theirs: one of their identities, or their name as or in the e-mail."""
        return self.is_known_by(actor.email) if self.identities is None else actor in self.identities

    def is_known_by(self, email: str) -> bool:
        """Whether that e-mail is one of theirs."""
        email = email.casefold()
        if self.identities is not None:
            return email in {each.email.casefold() for each in self.identities}
        return self.name.casefold() in (email, email.rpartition("@")[0])


def acting_user(environ: Mapping[str, str], folder: Path) -> User | None:
    """Who pushes, as the server's environment says; None where it says nothing.

    Where the file `users` of `folder` exists, a line `ada = Ada Lovelace <ada@example.com>` gives an identity, and who
    has no line has none.
    """
    name = next((environ[variable] for variable in VARIABLES if environ.get(variable)), None)
    if name is None:
        return None
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return User(name)
    except (OSError, ValueError) as error:
        raise StorageFailed(
            f"{folder / FILE} cannot be read: {error}",
            hint="On the server, look after it: UTF-8, and readable by all who push.",
        ) from error
    lines = [line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return User(name, frozenset(Actor.parse(who.strip()) for user, _, who in lines if user.strip() == name))


def refuse_unknown(user: User | None, *, required: bool) -> None:
    """Refuse a push by nobody whom the server knows, where git's configuration asks for a user."""
    if user is None and required:
        raise RuleBroken(
            "the server does not know who you are",
            code="rule-user-unknown",
            hint=f"On the server, one of {', '.join(VARIABLES)} has to be set; {REQUIRED} asks for it.",
        )


def refuse_other_actor(user: User | None, event: Event) -> None:
    """Refuse an event in somebody else's name."""
    if user is None or user.may_act_as(event.actor):
        return
    raise RuleBroken(
        f"event {event.seq}, {event.subject}, is by {event.actor}, and the server knows you as {user.name}",
        code="rule-user",
        hint=f"Set your e-mail to what the server knows: git config user.email {user.name}@...; "
        "a line in gitagent/users on the server gives you another one.",
    )


def refuse_approval_of_own(user: User | None, event: Event, others: Iterable[str]) -> None:
    """Refuse an approval by who is, under another e-mail, the author, or somebody who has approved it already."""
    if user is None or not (known := [each for each in others if user.is_known_by(each)]):
        return
    raise RuleBroken(
        f"event {event.seq}, {event.subject}: the server knows you as {known[0]}, too",
        code="rule-own-approval",
        hint="Let somebody else approve it.",
    )
