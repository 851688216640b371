"""Agents over HTTP: their environments, and what each serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.server.routes.configurations import configured

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.runtime.resolutions import Resolution
    from gitagent.server.requests import Request


async def environment_configuration(request: Request) -> Response:
    """What an environment serves now."""
    name = request.path["environment"]
    resolver = request.agent()
    if resolver.has_changed():
        resolution, found = await request.served.in_thread(lambda: _read(resolver.environment(name)))
    else:
        resolution = resolver.environment(name)
        found = resolution.configuration
    return configured(request, found, resolution.version)


def _read(resolution: Resolution) -> tuple[Resolution, ServedConfiguration]:
    return resolution, resolution.configuration
