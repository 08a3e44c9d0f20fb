"""Operating characteristics of a design in worlds of known truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from transfergap.analysis.assessment import assess_trials
from transfergap.analysis.decision import Policy, decide
from transfergap.analysis.estimation import with_refits
from transfergap.analysis.result import AuditResult
from transfergap.auditing.planted import LabelLaw, Scenario, learn_law, planted
from transfergap.auditing.rates import (
    ArmRates,
    OperatingCharacteristics,
    PolicyRates,
    Rate,
    ScenarioRates,
)
from transfergap.auditing.rounds import run_rounds
from transfergap.errors import ConfigurationError
from transfergap.experiment.design import Design
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.stats.gap import Verdict

Floats = NDArray[np.float64]

N_DRAWS = 50  # a rate of 5 % is then known within 12 points: a look, not a protocol
DRIFTS = (0.0, 0.5, 1.0, 2.0)  # in units of what the columns explain; by hand
FLIPPED = 0.3  # of source labels; by hand: much, and not yet a reversed source
FEWEST_DRAWS = 2


def operating_characteristics(
    design: Design,
    *,
    n_draws: int = N_DRAWS,
    drifts: Sequence[float] = DRIFTS,
    flipped: float = FLIPPED,
    random_state: int = 0,
    n_jobs: int = 1,
    on_scenario: Callable[[ScenarioRates], None] | None = None,
) -> OperatingCharacteristics:
    """Audit planted worlds made of the design's own rows.

    Labels of target and sources are drawn anew, ``n_draws`` times a scenario, from a linear law
    that was learned from the target; those of sources from a law that drifts, or with some flipped.
    Everything else is the user's: rows, sizes, groups, model, metric, margin, arms, effort.

    Parameters
    ----------
    design : Design
        From :func:`transfergap.make_design`.
    n_draws : int
        Audits a scenario, at least 2.
    drifts : sequence of float
        How far the law of the sources is from the target's, in units of what the columns explain.
    flipped : float
        Share of source labels that are flipped in the last scenario; 0 leaves it out.
    random_state : int
    n_jobs : int
        Processes.
    on_scenario : callable, optional
        Called with each scenario's rates as soon as they are known.

    Notes
    -----
    The true gap of an arm in a world is the mean of its estimates over all draws, which
    cross-validation does not bias: for a policy's choice in one draw, over the other draws, so that
    no draw judges itself. "No effect" is planted at the drift, between two that were tried, at
    which the gap of the first judged arm is zero.

    References
    ----------
    Morris, White and Crowther (2019), Using simulation studies to evaluate statistical methods;
    U.S. Food and Drug Administration (2010), Guidance for the use of Bayesian statistics in medical
    device clinical trials, section 4.8, on operating characteristics.
    """
    if n_draws < FEWEST_DRAWS:
        raise ConfigurationError(
            f"{n_draws} draws give no rate.", hint="use 2 or more; 1,000 for a protocol"
        )
    law = learn_law(design.problem, seed=random_state)

    def rates_of(scenario: Scenario) -> ScenarioRates:
        rates = _rates(design, law, scenario, n_draws, random_state, n_jobs)
        if on_scenario is not None:
            on_scenario(rates)
        return rates

    scenarios = [
        rates_of(Scenario("same law" if drift == 0 else f"drift {drift:g}", drift))
        for drift in sorted(drifts)
    ]
    crossing = _crossing(scenarios)
    if crossing is not None:
        scenarios.append(rates_of(Scenario("no effect", crossing)))
    if flipped > 0:
        scenarios.append(rates_of(Scenario(f"{flipped:.0%} flipped", flipped=flipped)))
    return OperatingCharacteristics(
        scenarios=tuple(scenarios),
        n_draws=n_draws,
        margin=design.problem.margin,
        metric=design.problem.metric.title,
        no_effect_of=scenarios[0].arms[0].arm if crossing is not None else None,
    )


def _crossing(scenarios: Sequence[ScenarioRates]) -> float | None:
    """Return the drift at which the first arm gains nothing.

    By a parabola through three drifts around it: squared losses have one exactly.
    """
    points = [(rates.scenario.drift, rates.arms[0].gap) for rates in scenarios if rates.arms]
    for i, ((low, before), (high, after)) in enumerate(pairwise(points)):
        if before > 0 >= after:
            near = np.array(points[i : i + 3] if i + 2 < len(points) else points[-3:])
            curve = np.polynomial.Polynomial.fit(near[:, 0], near[:, 1], len(near) - 1)
            return float(brentq(curve, low, high))
    return None


@dataclass(frozen=True)
class _Outcome:
    """Estimates and verdicts of one audit, and each policy's arm."""

    gaps: dict[str, float]
    verdicts: dict[str, Verdict]
    uses: dict[Policy, str | None]


