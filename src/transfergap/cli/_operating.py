"""Operating characteristics on the command line.

Progress, and the table in plain text.
"""

from __future__ import annotations

from dataclasses import asdict
from math import ceil, floor
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from transfergap.cli._terminal import echo

if TYPE_CHECKING:
    from transfergap.auditing.planning import Plan
    from transfergap.auditing.rates import OperatingCharacteristics, Rate, ScenarioRates
    from transfergap.experiment.design import Design

_WIDTH = 87  # columns of a note, beside a blank
_N_SCENARIOS = 6  # as operating_characteristics has them by default, "no effect" included


def characteristics(
    design: Design, outlook: Plan, *, n_draws: int, jobs: int
) -> OperatingCharacteristics:
    """Audit the planted worlds, and report each on standard error."""
    from transfergap.auditing.operating import operating_characteristics

    minutes = outlook.cpu_s * n_draws * _N_SCENARIOS / jobs / 60
    echo(
        f"{n_draws} audits in each of up to {_N_SCENARIOS} planted worlds: {minutes:.0f} minutes"
        " or more of fits.",
        err=True,
    )

    def on_scenario(rates: ScenarioRates) -> None:
        echo(f"  {rates.scenario.name}: done", err=True)

    return operating_characteristics(
        design, n_draws=n_draws, random_state=design.seed, n_jobs=jobs, on_scenario=on_scenario
    )


def record(result: OperatingCharacteristics) -> dict[str, Any]:
    """Return all rates for JSON, each with its share and limits."""
    return asdict(result, dict_factory=_with_limits)


def _with_limits(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    from transfergap.auditing.rates import Rate

    values = dict(fields)
    if values.keys() != {"count", "n_draws"}:
        return values
    rate = Rate(**values)
    return {**values, "share": rate.share, "low": rate.low, "high": rate.high}


def lines(result: OperatingCharacteristics) -> list[str]:
    """Return the tables of verdicts and of policies."""
    width = max([4, *(len(arm.arm) for rates in result.scenarios for arm in rates.arms)])
    head = f" {'planted':<14} {'arm':<{width}} {'true gap':>16}  {'P(helps)':<19} P(hurts)"
    table = [
        "",
        f" Verdicts, {result.n_draws} audits of each planted world ({result.metric})",
        head,
    ]
    for rates in result.scenarios:
        table += [
            f" {_planted(rates):<14} {arm.arm:<{width}} {arm.gap:>+8.3f} ± {arm.gap_error:.3f}"
            f"  {_rate(arm.helps):<19} {_rate(arm.hurts)}"
            for arm in rates.arms
        ]
    table += ["", f" Policies: harm is a true gap below -{result.margin:g}"]
    table.append(
        f" {'planted':<14} {'policy':<9} {'P(used)':<17}  {'P(harm)':<17} {'gain':>16}  kept"
    )
    for rates in result.scenarios:
        for policy in rates.policies:
            gain_kept = "-" if policy.gain_share is None else f"{policy.gain_share:.0%}"
            table.append(
                f" {_planted(rates):<14} {policy.policy:<9} {_rate(policy.used):<17}"
                f"  {_rate(policy.harmed):<17} {policy.gain:>+8.3f} ± {policy.gain_error:.3f}"
                f"  {gain_kept:>4}"
            )
    return [*table, "", *_notes(result)]


def _planted(rates: ScenarioRates) -> str:
    scenario = rates.scenario
    near = scenario.name == "no effect"
    return f"none (at {scenario.drift:.2f})" if near else scenario.name


def _rate(rate: Rate) -> str:
    # Outwards: a rate that may be half a percent is not one that is nothing.
    low, high = floor(100 * rate.low), ceil(100 * rate.high)
    return f"{rate.share:>4.0%} [{low}%, {high}%]"


def _notes(result: OperatingCharacteristics) -> list[str]:
    null = (
        f"None: the drift at which {result.no_effect_of} gains nothing, between those tried."
        if result.no_effect_of is not None
        else "No drift that was tried takes the first arm's gain away, so no effect is not planted."
    )
    text = (
        "In brackets: exact 95 % intervals of these draws, rounded outwards. A drift of 1 moves"
        " source labels as much as the columns explain in the target. Labels are drawn from a"
        f" linear law of your target; rows are yours. {null}"
    )
    return [f" {line}" for line in wrap(text, _WIDTH)]
