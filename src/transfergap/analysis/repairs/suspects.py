"""Arms to explain, and the repairs to try on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from transfergap.analysis.repairs.explanation import Explain
from transfergap.analysis.repairs.naming import MOST_COMBINED, PARTICULAR
from transfergap.analysis.repairs.repair import Repair, repairs_for
from transfergap.analysis.repairs.signs import signs_of
from transfergap.data.divergences.labels_apart import all_labels_apart
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.experiment.design import Arm, Design
from transfergap.learners import Learner, describe
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.stats.gap import Gap, Verdict

# Copies, codes, units, scale, quantiles, gaps, columns, shares, rows, labels; then relabelled, two
# weights and capacity.
_N_PARTICULAR, _N_GENERAL = 10, 4
# One-sided: an arm that is likely to hurt has a cause to name (decision 0014).
LIKELY = 0.10


@dataclass(frozen=True)
class Suspect:
    """An arm that is looked at again.

    Parameters
    ----------
    arm : Arm
    hurts : bool
        Whether its verdict is "hurts", or it is likely to: one-sided p of at most 10 %.
    alone : bool
        Whether it learns from the source alone: then it is no arm that hurts, but shows what the
        source teaches.
    repairs : tuple of Repair
        To try.
    """

    arm: Arm
    hurts: bool
    alone: bool
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class WithoutTarget:
    """Learner fitted on the sources alone.

    The rows of the target are there for repairs to compare with.
    """

    learner: Learner

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the inner learner's model on the sources alone."""
        if isinstance(training_set, TargetSet):
            return self.learner.train(training_set, seed=seed)
        no_rows = training_set.target.rows(np.arange(0))
        return self.learner.train(TrainingSet(no_rows, training_set.sources), seed=seed)

    def describe(self) -> str:
        """Return the inner learner's description, marked."""
        return f"WithoutTarget({describe(self.learner)})"


def suspects_of(
    design: Design, judged: Mapping[str, tuple[Gap, Verdict | None]], explain: Explain
) -> tuple[tuple[Suspect, ...], tuple[str, ...]]:
    """Return the arms to explain, with repairs and notes.

    Repairs are those that the data show signs for; a note stands for each source that could not
    be examined. An arm that hurts or may hurt. Asked for all arms, also a model of a source alone
    that is clearly worse than the control where pooling that source settles nothing: it shows what
    the source teaches wrong.
    """
    suspects: list[Suspect] = []
    notes: list[str] = []
    pooled = {arm.sources[0]: arm for arm in explainable(design)}
    for source, arm in pooled.items():
        if arm.name not in judged:
            continue
        gap, verdict = judged[arm.name]
        alone = _alone(design, source)
        to_explain = _needs_explanation(gap, verdict, explain)
        teaches_wrong = (
            explain is Explain.ALL
            and verdict is Verdict.NOT_ENOUGH_EVIDENCE
            and alone is not None
            and alone.name in judged
            and judged[alone.name][0].high < 0
        )
        if not to_explain and not teaches_wrong:
            continue
        apart = all_labels_apart(design.problem, seed=design.seed, names=(source,))
        if source in apart:
            notes.append(_labels_note(source, apart[source].kind))
            continue
        try:
            signs = signs_of(design.problem, source, seed=design.seed)
        except Exception as error:  # strange rows must not cost the verdicts; it is reported
            reason = f"{type(error).__name__}: {error}"
            notes.append(
                f"Causes were not looked for in {source}, whose rows were refused: {reason}"
            )
            continue
        repairs = repairs_for(design.problem, design.control.learner, signs)
        if to_explain:
            hurts = verdict is Verdict.HURTS or (gap.estimate < 0 and gap.p_hurts <= LIKELY)
            suspects.append(Suspect(arm, hurts, False, repairs))
        particular = tuple(repair for repair in repairs if repair.cause in PARTICULAR)
        if teaches_wrong and particular:
            assert alone is not None
            suspects.append(Suspect(alone, False, True, particular))
    return tuple(suspects), tuple(notes)


def _labels_note(source: str, kind: str) -> str:
    fault = "in another unit" if kind == "unit" else kind
    return f"Causes were not looked for in {source}: its labels look {fault}, which explains harm."


def explainable(design: Design) -> tuple[Arm, ...]:
    """Return judged arms of the model under audit with one source.

    A repair can be put around these alone.
    """
    control_learner = describe(design.control.learner)
    plain = [
        arm for arm in design.treatments if arm.judged and describe(arm.learner) == control_learner
    ]
    with_rows = design.problem.sources
    return tuple(arm for arm in plain if len(arm.sources) == 1 and arm.sources[0] in with_rows)


def most_fits(design: Design, explain: Explain) -> int:
    """Return the largest cost of the second look, in fits."""
    if explain is Explain.NONE:
        return 0
    n_subsets: int = 2**MOST_COMBINED - 1 - MOST_COMBINED
    total = 2  # the control, and one with another capacity
    for arm in explainable(design):
        total += 1 + _N_PARTICULAR + _N_GENERAL + n_subsets
        if explain is Explain.ALL and _alone(design, arm.sources[0]) is not None:
            total += 1 + _N_PARTICULAR + n_subsets
    return design.n_folds() * total


def _alone(design: Design, source: str) -> Arm | None:
    """Return the arm that learns from a source alone, if any."""
    for arm in design.treatments:
        if arm.sources == (source,) and not getattr(arm.learner, "uses_target", True):
            return arm
    return None


def _needs_explanation(gap: Gap, verdict: Verdict | None, explain: Explain) -> bool:
    if explain is Explain.ALL:
        return True
    unsettled = verdict is Verdict.NOT_ENOUGH_EVIDENCE and gap.estimate < 0
    return verdict is Verdict.HURTS or unsettled
