"""Stages of a run: which arms are fitted first."""

from __future__ import annotations

from transfergap.experiment.design import Arm, Design
from transfergap.learners.protocol import HoldsControl

Stage = tuple[str, ...]


def stages(design: Design) -> tuple[Stage, ...]:
    """Return the names of arms, stage by stage.

    First the control and what uses one source, which answer the question; then other judged arms
    of the model; then the safe model; then what is only shown for information. The order decides
    no number: folds, seeds and batches of a cell are those of the design.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap import make_problem
    >>> from transfergap.auditing.audit import make_design
    >>> from transfergap.datasets import make_shift
    >>> shift = make_shift(n_target=40, shift=0.3, random_state=1)
    >>> problem = make_problem(shift.X, shift.y, sources=shift.sources, metric="r2")
    >>> stages(make_design(Ridge(), problem))[0]
    ('control', 'source pooled', 'source balanced')
    """
    read_off = design.read_off
    groups: tuple[list[str], ...] = ([design.control.name], [], [], [])
    for arm in design.treatments:
        groups[_stage_of(arm, read_off)].append(arm.name)
    return tuple(tuple(names) for names in groups if names)


def _stage_of(arm: Arm, read_off: dict[str, str]) -> int:
    # What is read off a model is run with it.
    if arm.name in read_off or isinstance(arm.learner, HoldsControl):
        return 2
    if not arm.judged:
        return 3
    return 0 if len(arm.sources) == 1 else 1
