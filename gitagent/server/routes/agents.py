"""Agents over HTTP: their environments, and what each serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitagent import telemetry
from gitagent.errors import EnvironmentNotFound
from gitagent.names import EnvironmentName
from gitagent.server.routes.configurations import PINNED, configured
from gitagent.server.tags import tagged

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.runtime.resolutions import Resolution, Resolver, Snapshot
    from gitagent.server.requests import Request

Form = dict[str, Any]


async def list_(request: Request) -> Response:
    """All agents that are there for whoever asks."""
    served = request.served
    names = await served.in_thread(served.calls.agents.names)
    troubles = {name: each.code for name, each in served.polling.failing().items()}
    troubles |= {each.what: each.error.code for each in served.calls.agents.troubles()}
    return tagged(
        request,
        "agents",
        {"agents": [{"agent": name, "trouble": troubles.get(name)} for name in names if request.grant.sees(name)]},
    )


async def show(request: Request) -> Response:
    """One agent, with its environments."""
    resolver = await request.agent()
    forms = await request.served.in_thread(_environments, resolver)
    wrong = resolver.trouble or request.served.polling.failing().get(resolver.name)
    trouble = None if wrong is None else wrong.code
    return tagged(request, "agent", {"agent": resolver.name, "trouble": trouble, "environments": forms})


async def environments(request: Request) -> Response:
    """The environments of an agent, in the pipeline's order."""
    resolver = await request.agent()
    forms = await request.served.in_thread(_environments, resolver)
    return tagged(request, "environments", {"agent": resolver.name, "environments": forms})


async def environment(request: Request) -> Response:
    """One environment."""
    resolver, name = await request.agent(), str(EnvironmentName.parse(request.path["environment"]))
    forms = await request.served.in_thread(_environments, resolver)
    found = next((form for form in forms if form["environment"] == name), None)
    if found is None:
        names = " → ".join(form["environment"] for form in forms)
        raise EnvironmentNotFound(f"no environment is called {name}", hint=f"The pipeline is {names}.")
    return tagged(request, "environment", {"agent": resolver.name, **found})


async def environment_configuration(request: Request) -> Response:
    """What an environment serves now."""
    resolver, name = await request.agent(), request.path["environment"]
    if (snapshot := resolver.at_hand()) is not None and (serves := snapshot.environments.get(name)) is not None:
        known = request.served.calls.agents.configurations.known(serves.commit)
        if known is not None:
            telemetry.mark(serves)
            return configured(request, known, serves.version)
    resolution, found = await request.served.in_thread(lambda: _read(resolver.environment(name)))
    telemetry.mark(resolution)
    return configured(request, found, resolution.version)


async def version_configuration(request: Request) -> Response:
    """What a version holds."""
    resolver, version = await request.agent(), request.path["version"]
    resolution, found = await request.served.in_thread(lambda: _read(resolver.version(version)))
    telemetry.mark(resolution)
    return configured(request, found, resolution.version, keep=PINNED)


def _read(resolution: Resolution) -> tuple[Resolution, ServedConfiguration]:
    return resolution, resolution.configuration


def _environments(resolver: Resolver) -> list[Form]:
    snapshot = resolver.snapshot()
    return [_environment(name, found, snapshot) for name, found in snapshot.environments.items()]


def _environment(name: str, found: Resolution | None, snapshot: Snapshot) -> Form:
    return {
        "environment": name,
        "version": None if found is None else str(found.version),
        "commit": None if found is None else found.commit,
        "numbers": [number for number, where in snapshot.numbers.items() if _is_in(where, name)],
    }


def _is_in(where: Resolution | EnvironmentName, name: str) -> bool:
    return str(where if isinstance(where, EnvironmentName) else where.environment) == name
