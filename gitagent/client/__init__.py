"""The client: for programs that answer calls and ask a `gitagent serve` which configuration does.

with Client("http://127.0.0.1:8321", cache="/var/lib/gitagent") as client:
    begun = client.begin("CA1", number="+442079460018")
    begun.configuration.document()["greeting"]
    client.end("CA1", outcome="completed")
"""

from gitagent.client.clients import AsyncClient, Client
from gitagent.client.options import Asked, Ending, Filters, Options
from gitagent.client.values import Begun, Call, Configuration, Page, Resolution

__all__ = [
    "Asked",
    "AsyncClient",
    "Begun",
    "Call",
    "Client",
    "Configuration",
    "Ending",
    "Filters",
    "Options",
    "Page",
    "Resolution",
]
