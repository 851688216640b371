"""The description says what is served, and all of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from gitagent.server.endpoints import TABLE
from gitagent.server.openapi import document, refusals
from gitagent.server.shapes import SCHEMAS

if TYPE_CHECKING:
    from support.asking import Asker

    from gitagent.server.endpoints import Endpoint


@pytest.fixture
def described(asker: Asker) -> dict[str, Any]:
    found: dict[str, Any] = asker.get("/openapi.json").json()
    return found


def test_every_endpoint_is_described_and_nothing_else(described: dict[str, Any]) -> None:
    operations = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert described["openapi"] == "3.1.0"
    assert operations == {(endpoint.method, endpoint.path) for endpoint in TABLE}
    assert len({endpoint.name for endpoint in TABLE}) == len(TABLE)


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.name)
def test_every_part_of_a_path_every_parameter_and_every_status_is_described(endpoint: Endpoint) -> None:
    operation = document(TABLE)["paths"][endpoint.path][endpoint.method.lower()]
    parameters = {(each["in"], each["name"]) for each in operation.get("parameters", ())}
    assert {name for where, name in parameters if where == "path"} == set(re.findall(r"{(\w+)}", endpoint.path))
    assert {name for where, name in parameters if where == "query"} == endpoint.parameters
    assert sorted(map(int, operation["responses"])) == sorted([*endpoint.statuses, *refusals(endpoint)])
    assert ("requestBody" in operation) == (endpoint.body is not None or endpoint.reads)
    assert operation["security"] == ([{"token": []}, {}] if endpoint.scopes else [])


def test_what_has_a_tag_says_so_and_takes_it_back(described: dict[str, Any]) -> None:
    environment = "/v1/agents/{agent}/environments/{environment}"
    versions = ["/v1/calls/{call_id}/config", f"{environment}/config", "/v1/agents/{agent}/versions/{version}/config"]
    lists = ["/v1/agents", "/v1/agents/{agent}", "/v1/agents/{agent}/environments", environment]
    found = {
        path: [set(operation["responses"][status]["headers"]) for status in ("200", "304")]
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if ("header", "If-None-Match") in {(each["in"], each["name"]) for each in operation.get("parameters", ())}
    }
    tag = [{"ETag"}] * 2
    assert found == dict.fromkeys(lists, tag) | {path: [{"ETag", "Gitagent-Version"}] * 2 for path in versions}


def test_every_reference_leads_somewhere_and_every_schema_is_referred_to(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', text))
    kinds = {kind: set(described["components"][kind]) for kind in ("schemas", "responses")}
    assert {kind: {name for where, name in references if where == kind} for kind in kinds} == kinds
    assert SCHEMAS.keys() <= kinds["schemas"]


def test_what_a_token_is_for_is_said_of_each_endpoint(described: dict[str, Any]) -> None:
    said = described["paths"]["/v1/calls"]["post"]["description"]
    assert said == "Needs a token with the scope call, where tokens are needed."
