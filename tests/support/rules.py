"""Rules: what always holds of an agent's repository, checked with the git program and the ledger's own text alone."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from support.building import git

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "refs/heads/gitagent/ledger"
KEYS = ["Format", "Seq", "Op-Id", "Op", "Environment", "From", "To", "Tag", "Name", "Number"]
KEYS += ["Tree", "Detail", "Forced", "Actor"]
FACTS = {
    "init": {"To", "Tag"},
    "save": {"To", "Tag"},
    "publish": {"Environment", "To"},
    "promote": {"Environment", "To"},
    "rollback": {"Environment", "From", "To"},
    "rules": {"Environment", "Detail"},
    "assign-number": {"Environment", "Number"},
    "release-number": {"Environment", "Number"},
    "approve": {"Environment", "To"},
    "grant": {"Detail"},
    "revoke": {"Detail"},
    "test": {"Tree", "Detail"},
}
OPTIONAL = {
    "publish": {"From", "Tag", "Forced"},
    "promote": {"From", "Forced"},
    "test": {"To"},
    "assign-number": {"Detail"},
    "grant": {"Environment"},
    "revoke": {"Environment"},
}
VERBS = ("admin", "save", "publish", "promote", "rollback", "approve", "numbers", "rules")
LATER: dict[str, list[str]] = {"test": ["*"], "force": []}
NOTHING_SERVED: dict[str, Any] = {
    "version": None,
    "commit": None,
    "since": None,
    "by": None,
    "before": None,
    "requires_number": False,
    "numbers": {},
}


@dataclass
class Replay:
    """What must be true, as the events say it, one after the other."""

    path: Path
    pipeline: list[str]
    last: int = 0
    published: int | None = None
    made: dict[int, tuple[str, str]] = field(default_factory=dict)
    served: dict[int, set[str]] = field(default_factory=dict)
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    approved: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)


def check_rules(path: Path) -> None:
    """Check every rule of an agent that has just been opened; the first that is broken fails."""
    refs = _refs(path)
    events = _events(path)
    files = _files(path, [event["commit"] for event in events])
    pipeline = files[events[0]["commit"], "state.yaml"]["pipeline"]
    replay = Replay(path, pipeline, environments={name: dict(NOTHING_SERVED) for name in pipeline})
    if len(pipeline) == 1:
        replay.environments[pipeline[0]]["requires_number"] = True
    for seq, event in enumerate(events, 1):
        _check_form(event, seq, events[seq - 2]["commit"] if seq > 1 else None)
        _apply(replay, event, files)
        _check_state(replay, event["commit"], files)
    assert len({event["Op-Id"] for event in events}) == len(events), "an operation was recorded twice"
    _check_records(path, replay, events[-1]["commit"])
    _check_refs(path, refs, replay)


def _refs(path: Path) -> dict[str, tuple[str, str]]:
    """Object type and id by ref."""
    lines = git(path, "for-each-ref", "--format=%(refname) %(objecttype) %(objectname)").splitlines()
    return {name: (kind, id_) for name, kind, id_ in (line.split() for line in lines)}


def _events(path: Path) -> list[dict[str, Any]]:
    """The ledger's commits, oldest first: their trailers, and commit, parents and time."""
    text = git(path, "log", "--reverse", "--topo-order", "--format=%H%x00%P%x00%cI%x00%an <%ae>%x00%B%x01", LEDGER)
    return [_event(entry) for entry in text.split("\x01\n")[:-1]]


def _event(entry: str) -> dict[str, Any]:
    commit, parents, at, author, message = entry.split("\0")
    paragraphs = message.rstrip("\n").split("\n\n")
    assert len(paragraphs) >= 2, f"an event without trailers: {message!r}"
    lines = [line.partition(": ") for line in paragraphs[-1].split("\n")]
    trailers = {key.removeprefix("Gitagent-"): value for key, _, value in lines}
    assert [key for key, _, _ in lines] == [f"Gitagent-{key}" for key in KEYS if key in trailers], message
    return trailers | {
        "commit": commit,
        "parents": parents.split(),
        "at": at,
        "author": author,
        "subject": paragraphs[0],
    }


