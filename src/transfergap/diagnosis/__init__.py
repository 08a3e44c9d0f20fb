"""Checks: one question each about data, trials or verdicts; answers are coded findings."""

from transfergap.diagnosis.associations import ConceptGap, InputsDiffer, LabelSharesDiffer
from transfergap.diagnosis.causes import CAUSES
from transfergap.diagnosis.check import Check, Evidence
from transfergap.diagnosis.checkpoints import PartlyLoadedModel
from transfergap.diagnosis.empty_columns import EmptyColumns
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength
from transfergap.diagnosis.heavy_rows import HeavyRows
from transfergap.diagnosis.hurt_subgroups import HurtsSubgroup
from transfergap.diagnosis.intake_notes import (
    ExtraColumns,
    ForeignLabels,
    MarkedNumbers,
    MissingLabels,
    RareClasses,
    RetypedColumns,
    UnsharedColumns,
)
from transfergap.diagnosis.label_meaning import (
    LabelsInAnotherUnit,
    LabelsRespelled,
    LabelsReversed,
)
from transfergap.diagnosis.later_rows import SourceFromTheFuture
from transfergap.diagnosis.leakage import (
    ChangedCopies,
    CoincidentRows,
    ColumnTellsLabel,
    RepeatedTargetRows,
    RowsInTwoSources,
    SharedGroups,
    TargetRowsInSource,
)
from transfergap.diagnosis.loops import TrainingVaries, UndertrainedControl
from transfergap.diagnosis.neighbours import NeighboursTogether
from transfergap.diagnosis.overfitting import Overfitting
from transfergap.diagnosis.row_names import CostlyRowNames, RowNames
from transfergap.diagnosis.soundness import (
    ClosedFormOff,
    DegenerateControl,
    FailedTrials,
    LearnerWarnings,
    ResampledWeights,
    UnstableLearner,
)
from transfergap.diagnosis.source_signs import (
    ColumnsChangeSides,
    FewEffectiveRows,
    UnlikelyLabels,
)
from transfergap.diagnosis.too_good import TooGoodToBeTrue
from transfergap.diagnosis.training import (
    ControlDidNotLearn,
    CurveCheck,
    CurveEvidence,
    SeedsDoNotDecide,
    StillLearning,
)
from transfergap.diagnosis.units import UnitsDiffer

CHECKS: tuple[Check, ...] = (
    LabelsReversed(),
    LabelsInAnotherUnit(),
    TargetRowsInSource(),
    RepeatedTargetRows(),
    RowsInTwoSources(),
    SharedGroups(),
    ColumnTellsLabel(),
    ChangedCopies(),
    CoincidentRows(),
    TooGoodToBeTrue(),
    RowNames(),
    CostlyRowNames(),
    ExtraColumns(),
    UnsharedColumns(),
    MarkedNumbers(),
    RetypedColumns(),
    UnitsDiffer(),
    EmptyColumns(),
    MissingLabels(),
    ForeignLabels(),
    LabelsRespelled(),
    RareClasses(),
    NeighboursTogether(),
    SourceFromTheFuture(),
    InputsDiffer(),
    LabelSharesDiffer(),
    ConceptGap(),
    UnlikelyLabels(),
    FewEffectiveRows(),
    Overfitting(),
    ColumnsChangeSides(),
    DegenerateControl(),
    FailedTrials(),
    UnstableLearner(),
    ClosedFormOff(),
    LearnerWarnings(),
    ResampledWeights(),
    TrainingVaries(),
    UndertrainedControl(),
    HeavyRows(),
    PartlyLoadedModel(),
    HurtsSubgroup(),
    *CAUSES,
)

CURVE_CHECKS: tuple[CurveCheck, ...] = (ControlDidNotLearn(), StillLearning(), SeedsDoNotDecide())
TRAINING_CHECKS: tuple[CurveCheck, ...] = (*CURVE_CHECKS, FailedTrials(), LearnerWarnings())

__all__ = [
    "CHECKS",
    "CURVE_CHECKS",
    "TRAINING_CHECKS",
    "Check",
    "CurveEvidence",
    "Evidence",
    "Finding",
    "NotApplicable",
    "Strength",
]
