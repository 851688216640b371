"""Kept drafts: what is kept, what it says of itself, and how it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built
from support.refusing import Refusal, refusal

from gitagent.agent.draft import Change, ChangeKind, Draft
from gitagent.agent.kept import KeptDraft
from gitagent.names import VersionNumber, is_ulid

if TYPE_CHECKING:
    from collections.abc import Callable

V1, V2 = VersionNumber(1), VersionNumber(2)


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent of two versions."""
    return build().save("two\n")


def test_a_kept_draft_says_why_when_by_whom_and_on_what_it_was_based(built: Built) -> None:
    built.edit("mine\n").restore("v1")
    (draft,) = built.agent.drafts()
    assert is_ulid(draft.id)
    assert draft == KeptDraft(draft.id, draft.commit, built.clock.now, ADA, "restore v1", V2)
    assert built.git("show", "-s", "--format=%B", draft.commit).strip() == (
        "Draft kept before: restore v1\n\nGitagent-Draft-Base: v2"
    )
    assert built.git("rev-parse", f"{draft.commit}^") == built.git("rev-parse", "main")


def test_a_kept_draft_is_one_ref_that_goes_when_it_is_dropped(built: Built) -> None:
    built.edit("mine\n").restore("v1")
    (draft,) = built.agent.drafts()
    listing = ("for-each-ref", "--format=%(refname) %(objectname)", "refs/gitagent/drafts")
    assert built.git(*listing) == f"refs/gitagent/drafts/{draft.id} {draft.commit}\n"
    assert built.agent.drop_draft(draft.id.lower()) == draft
    assert (built.git(*listing), built.agent.drafts()) == ("", ())
    assert refusal(lambda: built.agent.drop_draft(draft.id)) == Refusal(
        "DraftNotFound", "draft-not-found", f"no kept draft has the id {draft.id}", "List them with: gitagent drafts"
    )


@pytest.mark.parametrize("text", ["v1", "live", "latest", "draft", "", "not-an-id"])
def test_what_cannot_be_an_id_drops_nothing(built: Built, text: str) -> None:
    built.edit("mine\n").restore("v1")
    before = built.agent.drafts()
    assert refusal(lambda: built.agent.drop_draft(text)) == Refusal(
        "DraftNotFound",
        "draft-not-found",
        f"no kept draft has an id that begins with '{text}'",
        "Give 6 characters or more: gitagent drafts",
    )
    assert built.agent.drafts() == before


def test_the_newest_kept_draft_comes_first_for_a_new_process_too(built: Built) -> None:
    for text in ("a\n", "b\n", "c\n"):
        built.edit(text).restore("v1")
    drafts = built.agent.drafts()
    assert [built.git("show", f"{each.commit}:notes.md") for each in drafts] == ["c\n", "b\n", "a\n"]
    assert [each.base for each in drafts] == [V1, V1, V2]
    assert built.reopen().drafts() == drafts


@pytest.mark.parametrize("length", [26, 25, 20])
def test_a_kept_draft_is_restored_by_its_id_or_the_beginning_of_it(built: Built, length: int) -> None:
    built.edit("mine\n").edit("new\n", "new.md").restore("v1")
    (draft,) = built.agent.drafts()
    restored = built.agent.restore(draft.id[:length].lower(), actor=ADA, at=built.clock())
    changes = (Change("new.md", ChangeKind.ADDED), Change("notes.md", ChangeKind.MODIFIED))
    assert restored == (f"draft {draft.id}", V2, None, changes)
    assert (built.path / "notes.md").read_text() == "mine\n"
    assert built.agent.draft() == Draft(V2, changes, "main")
    assert built.agent.drafts() == (draft,)


def test_an_unedited_draft_is_not_kept(built: Built) -> None:
    restored = built.agent.restore("v1", actor=ADA, at=built.clock())
    assert restored == ("v1", V1, None, (Change("notes.md", ChangeKind.MODIFIED),))
    assert built.agent.drafts() == ()


def test_a_discarded_draft_is_kept_with_its_reason(built: Built) -> None:
    built.edit("mine\n")
    discarded = built.agent.discard(actor=ADA, at=built.clock())
    (draft,) = built.agent.drafts()
    assert discarded == ("v2", V2, draft, (Change("notes.md", ChangeKind.MODIFIED),))
    assert draft.reason.startswith("discard")
    assert built.agent.files(draft.id)["notes.md"].read() == b"mine\n"


def test_an_ignored_file_is_kept_only_when_it_is_overwritten(build: Callable[..., Built]) -> None:
    built = build(files={"notes.md": "one\n", "x.log": "of v1\n"})
    (built.path / "x.log").unlink()
    built.edit("*.log\n", ".gitignore").save("two\n")
    built.edit("mine\n", "x.log").edit("stays\n", "y.log").restore("v1")
    (draft,) = built.agent.drafts()
    kept = built.git("ls-tree", "-r", "--name-only", draft.commit).split()
    assert ("x.log" in kept, "y.log" in kept) == (True, False)
    assert built.git("show", f"{draft.commit}:x.log") == "mine\n"
    assert [(built.path / name).read_text() for name in ("x.log", "y.log")] == ["of v1\n", "stays\n"]
