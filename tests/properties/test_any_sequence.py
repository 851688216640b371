"""Any sequence of operations, edits and plain git, on a real agent and a simple model: they agree, the rules hold."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.building import ADA, GRACE, Built
from support.modelling import Content, Model, Predicted
from support.rules import check_rules
from support.testing import BOOKS
from support.testing import FILES as TESTED_FILES

from gitagent import Actor, Agent, GitagentError, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable

PIPELINES = ["sandbox,pre-release,live", "live", "test,live"]
PATHS = st.sampled_from(["a.md", "x", "x/y.md", "x/y/z.md", "ünï côde.md", "deep/er/b.txt", "!odd.md"])
TEXTS = st.sampled_from(["one\n", "two\n", "three\n", "no line end", "", "crlf\r\n"])
NUMBERS = st.sampled_from(["+442079460018", "+442079460019", "+33123456789"])
ENVIRONMENTS = st.integers(0, 2)
VERSIONS = st.integers(1, 9)
IGNORED = "cache.log"


class AnySequence(RuleBasedStateMachine):
    """An agent and its model."""

    @initialize(pipeline=st.sampled_from(PIPELINES))
    def init(self, pipeline: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        files = {".gitignore": "*.log\n", "a.md": "one\n", **TESTED_FILES}
        self.built = Built(self.folder / "agent", files=files, pipeline=pipeline)
        self.model = Model(pipeline.split(","), {path: (False, text) for path, text in files.items()})
        (self.built.path / IGNORED).write_text("precious")
        self.unsettled = False

    # Operations

    @rule()
    def save(self) -> None:
        self._both(self.model.save, self.built.save)

    @rule()
    def publish_draft(self) -> None:
        self._both(self.model.publish_draft, self.built.publish)

    @rule(number=VERSIONS)
    def publish_version(self, number: int) -> None:
        self._both(lambda: self.model.publish_version(number), lambda: self.built.publish(selector=f"v{number}"))

    @rule(which=ENVIRONMENTS)
    def promote(self, which: int) -> None:
        name = self._environment(which)
        self._both(lambda: self.model.promote(name, None), lambda: self.built.promote(name))

    @rule(which=ENVIRONMENTS, number=VERSIONS)
    def promote_version(self, which: int, number: int) -> None:
        name = self._environment(which)
        self._both(lambda: self.model.promote(name, number), lambda: self.built.promote(name, version=f"v{number}"))

    @rule(text=TEXTS)
    def ship(self, text: str) -> None:
        """An edit that goes as far along the pipeline as the rules let it: rollbacks need versions to go back to."""
        self.write("a.md", text)
        self.publish_draft()
        for which in range(1, len(self.model.pipeline)):
            self.promote(which)

    @rule(which=ENVIRONMENTS)
    def roll_back(self, which: int) -> None:
        name = self._environment(which)
        for _ in range(2):  # a second one undoes nothing that the first did
            self._both(lambda: self.model.roll_back(name, None), lambda: self.built.rollback(name))

    @rule(which=ENVIRONMENTS, number=VERSIONS)
    def roll_back_to(self, which: int, number: int) -> None:
        name = self._environment(which)
        self._both(lambda: self.model.roll_back(name, number), lambda: self.built.rollback(name, f"v{number}"))

    @rule(number=VERSIONS)
    def restore(self, number: int) -> None:
        if number not in self.model.versions:
            self._both(lambda: self.model.publish_version(number), lambda: self.built.restore(f"v{number}"))
        else:
            self.model.restore(self.model.versions[number], number)
            self.built.restore(f"v{number}")

    @rule()
    def discard(self) -> None:
        number = self.model.published or self.model.last
        self.model.restore(self.model.versions[number], number)
        self.built.agent.discard(actor=ADA, at=self.built.clock())

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data())
    def bring_back_a_kept_draft(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.model.kept) - 1))
        kept = self._kept()[index]
        self.model.restore(*self.model.kept[index])
        self.built.restore(kept)

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data())
    def drop_a_kept_draft(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.model.kept) - 1))
        self.built.agent.drop_draft(self._kept()[index])
        del self.model.kept[index]

    @rule(which=ENVIRONMENTS, on=st.booleans())
    def set_rules(self, which: int, on: bool) -> None:
        name = self._environment(which)
        self._both(
            lambda: self.model.set_rules(name, requires_number=on),
            lambda: self.built.agent.set_rules(name, actor=ADA, at=self.built.clock(), requires_number=on),
        )

    @rule(which=ENVIRONMENTS, count=st.sampled_from([0, 0, 1, 2]))
    def ask_for_approvals(self, which: int, count: int) -> None:
        name = self._environment(which)
        self._both(
            lambda: self.model.ask_for_approvals(name, count),
            lambda: self.built.agent.set_rules(name, actor=ADA, at=self.built.clock(), approvals=count),
        )

    @rule(number=VERSIONS, which=ENVIRONMENTS, who=st.sampled_from([GRACE, Actor("Alan Turing", "alan@example.com")]))
    def approve(self, number: int, which: int, who: Actor) -> None:
        name = self._environment(which)
        self._both(
            lambda: self.model.approve(number, name, who.email),
            lambda: self.built.agent.approve(f"v{number}", name, actor=who, at=self.built.clock()),
        )

    @rule(which=ENVIRONMENTS, on=st.booleans())
    def ask_for_tests(self, which: int, on: bool) -> None:
        name = self._environment(which)
        self._both(
            lambda: self.model.ask_for_tests(name, on=on),
            lambda: self.built.agent.set_rules(name, actor=ADA, at=self.built.clock(), tests=100 if on else 0),
        )

    @rule(number=st.none() | VERSIONS, passes=st.sampled_from([True, True, False]))
    def run_suites(self, number: int | None, passes: bool) -> None:
        def run() -> None:
            found = self.built.agent.candidate("draft" if number is None else f"v{number}")
            failing = [BOOKS] if not passes and found.cases.names else []
            result = found.result(responder="embedded", seconds=0.1, failing=failing)
            self.built.agent.record_result(result, actor=GRACE, at=self.built.clock())

        self._both(lambda: self.model.test(number, passes=passes), run)

    @rule(number=NUMBERS, which=ENVIRONMENTS, header=st.sampled_from(["", "é: x"]))
    def assign_number(self, number: str, which: int, header: str) -> None:
        name = self._environment(which)
        self._both(
            lambda: self.model.assign(number, name, header),
            lambda: self.built.agent.assign_number(
                PhoneNumber(number), name, actor=ADA, at=self.built.clock(), sip_headers={"X-A": header}
            ),
        )

    @rule(number=NUMBERS)
    def release_number(self, number: str) -> None:
        self._both(
            lambda: self.model.release(number),
            lambda: self.built.agent.release_number(PhoneNumber(number), actor=ADA, at=self.built.clock()),
        )

    # Edits

    @rule(path=PATHS, text=TEXTS)
    def write(self, path: str, text: str) -> None:
        full = self.built.path / path
        for above in full.relative_to(self.built.path).parents:
            if (self.built.path / above).is_file():
                (self.built.path / above).unlink()
        if full.is_dir():
            shutil.rmtree(full)
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode())
        self.model.write(path, text)

    @precondition(lambda self: len(self.model.draft) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(set(self.model.draft) - {".gitignore"})))
        (self.built.path / path).unlink()
        del self.model.draft[path]

    @precondition(lambda self: len(self.model.draft) > 1)
    @rule(data=st.data(), to=st.sampled_from(["renamed.md", "moved/renamed.md"]))
    def rename(self, data: st.DataObject, to: str) -> None:
        path = data.draw(st.sampled_from(sorted(set(self.model.draft) - {".gitignore"})))
        (self.built.path / to).parent.mkdir(exist_ok=True)
        (self.built.path / path).rename(self.built.path / to)
        self.model.draft[to] = self.model.draft.pop(path)

    @precondition(lambda self: len(self.model.draft) > 1)
    @rule(data=st.data(), executable=st.booleans())
    def change_mode(self, data: st.DataObject, executable: bool) -> None:
        path = data.draw(st.sampled_from(sorted(set(self.model.draft) - {".gitignore"})))
        (self.built.path / path).chmod(0o755 if executable else 0o644)
        self.model.draft[path] = (executable, self.model.draft[path][1])

    # Plain git

    @rule()
    def reopen(self) -> None:
        self.built.reopen()

    @rule(amend=st.booleans())
    def commit_on_main(self, amend: bool) -> None:
        self.built.git("add", "-A")
        self.built.git("commit", "-q", "--allow-empty", "-m", "by hand", *(["--amend"] if amend else []))
        self.model.head = dict(self.model.draft)

    @rule(number=VERSIONS, hard=st.booleans())
    def reset_main(self, number: int, hard: bool) -> None:
        number = min(number, self.model.last)
        if hard:
            self.built.git("add", "-A")
            self.model.draft = dict(self.model.versions[number])
        self.built.git("reset", "-q", "--hard" if hard else "--soft", self._commit(number))
        self.model.head = dict(self.model.versions[self.model.last])
        self.unsettled = True

    @rule()
    def stash(self) -> None:
        self.built.git("add", "-A")
        self.built.git("stash", "-q")
        self.model.draft = dict(self.model.head)

    @rule(
        which=ENVIRONMENTS,
        to=st.sampled_from(["v1", "main", "gitagent/ledger"]),
        how=st.sampled_from(["force", "delete", "update-ref"]),
    )
    def move_an_environment(self, which: int, to: str, how: str) -> None:
        ref = f"refs/heads/{self._environment(which)}"
        if how == "delete":
            self.built.git("update-ref", "-d", ref)
        elif how == "force":
            self.built.git("branch", "-f", ref.removeprefix("refs/heads/"), self._commit(to))
        else:
            self.built.git("update-ref", ref, self._commit(to))
        self.unsettled = True

    @rule(number=VERSIONS, how=st.sampled_from(["delete", "move", "annotate"]))
    def move_a_tag(self, number: int, how: str) -> None:
        tag = f"v{number}"
        needed = {self.model.last, *(now for name in self.model.pipeline if (now := self.model.now(name)))}
        if number not in needed:
            return  # an old tag is nobody's until it is asked for
        if how == "delete":
            self.built.git("tag", "-d", tag)
        else:
            self.built.git("tag", "-f", *(["-a", "-m", "mine"] if how == "annotate" else []), tag, self._commit(1))
        self.unsettled = True

    @rule(
        command=st.sampled_from(
            [["pack-refs", "--all", "--prune"], ["gc", "-q"], ["update-ref", "-d", "refs/heads/main"]]
        )
    )
    def look_after_the_repository(self, command: list[str]) -> None:
        self.built.git(*command)
        if "refs/heads/main" in command:
            self.model.head = dict(self.model.versions[self.model.last])
            self.unsettled = True

    # What always holds

    @invariant()
    def the_agent_is_as_its_model_and_the_rules_hold(self) -> None:
        if self.unsettled:  # opening is what puts things right; the agent at hand has to do without
            Agent.open(self.built.path)
            self.unsettled = False
        agent, model = self.built.agent, self.model
        check_rules(self.built.path)
        assert not Agent.open(self.built.path, settle=False).verify().errors
        assert self.built.serving() == model.serving()
        assert self._on_disk() == model.draft | {IGNORED: (False, "precious")}
        status = agent.status()
        assert status.draft is not None
        assert (status.last_version.number, status.draft.base.number) == (model.last, model.base)
        assert (status.last_published and status.last_published.number) == model.published
        changed = {
            path
            for path in model.draft.keys() | model.versions[model.base].keys()
            if model.draft.get(path) != model.versions[model.base].get(path)
        }
        assert {change.path for change in status.draft.changes} == changed
        assert {str(each.number): (str(each.environment), each.sip_headers["X-A"]) for each in agent.numbers()} == (
            model.numbers
        )
        assert next(agent.history()).seq == model.events
        assert len(self._kept()) == len(model.kept)

    def teardown(self) -> None:
        if not hasattr(self, "built"):
            return
        for number, content in self.model.versions.items():
            assert self._files(f"v{number}") == content
        for id_, (content, _) in zip(self._kept(), self.model.kept, strict=True):
            assert self._files(id_) == content
        assert self.built.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
        shutil.rmtree(self.folder)

    def _both(self, predict: Callable[[], object], act: Callable[[], object]) -> None:
        expected = done = None
        try:
            predict()
        except Predicted as prediction:
            expected = str(prediction)
        try:
            act()
        except GitagentError as error:
            done = error.code
        assert done == expected

    def _environment(self, which: int) -> str:
        return self.model.pipeline[which % len(self.model.pipeline)]

    def _commit(self, what: int | str) -> str:
        number = what if isinstance(what, int) else 1 if what == "v1" else None
        if number is not None:
            return self.built.agent.version(f"v{number}").commit
        return self.built.git("rev-parse", f"refs/heads/{what}").strip()

    def _kept(self) -> list[str]:
        return [draft.id for draft in self.built.agent.drafts() if not draft.reason.endswith("moved by hand")]

    def _files(self, selector: str) -> Content:
        return {
            path: (file.kind == "executable", file.read().decode())
            for path, file in self.built.agent.files(selector).items()
        }

    def _on_disk(self) -> Content:
        found = {}
        for here, folders, names in os.walk(self.built.path):
            if ".git" in folders:
                folders.remove(".git")
            for name in names:
                path = Path(here, name)
                found[path.relative_to(self.built.path).as_posix()] = (
                    bool(path.stat().st_mode & 0o100),
                    path.read_bytes().decode(),
                )
        return found


def _run(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_keeps_the_rules() -> None:
    _run(examples=4, steps=30)


@pytest.mark.scale
@pytest.mark.timeout(3600)
def test_any_long_sequence_keeps_the_rules() -> None:
    _run(examples=60, steps=40)
