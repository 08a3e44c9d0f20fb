"""Are the decision's probabilities right, and what do its policies keep?

Each table gives small targets from one domain, and one or two other domains as sources; the rest of
the target's domain, at least 300 rows, says what each arm's model is truly worth beside the
control. Audits are quick ones, with ROC AUC. The prior's two constants are chosen on the tables
that the copy search was built on, by the log score of the three outcomes; the other tables judge.

    python -m benchmarks.decisions --draws 8           three target sizes, every table
    python -m benchmarks.decisions --choose            the constants, from the stored audits
    python -m benchmarks.decisions --judge             calibration and policies, from the same

Audits are stored in ``runs/decisions`` and not made again. Judging writes
benchmarks/results/decisions.json.
"""

from __future__ import annotations

import argparse
import json
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.dirty_files.clean import BUILT_ON, LABEL, tables
from benchmarks.record import write_record
from transfergap.analysis.decision import MOST_COST, Policy, is_worth_using, standing
from transfergap.auditing.audit import make_design, run_design
from transfergap.data.problem import Sample, TargetSet
from transfergap.data.tables.normal_form import in_normal_form
from transfergap.data.validation import make_problem
from transfergap.errors import TransferGapError
from transfergap.experiment.design import Arm, Design
from transfergap.stats import PairedEstimate
from transfergap.stats.gap import gap_from
from transfergap.stats.outlook import PRIOR_MEAN, PRIOR_SPREAD, Outlook, outlook

DONE = Path(__file__).parents[1] / "runs" / "decisions"
SIZES = (60, 120, 240)
FEWEST_TEST, MOST_TEST, MOST_SOURCE = 300, 3000, 1000
MARGIN = 0.02


@dataclass(frozen=True)
class Case:
    """An arm of one audit, with what it was truly worth.

    ``estimate``, ``error``, ``df`` and ``truth`` are of the gap to the control, in AUC.
    """

    table: str
    n_target: int
    draw: int
    arm: str
    control: float
    estimate: float
    error: float
    df: float
    truth: float
    verdict: str