def _check_form(event: dict[str, Any], seq: int, parent: str | None) -> None:
    assert event["Format"] == "1"
    assert event["Seq"] == str(seq), "the ledger's events are not numbered one by one"
    assert event["parents"] == ([parent] if parent else []), "the ledger is not one line"
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", event["Op-Id"])
    assert event["author"] == event["Actor"]
    required = FACTS[event["Op"]]
    optional = OPTIONAL.get(event["Op"], set())
    assert required <= set(KEYS) & set(event) <= required | optional | {"Format", "Seq", "Op-Id", "Op", "Name", "Actor"}
    assert ("Name" in event) <= ("Tag" in event), "only a version is named"


def _apply(replay: Replay, event: dict[str, Any], files: dict[tuple[str, str], Any]) -> None:
    operation, name = event["Op"], event.get("Environment")
    _check_role(replay, event)
    if operation in ("grant", "revoke"):
        _give(replay, operation, event["Detail"], name)
        return
    if operation == "test":
        replay.results[event["Tree"]] = event["Detail"]
        return
    if "Tag" in event:
        number, commit = _version(event["To"])
        assert number == replay.last + 1, f"v{number} follows v{replay.last}"
        replay.last = number
        replay.made[number] = (commit, event["Tag"])
        replay.served[number] = set()
    if name is None:
        return
    environment = replay.environments[name]
    if operation in ("publish", "promote", "rollback"):
        _move(replay, event, environment, files)
    elif operation == "approve":
        number, commit = _version(event["To"])
        assert replay.made[number][0] == commit, f"{event['subject']}: not the commit of v{number}"
        who = replay.approved.setdefault(number, {}).setdefault(name, [])
        assert _email(event) not in who, f"{event['subject']}: twice"
        who.append(_email(event))
    elif operation == "rules":
        _set(environment, event["Detail"])
    else:
        _number(replay, event, environment, files)


def _email(event: dict[str, Any]) -> str:
    return str(event["Actor"]).rpartition("<")[2].rstrip(">").casefold()


def _check_role(replay: Replay, event: dict[str, Any]) -> None:
    operation, name = event["Op"], event.get("Environment")
    verb = {"grant": "admin", "revoke": "admin"}.get(operation, operation)
    verb = "numbers" if verb.endswith("-number") else verb
    if replay.roles and verb != "init":
        for each in [verb, *(["force"] if "Forced" in event else [])]:
            holders = replay.roles.get(f"{each} {name}", replay.roles[each]) + replay.roles["admin"]
            assert {"*", _email(event)} & set(holders), f"{event['subject']}: without the role"


def _give(replay: Replay, operation: str, detail: str, name: str | None) -> None:
    verb, _, who = detail.partition(" ")
    role = f"{verb} {name}" if name else verb
    if not replay.roles:
        assert (operation, role) == ("grant", "admin"), "the first role is not an admin's"
        replay.roles = (
            {each: ["*"] for each in VERBS} | {each: [*who] for each, who in LATER.items()} | {"admin": [who]}
        )
    elif operation == "grant":
        replay.roles[role] = sorted([*replay.roles.get(role, []), who])
    elif who:
        replay.roles[role].remove(who)
    else:
        del replay.roles[role]
    assert replay.roles["admin"], "nobody is an admin"


def _set(environment: dict[str, Any], detail: str) -> None:
    rules = dict(each.split(" ") for each in detail.split(", "))
    order = ("requires-number", "approvals", "requires-signature", "tests", "not-worse")
    assert list(rules) == [name for name in order if name in rules]
    for name, value in rules.items():
        key = name.replace("-", "_")
        if name == "tests":
            environment[key] = {"required": 100, "off": 0}[value] if value.isalpha() else int(value.removesuffix("%"))
        else:
            environment[key] = int(value) if name == "approvals" else {"on": True, "off": False}[value]
        if key != "requires_number" and not environment[key]:
            del environment[key]


