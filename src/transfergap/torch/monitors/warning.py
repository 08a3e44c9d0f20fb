"""A warning that a run will likely end behind its control."""

from __future__ import annotations

from dataclasses import dataclass

from transfergap.torch.monitors.calibration import Calibration


@dataclass(frozen=True)
class HarmWarning:
    """A warning that a run will likely end behind its control.

    Parameters
    ----------
    step : int
        Updates done.
    probability : float
        That the run's best checkpoint ends with a higher test loss than the control's.
    n_alike, n_alike_harmed : int
        Runs of the benchmark with a probability about as high, from families of data that had no
        part in the calibration, and how many of them ended behind.
    false_alarm_share : float
        Share of runs of those families that were warned of and did not end behind.
    """

    step: int
    probability: float
    n_alike: int
    n_alike_harmed: int
    false_alarm_share: float

    @classmethod
    def of(cls, step: int, probability: float, calibration: Calibration) -> HarmWarning:
        """Return a probability's warning, with the benchmark's counts."""
        alike = calibration.bin_of(probability)
        rate = calibration.false_alarms.share
        return cls(step, probability, alike.n_runs, alike.n_harmed, rate)

    def __str__(self) -> str:
        return (
            f"step {self.step}: the run is likely to end behind a training without sources "
            f"(probability {self.probability:.2f}; {self.n_alike_harmed} of {self.n_alike} runs "
            f"like it did; {self.false_alarm_share:.0%} of harmless runs are warned of)"
        )
