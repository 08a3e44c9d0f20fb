"""Naming a cause by association alone: the difference in the data that is hardest to doubt."""

from __future__ import annotations

import numpy as np
from scipy import stats

from benchmarks.diagnosis.planting import CAUSES
from transfergap.data.divergences import domain_auc
from transfergap.data.divergences.columns_apart import columns_apart
from transfergap.data.encoding.features import fit_view
from transfergap.data.problem import Problem, TargetSet, TrainingSet
from transfergap.learners import Learner
from transfergap.learners.mitigations.likely_labels import suspicion
from transfergap.learners.mitigations.row_choice import without_copies
from transfergap.learners.mitigations.shared_features import label_correlations


def named_by_association(problem: Problem, learner: Learner, *, seed: int) -> str:
    """Return the cause whose sign has the largest standard score.

    Every cause has one: the share of copies, of unlikely labels and of classes against the
    target's; how far columns lie apart that one scale brings together; how well domains are told
    apart; the largest difference of a column's correlation with the label; what a model of the
    source loses on the target (concept), or a model of both on fresh rows (capacity). A source of
    eight times the target's rows without any such sign (above 2.6) swamps it.
    """
    here, there = problem.target, next(iter(problem.sources.values())).sample
    scores = dict.fromkeys(CAUSES, 0.0)
    copies = [1.0 - len(without_copies(s)) / len(s) for s in (here, there)]
    scores["copies"] = _two_shares(copies, (len(here), len(there)))
    if problem.task != "regression":
        counts = np.array([[np.sum(s.y == c) for c in problem.classes] for s in (here, there)])
        scores["label shares"] = _z(float(stats.chi2_contingency(counts).pvalue))
    told = domain_auc(here, there, seed=seed)
    error = max((told.high - told.low) / 3.29, 1e-3)
    scores["covariates"] = (told.auc - 0.5) / error
    apart = [c.before for c in columns_apart(here.X, there.X) if c.by_scale]
    n = len(here) * len(there) / (len(here) + len(there))
    scores["measurement"] = max(apart, default=0.0) * np.sqrt(n) * 2.0
    doubts = suspicion(here, there, classes=problem.task != "regression")
    scores["label noise"] = _two_shares(
        [float(np.mean(d > 0)) for d in doubts], (len(here), len(there))
    )
    view = fit_view(here.X, [there.X])
    r = [
        np.arctanh(label_correlations(view, s, here, classes=problem.task != "regression"))
        for s in (here, there)
    ]
    scores["shortcut"] = float(np.abs(r[0] - r[1]).max() * np.sqrt(n))
    scores["concept"], scores["capacity"] = _model_signs(problem, learner, seed)
    if max(scores.values()) < 2.6 and len(there) >= 8 * len(here):
        return "swamping"
    return max(scores, key=lambda cause: scores[cause])


def _two_shares(shares: list[float], sizes: tuple[int, int]) -> float:
    pooled = float(np.average(shares, weights=sizes))
    error = np.sqrt(max(pooled * (1 - pooled), 1e-6) * (1 / sizes[0] + 1 / sizes[1]))
    return (shares[1] - shares[0]) / float(error)


def _z(p_value: float) -> float:
    return float(stats.norm.isf(max(p_value, 1e-300) / 2))


def _model_signs(problem: Problem, learner: Learner, seed: int) -> tuple[float, float]:
    """Return how clearly a model of the source, and one of both, do worse on held-out target rows
    than the control does there, and than on the rows they were trained on."""
    metric = problem.metric if problem.metric.kind != "ranking" else None
    here = problem.target
    sources = tuple(source.sample for source in problem.sources.values())
    rng = np.random.default_rng([seed, 9])
    fold = rng.permutation(len(here)) % 5
    worse, inside = np.zeros(len(here)), np.zeros(len(here))
    for a in range(5):
        train, test = here.rows(fold != a), here.rows(fold == a)

        def losses(model: object, rows: object) -> np.ndarray:
            if metric is None:
                return np.not_equal(model.predict(rows.X), rows.y).astype(float)  # type: ignore
            out = metric.outputs(model, rows.X, rows.y, problem.classes)  # type: ignore
            return metric.losses(out, rows.y, here.y)  # type: ignore

        alone = learner.train(TrainingSet(here.rows(np.arange(0)), sources), seed=seed)
        both = learner.train(TrainingSet(train, sources), seed=seed)
        control = learner.train(TargetSet(train), seed=seed)
        worse[fold == a] = losses(alone, test) - losses(control, test)
        inside[fold == a] = losses(both, test) - losses(both, train).mean()
    return tuple(float(d.mean() / max(d.std() / np.sqrt(len(d)), 1e-12)) for d in (worse, inside))  # type: ignore