def _move(
    replay: Replay, event: dict[str, Any], environment: dict[str, Any], files: dict[tuple[str, str], Any]
) -> None:
    operation, name = event["Op"], event["Environment"]
    to, commit = _version(event["To"])
    position, now = replay.pipeline.index(name), environment["version"]
    came_from = f"{now} {environment['commit']}" if now else None
    assert event.get("From") == came_from, f"{event['subject']}: it was at {came_from}"
    assert replay.made[to][0] == commit, f"{event['subject']}: not the commit of v{to}"
    assert now != f"v{to}", f"{event['subject']}: no move at all"
    if operation == "publish":
        assert position == 0, "published past the first environment"
        replay.published = to
    elif operation == "promote":
        assert replay.pipeline[position - 1] in replay.served[to], f"{event['subject']}: not served by the one before"
        assert position > 0
        assert now is None or to > int(now[1:]), f"{event['subject']}: not forward"
    else:
        assert name in replay.served[to], f"{event['subject']}: never served"
    if operation != "rollback":
        assert environment["numbers"] or not environment["requires_number"], f"{event['subject']}: without a number"
        approved = replay.approved.get(to, {}).get(name, [])
        assert len(approved) >= environment.get("approvals", 0), f"{event['subject']}: without its approvals"
        asks = environment.get("tests", 0) or environment.get("not_worse")
        assert asks or "Forced" not in event, f"{event['subject']}: forced, and nothing asked for tests"
        if asks and "Forced" not in event:
            assert _rate(replay, commit) >= environment.get("tests", 0), f"{event['subject']}: without its tests"
    before = event["parents"][0] if operation != "rollback" else _before(event, files)
    replay.served[to].add(name)
    environment |= {"version": f"v{to}", "commit": commit, "by": event["Actor"], "before": before}
    environment["since"] = datetime.fromisoformat(event["at"]).isoformat()


def _before(event: dict[str, Any], files: dict[tuple[str, str], Any]) -> str | None:
    """Where a rollback says that the next one goes: to an older state of the same environment."""
    name = event["Environment"]
    before = files[event["commit"], f"environments/{name}.yaml"]["before"]
    assert before is None or (before, "state.yaml") in files, "a rollback leads out of the ledger"
    return str(before) if before else None


def _number(
    replay: Replay, event: dict[str, Any], environment: dict[str, Any], files: dict[tuple[str, str], Any]
) -> None:
    name, number = event["Environment"], event["Number"]
    holders = [each for each, values in replay.environments.items() if number in values["numbers"]]
    if event["Op"] == "release-number":
        assert holders == [name]
        environment["numbers"] = {key: value for key, value in environment["numbers"].items() if key != number}
    else:
        assert holders in ([], [name]), f"{number} belongs to {holders}"
        given = files[event["commit"], f"environments/{name}.yaml"]["numbers"][number]
        had = environment["numbers"].get(number, {"sip_headers": {}})["sip_headers"]
        told = ", ".join(f"{key}={value}" for key, value in given["sip_headers"].items())
        expected = f"sip-headers {told}" if told else "no sip-headers" if had else None
        assert event.get("Detail") == expected, f"{event['subject']}: its headers are not told"
        environment["numbers"] = dict(sorted((environment["numbers"] | {number: given}).items()))


def _check_state(replay: Replay, commit: str, files: dict[tuple[str, str], Any]) -> None:
    assert files[commit, "state.yaml"] == {
        "format": 1,
        "pipeline": replay.pipeline,
        "last_version": f"v{replay.last}",
        "last_published": f"v{replay.published}" if replay.published else None,
    }
    for name, values in replay.environments.items():
        assert files[commit, f"environments/{name}.yaml"] == values, f"{name} is not as its events say"


def _check_records(path: Path, replay: Replay, tip: str) -> None:
    """The ledger's tree holds what is promised and nothing else; tags and commits are what it says they are."""
    paths = git(path, "ls-tree", "-r", "--name-only", tip).split()
    records = {number: f"versions/{number // 100}/v{number}.yaml" for number in replay.made}
    expected = {"state.yaml", *records.values(), *(f"environments/{name}.yaml" for name in replay.pipeline)}
    results = {tree: f"results/{tree[:2]}/{tree}.yaml" for tree in replay.results}
    assert set(paths) == expected | ({"access.yaml"} if replay.roles else set()) | set(results.values())
    if replay.roles:
        (access,) = _objects(path, [f"{tip}:access.yaml"])
        told = {role: who for role, who in replay.roles.items() if LATER.get(role) != who}
        assert json.loads(access or "") == {"format": 1, "roles": told}
    for tree, content in zip(results, _objects(path, [f"{tip}:{file}" for file in results.values()]), strict=True):
        _check_result(tree, replay.results[tree], json.loads(content or ""))
    asked = [request for number, (_, tag) in replay.made.items() for request in (f"{tip}:{records[number]}", tag)]
    answers = _objects(path, asked)
    for index, (number, (commit, tag)) in enumerate(replay.made.items()):
        record, object_ = answers[2 * index : 2 * index + 2]
        served = [name for name in replay.pipeline if name in replay.served[number]]
        assert record is not None
        approved = {"approved": replay.approved[number]} if number in replay.approved else {}
        assert json.loads(record) == {"commit": commit, "tag": tag, "served": served, **approved}, f"v{number}'s record"
        if object_ is not None:  # a tag that was deleted may be gone
            assert object_.startswith(f"object {commit}\ntype commit\ntag v{number}\ntagger "), object_


