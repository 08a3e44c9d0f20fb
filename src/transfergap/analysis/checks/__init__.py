"""Checks of data, trials and verdicts; answers are coded findings."""

from transfergap.analysis.checks.associations import (
    concept_gap,
    inputs_differ,
    label_shares_differ,
    units_differ,
)
from transfergap.analysis.checks.blank_columns import blank_in_source
from transfergap.analysis.checks.causes import CAUSE_CHECKS, hurts_subgroup
from transfergap.analysis.checks.check import Check, Evidence, Finding, NotApplicable, Strength
from transfergap.analysis.checks.columns import (
    costly_row_names,
    empty_columns,
    missing_codes,
    row_names,
    unlike_levels,
)
from transfergap.analysis.checks.date_columns import dates_as_text
from transfergap.analysis.checks.intake_notes import (
    extra_columns,
    foreign_labels,
    heavy_rows,
    marked_numbers,
    missing_labels,
    rare_classes,
    respelled_columns,
    retyped_columns,
    short_lines,
    unlabelled_rows,
    unshared_columns,
)
from transfergap.analysis.checks.label_meaning import (
    labels_in_another_unit,
    labels_respelled,
    labels_reversed,
    missing_label_codes,
    whole_number_classes,
)
from transfergap.analysis.checks.later_rows import source_from_the_future
from transfergap.analysis.checks.leakage import (
    changed_copies,
    coincident_rows,
    column_tells_label,
    repeated_target_rows,
    rows_in_two_sources,
    shared_groups,
    target_rows_in_source,
)
from transfergap.analysis.checks.level_codes import levels_under_other_codes
from transfergap.analysis.checks.neighbours import neighbours_together
from transfergap.analysis.checks.oversampled import oversampled_target
from transfergap.analysis.checks.pretrained import (
    model_that_saw_the_test,
    worse_than_raw_inputs,
)
from transfergap.analysis.checks.soundness import (
    closed_form_off,
    degenerate_control,
    failed_trials,
    learner_warnings,
    metric_turned_round,
    resampled_weights,
    rows_beside_rows,
    stopped_early,
    too_good_to_be_true,
    unstable_learner,
)
from transfergap.analysis.checks.source_signs import (
    columns_change_sides,
    few_effective_rows,
    partly_loaded_model,
    unlikely_labels,
)
from transfergap.analysis.checks.totals import rows_of_totals
from transfergap.analysis.checks.training import (
    CurveEvidence,
    control_did_not_learn,
    copied_runs,
    missing_runs,
    overfitting,
    seeds_do_not_decide,
    still_learning,
    training_varies,
    undertrained_control,
)
from transfergap.analysis.checks.untried import untried_sources
from transfergap.analysis.scores import ModelRanking

CHECKS: tuple[Check[Evidence], ...] = (
    missing_label_codes,
    labels_reversed,
    labels_in_another_unit,
    target_rows_in_source,
    repeated_target_rows,
    rows_in_two_sources,
    shared_groups,
    column_tells_label,
    changed_copies,
    coincident_rows,
    too_good_to_be_true,
    model_that_saw_the_test,
    rows_beside_rows,
    oversampled_target,
    row_names,
    costly_row_names,
    extra_columns,
    unshared_columns,
    marked_numbers,
    dates_as_text,
    missing_codes,
    blank_in_source,
    respelled_columns,
    retyped_columns,
    unlike_levels,
    levels_under_other_codes,
    units_differ,
    empty_columns,
    missing_labels,
    foreign_labels,
    labels_respelled,
    unlabelled_rows,
    short_lines,
    rows_of_totals,
    rare_classes,
    whole_number_classes,
    untried_sources,
    neighbours_together,
    source_from_the_future,
    inputs_differ,
    label_shares_differ,
    concept_gap,
    unlikely_labels,
    few_effective_rows,
    overfitting,
    columns_change_sides,
    degenerate_control,
    failed_trials,
    metric_turned_round,
    unstable_learner,
    closed_form_off,
    learner_warnings,
    resampled_weights,
    training_varies,
    undertrained_control,
    heavy_rows,
    stopped_early,
    partly_loaded_model,
    hurts_subgroup,
    *CAUSE_CHECKS,
)

CURVE_CHECKS: tuple[Check[CurveEvidence], ...] = (
    control_did_not_learn,
    still_learning,
    seeds_do_not_decide,
    copied_runs,
    missing_runs,
)
TRAINING_CHECKS: tuple[Check[CurveEvidence], ...] = (
    *CURVE_CHECKS,
    failed_trials,
    learner_warnings,
)

RANKING_CHECKS: tuple[Check[ModelRanking], ...] = (worse_than_raw_inputs,)

__all__ = [
    "CHECKS",
    "CURVE_CHECKS",
    "RANKING_CHECKS",
    "TRAINING_CHECKS",
    "Check",
    "CurveEvidence",
    "Evidence",
    "Finding",
    "NotApplicable",
    "Strength",
]
