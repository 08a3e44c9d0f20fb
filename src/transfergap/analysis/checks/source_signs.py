"""Checks of sources, by signs in their data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from transfergap.analysis.checks.check import Evidence, Finding, NotApplicable, Strength, check
from transfergap.analysis.repairs.signs import thinned
from transfergap.data.encoding.features import fit_view
from transfergap.data.notations.spelling import listing
from transfergap.data.problem import Sample
from transfergap.experiment.arms import checkpoint_fits
from transfergap.learners.mitigations.density_ratios import density_ratio
from transfergap.learners.mitigations.likely_labels import FEWEST_ROWS, suspicion
from transfergap.learners.mitigations.row_choice import without_copies
from transfergap.learners.mitigations.shared_features import label_correlations

# Level of each test: many columns and sources are tested, and a note costs attention.
_RARE = 0.01
# Kish's effective rows: below a quarter, a source is worth much less than it seems.
_FEW_SHARE = 0.25
_LEAST_TOLD = 0.2  # correlation, on both sides, of a column that changes sides
_MOST_NAMED = 3
_ASSOCIATION = "An association, not yet a cause."


@check("TG204", "unlikely labels")
def unlikely_labels(evidence: Evidence) -> Iterator[Finding]:
    """Find source labels unlikely given its other rows.

    Compared with the target's share.
    """
    problem = evidence.problem
    target = problem.target
    for name, source in _sources(evidence):
        doubts = suspicion(target, source, classes=problem.task.has_classes)
        counts = [(int((doubt > 0).sum()), len(doubt)) for doubt in doubts]
        shares = [k / n for k, n in counts]
        table = np.array([[k, n - k] for k, n in counts])
        if shares[1] <= shares[0] or float(stats.fisher_exact(table).pvalue) > _RARE:
            continue
        # Wilson's interval keeps its level for small counts.
        low, high = stats.binomtest(*counts[1]).proportion_ci(0.9, method="wilson")
        yield Finding.note(
            name,
            f"{100 * shares[1]:.0f} % [{100 * low:.0f}, {100 * high:.0f}] of the labels of"
            f" {name} are unlikely beside its own other rows, against {100 * shares[0]:.0f} %"
            f" in the target. {_ASSOCIATION}",
            "Have the most unlikely ones looked at.",
            {"share": shares[1], "low": low, "high": high, "target_share": shares[0]},
        )


@check("TG205", "few source rows count")
def few_effective_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find sources with few effective rows once weighted towards the target.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7: the effective number of weighted rows.
    """
    problem = evidence.problem
    target = problem.target
    for name, source in _sources(evidence):
        different = without_copies(source)
        if len(different) < FEWEST_ROWS:
            effective = float(len(different))
        else:
            weights = density_ratio(target.X, different.X, seed=evidence.design.seed)
            effective = float(weights.sum()) ** 2 / float(weights @ weights)
        if effective >= _FEW_SHARE * len(source):
            continue
        yield Finding.note(
            name,
            f"Of {len(source):,} rows of {name}, {len(different):,} are different; weighted"
            f" by how much they look like target rows they count as {effective:,.0f}."
            f" {_ASSOCIATION}",
            "Expect less from this source than its size promises.",
            {"n_rows": len(source), "n_different": len(different), "effective": effective},
        )


@check("TG207", "columns point the other way")
def columns_change_sides(evidence: Evidence) -> Iterator[Finding]:
    """Find columns whose correlation with the label changes its sign.

    They must separate target from source as well.
    """
    if evidence.problem.kind not in ("table", "array"):
        raise NotApplicable("only tables and arrays have columns with a meaning of their own")
    problem = evidence.problem
    target = problem.target
    for name, source in _sources(evidence):
        view = fit_view(target.X, [source.X])
        r = [
            label_correlations(view, s, target, classes=problem.task.has_classes)
            for s in (target, source)
        ]
        # Fisher's z of a correlation of n rows has standard error 1 / sqrt(n - 3); Bonferroni over
        # all columns and labels.
        quantile = stats.norm.isf(_RARE / 2 / r[0].size)
        limit = [max(quantile / np.sqrt(max(len(s) - 3, 1)), _LEAST_TOLD) for s in (target, source)]
        turned = (np.abs(r[0]) > limit[0]) & (np.abs(r[1]) > limit[1]) & (r[0] * r[1] < 0)
        turned_columns = sorted({view.columns[j] for j in np.flatnonzero(turned.any(axis=1))})
        if not turned_columns:
            continue
        names = problem.column_names or tuple(str(j) for j in range(problem.n_features or 0))
        listed = listing([repr(names[j]) for j in turned_columns], _MOST_NAMED)
        first = int(np.flatnonzero(turned.any(axis=1))[0])
        label_index = int(np.argmax(turned[first]))
        yield Finding.note(
            name,
            f"{listed} go{'es' if len(turned_columns) == 1 else ''} with the label in"
            " opposite directions: the correlation of the first is"
            f" {r[0][first, label_index]:+.2f} in the target and"
            f" {r[1][first, label_index]:+.2f} in {name}. {_ASSOCIATION}",
            "Check how these columns are coded in both.",
            {
                "n_columns": len(turned_columns),
                "target": float(r[0][first, label_index]),
                "source": float(r[1][first, label_index]),
            },
        )


def _sources(evidence: Evidence) -> Iterator[tuple[str, Sample]]:
    """Yield name and a sample of each source with enough rows.

    The sample has at most some thousand rows.
    """
    problem = evidence.problem
    for name, source in evidence.tried_sources.items():
        rows = thinned(source.sample, evidence.design.seed)
        if min(len(problem.target), len(rows)) >= FEWEST_ROWS:
            yield name, rows


@check("TG313", "pretrained model partly loaded")
def partly_loaded_model(evidence: Evidence) -> Iterator[Finding]:
    """Find pretrained tensors that the network lacks, or renames."""
    if not any(source.kind == "model" for source in evidence.problem.others.values()):
        raise NotApplicable("no source is a pretrained model")
    for arm in evidence.design.treatments:
        for name, fit in checkpoint_fits(evidence.problem, arm):
            if not fit.missing and not fit.renamed:
                continue
            message = f"In {arm.name}, {fit.says} {name}."
            if fit.renamed:
                message += " Prefixes of names, such as `module.`, were left out to match them."
            # Four names show the pattern; all of them would fill the line.
            if fit.missing:
                message += f" At random start: {', '.join(fit.missing[:4])}"
                message += " and others." if len(fit.missing) > 4 else "."
            yield Finding.of(
                # A new head is usual for other labels; a missing body tensor rarely is wanted.
                Strength.MODERATE if fit.body_share < 1 else Strength.NOTE,
                arm.name,
                message,
                "Make names and shapes of the state dict those of the network, if more of it"
                " is to be used; a head for other labels stays new.",
                {
                    "n_loaded": len(fit.tensors),
                    "n_tensors": fit.n_tensors,
                    "number_share": fit.number_share,
                },
            )