def _check_result(tree: str, told: str, result: dict[str, Any]) -> None:
    assert result["tree"] == tree
    assert result["cases"] == result["passed"] + result["failed"] + result["skipped"]
    assert (result["failed"], result["skipped"]) == (len(result["failing"]), len(result["skipping"]))
    assert told.startswith(f"passed {result['passed']} of {result['cases']}, ")
    assert told.endswith(f"{result['responder']}, {result['seconds']:.1f} s, suites {result['suites'][:12]}")


def _rate(replay: Replay, commit: str) -> float:
    """The per cent of a version's cases that passed, by the newest result before it moved."""
    told = replay.results[git(replay.path, "rev-parse", f"{commit}^{{tree}}").strip()]
    counts = {name: int(value) for name, value in re.findall(r"(of|passed|skipped) ([0-9]+)", told)}
    return 100 * counts["passed"] / (counts["of"] - counts.get("skipped", 0))


def _check_refs(path: Path, refs: dict[str, tuple[str, str]], replay: Replay) -> None:
    for number, (_, tag) in replay.made.items():
        assert refs.get(f"refs/tags/v{number}", ("tag", tag)) == ("tag", tag), f"tag v{number} was moved"
    assert f"refs/tags/v{replay.last}" in refs
    assert f"refs/tags/v{replay.last + 1}" not in refs
    for name, values in replay.environments.items():
        found = refs.get(f"refs/heads/{name}")
        assert found == (("commit", values["commit"]) if values["commit"] else None), f"{name} is not where it serves"
        assert values["version"] is None or f"refs/tags/{values['version']}" in refs
    last = replay.made[replay.last][0]
    line = git(path, "rev-list", "--first-parent", last).split()
    commits = [replay.made[number][0] for number in sorted(replay.made, reverse=True)]
    assert [commit for commit in line if commit in set(commits)] == commits, "versions do not follow one another"
    ahead, behind = git(path, "rev-list", "--left-right", "--count", f"refs/heads/main...{last}").split()
    assert behind == "0" or ahead != "0", "main is behind the newest version"


def _version(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"v([1-9][0-9]*) ([0-9a-f]{40})", text)
    assert found, text
    return int(found[1]), found[2]


def _files(path: Path, commits: list[str]) -> dict[tuple[str, str], Any]:
    """state.yaml and the environments' files of ledger commits, by commit and path. They are JSON, too."""
    (first,) = _objects(path, [f"{commits[0]}:state.yaml"])
    assert first is not None
    names = ["state.yaml", *(f"environments/{name}.yaml" for name in json.loads(first)["pipeline"])]
    wanted = [(commit, name) for commit in commits for name in names]
    answers = _objects(path, [f"{commit}:{name}" for commit, name in wanted])
    return {key: json.loads(answer or "null") for key, answer in zip(wanted, answers, strict=True)}


def _objects(path: Path, names: list[str]) -> list[str | None]:
    """The contents of objects, in one go; None for what is missing."""
    done = subprocess.run(
        ["git", "-C", path, "cat-file", "--batch"], input="\n".join(names).encode(), capture_output=True, check=True
    )
    rest, found = done.stdout, list[str | None]()
    for _ in names:
        head, _, rest = rest.partition(b"\n")
        if head.endswith(b" missing"):
            found.append(None)
            continue
        size = int(head.split()[-1])
        found.append(rest[:size].decode())
        rest = rest[size + 1 :]
    return found
