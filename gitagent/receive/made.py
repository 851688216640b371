"""Made: the versions that the events of a push make - their tags, their commits and their configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.replay import is_by
from gitagent.agent.versions import commit_message, tag_message, tag_ref
from gitagent.errors import InvalidConfiguration, RuleBroken

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.agent.rules import Snapshot
    from gitagent.git.objects import Commit, Tag
    from gitagent.git.repository import Repository
    from gitagent.names import VersionNumber
    from gitagent.receive.ledgers import Grown
    from gitagent.receive.pushes import Push

_MOST_TOLD = 5


def check_versions(push: Push, ledger: Grown) -> None:
    """Refuse a version that is not what its event says, or whose tag is not in the push, or that is not valid.

    Of an agent that is new here, the configurations that anybody is served are looked at, and the newest; what was
    made before is history.
    """
    if ledger.after is None:
        return
    state = ledger.after.state
    looked_at = {each.version for each in state.environments} | {state.last_version}
    for event in ledger.events:
        number, commit = event.to_version, event.to_commit
        if event.tag is None or number is None or commit is None:
            continue
        _check_tag(push, event, number)
        found = push.repository.commit(commit)
        _check_commit(push.repository, ledger.after, event, number, found)
        if ledger.before is not None or number in looked_at:
            _check_configuration(push.repository, number, found)


def _check_tag(push: Push, event: Event, number: VersionNumber) -> None:
    there = push.after(tag_ref(number))
    if there is None:
        raise RuleBroken(
            f"event {event.seq}, {event.subject}, comes without the tag {number}",
            code="rule-tag-missing",
            hint=f"Push all of an operation at once; gitagent does: gitagent {event.operation}",
        )
    tag = _tag(push.repository, there)
    if tag is None:
        raise RuleBroken(
            f"the tag {number} is no annotated tag of a commit",
            code="rule-tag-annotated",
            hint="Versions are made with: gitagent save",
        )
    if wrong := _lies(event, tag, number):
        raise RuleBroken(
            f"the tag {number} {wrong}", code="rule-tag-object", hint="Versions are made with: gitagent save"
        )


def _tag(repository: Repository, id_: str) -> Tag | None:
    try:
        return repository.tag(id_)
    except ValueError:  # its texts are not UTF-8
        return None


def _lies(event: Event, tag: Tag, number: VersionNumber) -> str | None:
    """What is wrong with a version's tag object, if anything is."""
    if tag.name != str(number):
        return f"names itself {tag.name} inside"
    if tag.target != event.to_commit:
        return f"is on {tag.target[:12]}, and its event says {str(event.to_commit)[:12]}"
    if tag.id != event.tag:
        return f"is {tag.id[:12]}, and its event made {str(event.tag)[:12]}"
    by_actor = is_by(event.actor, tag.tagger_name, tag.tagger_email) and tag.at == event.at
    if not by_actor or tag.message.rstrip("\n") != tag_message(number, event.name, event.message).rstrip("\n"):
        return "says something else than its event"
    return None


def _check_commit(repository: Repository, after: Snapshot, event: Event, number: VersionNumber, commit: Commit) -> None:
    """Refuse a version whose commit is not its own, or that does not follow the version before by first parents."""
    said = commit.message == commit_message(number, event.name, event.message)
    if not said or not is_by(event.actor, commit.name, commit.email):
        raise RuleBroken(
            f"commit {commit.id[:12]} was not made for {number}",
            code="rule-version-commit",
            hint="Versions are made with: gitagent save",
        )
    if number.number == 1:
        return
    record = after.record(number._replace(number=number.number - 1))
    if record is None or not any(each.id == record.commit for each in repository.first_parents(commit.id)):
        raise RuleBroken(
            f"the first parents of {number} do not lead to v{number.number - 1}",
            code="rule-version-line",
            hint="Catch up first: gitagent sync",
        )


def _check_configuration(repository: Repository, number: VersionNumber, commit: Commit) -> None:
    # Half of what a promotion costs, which makes no version.
    from gitagent.agent.files import tree_files
    from gitagent.config.problems import Severity
    from gitagent.config.validation import validate

    problems = [each for each in validate(tree_files(repository, commit.tree)) if each.severity is Severity.ERROR]
    if problems:
        told = "\n".join(map(str, problems[:_MOST_TOLD]))
        more = f"\nand {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        error = InvalidConfiguration(
            f"the configuration of {number} is not valid:\n{told}{more}",
            problems=problems,
            hint="See all of it: gitagent validate",
        )
        error.code = "rule-configuration"
        raise error