def main() -> None:
    """Make the audits that are missing, choose, or judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--judge", action="store_true")
    options = parser.parse_args()
    if not options.choose and not options.judge:
        _make(options.draws, options.jobs)
        return
    cases = [Case(**record) for path in sorted(DONE.glob("*.json")) for record in _read(path)]
    if options.choose:
        choose([case for case in cases if case.table in BUILT_ON])
    else:
        record = judge([case for case in cases if case.table not in BUILT_ON])
        print(json.dumps(record, indent=1))
        write_record("decisions", record)


def _read(path: Path) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(path.read_text())
    return records


def _make(n_draws: int, n_jobs: int) -> None:
    DONE.mkdir(parents=True, exist_ok=True)
    loaded = {name: in_normal_form(table, name) for name, table in tables().items()}
    missing = [
        (name, n, draw)
        for draw in range(n_draws)
        for n in SIZES
        for name in loaded
        if not (DONE / f"{name}-{n}-{draw}.json").exists()
    ]
    made = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")(
        joblib.delayed(_audited)(loaded[name], name, n, draw) for name, n, draw in missing
    )
    for (name, n, draw), cases in made:
        text = json.dumps([asdict(case) for case in cases])
        (DONE / f"{name}-{n}-{draw}.json").write_text(text)
        print(name, n, draw, len(cases), flush=True)


def home_and_away(
    table: pd.DataFrame, name: str, n: int, draw: int
) -> tuple[pd.DataFrame, dict[str, tuple[pd.DataFrame, np.ndarray]]] | None:
    """Return the shuffled rows of one domain, and one or two others as sources.

    ``None`` where no domain has enough rows for a target and a test, or no source has two classes.
    The first ``n`` rows are the target.
    """
    rng = np.random.default_rng([draw, n, zlib.crc32(name.encode())])
    sizes = table["domain"].value_counts()
    large = [domain for domain in sizes.index if sizes[domain] >= n + FEWEST_TEST]
    if not large or len(sizes) < 2:
        return None
    home = large[int(rng.integers(len(large)))]
    away = rng.permutation([domain for domain in sizes.index if domain != home])[:2]
    rows = table[table["domain"] == home].drop(columns="domain")
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    sources = {}
    for label, domain in zip("bc", away, strict=False):
        other = table[table["domain"] == domain].drop(columns="domain")
        other = other.iloc[rng.permutation(len(other))[:MOST_SOURCE]].reset_index(drop=True)
        if other[LABEL].nunique() == 2:
            sources[label] = (other.drop(columns=LABEL), other[LABEL].to_numpy())
    return (rows, sources) if sources else None


def _audited(
    table: pd.DataFrame, name: str, n: int, draw: int
) -> tuple[tuple[str, int, int], list[Case]]:
    warnings.simplefilter("ignore")
    key = (name, n, draw)
    drawn = home_and_away(table, name, n, draw)
    if drawn is None:
        return key, []
    rows, sources = drawn
    target, test = rows.iloc[:n].reset_index(drop=True), rows.iloc[n : n + MOST_TEST]
    if target[LABEL].value_counts().min() < 10 or target[LABEL].nunique() < 2:
        return key, []
    try:
        problem = make_problem(
            target.drop(columns=LABEL),
            target[LABEL].to_numpy(),
            sources=sources,
            metric="roc_auc",
            margin=MARGIN,
        )
        design = make_design(None, problem, effort="quick", random_state=draw)
        result = run_design(design, explain="none").result
    except TransferGapError as error:
        print(f"{key}: {error}")
        return key, []
    held = test[[*problem.target.X.columns, LABEL]]
    worth = {arm: _score(design, arm, held) for arm in design.arm_names()}
    control = result.arms[0]
    return key, [
        Case(name, n, draw, arm.arm, float(control.score or 0.0), gap.estimate, gap.error, gap.df,
             worth[arm.arm] - worth["control"], str(standing(result, arm)))
        for arm in result.arms
        # All over the control, as decisions are: the safe model's own gap is over itself.
        if (gap := arm.over_control) is not None
    ]  # fmt: skip


def _score(design: Design, name: str, test: pd.DataFrame) -> float:
    """Return the AUC on new rows of an arm's model of all target rows."""
    from sklearn.metrics import roc_auc_score

    arm, problem = design.arm(name), design.problem
    train: Any = TargetSet(problem.target)
    if isinstance(arm, Arm):
        from transfergap.data.problem import TrainingSet

        train = TrainingSet(problem.target, problem.source_samples(arm.sources))
    assert arm.learner is not None
    model = arm.learner.train(train, seed=design.seed)
    sample = Sample(test.drop(columns=LABEL).reset_index(drop=True), test[LABEL].to_numpy())
    shares = model.predict_proba(sample.X)
    positive = problem.classes[1]
    column = list(model.classes_).index(positive)
    return float(roc_auc_score(sample.y == positive, shares[:, column]))


def choose(cases: Sequence[Case]) -> None:
    """Print the mean log score of the three outcomes for each prior, the best last.

    Of judged arms: a cost beyond the margin, a gain beyond it, or neither.
    """
    judged = [case for case in cases if case.verdict != "None"]
    rows = []
    for mean in (-0.03, 0.0, 0.03, 0.06):
        for spread in (0.05, 0.07, 0.1, 0.14, 0.2, 0.3):
            views = [_view(case, mean, spread) for case in judged]
            scores = [
                _log_score(view, case.truth) for view, case in zip(views, judged, strict=True)
            ]
            rows.append((float(np.mean(scores)), mean, spread))
    truths = np.array([case.truth / (1 - case.control) for case in judged])
    print(f"{len(judged)} arms; truth over room: mean {truths.mean():.3f}, sd {truths.std():.3f},")
    print(f"quartiles {np.quantile(truths, [0.05, 0.25, 0.5, 0.75, 0.95]).round(3).tolist()}")
    for score, mean, spread in sorted(rows)[-8:]:
        print(f"mean {mean:+.2f} spread {spread:.2f}: {score:.4f}")


