"""Rates of verdicts and policies in planted worlds, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from transfergap.analysis.decision import Policy
from transfergap.auditing.planted import Scenario


@dataclass(frozen=True)
class Rate:
    """Share of draws, with its exact 95 % interval.

    Notes
    -----
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of
    the binomial.

    Examples
    --------
    >>> rate = Rate(0, 50)
    >>> rate.share, rate.low, round(rate.high, 3)
    (0.0, 0.0, 0.071)
    """

    count: int
    n_draws: int

    @property
    def share(self) -> float:
        """Return the share of draws."""
        return self.count / self.n_draws

    @property
    def low(self) -> float:
        """Return the lower limit."""
        return self._limits()[0]

    @property
    def high(self) -> float:
        """Return the upper limit."""
        return self._limits()[1]

    def _limits(self) -> tuple[float, float]:
        interval = stats.binomtest(self.count, self.n_draws).proportion_ci(0.95, method="exact")
        return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class ArmRates:
    """Rates of verdicts on one arm.

    Parameters
    ----------
    arm : str
    gap, gap_error : float
        True gap over the control in this world, with its standard error: the mean of the estimates
        over all draws.
    helps, hurts, no_effect : Rate
    """

    arm: str
    gap: float
    gap_error: float
    helps: Rate
    hurts: Rate
    no_effect: Rate


@dataclass(frozen=True)
class PolicyRates:
    """Rates of a policy's choices.

    Parameters
    ----------
    policy : Policy
    used, harmed : Rate
        How often it takes an arm, and how often one whose true gap is below minus the margin.
    gain, gain_error : float
        Mean true gap of what it takes, 0 where it stays with the target alone.
    gain_share : float or None
        That gain as a share of the best arm's; ``None`` where none is better than the
        control beyond two standard errors.
    """

    policy: Policy
    used: Rate
    harmed: Rate
    gain: float
    gain_error: float
    gain_share: float | None


@dataclass(frozen=True)
class ScenarioRates:
    """Rates in one planted world."""

    scenario: Scenario
    arms: tuple[ArmRates, ...]
    policies: tuple[PolicyRates, ...]


@dataclass(frozen=True)
class OperatingCharacteristics:
    """Rates of verdicts and policies of one design, by planted effect.

    Parameters
    ----------
    scenarios : tuple of ScenarioRates
    n_draws : int
        Audits a scenario.
    margin : float
    metric : str
    no_effect_of : str or None
        Arm whose true gap is about zero in the scenario "no effect"; ``None`` where no drift that
        was tried takes its gain away.
    """

    scenarios: tuple[ScenarioRates, ...]
    n_draws: int
    margin: float
    metric: str
    no_effect_of: str | None
