"""Traffic light of an arm."""

from __future__ import annotations

from enum import StrEnum

from transfergap.analysis.decision import MOST_COST, Policy, is_harmless
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.stats.gap import Verdict


class Light(StrEnum):
    """Standing of an arm in a word, best first.

    Three are verdicts. ``SAFE``, ``OPEN`` and ``MAY_HURT`` part "not enough evidence" by what the
    interval and the outlook already tell.
    """

    HELPS = "helps"
    SAFE = "safe to add"
    NO_EFFECT = "no difference that matters"
    OPEN = "open"
    MAY_HURT = "may hurt"
    HURTS = "hurts"


_SETTLED = {
    Verdict.HELPS: Light.HELPS,
    Verdict.HURTS: Light.HURTS,
    Verdict.NO_MATERIAL_EFFECT: Light.NO_EFFECT,
}


def light_of(result: AuditResult, arm: ArmOutcome) -> Light | None:
    """Return the light of a judged arm.

    ``None`` where it has no verdict.

    Notes
    -----
    An arm that is not settled is safe to add where its interval excludes a cost beyond the margin.
    It may hurt where its gap is negative and the chance of such a cost exceeds that of such a gain,
    and what the policy ``expected`` takes (15 %). Where nothing is to be made of the gaps, as with
    folds that mislead or a suspected leak, it is open. The light of the safe model is that of other
    data's part in it.
    """
    if not arm.judged or arm.verdict is None or arm.gap is None:
        return None
    if arm.verdict in _SETTLED:
        return _SETTLED[arm.verdict]
    if result.withheld_by or arm.doubted:
        return Light.OPEN
    if arm.total is not None:  # of other data's part; and what is used must do no harm either
        harmless = arm.gap.low >= -result.margin and is_harmless(result, arm)
        return Light.SAFE if harmless else Light.OPEN
    if is_harmless(result, arm):
        return Light.SAFE
    view = arm.outlook
    if view is None or arm.gap.estimate >= 0 or view.p_cost <= view.p_gain:
        return Light.OPEN
    return Light.MAY_HURT if view.p_cost > MOST_COST[Policy.EXPECTED] else Light.OPEN
