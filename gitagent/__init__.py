"""Git-backed configuration manager for conversational (voice and chat) agents.

The public Python API: open an agent with `Agent.open`, make one with `Agent.init`. Everything listed in `__all__` is
imported when it is first asked for, so that `import gitagent` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitagent.agent.access import Access, Role, RoleChange
    from gitagent.agent.agent import Agent
    from gitagent.agent.ailments import Repair
    from gitagent.agent.approvals import Approval, Approved
    from gitagent.agent.authority import Synced
    from gitagent.agent.draft import Change, ChangeKind, Draft, Restored, RestorePlan, SavePlan
    from gitagent.agent.environments import Environment, Move, Moved
    from gitagent.agent.events import Event, Operation
    from gitagent.agent.findings import Finding
    from gitagent.agent.gates import Shortfall
    from gitagent.agent.grants import Grant, Granted
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.numbers import EnvironmentChange
    from gitagent.agent.operations import Saved
    from gitagent.agent.overview import Ahead, Configuration, Served, Status
    from gitagent.agent.pending import PendingSave
    from gitagent.agent.rehearsals import InitPlan
    from gitagent.agent.relocations import NumberMove
    from gitagent.agent.repairs import Repaired
    from gitagent.agent.results import Result
    from gitagent.agent.sharing import Sharing
    from gitagent.agent.states import AssignedNumber
    from gitagent.agent.trials import Candidate, Gate, Recorded
    from gitagent.agent.verification import Verification
    from gitagent.agent.versions import Version
    from gitagent.config.problems import Problem, Severity
    from gitagent.errors import Conflict, GitagentError, InvalidConfiguration, NotFound, Refused, StorageFailed
    from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber
    from gitagent.runtime.beginnings import Begun
    from gitagent.runtime.calls import Calls
    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.runtime.folders import Agents
    from gitagent.runtime.records import Call, Filter, Page
    from gitagent.runtime.resolutions import Resolution
    from gitagent.runtime.statistics import Statistics

_HOMES = {
    "gitagent.agent.access": ("Access", "Role", "RoleChange"),
    "gitagent.agent.agent": ("Agent",),
    "gitagent.agent.ailments": ("Repair",),
    "gitagent.agent.approvals": ("Approval", "Approved"),
    "gitagent.agent.authority": ("Synced",),
    "gitagent.agent.draft": ("Change", "ChangeKind", "Draft", "RestorePlan", "Restored", "SavePlan"),
    "gitagent.agent.environments": ("Environment", "Move", "Moved"),
    "gitagent.agent.events": ("Event", "Operation"),
    "gitagent.agent.findings": ("Finding",),
    "gitagent.agent.gates": ("Shortfall",),
    "gitagent.agent.grants": ("Grant", "Granted"),
    "gitagent.agent.kept": ("KeptDraft",),
    "gitagent.agent.numbers": ("EnvironmentChange",),
    "gitagent.agent.operations": ("Saved",),
    "gitagent.agent.overview": ("Ahead", "Configuration", "Served", "Status"),
    "gitagent.agent.pending": ("PendingSave",),
    "gitagent.agent.rehearsals": ("InitPlan",),
    "gitagent.agent.relocations": ("NumberMove",),
    "gitagent.agent.repairs": ("Repaired",),
    "gitagent.agent.results": ("Result",),
    "gitagent.agent.sharing": ("Sharing",),
    "gitagent.agent.states": ("AssignedNumber",),
    "gitagent.agent.trials": ("Candidate", "Gate", "Recorded"),
    "gitagent.agent.verification": ("Verification",),
    "gitagent.agent.versions": ("Version",),
    "gitagent.config.problems": ("Problem", "Severity"),
    "gitagent.errors": ("Conflict", "GitagentError", "InvalidConfiguration", "NotFound", "Refused", "StorageFailed"),
    "gitagent.names": ("Actor", "EnvironmentName", "PhoneNumber", "VersionNumber"),
    "gitagent.runtime.beginnings": ("Begun",),
    "gitagent.runtime.calls": ("Calls",),
    "gitagent.runtime.configurations": ("ServedConfiguration",),
    "gitagent.runtime.folders": ("Agents",),
    "gitagent.runtime.records": ("Call", "Filter", "Page"),
    "gitagent.runtime.resolutions": ("Resolution",),
    "gitagent.runtime.statistics": ("Statistics",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Access",
    "Actor",
    "Agent",
    "Agents",
    "Ahead",
    "Approval",
    "Approved",
    "AssignedNumber",
    "Begun",
    "Call",
    "Calls",
    "Candidate",
    "Change",
    "ChangeKind",
    "Configuration",
    "Conflict",
    "Draft",
    "Environment",
    "EnvironmentChange",
    "EnvironmentName",
    "Event",
    "Filter",
    "Finding",
    "Gate",
    "GitagentError",
    "Grant",
    "Granted",
    "InitPlan",
    "InvalidConfiguration",
    "KeptDraft",
    "Move",
    "Moved",
    "NotFound",
    "NumberMove",
    "Operation",
    "Page",
    "PendingSave",
    "PhoneNumber",
    "Problem",
    "Recorded",
    "Refused",
    "Repair",
    "Repaired",
    "Resolution",
    "RestorePlan",
    "Restored",
    "Result",
    "Role",
    "RoleChange",
    "SavePlan",
    "Saved",
    "Served",
    "ServedConfiguration",
    "Severity",
    "Sharing",
    "Shortfall",
    "Statistics",
    "Status",
    "StorageFailed",
    "Synced",
    "Verification",
    "Version",
    "VersionNumber",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'gitagent' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
