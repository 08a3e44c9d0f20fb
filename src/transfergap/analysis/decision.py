"""Decision under a policy: which arm to use where little is settled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.data.notebook_card import Card, card_html
from transfergap.data.one_line import one_line
from transfergap.errors import ConfigurationError
from transfergap.experiment.design import SAFE
from transfergap.stats.chosen import ChosenGap, chosen_gap
from transfergap.stats.gap import Gap, Verdict, judge
from transfergap.stats.outlook import Outlook


class Policy(StrEnum):
    """Rule by which an arm is chosen.

    ``EXPECTED`` takes the arm with the largest expected gain whose chance of costing more than the
    margin is at most 15 %; ``CAUTIOUS`` the same at 5 %; ``PROVEN`` only arms that help.
    """

    EXPECTED = "expected"
    CAUTIOUS = "cautious"
    PROVEN = "proven"


# Chance of costing more than the margin that a policy takes; set by hand, and what each keeps and
# harms is measured by benchmarks.decisions.
MOST_COST = {Policy.EXPECTED: 0.15, Policy.CAUTIOUS: 0.05}
LEAST_GAIN = 0.2  # chance of a gain that matters; set by hand: below it, why change anything?


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
        Judged arms that do not help, and whose interval excludes a cost beyond the margin: safe to
        add.
    gap : ChosenGap or None
        Gap over the control of the arm to use, corrected for its having been chosen; ``None`` where
        none is used.
    """

    policy: Policy
    use: str | None
    proven: bool
    harmless: tuple[str, ...]
    gap: ChosenGap | None = None

    @property
    def text(self) -> str:
        """Return the decision as a sentence or two."""
        if self.use is None:
            lines = ["Stay with the target alone"]
        else:
            lines = [f"Use {one_line(self.use)}{'' if self.proven else ', which is not proven'}"]
            if self.gap is not None:
                lines[0] += (
                    f": {self.gap.expected:+.3f} is expected, lower limit {self.gap.low:+.3f}"
                )
        lines[0] += f" (policy: {self.policy})."
        if self.harmless:
            lines.append(f"Safe to add: {', '.join(map(one_line, self.harmless))}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        title, *footnotes = self.text.split("\n")
        return card_html(Card(title, footnotes=tuple(footnotes)))


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
    """Return the action that a policy advises after an audit.

    Parameters
    ----------
    result : AuditResult
    policy : {"expected", "cautious", "proven"}

    Notes
    -----
    All is about the gap over the control, for the safe model too. Arms without an outlook have no
    part in it: a suspected leak, folds that mislead, a closed form that refits contradict. An arm
    that hurts or has no material effect is not used; one that helps goes before all others, the
    safe one first where its gap is within the interval of the clearest. Any other arm needs a
    chance of a gain that matters of at least one in five, and larger than that of a cost.
    """
    chosen = policy_named(policy)
    judged = [arm for arm in result.arms if arm.judged and _may_be_used(result, arm)]
    proven = [arm for arm in judged if standing(result, arm) is Verdict.HELPS]
    best = _clearest(result, proven)
    if best is None and chosen is not Policy.PROVEN:
        able = [arm for arm in judged if _is_worth(result, arm, MOST_COST[chosen])]
        best = max(able, key=lambda arm: arm.outlook.expected if arm.outlook else 0, default=None)
    harmless = tuple(
        arm.arm
        for arm in judged
        if arm is not best and arm not in proven and is_harmless(result, arm)
    )
    if best is None:
        return Decision(chosen, None, bool(proven), harmless)
    # All judged arms that have a gap competed, whatever became of them, and with them the sources
    # that got no arm since others looked better.
    n_rivals = sum(arm.judged and arm.over_control is not None for arm in result.arms)
    n_rivals += sum(source.untried for source in result.sources)
    return Decision(chosen, best.arm, bool(proven), harmless, _corrected(best, n_rivals))


def _corrected(arm: ArmOutcome, n_candidates: int) -> ChosenGap:
    gap = _over(arm)
    # The outlook's, so that reports hold one number; imported scores have none.
    expected = gap.estimate if arm.outlook is None else arm.outlook.expected
    return chosen_gap(gap, expected=expected, n_candidates=n_candidates)


def standing(result: AuditResult, arm: ArmOutcome) -> Verdict | None:
    """Return the verdict of an arm over the control.

    That of the safe model may differ from what is said of other data's part in it, but for what
    nothing good is believed of. It pays for the number of arms as every verdict does.
    """
    if arm.total is None or arm.verdict is None:
        return arm.verdict
    rivals = [o.gap for o in result.arms if o.judged and o.gap is not None and o.arm != arm.arm]
    n_more = sum(source.untried for source in result.sources)
    verdict = judge([arm.total, *rivals], result.margin, n_more=n_more)[0]
    if result.withheld_by or (arm.doubted and verdict is not Verdict.HURTS):
        return Verdict.NOT_ENOUGH_EVIDENCE
    return verdict


def is_harmless(result: AuditResult, arm: ArmOutcome) -> bool:
    """Return whether the interval excludes a cost beyond the margin (non-inferiority).

    Against the control, and not of an arm that hurts, or of which nothing good is believed.
    """
    gap = arm.over_control
    return (
        gap is not None
        and not arm.doubted
        and gap.low >= -result.margin
        and standing(result, arm) is not Verdict.HURTS
    )


def _may_be_used(result: AuditResult, arm: ArmOutcome) -> bool:
    verdict = standing(result, arm)
    # Imported scores and agents have verdicts, and no outlook.
    return verdict is Verdict.HELPS or (arm.outlook is not None and verdict is not Verdict.HURTS)


def _clearest(result: AuditResult, proven: list[ArmOutcome]) -> ArmOutcome | None:
    """Return the clearest helping arm, or the safe one if as good."""
    best = max(proven, key=lambda arm: _over(arm).low, default=None)
    # Nobody had to choose the safe model among many; an imported arm may only be called so.
    is_own = result.target.n_rows is not None
    safe = next((arm for arm in proven if arm.arm == SAFE and is_own), None)
    return safe if safe and best and _over(safe).estimate >= _over(best).low else best


def _over(arm: ArmOutcome) -> Gap:
    gap = arm.over_control
    assert gap is not None
    return gap


def _is_worth(result: AuditResult, arm: ArmOutcome, most_cost: float) -> bool:
    open_yet = standing(result, arm) is not Verdict.NO_MATERIAL_EFFECT
    return (
        open_yet
        and arm.outlook is not None
        and is_worth_using(arm.outlook, estimate=_over(arm).estimate, most_cost=most_cost)
    )


def is_worth_using(view: Outlook, *, estimate: float, most_cost: float) -> bool:
    """Return whether an unproven arm is worth using.

    Parameters
    ----------
    view : Outlook
    estimate : float
        The gap over the control.
    most_cost : float
        Largest chance of a cost beyond the margin.

    Examples
    --------
    >>> is_worth_using(Outlook(0.02, 0.05, 0.6), estimate=0.03, most_cost=0.15)
    True
    """
    return (
        view.expected > 0
        and estimate > 0
        and view.p_cost <= most_cost
        and view.p_gain > max(view.p_cost, LEAST_GAIN)
    )
