"""Hostile and foreign pushes with the plain git program: each is refused by the rule's name, and nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.attacking import WHOLE, Attack, some
from support.building import GRACE
from support.forging import forged_tag

from gitagent import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    Setup = Callable[[Attack], object]


BY_HAND = {
    "rule-unrecorded": [
        "-f origin v3^{}:refs/heads/live",  # the bad version, brought back after its rollback
        "-f origin v1^{}:refs/heads/live",
        "-f origin v3:refs/heads/sandbox",
        "-f origin v2^{}:refs/heads/sandbox v2^{}:refs/heads/pre-release",
        "-f origin main~1:pre-release",
    ],
    "rule-branch-deleted": ["origin :live", "origin :sandbox :pre-release", "--atomic origin :live main"],
    "rule-ledger-deleted": ["origin :gitagent/ledger", "--atomic origin :gitagent/ledger :main"],
    "rule-main-deleted": ["origin :main"],
    "rule-ledger-forward": [
        "-f origin gitagent/ledger~1:gitagent/ledger",
        "-f origin gitagent/ledger~4:gitagent/ledger",
    ],
    "rule-main-forward": ["-f origin main~1:main", "-f origin gitagent/ledger:main", "-f origin v3:refs/heads/main"],
    "rule-tag-immutable": ["origin :v2", "-f origin v3:v2", "-f origin v2^{}:refs/tags/v2", "--atomic origin :v1 :v3"],
    "rule-tag-unrecorded": ["origin main:refs/tags/v4", "origin v3:refs/tags/v4", "origin main:refs/tags/v999999999"],
    "rule-tag-name": [
        "origin main:refs/tags/v03",
        "origin main:refs/tags/V3",
        "origin main:refs/tags/v\uff13",
        "origin main:refs/tags/v\u0663",
        "origin main:refs/tags/\u2174\uff14",
        "origin main:refs/tags/v\u200b4",
        "origin main:refs/tags/v4\u2028",
        "origin main:refs/tags/v-4",
        "origin main:refs/tags/v0",
        "origin main:refs/tags/v1000000000",
        "origin main:refs/tags/v4/x",
        "origin main:refs/tags/live",
        "origin main:refs/tags/main",
        "origin main:refs/tags/gitagent/ledger",
    ],
    "rule-branch-name": [
        "origin main:live/fix",
        "origin main:refs/heads/Live",
        "origin main:refs/heads/MAIN",
        "origin main:refs/heads/gitagent",
        "origin main:refs/heads/gitagent/other",
    ],
    "rule-closed": [
        "origin main:refs/gitagent/pending/01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "origin v1^{}:refs/replace/0123456789012345678901234567890123456789",
        "--mirror origin",
    ],
}


@pytest.mark.parametrize(("rule", "arguments"), some(2, [(rule, each) for rule in BY_HAND for each in BY_HAND[rule]]))
def test_what_is_moved_by_hand_is_refused(standing: Attack, rule: str, arguments: str) -> None:
    _refused(standing, rule, *arguments.split(" "))


def _legal(attack: Attack) -> None:
    attack.mallory.publish("four\n")


HALVES: dict[str, tuple[str, str]] = {
    "the ledger alone": ("rule-tag-missing", "gitagent/ledger"),
    "the ledger and the tag": ("rule-branch-missing", "gitagent/ledger v4"),
    "no branch of the environment": ("rule-branch-missing", "gitagent/ledger v4 main"),
    "no main": ("rule-main-behind", "gitagent/ledger v4 sandbox"),
    "no tag": ("rule-tag-missing", "gitagent/ledger main sandbox"),
    "the tag alone": ("rule-tag-unrecorded", "v4"),
    "the tag and main": ("rule-tag-unrecorded", "v4 main"),
    "the environment alone": ("rule-unrecorded", "sandbox"),
    "no ledger": ("rule-tag-unrecorded", "v4 main sandbox"),
    "the environment and main": ("rule-unrecorded", "main sandbox"),
    "another environment, too": ("rule-unrecorded", "gitagent/ledger v4 main sandbox v4^{}:refs/heads/live"),
    "the ledger, and the environment deleted": ("rule-branch-deleted", "gitagent/ledger v4 main :sandbox"),
    "another tag, too": ("rule-tag-unrecorded", "gitagent/ledger v4 main sandbox v4:refs/tags/v5"),
}


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("how", ["--atomic", pytest.param("--no-atomic", marks=pytest.mark.scale)])
def test_half_of_an_operation_is_refused(attack: Attack, half: str, how: str) -> None:
    _legal(attack)
    rule, refs = HALVES[half]
    _refused(attack, rule, how, "origin", *refs.split(" "))


def test_a_whole_operation_in_steps_is_refused(attack: Attack) -> None:
    _legal(attack)
    _refused(attack, "rule-atomic", "origin", *WHOLE)
    _refused(attack, "rule-atomic", "origin", "main:afeature", *WHOLE)


def test_an_operation_whose_lease_failed_in_part_moves_nothing(attack: Attack) -> None:
    _legal(attack)
    wrong = attack.git("rev-parse", "v1^{}")
    _refused(attack, "rule-branch-missing", f"--force-with-lease=sandbox:{wrong}", "origin", *WHOLE)


def _moved(act: Setup, **changes: object) -> Setup:
    """An event that `act` makes, and that then says something else."""

    def setup(attack: Attack) -> None:
        act(attack)
        attack.forge(**changes)

    return setup


def _promote(attack: Attack) -> None:
    attack.mallory.promote("live")


def _rollback(attack: Attack) -> None:
    attack.mallory.rollback("sandbox")


def _rules(attack: Attack) -> None:
    attack.mallory.agent.set_rules("live", requires_number=True, actor=attack.mallory.actor, at=attack.mallory.clock())


def _text(change: Callable[[str], str]) -> Setup:
    """A promotion whose words were changed by hand."""

    def setup(attack: Attack) -> None:
        _promote(attack)
        attack.forge(text=change(attack.git("log", "-1", "--format=%B", "gitagent/ledger") + "\n"))

    return setup


def _state(path: str, old: str, new: str) -> Setup:
    """A promotion whose tree says something else in a file of the ledger."""

    def setup(attack: Attack) -> None:
        _promote(attack)
        content = attack.git("show", f"gitagent/ledger:{path}") + "\n"
        assert old in content
        attack.forge(files={path: content.replace(old, new)})

    return setup


def _to_saved(attack: Attack, act: Setup) -> None:
    """A move to a version that was only saved."""
    attack.mallory.save("four\n")
    assert attack.push("--atomic", "origin", "gitagent/ledger", "main", "v4").taken
    act(attack)
    attack.forge(to_version=VersionNumber(4), to_commit=attack.git("rev-parse", "v4^{}"))


def _merge(attack: Attack) -> None:
    _promote(attack)
    tip = attack.git("rev-parse", "gitagent/ledger")
    attack.forge(parents=[attack.git("rev-parse", f"{tip}~1"), attack.git("rev-parse", "main")])


def _replayed(attack: Attack) -> None:
    """An event of the past once more, at the end of the ledger."""
    text = attack.git("log", "-1", "--format=%B", "gitagent/ledger~1") + "\n"
    attack.forge(text=text, instead=False)


def _header(attack: Attack) -> None:
    _promote(attack)
    commit = attack.git("cat-file", "commit", "gitagent/ledger") + "\n"
    id_ = attack.plumb(
        "hash-object", "-t", "commit", "-w", "--stdin", given=commit.replace("\n\n", "\nx-said hi\n\n", 1)
    )
    attack.git("update-ref", "refs/heads/gitagent/ledger", id_)


EVENTS: dict[str, tuple[str, Setup]] = {
    "from another version": ("rule-from", _moved(_promote, from_version=VersionNumber(1))),
    "from another commit": ("rule-from", _moved(_promote, from_commit="1" * 40)),
    "from nothing": ("rule-from", _moved(_promote, from_version=None, from_commit=None)),
    "to another commit": ("rule-to", _moved(_promote, to_commit="1" * 40)),
    "to a version that never was": ("rule-to", _moved(_promote, to_version=VersionNumber(9))),
    "to a version of another commit": ("rule-to", _moved(_promote, to_version=VersionNumber(2))),
    "a number left out": ("rule-sequence", _moved(_promote, seq=99)),
    "a number again": ("rule-sequence", _moved(_promote, seq=3)),
    "an operation id that is none": ("rule-event", _moved(_promote, id="not-a-ulid")),
    "another author": ("rule-actor", _moved(_promote, author="Somebody Else")),
    "another actor": ("rule-tree", _moved(_promote, actor=GRACE)),
    "a promotion called a publication": ("rule-first", _text(lambda text: text.replace("promote", "publish"))),
    "a promotion called a rollback": ("rule-backward", _text(lambda text: text.replace("promote", "rollback"))),
    "another agent begun": ("rule-facts", _text(lambda text: text.replace("promote", "init"))),
    "an operation that there is not": ("rule-event", _text(lambda text: text.replace("promote", "deploy"))),
    "another format": ("rule-event", _text(lambda text: text.replace("Format: 1", "Format: 2"))),
    "a trailer twice": ("rule-event", _text(lambda text: text + "Gitagent-Seq: 8\n")),
    "a trailer of one's own": ("rule-event", _text(lambda text: text + "Gitagent-Approved: yes\n")),
    "a trailer smuggled into the message": (
        "rule-event",
        _text(lambda text: text.replace("\n\n", "\n\nhello\n\nGitagent-Op: save\n", 1)),
    ),
    "a trailer missing": ("rule-event", _text(lambda text: text.replace("Gitagent-Format: 1\n", ""))),
    "another subject": ("rule-event", _text(lambda text: "all is well" + text[text.index("\n") :])),
    "no event at all": ("rule-event", _text(lambda _: "just a commit\n")),
    "an event of the past": ("rule-sequence", _replayed),
    "a merge": ("rule-line", _merge),
    "a header of one's own": ("rule-actor", _header),
    "a file more": ("rule-tree", _moved(_promote, files={"notes.md": "hi\n"})),
    "a file less": ("rule-tree", _moved(_promote, files={"versions/0/v1.yaml": None})),
    "another newest version": ("rule-tree", _state("state.yaml", '"last_version": "v3"', '"last_version": "v7"')),
    "another pipeline": ("rule-tree", _state("state.yaml", '"pre-release"', '"staging"')),
    "a number smuggled in": (
        "rule-tree",
        _state("environments/live.yaml", '"numbers": {}', '"numbers": {"+442079460018": {"sip_headers": {}}}'),
    ),
    "another environment's rules": (
        "rule-tree",
        _state("environments/sandbox.yaml", '"requires_number": false', '"requires_number": true'),
    ),
    "a version's commit": ("rule-tree", _state("versions/0/v2.yaml", '"sandbox"', '"live"')),
    "a move hidden in a change of rules": (
        "rule-facts",
        _moved(_rules, to_version=VersionNumber(3), to_commit="1" * 40),
    ),
    "a rule that there is not": ("rule-detail", _moved(_rules, detail="requires-nothing on")),
    "a publication that takes another number": ("rule-number", _moved(_legal, to_version=VersionNumber(5))),
    "a publication that takes a number again": ("rule-number", _moved(_legal, to_version=VersionNumber(3))),
    "a name of several lines": ("rule-event", _moved(_legal, name="one\nGitagent-Op: save")),
    "a promotion of what the environment before never served": (
        "rule-served",
        lambda attack: _to_saved(attack, _promote),
    ),
    "a rollback to what was never served": ("rule-served", lambda attack: _to_saved(attack, _rollback)),
}


@pytest.mark.parametrize(("rule", "lie"), some(2, [(rule, lie) for lie, (rule, _) in EVENTS.items()]))
def test_an_event_that_lies_is_refused(attack: Attack, rule: str, lie: str) -> None:
    _, setup = EVENTS[lie]
    setup(attack)
    _refused(attack, rule, "-f", "--atomic", "origin", "gitagent/ledger", "main", "live", "sandbox", "--follow-tags")


def _tagged(attack: Attack, *, inner: str = "v4", target: str = "v4^{}", event: bool = True, **words: str) -> None:
    """A publication whose tag is another one."""
    _legal(attack)
    tag = forged_tag(attack.path, "v4", inner=inner, target=attack.git("rev-parse", target), **words)
    if event:
        attack.forge(tag=tag, files=_record(attack, tag))


def _record(attack: Attack, tag: str) -> dict[str, str | None]:
    path = "versions/0/v4.yaml"
    content = attack.git("show", f"gitagent/ledger:{path}") + "\n"
    line = next(each for each in content.splitlines() if '"tag"' in each)
    return {path: content.replace(line, f'  "tag": "{tag}",')}


def _light_weight(attack: Attack) -> None:
    _legal(attack)
    commit = attack.git("rev-parse", "v4^{}")
    attack.git("update-ref", "refs/tags/v4", commit)
    attack.forge(tag=commit, files=_record(attack, commit))


def _nested(attack: Attack) -> None:
    _legal(attack)
    content = attack.git("cat-file", "tag", "v4") + "\n"
    nested = content.replace(attack.git("rev-parse", "v4^{}"), attack.git("rev-parse", "v4"), 1)
    tag = attack.plumb("hash-object", "-t", "tag", "-w", "--stdin", given=nested.replace("type commit", "type tag", 1))
    attack.git("update-ref", "refs/tags/v4", tag)
    attack.forge(tag=tag, files=_record(attack, tag))


def _made_of(attack: Attack, commit: str) -> None:
    """A publication of another commit than the one that was made for it."""
    _legal(attack)
    old, tag = attack.git("rev-parse", "v4^{}"), attack.git("cat-file", "tag", "v4") + "\n"
    id_ = attack.plumb("hash-object", "-t", "tag", "-w", "--stdin", given=tag.replace(old, commit, 1))
    record = _record(attack, id_)
    live = attack.git("show", "gitagent/ledger:environments/sandbox.yaml").replace(old, commit) + "\n"
    files = {path: str(content).replace(old, commit) for path, content in record.items()}
    attack.forge(tag=id_, to_commit=commit, files={**files, "environments/sandbox.yaml": live})
    for ref, to in (("tags/v4", id_), ("heads/sandbox", commit), ("heads/main", commit)):
        attack.git("update-ref", f"refs/{ref}", to)


def _plain_commit(attack: Attack) -> None:
    _made_of(attack, attack.git("commit-tree", "-p", "v3^{}", "-m", "plain", "v3^{tree}"))


def _without_a_past(attack: Attack) -> None:
    _legal(attack)
    words = attack.git("log", "-1", "--format=%B", "v4^{}") + "\n"
    commit = attack.plumb("commit-tree", "v4^{tree}", "-p", "v1^{}", "-p", "v3^{}", given=words)
    attack.git("reset", "-q", "--hard", "v3^{}")
    for ref in ("gitagent/ledger", "sandbox"):
        attack.git("branch", "-f", ref, f"origin/{ref}")
    attack.git("tag", "-d", "v4")
    attack.mallory.reopen()
    _made_of(attack, commit)


def _invalid(attack: Attack) -> None:
    attack.git("config", "gitagent.note", "a version whose files break the rules")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gitagent.config.validation.validate", lambda _: [])
        attack.mallory.edit("name: [\n", "agent.yaml").publish("four\n")


VERSIONS: dict[str, tuple[str, Setup]] = {
    "another name inside": ("rule-tag-object", lambda attack: _tagged(attack, inner="v5")),
    "on another commit": ("rule-tag-object", lambda attack: _tagged(attack, target="v3^{}")),
    "not the event's": ("rule-tag-object", lambda attack: _tagged(attack, event=False)),
    "other words": ("rule-tag-object", lambda attack: _tagged(attack, message="Version 5\n")),
    "light-weight": ("rule-tag-annotated", _light_weight),
    "a tag of a tag": ("rule-tag-object", _nested),
    "a plain commit": ("rule-version-commit", _plain_commit),
    "another line": ("rule-version-line", _without_a_past),
    "not valid": ("rule-configuration", _invalid),
}


@pytest.mark.parametrize("lie", VERSIONS)
def test_a_version_that_is_none_is_refused(attack: Attack, lie: str) -> None:
    rule, setup = VERSIONS[lie]
    setup(attack)
    _refused(attack, rule, "-f", "--atomic", "origin", *WHOLE)


@pytest.mark.parametrize("arguments", ["--all origin", "--mirror origin", "origin main live gitagent/ledger"])
def test_force_from_a_stale_clone_is_refused(attack: Attack, arguments: str) -> None:
    for branch in ("live", "gitagent/ledger", "sandbox"):
        attack.plumb("-C", str(attack.stale), "branch", branch, f"origin/{branch}")
    _refused(attack, "rule-", "--force", *arguments.split(" "), clone=attack.stale)
    _refused(attack, "rule-unrecorded", "-f", "origin", "live", clone=attack.stale)


def test_all_tags_of_an_agent_that_went_its_own_way_are_refused(attack: Attack) -> None:
    attack.mallory.save("four\n").save("five\n")
    _refused(attack, "rule-tag-unrecorded", "--tags", "origin")


def _refused(attack: Attack, rule: str, *arguments: str, clone: object = None) -> None:
    before = attack.refs()
    pushed = attack.push(*arguments, clone=attack.stale if clone else None)
    assert not pushed.taken
    assert f"gitagent: refused: {rule}" in pushed.said, pushed.said
    assert attack.refs() == before
