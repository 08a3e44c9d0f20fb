"""Decision under a policy: which arm to use where little is settled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.errors import ConfigurationError
from transfergap.stats.gap import Verdict


class Policy(StrEnum):
    """Rule by which an arm is chosen.

    ``EXPECTED`` takes the arm with the largest expected gain whose chance of costing more than the
    margin is at most 15 %; ``CAUTIOUS`` the same at 5 %; ``PROVEN`` only arms of which "helps" was
    said.
    """

    EXPECTED = "expected"
    CAUTIOUS = "cautious"
    PROVEN = "proven"


# Chance of costing more than the margin that a policy takes; set by hand, and what each keeps and
# harms is measured by benchmarks.decisions.
MOST_COST = {Policy.EXPECTED: 0.15, Policy.CAUTIOUS: 0.05}


@dataclass(frozen=True)
class Decision:
    """Arm to use under a policy, and others that cost nothing.

    Parameters
    ----------
    policy : Policy
    use : str or None
        The arm to use; ``None`` to stay with the target alone.
    proven : bool
        Whether its verdict is "helps".
    harmless : tuple of str
        Other judged arms whose interval excludes a cost beyond the margin: safe to add.
    """

    policy: Policy
    use: str | None
    proven: bool
    harmless: tuple[str, ...]


def policy_named(policy: str | Policy) -> Policy:
    """Return a policy by its name.

    Raises
    ------
    ConfigurationError
        For any other name.
    """
    try:
        return Policy(policy)
    except ValueError:
        names = ", ".join(Policy)
        raise ConfigurationError(
            f"There is no policy called {policy!r}.", hint=f"known: {names}"
        ) from None


def decide(result: AuditResult, policy: str | Policy = Policy.EXPECTED) -> Decision:
    """Return what a policy says to do after an audit.

    Parameters
    ----------
    result : AuditResult
    policy : {"expected", "cautious", "proven"}

    Notes
    -----
    Arms without an outlook have no part in it: a suspected leak, folds that mislead, a closed form
    that refits contradict. An arm of which "hurts" or "no material effect" was said is not used;
    one of which "helps" was said goes before all others.
    """
    chosen = policy_named(policy)
    judged = [arm for arm in result.arms if arm.judged and _is_usable(arm)]
    able = [arm for arm in judged if arm.verdict is not Verdict.NO_MATERIAL_EFFECT]
    proven = [arm for arm in able if arm.verdict is Verdict.HELPS and _expected(arm) > 0]
    if proven or chosen is Policy.PROVEN:
        able = proven
    best = max((arm for arm in able if _is_taken(arm, chosen)), key=_expected, default=None)
    harmless = tuple(
        arm.arm for arm in judged if arm is not best and is_harmless(arm, result.margin)
    )
    return Decision(
        chosen,
        None if best is None else best.arm,
        best is not None and best.verdict is Verdict.HELPS,
        harmless,
    )


def is_harmless(arm: ArmOutcome, margin: float) -> bool:
    """Return whether the arm's interval excludes a cost beyond the margin (non-inferiority).

    Against the control, and not of an arm of which "hurts" was said.
    """
    gap = arm.over_control
    return gap is not None and gap.low >= -margin and arm.verdict is not Verdict.HURTS


def _is_usable(arm: ArmOutcome) -> bool:
    return arm.outlook is not None and arm.verdict is not Verdict.HURTS


def _expected(arm: ArmOutcome) -> float:
    assert arm.outlook is not None
    return arm.outlook.expected


def _is_taken(arm: ArmOutcome, policy: Policy) -> bool:
    assert arm.outlook is not None
    if arm.outlook.expected <= 0:
        return False
    return arm.verdict is Verdict.HELPS or arm.outlook.p_cost <= MOST_COST[policy]
