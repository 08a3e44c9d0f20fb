"""Learning curves made elsewhere, from a CSV file or a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from transfergap.analysis.long_tables import (
    check_finite,
    check_table,
    names_in,
    numbers_in,
    seeds_in,
)
from transfergap.analysis.training_curves import Run, TrainingRuns, gather, held
from transfergap.errors import ConfigurationError, DataError
from transfergap.experiment.design import CONTROL

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("arm", "seed", "step", "return")
_HINT = "arms are names; seeds, steps and returns are numbers"


def is_curve_table(columns: Sequence[Any]) -> bool:
    """Return whether columns are those of learning curves, and not of scores."""
    return set(COLUMNS) <= {str(column) for column in columns}


def runs_of(
    table: pd.DataFrame,
    *,
    control: str = CONTROL,
    greater_is_better: bool = True,
    steps: Sequence[float] | None = None,
    from_start: bool = False,
) -> TrainingRuns:
    """Return the curves of a table.

    Parameters
    ----------
    table : DataFrame
        Columns ``arm``, ``seed``, ``step`` and ``return``, one row an evaluation.
    control : str
        Name of the arm that trained on the target alone.
    greater_is_better : bool
        False for costs; their sign is turned.
    steps : sequence of float, optional
        Where runs were not all scored at the same steps: the steps to compare them at, each with
        the last score that was known by then. Runs that do not reach over all of them are dropped.
    from_start : bool
        Whether steps are counted from each run's own first one: of a resumed agent, whose steps go
        on from its pretraining.

    Raises
    ------
    DataError
        If columns or names are missing, a seed is not whole, a step or return is no number, or a
        run has a step twice.
    """
    check_table(table, "curves", columns=COLUMNS)
    numbers = table[list(COLUMNS)].copy()
    numbers["arm"] = names_in(table, "arm", "curves")
    # A return may be missing, a run may end early; seeds and steps may not.
    for name in ("seed", "step", "return"):
        numbers[name] = numbers_in(
            table, name, "curves", hint=_HINT, may_be_missing=name == "return"
        )
    numbers["seed"] = seeds_in(numbers["seed"], "curves")
    check_finite(numbers["step"], "step", "curves", hint=_HINT)
    twice = numbers.duplicated(["arm", "seed", "step"])
    if twice.any():
        first = numbers[twice].iloc[0]
        raise DataError(
            f"Arm {first['arm']!r}, seed {first['seed']:g}, has two returns at step"
            f" {first['step']:g}.",
            hint="give one mean return for each evaluation",
        )
    sign = 1.0 if greater_is_better else -1.0
    runs = []
    for _, rows in numbers.sort_values("step").groupby(["arm", "seed"], sort=False):
        arm, seed = rows["arm"].iloc[0], rows["seed"].iloc[0]
        at, scores = rows["step"].to_numpy(float), sign * rows["return"].to_numpy(float)
        at = at - at[0] if from_start else at
        runs.append(_aligned(Run(str(arm), int(seed), at, scores), steps))
    if steps is not None and not any(len(run.steps) == len(steps) for run in runs):
        raise DataError(
            f"No run reaches from step {steps[0]:g} to step {steps[-1]:g}.",
            hint="compare at steps that lie between the first and the last score of runs",
        )
    order = list(dict.fromkeys(numbers["arm"]))
    return gather(runs, control=control, arms=order)


def _aligned(run: Run, steps: Sequence[float] | None) -> Run:
    if steps is None:
        return run
    try:
        grid = np.asarray(steps, float)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"The steps to compare at are {steps!r}.", hint="give numbers: steps=[0, 100, 200]"
        ) from error
    if not np.all(np.isfinite(grid)):
        raise ConfigurationError(
            "The steps to compare at are not all finite.", hint="give at least two, in order"
        )
    if grid.ndim != 1 or len(grid) < 2 or np.any(np.diff(grid) <= 0):
        raise ConfigurationError(
            "The steps to compare at do not increase.", hint="give at least two, in order"
        )
    # No extrapolation: a run that does not cover the grid is dropped and counted.
    if run.steps[0] > grid[0] or run.steps[-1] < grid[-1]:
        return run  # left as it is, so that it is dropped and counted
    return Run(run.arm, run.seed, grid, held(run.scores, run.steps, grid))


def table_text(runs: TrainingRuns) -> str:
    """Return curves as CSV, with the columns that :func:`runs_of` reads.

    Runs that were left out are among them, so that they are counted there too.

    Examples
    --------
    >>> run = Run("control", 3, np.array([0.0, 10.0]), np.array([0.5, 1.0]))
    >>> print(table_text(gather([run], control="control")))
    arm,seed,step,return
    control,3,0,0.5
    control,3,10,1.0
    <BLANKLINE>
    """
    import pandas as pd

    every = [
        run
        for arm, of_arm in runs.curves.items()
        for run in (
            *(Run(arm, seed, runs.steps, scores) for seed, scores in of_arm.items()),
            *(run for run in runs.left_out if run.arm == arm),
        )
    ]
    rows = [
        # Ten digits: steps are whole, and 1e5 is read back as 100000.
        (run.arm, run.seed, f"{step:.10g}", score)
        for run in every
        for step, score in zip(run.steps, run.scores, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False, lineterminator="\n")
