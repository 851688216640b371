"""Saves that wait for their number: kept with their words, and numbered on whatever others saved meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal

from gitagent.agent import pending
from gitagent.agent.kept import PENDING, kept_drafts
from gitagent.agent.store import Store
from gitagent.agent.words import Words
from gitagent.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.operations import Saved
    from gitagent.agent.pending import PendingSave

AGENT = "name: Ava\nlanguage: en-GB\nprompt: prompt.md\n"


def _store(built: Built) -> Store:
    return built.reopen()._store


def _keep(built: Built, text: str, path: str = "notes.md", **words: Any) -> PendingSave:
    built.edit(text, path)
    return pending.keep(_store(built), Words(GRACE, START, **words))


def _number(store: Store, save: PendingSave) -> Saved | None:
    with store.writing():
        return pending.number(store, save)


def _saved_by_others(built: Built, **files: str) -> None:
    """A version made of what the newest one holds and these files, or without them where they are empty."""
    built.git("stash", "--include-untracked", "--quiet")
    for name, text in files.items():
        path = name.replace("_", ".")
        if text:
            built.edit(text, path)
        else:
            (built.path / path).unlink()
    built.save()


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"name": "First"},
        {"message": "why"},
        {"name": "First: things", "message": "one\n\ntwo\nthree"},
        {"name": "Pending save"},
        {"name": ": odd", "message": "Pending save: no name"},
    ],
)
def test_a_save_that_waits_is_read_back_with_all_its_words(build: Callable[..., Built], words: dict[str, str]) -> None:
    built = build()
    kept = _keep(built, "two\n", **words)
    assert (kept.name, kept.message) == (words.get("name"), words.get("message"))
    assert pending.pending_saves(_store(built)) == (kept,)


def test_saves_that_wait_follow_one_another_and_leave_history_alone(build: Callable[..., Built]) -> None:
    built = build()
    main = built.git("rev-parse", "main").strip()
    first = _keep(built, "two\n")
    second = _keep(built, "three\n")
    parents = built.git("show", "-s", "--format=%P", first.commit, second.commit).split()
    assert parents == [main, first.commit]
    assert [each.commit for each in pending.pending_saves(_store(built))] == [first.commit, second.commit]
    assert (built.history(), built.git("rev-parse", "main").strip()) == (["init v1"], main)


def test_the_same_draft_does_not_wait_twice(build: Callable[..., Built]) -> None:
    built = build()
    _keep(built, "two\n")
    assert refusal(lambda: _keep(built, "two\n")) == Refusal(
        "RuleBroken",
        "nothing-to-save",
        "there is nothing to save: the draft is the same as the save before it, which waits",
        "Edit it first, or give it its number: gitagent sync",
    )
    assert len(pending.pending_saves(_store(built))) == 1


def test_a_save_that_waits_has_to_be_valid_and_to_change_something(build: Callable[..., Built]) -> None:
    built = build(files={"agent.yaml": AGENT, "prompt.md": "Hi\n"})
    assert refusal(lambda: _keep(built, AGENT, "agent.yaml")).message.endswith("the draft is the same as v1")
    with pytest.raises(InvalidConfiguration):
        _keep(built, AGENT.replace("prompt.md", "gone.md"), "agent.yaml")
    assert pending.pending_saves(_store(built)) == ()


def test_refs_of_others_beside_the_saves_are_left_alone(build: Callable[..., Built]) -> None:
    built = build()
    built.git("update-ref", f"{PENDING}mine", "main")
    assert pending.pending_saves(_store(built)) == ()
    kept = _keep(built, "two\n")
    assert [each.id for each in pending.pending_saves(_store(built))] == [kept.id]


def test_a_save_gets_the_next_number_in_the_name_of_who_made_it(build: Callable[..., Built]) -> None:
    built = build()
    kept = _keep(built, "two\n", name="Second", message="why")
    store = _store(built)
    made = _number(store, kept)
    assert made is not None
    version = made.version
    assert (str(version.number), version.name, version.message, version.actor, version.at) == (
        "v2",
        "Second",
        "why",
        GRACE,
        START,
    )
    assert (built.git("show", "v2:notes.md"), str(made.base)) == ("two\n", "v1")
    assert (pending.pending_saves(store), store.notices) == ((), [])
    assert built.history() == ["init v1", "save v2 Second"]


def test_a_save_is_numbered_together_with_what_others_saved(build: Callable[..., Built]) -> None:
    built = build()
    kept = _keep(built, "two\n")
    _saved_by_others(built, other_md="theirs\n")
    made = _number(_store(built), kept)
    assert made is not None
    assert built.git("show", "v3:notes.md", "v3:other.md") == "two\ntheirs\n"
    assert built.git("rev-parse", "v3^").strip() == built.git("rev-parse", "v2^{}").strip()


def test_a_save_that_others_made_too_needs_no_number(build: Callable[..., Built]) -> None:
    built = build()
    kept = _keep(built, "two\n")
    _saved_by_others(built, notes_md="two\n")
    store = _store(built)
    assert _number(store, kept) is None
    assert (pending.pending_saves(store), kept_drafts(store), store.notices) == ((), (), [])
    assert built.history() == ["init v1", "save v2"]


def test_a_save_that_others_contradict_is_kept_as_a_draft_and_told(build: Callable[..., Built]) -> None:
    built = build()
    kept = _keep(built, "mine\n", name="Mine")
    _saved_by_others(built, notes_md="theirs\n")
    store = _store(built)
    assert _number(store, kept) is None
    (draft,) = kept_drafts(store)
    assert (draft.reason, draft.actor) == ("a save that could not be numbered", GRACE)
    assert built.git("show", f"{draft.commit}:notes.md") == "mine\n"
    assert store.notices == [
        "A save of 2026-03-02 09:00 could not be numbered, since others changed notes.md too; "
        f"it is kept: gitagent restore {draft.id}. Its edits are in the draft as well."
    ]
    assert (pending.pending_saves(store), built.history()) == ((), ["init v1", "save v2"])


def test_a_save_that_is_not_valid_with_what_others_saved_is_kept_too(build: Callable[..., Built]) -> None:
    files = {"agent.yaml": AGENT, "prompt.md": "Hi\n", "other.md": "Hello\n"}
    built = build(files=files)
    kept = _keep(built, AGENT.replace("prompt.md", "other.md"), "agent.yaml")
    _saved_by_others(built, other_md="")
    store = _store(built)
    assert _number(store, kept) is None
    (draft,) = kept_drafts(store)
    assert draft.reason == "a save that could not be numbered"
    assert "since others changed agent.yaml too" in store.notices[0]
    assert built.history() == ["init v1", "save v2"]


def test_a_second_save_is_numbered_by_its_own_changes_alone(build: Callable[..., Built]) -> None:
    built = build()
    first, second = _keep(built, "two\n"), _keep(built, "extra\n", "extra.md")
    _saved_by_others(built, other_md="theirs\n")
    store = _store(built)
    made = [_number(store, each) for each in (first, second)]
    assert [str(each.version.number) for each in made if each] == ["v3", "v4"]
    assert built.git("diff", "--name-only", "v3^{}", "v4^{}") == "extra.md\n"
    assert [event.actor for event in built.reopen().history()] == [GRACE, GRACE, ADA, ADA]
