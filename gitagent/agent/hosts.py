"""Hosts: what protects an agent on GitHub or GitLab, where none of gitagent's own hooks can run."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitagent.names import EnvironmentName


class Host(StrEnum):
    """A service that keeps git repositories."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Protection(NamedTuple):
    """One thing to set on a host: of which kind, for which branches or tags, and how, in the host's own words."""

    kind: str
    names: tuple[str, ...]
    rules: tuple[str, ...]


class Workflow(NamedTuple):
    """What a host runs with every push: where it looks for it, and what it says."""

    path: str
    text: str


TITLES = {Host.GITHUB: "GitHub", Host.GITLAB: "GitLab"}
WHERE = {Host.GITHUB: "Settings > Rules > Rulesets, each of them Active", Host.GITLAB: "Settings > Repository"}
"""Where a host's own pages have these settings."""
_LEDGER = ("gitagent/ledger", "main")
_HOST = re.compile(r"[a-z+]+://(?:[^@/]*@)?(?P<url>[^:/]+)|(?:[^@:/]*@)?(?P<ssh>[^@:/]+):")
_PUSHERS = "Developers + Maintainers"
_STEPS = """\
git checkout --quiet --detach
git fetch --quiet --prune --force origin '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
git checkout --quiet main
gitagent verify
"""
"""In the clone of a host's runner, which has one branch: all of them as they are on the remote, then every rule."""
_SAYS = """\
# Checks with every push that versions, environments and the ledger are as gitagent made them.
# Written by gitagent share; yours to change, such as where gitagent itself comes from (pip install git+https://...).
"""
_GITHUB = (
    _SAYS
    + """\
name: gitagent
on:
  push:
  schedule:
    - cron: "17 4 * * *" # what was moved to a version without this file starts nothing by itself
  workflow_dispatch:
permissions:
  contents: read
concurrency: # the newest run checks everything
  group: gitagent
  cancel-in-progress: true
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install --quiet gitagent-config
      - run: |
"""
    + "".join(f"          {line}\n" for line in _STEPS.splitlines())
)
_GITLAB = (
    _SAYS
    + """\
gitagent:
  image: python:3.12
  variables:
    GIT_STRATEGY: clone
    GIT_DEPTH: "0"
  script:
    - git config --global --add safe.directory "$CI_PROJECT_DIR"
    - pip install --quiet gitagent-config
"""
    + "".join(f"    - {line}\n" for line in _STEPS.splitlines())
)
WORKFLOWS = {
    Host.GITHUB: Workflow(".github/workflows/gitagent.yml", _GITHUB),
    Host.GITLAB: Workflow(".gitlab-ci.yml", _GITLAB),
}


def host_of(url: str) -> Host | None:
    """The host that an address of a remote belongs to, as far as its name tells."""
    found = _HOST.match(url)
    labels = (found["url"] or found["ssh"]).lower().split(".") if found else []
    return next((host for host in Host if host in labels[:2] and len(labels) > 1), None)


def protections(host: Host, pipeline: Sequence[EnvironmentName]) -> tuple[Protection, ...]:
    """What to set on a host, so that nothing but a rollback goes back, and nothing is lost.

    A rollback moves an environment's branch back: those can be moved by force, and only verifying shows by whom.
    """
    environments = tuple(str(name) for name in pipeline)
    if host is Host.GITHUB:
        return (
            Protection("tag ruleset", ("v*",), ("Restrict updates", "Restrict deletions")),
            Protection("branch ruleset", _LEDGER, ("Restrict deletions", "Block force pushes")),
            Protection("branch ruleset", environments, ("Restrict deletions",)),
        )
    push = f"Allowed to push and merge: {_PUSHERS}"
    return (
        Protection("protected tag", ("v*",), (f"Allowed to create: {_PUSHERS}",)),
        Protection("protected branch", _LEDGER, (push, "Allowed to force push: off")),
        Protection("protected branch", environments, (push, "Allowed to force push: on")),
    )


def write_workflow(draft: Path, host: Host) -> bool:
    """Put a host's workflow into the draft, and say whether that was done: what stands there stays as it is."""
    workflow = WORKFLOWS[host]
    file = draft / workflow.path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(workflow.text)
    except FileExistsError:
        return False
    except OSError as error:
        raise StorageFailed(
            f"cannot write {file}: {error.strerror}", hint="The agent is shared; write that file yourself."
        ) from error
    return True
