"""Ways to use what an agent learned elsewhere; one file each."""

from transfergap.rl.arms.exploration_restarted import ExplorationRestarted
from transfergap.rl.arms.fine_tuned import FineTuned
from transfergap.rl.arms.joint import Joint
from transfergap.rl.arms.policy_reuse import PolicyReuse
from transfergap.rl.arms.pretrained import Pretrained
from transfergap.rl.arms.protocol import AgentArm, DerivedArm, TrainedArm
from transfergap.rl.arms.race import Race
from transfergap.rl.arms.scratch import Scratch

__all__ = [
    "AgentArm",
    "DerivedArm",
    "ExplorationRestarted",
    "FineTuned",
    "Joint",
    "PolicyReuse",
    "Pretrained",
    "Race",
    "Scratch",
    "TrainedArm",
]
