"""Authorization: what the bearer of a request may do, and which agents exist for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import ScopeMissing, TokenRefused
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.server.tokens import Tokens

_SCHEME = "bearer "


class Grant(NamedTuple):
    """What somebody may do. `agents` None stands for all agents."""

    bearer: str | None
    scopes: frozenset[Scope]
    agents: frozenset[str] | None

    def allows(self, *scopes: str) -> bool:
        """Whether one of these scopes is given; `admin` is all of them."""
        return Scope.ADMIN in self.scopes or any(each in self.scopes for each in scopes)

    def sees(self, agent: str) -> bool:
        """Whether that agent is there for them; it is as if others did not exist."""
        return self.agents is None or agent in self.agents

    def require(self, *scopes: str) -> None:
        """ScopeMissing unless one of these scopes is given."""
        if not self.allows(*scopes):
            raise ScopeMissing(
                f"this token has the scope {' and '.join(sorted(self.scopes))}, and {' or '.join(scopes)} is needed",
                hint=f"Use another token, made by: gitagent tokens add NAME --scope {scopes[0]}",
            )


OPEN = Grant(None, frozenset({Scope.ADMIN}), None)
"""Where no token was ever made, and only this machine can ask, everybody may do everything."""


def grant_of(header: str | None, tokens: Tokens, *, required: bool, at: datetime) -> Grant:
    """What the bearer of a request's `Authorization` header may do; TokenRefused where none or a wrong one is named.

    `required` is whether a token is needed although none was made: where other machines can ask.
    """
    is_bearer = header is not None and header[: len(_SCHEME)].lower() == _SCHEME
    token = tokens.find(header[len(_SCHEME) :].strip(), at=at) if header is not None and is_bearer else None
    if token is not None:
        return Grant(token.name, token.scopes, token.agents)
    if not required and not tokens:
        return OPEN
    if header is None:
        raise TokenRefused("a token is needed", hint="Send one: Authorization: Bearer ga_…", code="token-missing")
    if not is_bearer:
        raise TokenRefused(
            "the Authorization header names no bearer token", hint="Send it so: Authorization: Bearer ga_…"
        )
    raise TokenRefused(
        "this token is not valid, or not any more", hint="Where the server runs, see which are: gitagent tokens"
    )