def _audited(design: Design, law: LabelLaw, scenario: Scenario, seed: int) -> _Outcome:
    world = replace(design, problem=planted(design.problem, law, scenario, seed=seed), seed=seed)
    store = TrialStore()
    settled = with_refits(run_rounds(world, store), store.trials())
    run_trials(settled, store)
    result = assess_trials(settled, store.trials())
    store.close()
    return _outcome(result)


def _outcome(result: AuditResult) -> _Outcome:
    judged = [arm for arm in result.arms if arm.judged and arm.over_control is not None]
    return _Outcome(
        {arm.arm: arm.over_control.estimate for arm in judged if arm.over_control is not None},
        {arm.arm: arm.verdict for arm in judged if arm.verdict is not None},
        {policy: decide(result, policy).use for policy in Policy},
    )


def _rates(
    design: Design, law: LabelLaw, scenario: Scenario, n_draws: int, seed: int, n_jobs: int
) -> ScenarioRates:
    from joblib import Parallel, delayed

    outcomes: list[_Outcome] = Parallel(n_jobs=n_jobs)(
        delayed(_audited)(design, law, scenario, seed * n_draws + draw) for draw in range(n_draws)
    )
    names = [arm.name for arm in design.treatments if arm.judged]
    names = [name for name in names if all(name in one.gaps for one in outcomes)]
    gaps = {name: np.array([one.gaps[name] for one in outcomes]) for name in names}
    arms = tuple(_arm_rates(name, gaps[name], outcomes) for name in names)
    policies = tuple(
        _policy_rates(policy, gaps, outcomes, design.problem.margin) for policy in Policy
    )
    return ScenarioRates(scenario, arms, policies)


def _arm_rates(name: str, gaps: Floats, outcomes: Sequence[_Outcome]) -> ArmRates:
    def rate(verdict: Verdict) -> Rate:
        return Rate(sum(one.verdicts.get(name) is verdict for one in outcomes), len(outcomes))

    error = float(gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return ArmRates(
        name,
        float(gaps.mean()),
        error,
        rate(Verdict.HELPS),
        rate(Verdict.HURTS),
        rate(Verdict.NO_MATERIAL_EFFECT),
    )


def _policy_rates(
    policy: Policy, gaps: dict[str, Floats], outcomes: Sequence[_Outcome], margin: float
) -> PolicyRates:
    n = len(outcomes)
    # Mean over the other draws: a draw's own luck is no part of the truth that judges it.
    truths = {name: (values.sum() - values) / (n - 1) for name, values in gaps.items()}
    choices = [one.uses[policy] for one in outcomes]
    gains = np.array([truths[arm][i] if arm in truths else 0.0 for i, arm in enumerate(choices)])
    best = max(gaps.values(), key=lambda values: float(values.mean()), default=np.zeros(n))
    # Within two standard errors of zero there may be no gain to keep, and a share of it is noise.
    is_gain = best.mean() > 2.0 * best.std(ddof=1) / np.sqrt(n)
    return PolicyRates(
        policy,
        used=Rate(sum(arm is not None for arm in choices), n),
        harmed=Rate(int((gains < -margin).sum()), n),
        gain=float(gains.mean()),
        gain_error=float(gains.std(ddof=1) / np.sqrt(n)),
        gain_share=float(gains.mean() / best.mean()) if is_gain else None,
    )
