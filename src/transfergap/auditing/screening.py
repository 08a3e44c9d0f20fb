"""Screening of many sources: which get arms."""

from __future__ import annotations

from collections.abc import Sequence

from transfergap.analysis.ranking import untried_sources
from transfergap.data.problem import Problem
from transfergap.errors import ConfigurationError, TransferGapError
from transfergap.experiment.arm import Arm


def screened_out(
    problem: Problem,
    *,
    arms: Sequence[str | Arm] | None,
    max_sources: int | None,
    seed: int,
) -> tuple[str, ...]:
    """Return the sources that the default arms leave untried.

    Parameters
    ----------
    problem : Problem
    arms : sequence of str or Arm, optional
        The user's choice: then nothing is screened.
    max_sources : int, optional
        Sources with arms; default 16.
    seed : int

    Raises
    ------
    ConfigurationError
        For a number below 1, beside a choice of arms, or where sources cannot be compared in closed
        form.
    """
    if max_sources is not None:
        _check(max_sources, arms)
    if arms is not None:
        return ()
    reason = closed_form_obstacle(problem)
    if reason is None:
        try:
            return untried_sources(problem, limit=max_sources, seed=seed)
        except TransferGapError as error:
            # Rows that cannot be encoded: every source is tried then, as without a screening.
            reason = error.message
    if max_sources is None or len(problem.sources) <= max_sources:
        return ()
    raise ConfigurationError(
        f"The sources cannot be screened before they are tried: {reason}.",
        hint="choose arms by name (--arm, arms=), or leave the limit out to try all",
    )


def _check(max_sources: int, arms: Sequence[str | Arm] | None) -> None:
    if isinstance(max_sources, bool) or not isinstance(max_sources, int) or max_sources < 1:
        raise ConfigurationError(
            f"The most sources to try is {max_sources!r}.", hint="give a number from 1"
        )
    if arms is not None:
        raise ConfigurationError(
            "Both arms and a limit of sources are given.",
            hint="a limit chooses among the default arms: leave one of the two out",
        )


def closed_form_obstacle(problem: Problem) -> str | None:
    """Return the obstacle to a closed form, if there is one."""
    if problem.splitting is not None:
        return "the closed form leaves out single rows, and rows are tested in order"
    if not problem.task.predictions_are_labels:
        return f"the closed form learns by squared losses, which {problem.task} labels lack"
    return None