def _log_score(view: Outlook, truth: float) -> float:
    share = view.p_cost if truth < -MARGIN else view.p_gain if truth > MARGIN else 0.0
    if abs(truth) <= MARGIN:
        share = 1.0 - view.p_cost - view.p_gain
    return float(np.log(max(share, 1e-3)))


def _view(case: Case, mean: float = PRIOR_MEAN, spread: float = PRIOR_SPREAD) -> Outlook:
    estimate = PairedEstimate(
        case.estimate, case.error, case.df, case.error, case.df, 20, "corrected resampled t"
    )
    room = 1.0 - case.control
    return outlook(
        gap_from(estimate), margin=MARGIN, room=room, size=case.control, prior=(mean, spread)
    )


def judge(cases: Sequence[Case]) -> dict[str, Any]:
    """Return calibration of P(cost), and what the policies keep."""
    judged = [case for case in cases if case.verdict != "None"]
    views = {id(case): _view(case) for case in judged}
    bands = []
    for low, high in ((0.0, 0.05), (0.05, 0.15), (0.15, 0.3), (0.3, 0.5), (0.5, 1.01)):
        inside = [case for case in judged if low <= views[id(case)].p_cost < high]
        seen = sum(case.truth < -MARGIN for case in inside)
        said = float(np.mean([views[id(case)].p_cost for case in inside])) if inside else None
        # Arms of one audit share their data, so the band is that of as many audits as there are.
        n_audits = len({(case.table, case.n_target, case.draw) for case in inside})
        most = stats.binom.ppf(0.995, n_audits, said) / n_audits if inside else None
        bands.append(
            {
                "said": [low, min(high, 1.0)],
                "mean said": said,
                "arms": len(inside),
                "audits": n_audits,
                "seen": seen / len(inside) if inside else None,
                "at most, 99.5 %": most,
            }
        )
    return {
        "n_audits": len({(case.table, case.n_target, case.draw) for case in judged}),
        "tables": sorted({case.table for case in judged}),
        "margin": MARGIN,
        "prior": [PRIOR_MEAN, PRIOR_SPREAD],
        "said_and_seen": bands,
        "policies": {name: _kept(judged, views, name) for name in (*POLICIES, "best arm, always")},
    }


POLICIES = ("expected", "cautious", "helps", "estimate above 0")


def _kept(cases: Sequence[Case], views: dict[int, Outlook], policy: str) -> dict[str, Any]:
    """Return the true gain of a policy over all audits, and how often it harmed."""
    audits: dict[tuple[str, int, int], list[Case]] = {}
    for case in cases:
        audits.setdefault((case.table, case.n_target, case.draw), []).append(case)
    gains = []
    for arms in audits.values():
        arm = _chosen(arms, views, policy)
        gains.append(0.0 if arm is None else arm.truth)
    values = np.array(gains)
    oracle = np.array([max(0.0, *(case.truth for case in arms)) for arms in audits.values()])
    return {
        "used": int((values != 0).sum()),
        "mean gain": float(values.mean()),
        "standard error": float(values.std(ddof=1) / np.sqrt(len(values))),
        "share of the best": float(values.sum() / oracle.sum()),
        "harmed beyond the margin": int((values < -MARGIN).sum()),
        "worst": float(values.min()),
    }


def _chosen(arms: Sequence[Case], views: dict[int, Outlook], policy: str) -> Case | None:
    arms = [arm for arm in arms if arm.verdict not in ("hurts", "no material effect")]
    helping = [arm for arm in arms if arm.verdict == "helps"]
    if policy == "helps" or (helping and policy in ("expected", "cautious")):
        arms = helping
    elif policy == "estimate above 0":
        arms = [arm for arm in arms if arm.estimate > 0]
        return max(arms, key=lambda arm: arm.estimate, default=None)
    elif policy != "best arm, always":
        most = MOST_COST[Policy(policy)]
        arms = [
            arm
            for arm in arms
            if is_worth_using(views[id(arm)], estimate=arm.estimate, most_cost=most)
        ]
    return max(arms, key=lambda arm: views[id(arm)].expected, default=None)


if __name__ == "__main__":
    main()
