"""Agents, numbers and statistics over HTTP, and the ETag by which nobody reads a configuration twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.asking import Asker, code

from gitagent.names import PhoneNumber
from gitagent.server.served import Served, now
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built

LIVE = "/v1/agents/shop/environments/live"


@pytest.fixture
def commit(shop: Built) -> str:
    return shop.git("rev-parse", "v1^{commit}").strip()


def _live(commit: str) -> dict[str, Any]:
    return {"environment": "live", "version": "v1", "commit": commit, "numbers": ["+442079460018"]}


def test_agents_are_listed_with_their_environments(asker: Asker, commit: str) -> None:
    assert asker.get("/v1/agents").json() == {
        "format": "gitagent.agents/1",
        "agents": [{"agent": "shop", "trouble": None}],
    }
    agent = asker.get("/v1/agents/shop").json()
    assert [each["environment"] for each in agent["environments"]] == ["sandbox", "pre-release", "live"]
    assert agent["environments"][2] == _live(commit)
    assert asker.get("/v1/agents/shop/environments").json()["environments"] == agent["environments"]
    assert asker.get(LIVE).json() == {"format": "gitagent.environment/1", "agent": "shop", **_live(commit)}
    assert asker.get("/v1/agents/shop/environments/pre_release").json()["environment"] == "pre-release"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/agents/none", (404, "agent-not-found")),
        ("/v1/agents/..", (404, "agent-not-found")),
        ("/v1/agents/%2e%2e%2fshop", (404, "agent-not-found")),
        ("/v1/agents/shop%00", (404, "agent-not-found")),
        ("/v1/agents/shop/environments/none", (404, "environment-not-found")),
        ("/v1/agents/shop/environments/NO/config", (400, "invalid-environment")),
        ("/v1/agents/shop/versions/v99/config", (404, "version-not-found")),
        ("/v1/agents/shop/versions/v0/config", (400, "invalid-version")),
        ("/v1/agents/none/stats", (404, "agent-not-found")),
        ("/v1/agents/shop/stats?environment=sandbox", (404, "call-not-found")),
        ("/v1/numbers/+442079460099", (404, "number-not-found")),
        ("/v1/numbers/shop", (400, "invalid-number")),
    ],
)
def test_what_is_not_there_is_said_by_its_code(asker: Asker, path: str, answer: tuple[int, str]) -> None:
    assert code(asker.get(path.replace("/..", "/%2e%2e"))) == answer


def test_an_environment_without_a_version_is_a_conflict_and_not_a_missing_page(build: Callable[..., Built]) -> None:
    with Asker(Served.of(Settings(str(build("empty").path.parent)))) as own:
        assert own.get("/v1/agents/empty/environments/live").json()["version"] is None
        assert code(own.get("/v1/agents/empty/environments/live/config")) == (409, "never-served")


def test_a_configuration_is_read_once_and_asked_for_again_by_its_tag(asker: Asker, commit: str) -> None:
    first = asker.get(f"{LIVE}/config")
    assert first.json()["files"] == {"notes.md": "one\n"}
    assert {name: first.headers[name] for name in ("etag", "cache-control", "gitagent-version", "content-type")} == {
        "etag": f'"{commit}"',
        "cache-control": "private, no-cache",
        "gitagent-version": "v1",
        "content-type": "application/json",
    }
    for known in (f'"{commit}"', f'W/"{commit}"', f'"x", "{commit}"', "*"):
        again = asker.get(f"{LIVE}/config", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", f'"{commit}"')
    assert asker.get(f"{LIVE}/config", headers={"If-None-Match": f'"{commit[:-1]}"'}).status_code == 200


@pytest.mark.parametrize("path", ["", "/shop", "/shop/environments", "/shop/environments/live"])
def test_what_is_said_of_agents_is_not_said_again_to_whoever_has_it(asker: Asker, path: str) -> None:
    first = asker.get(f"/v1/agents{path}")
    tag = first.headers["etag"]
    assert (first.headers["cache-control"], first.headers["content-type"]) == ("private, no-cache", "application/json")
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = asker.get(f"/v1/agents{path}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
    for known in (tag.strip('"'), '"x"', f'"{tag[2:]}'):
        assert asker.get(f"/v1/agents{path}", headers={"If-None-Match": known}).json() == first.json()


def test_a_tag_is_another_where_anything_of_the_answer_is_and_else_stays(build: Callable[..., Built]) -> None:
    shop = build("agents/shop")
    shop.publish()
    paths = ["", "/shop", "/shop/environments", "/shop/environments/sandbox", "/shop/environments/live"]
    with Asker(Served.of(Settings(str(shop.path.parent)))) as own:

        def changed() -> list[str]:
            """The paths whose tags are others than before."""
            now = {path: own.get(f"/v1/agents{path}").headers["etag"] for path in paths}
            before, tags[:] = tags[0], [now]
            return [path for path in paths if now[path] != before.get(path)]

        tags: list[dict[str, str]] = [{}]
        assert changed() == paths
        shop.save("two\n")
        assert changed() == []  # of a version that is served nowhere there is nothing here
        shop.publish("three\n")
        assert changed() == paths[1:4]
        shop.agent.assign_number(PhoneNumber("+442079460018"), "live", actor=shop.actor, at=shop.clock())
        assert changed() == [*paths[1:3], paths[4]]
        ledger = shop.path / ".git/refs/heads/gitagent/ledger"
        ledger.write_text("0" * 39 + "1\n")
        own.served.calls.agents.get("shop").snapshot()
        assert changed() == paths[:2]  # which tell that it is in trouble


def test_a_tag_is_that_of_what_a_token_may_see(build: Callable[..., Built]) -> None:
    folder = build("agents/shop").path.parent
    build("agents/bank")
    with Asker(Served.of(Settings(str(folder)))) as own:
        both, one = (
            own.served.tokens.add("test", [Scope.READ], agents=agents, at=now()).text for agents in (None, ["shop"])
        )
        tag = own.get("/v1/agents", headers={"Authorization": f"Bearer {both}"}).headers["etag"]
        mine = own.get("/v1/agents", headers={"Authorization": f"Bearer {one}", "If-None-Match": tag})
        assert (mine.status_code, len(mine.json()["agents"]), mine.headers["etag"] == tag) == (200, 1, False)


def test_what_a_version_holds_may_be_kept_for_ever(asker: Asker) -> None:
    found = asker.get("/v1/agents/shop/versions/1/config")
    assert found.json()["files"] == {"notes.md": "one\n"}
    assert found.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_a_number_is_resolved_without_a_call(asker: Asker, commit: str) -> None:
    asked = {"sip": "/v1/numbers/sip:+442079460018@trunk.example", "e164": "/v1/numbers/%2B442079460018"}
    assert (
        asker.get(asked["sip"]).json()
        == asker.get(asked["e164"]).json()
        == {
            "format": "gitagent.resolve/1",
            "agent": "shop",
            "environment": "live",
            "version": "v1",
            "commit": commit,
            "number": "+442079460018",
            "sip_headers": {},
        }
    )
    whole = asker.get(f"{asked['e164']}?configuration=true").json()
    assert whole["configuration"]["files"] == {"notes.md": "one\n"}


def test_the_statistics_of_a_version_are_those_of_its_calls(asker: Asker) -> None:
    for call_id, outcome in (("won", "completed"), ("lost", "failed")):
        asker.begin(call_id)
        asker.patch(f"/v1/calls/{call_id}", json={"outcome": outcome, "duration": 10})
    found = asker.get("/v1/agents/shop/stats?version=v1&environment=live&since=2000-01-01T00:00:00Z").json()
    assert (found["format"], found["calls"], found["open"]) == ("gitagent.calls-stats/1", 2, 0)
    assert found["outcomes"] == {"completed": 1, "failed": 1}
    assert asker.get("/v1/agents/shop/stats").json()["success"]["rate"] == 0.5
