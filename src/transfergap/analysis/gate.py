"""Gate: admit arms whose harm stays within a limit."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from transfergap.analysis.checks.check import Strength
from transfergap.analysis.decision import MOST_COST, Policy, policy_named, standing
from transfergap.analysis.result import WITHHOLDING, ArmOutcome, AuditResult
from transfergap.analysis.subgroups.gaps import SubgroupGap
from transfergap.errors import ConfigurationError
from transfergap.experiment.arm import label_among
from transfergap.experiment.design import Arm
from transfergap.stats.gap import Gap, Verdict

Ruling = Literal["passes", "harm", "unsettled"]
_WORST_FIRST: tuple[Ruling, ...] = ("harm", "unsettled", "passes")
# Chance of a cost beyond the margin that is harm under every policy but `proven`, which asks for no
# chances: what `expected` takes, turned round. No policy lets pass what another calls harm.
LIKELY_HARM = 1.0 - MOST_COST[Policy.EXPECTED]


@dataclass(frozen=True)
class ArmRuling:
    """Ruling of the gate on one arm."""

    arm: str
    ruling: Ruling
    says: str
    low: float | None


@dataclass(frozen=True)
class SubgroupRuling:
    """Ruling of the gate on one arm in one subgroup."""

    arm: str
    subgroup: str
    ruling: Ruling
    says: str
    low: float


@dataclass(frozen=True)
class GateOutcome:
    """Rulings of the gate on all chosen arms.

    ``ruling`` is the worst of them: harm before unsettled before passes. ``not_judged`` names the
    subgroups with too few rows, on which nothing can be ruled.
    """

    ruling: Ruling
    complete: bool
    max_harm: float
    rulings: tuple[ArmRuling, ...]
    max_subgroup_harm: float | None = None
    subgroup_rulings: tuple[SubgroupRuling, ...] = ()
    not_judged: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"schema": "transfergap/check/1", **asdict(self)}


def gate(
    result: AuditResult,
    *,
    arms: Sequence[str | Arm] | None = None,
    max_harm: float | None = None,
    max_subgroup_harm: float | None = None,
    policy: str | Policy | None = None,
) -> GateOutcome:
    """Judge arms against the harm that is allowed.

    An arm passes if its interval excludes more harm than allowed: low >= -max_harm. It is harm if
    the verdict is "hurts", or the whole interval lies beyond the limit, and it does not pass.
    Otherwise the evidence is not enough; nor is it where random folds mislead (TG131).

    Parameters
    ----------
    result : AuditResult
    arms : sequence of str or Arm, optional
        Default: every judged arm.
    max_harm : float, optional
        In units of the metric, >= 0; default the margin of the run.
    max_subgroup_harm : float, optional
        In units of the metric, >= 0. Then every judged subgroup has to pass as well: its interval
        must exclude more harm than that. Harm is a subgroup of which "hurts" was said, corrected
        for all looks, and that does not pass.

    policy : {"expected", "cautious", "proven"}, optional
        Then an arm also passes where its chance of costing more than the margin is at most what the
        policy takes, though its interval does not exclude it; ``"proven"`` asks for "helps". The
        chance is of the run's own margin, so ``max_harm`` cannot be another.

    Raises
    ------
    ConfigurationError
        For an unknown arm or policy, a negative harm, or a run that did not look at subgroups.
    """
    allowed = result.margin if max_harm is None else max_harm
    for harm in (allowed, 0.0 if max_subgroup_harm is None else max_subgroup_harm):
        if not harm >= 0:
            raise ConfigurationError(
                f"The harm you allow is {harm:g}, but it must be 0 or more.", hint="give e.g. 0.01"
            )
    chosen = None if policy is None else policy_named(policy)
    if chosen is not None and allowed != result.margin:
        raise ConfigurationError(
            f"A policy is about the run's own margin of {result.margin:g}, not {allowed:g}.",
            hint="leave --max-harm out, or --policy",
        )
    can_pass = [outcome for outcome in result.arms if outcome.judged or outcome.verdict is not None]
    by_name = {outcome.arm: outcome for outcome in can_pass}
    arm_names = [label_among(arm, by_name) for arm in arms or by_name]
    for name in arm_names:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1)
            raise ConfigurationError(
                f"The run has no judged arm called {name!r}.",
                hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(by_name)}",
            )
    if not arm_names:
        raise ConfigurationError(
            "The run has no judged arm, so there is nothing to check.",
            hint="run it with an arm that trains on the target and a source",
        )
    rulings = tuple(_ruling(by_name[name], allowed, result, chosen) for name in arm_names)
    below: tuple[SubgroupRuling, ...] = ()
    if max_subgroup_harm is not None:
        below = _subgroup_rulings(result, arm_names, max_subgroup_harm)
    kinds = {*(ruling.ruling for ruling in rulings), *(ruling.ruling for ruling in below)}
    # One harm decides for all arms, whatever passes beside it.
    worst: Ruling = next(r for r in _WORST_FIRST if r in kinds)
    complete = all(o.n_completed + o.n_failed >= o.n_planned for o in result.arms)
    small = () if result.subgroups is None or not below else result.subgroups.too_small
    not_judged = tuple(group.subgroup for group in small)
    return GateOutcome(worst, complete, allowed, rulings, max_subgroup_harm, below, not_judged)


def _by_policy(result: AuditResult, outcome: ArmOutcome, policy: Policy, low: float) -> ArmRuling:
    """Return the ruling on an arm by its chance of a cost."""
    name, view = outcome.arm, outcome.outlook
    if policy is Policy.PROVEN:
        if standing(result, outcome) is Verdict.HELPS:
            return ArmRuling(name, "passes", f"{name}: it was shown to help.", low)
        return ArmRuling(name, "unsettled", f"{name}: it was not shown to help.", low)
    if view is None:
        message = (
            f"{name}: it has no chances to go by; imported scores, agents and runs of older"
            " versions have none."
        )
        return ArmRuling(name, "unsettled", message, low)
    most = MOST_COST[policy]
    ruling: Ruling = "passes" if view.p_cost <= most else "unsettled"
    if view.p_cost >= LIKELY_HARM:
        ruling = "harm"
    message = (
        f"{name}: {view.expected:+.3f} {result.metric_title} is expected, and a cost beyond the"
        f" margin has the chance {view.p_cost:.1%}; the policy {policy} takes {most:.0%}."
    )
    return ArmRuling(name, ruling, message, low)


def _subgroup_rulings(
    result: AuditResult, arms: Sequence[str], allowed: float
) -> tuple[SubgroupRuling, ...]:
    subgroups = result.subgroups
    gaps = [gap for gap in subgroups.gaps if gap.arm in arms] if subgroups is not None else []
    if not gaps:
        failure = "looked at no subgroups" if subgroups is None else "could judge no subgroup"
        raise ConfigurationError(
            f"The run {failure}, so there is nothing to check below the average.",
            hint="run it again with --subgroups COLUMN; the stored trials are used again",
        )
    return tuple(_subgroup_ruling(gap, allowed, result.metric_title) for gap in gaps)


def _subgroup_ruling(comparison: SubgroupGap, allowed: float, unit: str) -> SubgroupRuling:
    gap, place = comparison.gap, f"{comparison.arm}, {comparison.subgroup}"
    ruling: Ruling = "unsettled"
    if gap.low >= -allowed:
        ruling = "passes"
        message = (
            f"{place}: harm of more than {allowed:g} {unit} is excluded; the gap is {_shown(gap)}."
        )
    elif comparison.verdict is Verdict.HURTS:
        ruling = "harm"
        message = (
            f"{place}: hurts by {-gap.estimate:.3f} {unit} [{-gap.high:.3f}, {-gap.low:.3f}];"
            f" you allow {allowed:g}."
        )
    else:
        message = (
            f"{place}: harm of up to {-gap.low:.3f} {unit} cannot be excluded; you allow"
            f" {allowed:g}. {comparison.n_rows} rows are too few to tell."
        )
    return SubgroupRuling(comparison.arm, comparison.subgroup, ruling, message, gap.low)


def _shown(gap: Gap) -> str:
    return f"{gap.estimate:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"


def _ruling(
    outcome: ArmOutcome, allowed: float, result: AuditResult, policy: Policy | None
) -> ArmRuling:
    gap, unit, name = outcome.over_control, result.metric_title, outcome.arm
    if gap is None:
        message = f"{name}: too few completed trials to say anything."
        return ArmRuling(name, "unsettled", message, None)
    strong = {
        finding.code
        for finding in result.findings
        if finding.strength is Strength.STRONG and finding.subject in (name, *outcome.sources)
    }
    hurts = standing(result, outcome) is Verdict.HURTS or gap.high < -allowed
    if "TG304" in strong:
        message = (
            f"{name}: its closed form does not agree with refits, so nothing is claimed (TG304)."
        )
        return ArmRuling(name, "unsettled", message, gap.low)
    if strong & {"TG108", "TG109"} and not hurts:
        message = f"{name}: nothing good of it is believed (TG108, TG109): look for a leak first."
        return ArmRuling(name, "unsettled", message, gap.low)
    if result.withheld_by:
        reason = WITHHOLDING[result.withheld_by]
        message = f"{name}: no verdict is given, since {reason} ({result.withheld_by})."
        return ArmRuling(name, "unsettled", message, gap.low)
    if policy is not None and not (hurts and gap.low < -allowed):
        return _by_policy(result, outcome, policy, gap.low)
    if gap.low >= -allowed:
        # Tables show what other data give an arm that is another model as well.
        all_of_it = (
            "" if outcome.total is None else " to the control, its own model's part included,"
        )
        message = (
            f"{name}: harm of more than {allowed:g} {unit} is excluded; the gap{all_of_it} is"
            f" {_shown(gap)}."
        )
        return ArmRuling(name, "passes", message, gap.low)
    if hurts:
        # By its own interval alone: among several arms its verdict may be held back.
        verb = "hurts by" if standing(result, outcome) is Verdict.HURTS else "costs, taken alone,"
        message = (
            f"{name} {verb} {-gap.estimate:.3f} {unit} [{-gap.high:.3f}, {-gap.low:.3f}];"
            f" you allow {allowed:g}."
        )
        return ArmRuling(name, "harm", message, gap.low)
    n_rows = result.target.n_rows
    few = f"{gap.n_pairs} pairs" if n_rows is None else f"{n_rows} target rows"
    message = (
        f"{name}: harm of up to {-gap.low:.3f} {unit} cannot be excluded; you allow {allowed:g}."
        f" {few} are too few to tell."
    )
    return ArmRuling(name, "unsettled", message, gap.low)
