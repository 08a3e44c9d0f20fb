"""Audits of reinforcement learning: does training elsewhere first help an agent?

Examples
--------
>>> from transfergap.rl import Environment, Episodes, Race, audit_agents, audit_curves, from_sb3
>>> Race(("b",)).share
0.2
"""

from __future__ import annotations

from transfergap.errors import old_names
from transfergap.rl.arms import (
    ExplorationRestarted,
    FineTuned,
    Joint,
    PolicyReuse,
    Pretrained,
    Race,
)
from transfergap.rl.auditing import audit_agents, audit_curves
from transfergap.rl.contract import AgentArm, Callback, Evaluate, Init, Policy, Reuse, Train
from transfergap.rl.environment import Environment
from transfergap.rl.episodes import Episodes
from transfergap.rl.exact import ExactReturn
from transfergap.rl.sb3 import from_sb3
from transfergap.rl.tabular import Tabular, TabularAgent

__getattr__ = old_names(__name__)

__all__ = [
    "AgentArm",
    "Callback",
    "Environment",
    "Episodes",
    "Evaluate",
    "ExactReturn",
    "ExplorationRestarted",
    "FineTuned",
    "Init",
    "Joint",
    "Policy",
    "PolicyReuse",
    "Pretrained",
    "Race",
    "Reuse",
    "Tabular",
    "TabularAgent",
    "Train",
    "audit_agents",
    "audit_curves",
    "from_sb3",
]
