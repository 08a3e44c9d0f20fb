"""How often are claims made of people's learning curves where nothing is gained; do intervals hold?

Criterion, fixed before the run: where the groups learn alike, each direction of each measure is
claimed in at most 5 % of draws, up to the binomial error of the draws (99.99 % bound), between
subjects and within, with 6 to 40 participants a group and unequal groups. Beside it, and held to
nothing: Welch's t alone (within: Student's), which is what is usual.

Where a group is ahead by a head start, or needs fewer trials, each limit of each measure, ratios
among them, misses the truth in at most 5 % of draws, up to the same error (a criterion since ratios
have factors; their choice saw other laws). Beside ratios the delta method and the percentile
bootstrap. One more question has an answer, and no criterion: how often a claim is made where the
means are equal and the shapes are not, which no test of means can promise anything about.

A third table is of classes: people who learned together share half of what makes them quick or
slow, each class learns one way, or has people in both groups. The unit is the class
(``clusters=``); beside it t over people, as if they were independent.

Learners are imitated by exponential curves whose speeds and starts are skewed (log-normal), in
three kinds of scores: shares of right answers between 0 and 1, times that fall, counted errors.

    python -m benchmarks.people_claims --choose     factors of ratios' p-values, on other laws
    python -m benchmarks.people_claims --quick      200 draws a cell
    python -m benchmarks.people_claims              1,500 draws a cell, half for coverage

Writes benchmarks/results/people_claims.json, from which docs/people.md takes its tables.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.record import write_record
from transfergap.analysis.people.measures import score_measures, trials_to
from transfergap.analysis.training_curves import CurveMetric
from transfergap.stats.randomization import Comparison, p_values, ratio_factor, rescaled

Floats = NDArray[np.float64]
TRIALS = np.arange(1.0, 13.0)
BETWEEN = ((6, 6), (6, 12), (6, 40), (40, 6), (12, 12), (12, 24), (20, 20), (40, 40))
WITHIN = (6, 12, 20, 40)
CLASSES = (((6, 6), False), ((6, 12), False), ((12, 12), False), ((6, 6), True), ((12, 12), True))
KINDS = ("right answers", "times", "errors")
CRITERION = {"right answers": 0.6, "times": 1.5, "errors": 3.0}
MEASURES = (
    CurveMetric.FIRST_TRIAL,
    CurveMetric.MEAN_TRIALS,
    CurveMetric.LAST_TRIALS,
    CurveMetric.TRIALS_SAVED,
)
RATIOS = {
    CurveMetric.SAVINGS: CurveMetric.TRIALS_SAVED,
    CurveMetric.PERCENT: CurveMetric.MEAN_TRIALS,
}
_N_TRUTH = 400_000  # people from whom the truth is taken
_RESAMPLES = 400


@dataclass(frozen=True)
class Group:
    """Learners: how far along they start, in trials, and how long they take beside others."""

    ahead: float = 0.0
    slower: float = 1.0
    spread: float = 0.6


CONTROL = Group()
HEAD_START = Group(ahead=2.0)
FASTER = Group(slower=0.6)
ALIKE = Group(spread=0.0)  # all of a speed: another shape, and by `slower` the same mean


def curves(rng: np.random.Generator, kind: str, group: Group, traits: Floats) -> Floats:
    """Return scores, shape (n_people, n_trials); traits are two normal numbers a person."""
    n = len(traits)
    speed = 4.0 * group.slower * np.exp(group.spread * traits[:, 0])
    start = 0.25 * np.exp(0.4 * traits[:, 1])
    progress = (TRIALS - 1.0 + group.ahead) / speed[:, None]
    left = (1.0 - np.minimum(start, 0.8))[:, None] * np.exp(-progress)
    if kind == "right answers":
        return np.clip(1.0 - left + 0.08 * rng.normal(size=(n, len(TRIALS))), 0.0, 1.0)
    if kind == "times":
        return (0.8 + 2.0 * left) * np.exp(0.3 * rng.normal(size=(n, len(TRIALS))))
    return rng.poisson(8.0 * left).astype(float)


def people(
    rng: np.random.Generator,
    kind: str,
    groups: tuple[Group, Group],
    sizes: tuple[int, int],
    *,
    paired: bool,
) -> tuple[Floats, Floats]:
    """Return the curves of a control and of a treated group."""
    first = rng.normal(size=(sizes[0], 2))
    # Within subjects, half of what makes a person quick or slow is there both times.
    second = rng.normal(size=(sizes[1], 2))
    if paired:
        second = np.sqrt(0.5) * first + np.sqrt(0.5) * second
    return curves(rng, kind, groups[0], first), curves(rng, kind, groups[1], second)


def measured(kind: str, scores: Floats) -> dict[CurveMetric, Floats]:
    """Return what each person is measured by; trials as they were needed."""
    sign = 1.0 if kind == "right answers" else -1.0
    needed = trials_to(CRITERION[kind], scores, TRIALS, sign=sign)
    return score_measures(scores, TRIALS) | {CurveMetric.TRIALS_SAVED: needed}


def claims(data: Comparison) -> tuple[int, int]:
    """Return what we claim, and what t alone would, as +1, -1 or 0."""
    above, below = p_values(data)
    return int(above < 0.05) - int(below < 0.05), usual_claim(data)


def usual_claim(data: Comparison) -> int:
    """Return what Welch's t alone, or Student's of differences, would claim."""
    pooled = data.treated - data.control if data.paired else np.r_[data.treated, data.control]
    if np.ptp(pooled) == 0:
        return 0
    test = stats.ttest_rel if data.paired else stats.ttest_ind
    options = {} if data.paired else {"equal_var": False}
    with np.errstate(invalid="ignore", divide="ignore"):
        t = test(data.treated, data.control, **options)
    return int(np.sign(t.statistic)) if t.pvalue < 0.1 else 0


def null_row(
    kind: str,
    groups: tuple[Group, Group],
    sizes: tuple[int, int],
    *,
    paired: bool,
    n_draws: int,
    metrics: tuple[CurveMetric, ...] = MEASURES,
) -> dict[str, Any]:
    """Return how often each measure claims more, and less, where nothing differs on average."""
    rng = np.random.default_rng([1, *sizes, paired, KINDS.index(kind)])
    counts = {m: np.zeros(4, int) for m in metrics}
    for _ in range(n_draws):
        control, treated = people(rng, kind, groups, sizes, paired=paired)
        before, after = measured(kind, control), measured(kind, treated)
        for metric in metrics:
            ours, usual = claims(Comparison(before[metric], after[metric], paired))
            counts[metric] += [ours > 0, ours < 0, usual > 0, usual < 0]
    return {
        "kind": kind, "sizes": list(sizes), "paired": paired, "n_draws": n_draws,
        "ours": {str(m): c[:2].tolist() for m, c in counts.items()},
        "usual": {str(m): c[2:].tolist() for m, c in counts.items()},
    }  # fmt: skip


def class_means(values: Floats, classes: NDArray[np.intp]) -> Floats:
    """Return the mean of each class."""
    return np.bincount(classes, weights=values) / np.bincount(classes)


def class_row(
    kind: str, n_classes: tuple[int, int], *, paired: bool, n_draws: int
) -> dict[str, Any]:
    """Return how often each measure claims something of classes that learn alike."""
    rng = np.random.default_rng([3, *n_classes, paired, KINDS.index(kind)])
    counts = {m: np.zeros(4, int) for m in MEASURES}
    for _ in range(n_draws):
        of_class = [rng.normal(size=(n, 2)) for n in n_classes]
        if paired:
            of_class[1] = of_class[0]
        classes = [np.repeat(np.arange(n), rng.integers(4, 13, size=n)) for n in n_classes]
        groups = []
        for traits, members in zip(of_class, classes, strict=True):
            own = rng.normal(size=(len(members), 2))
            mixed = np.sqrt(0.5) * traits[members] + np.sqrt(0.5) * own
            groups.append(measured(kind, curves(rng, kind, CONTROL, mixed)))
        for metric in MEASURES:
            before, after = groups[0][metric], groups[1][metric]
            units = Comparison(
                class_means(before, classes[0]), class_means(after, classes[1]), paired
            )
            ours = claims(units)[0]
            usual = usual_claim(Comparison(before, after, paired=False))
            counts[metric] += [ours > 0, ours < 0, usual > 0, usual < 0]
    return {
        "kind": kind, "sizes": list(n_classes), "paired": paired, "n_draws": n_draws,
        "ours": {str(m): c[:2].tolist() for m, c in counts.items()},
        "usual": {str(m): c[2:].tolist() for m, c in counts.items()},
    }  # fmt: skip


def truth(kind: str, group: Group) -> dict[CurveMetric, float]:
    """Return the mean of each measure over very many people."""
    rng = np.random.default_rng(7)
    scores = curves(rng, kind, group, rng.normal(size=(_N_TRUTH, 2)))
    return {metric: float(values.mean()) for metric, values in measured(kind, scores).items()}


def coverage_row(
    kind: str, effect: str, group: Group, sizes: tuple[int, int], *, paired: bool, n_draws: int
) -> dict[str, Any]:
    """Return how often each limit misses the truth, of differences and of ratios."""
    rng = np.random.default_rng([2, *sizes, paired, KINDS.index(kind)])
    base, moved = truth(kind, CONTROL), truth(kind, group)
    misses = {str(m): np.zeros(2, int) for m in (*MEASURES, *RATIOS)}
    rivals = {f"{m}, {way}": np.zeros(2, int) for m in RATIOS for way in ("delta", "bootstrap")}
    for _ in range(n_draws):
        control, treated = people(rng, kind, (CONTROL, group), sizes, paired=paired)
        before, after = measured(kind, control), measured(kind, treated)
        for metric in MEASURES:
            data = Comparison(before[metric], after[metric], paired)
            misses[str(metric)] += np.array(p_values(data, moved[metric] - base[metric])) < 0.05
        for metric, of in RATIOS.items():
            data, ratio = Comparison(before[of], after[of], paired), moved[of] / base[of]
            misses[str(metric)] += np.array(p_values(data, ratio, of_ratio=True)) < 0.05
            rivals[f"{metric}, delta"] += missed(delta_limits(data), ratio)
            rivals[f"{metric}, bootstrap"] += missed(bootstrap_limits(rng, data), ratio)
    return {
        "kind": kind, "effect": effect, "sizes": list(sizes), "paired": paired, "n_draws": n_draws,
        "misses": {m: c.tolist() for m, c in misses.items()},
        "rivals": {m: c.tolist() for m, c in rivals.items()},
    }  # fmt: skip


def trials_needed(law: str, z: Floats) -> Floats:
    """Return trials that learners of another kind need, by a normal number each; at most 20."""
    share = stats.norm.cdf(z)
    by_law = {
        "gamma": stats.gamma.ppf(share, 1.5, scale=3),
        "log-normal": np.exp(1.2 + 0.7 * z),
        "geometric": stats.geom.ppf(share, 0.22),
        "few": 1 + stats.nbinom.ppf(share, 1.0, 0.3),
    }
    return np.minimum(by_law[law], 20.0)


def after_transfer(trials: Floats, effect: str) -> Floats:
    """Return trials needed after a head start of two, or by people of another speed."""
    if effect == "head start":
        return np.maximum(trials - 2.0, 0.0)
    return trials * {"faster": 0.6, "slower": 1.4}[effect]


def choose(n_draws: int) -> None:
    """Print how often each limit of a ratio misses where its p-value is multiplied, by factor."""
    rng = np.random.default_rng(5)
    sizes = ((6, 6, False), (12, 12, False), (12, 24, False), (6, 6, True), (12, 12, True),
             (20, 20, True), (40, 40, True))  # fmt: skip
    for n, m, paired in sizes:
        factor = ratio_factor(Comparison(np.ones(n), np.ones(m), paired))
        worst = np.zeros((2, 2))
        for law in ("gamma", "log-normal", "geometric", "few"):
            for effect in ("head start", "faster", "slower"):
                many = trials_needed(law, rng.normal(size=_N_TRUTH))
                ratio = after_transfer(many, effect).mean() / many.mean()
                misses = np.zeros((2, 2))
                for _ in range(n_draws):
                    first, second = rng.normal(size=n), rng.normal(size=m)
                    if paired:
                        second = np.sqrt(0.5) * first + np.sqrt(0.5) * second
                    treated = after_transfer(trials_needed(law, second), effect)
                    data = Comparison(trials_needed(law, first), treated, paired)
                    misses += [np.array(rescaled(data).at(ratio, f)) < 0.05 for f in (1.0, factor)]
                worst = np.maximum(worst, misses / n_draws)
        way, (without, with_factor) = "paired" if paired else "unpaired", worst.max(axis=1)
        print(n, m, way, f"factor {factor:.2f}: {without:.3f}, {with_factor:.3f}", flush=True)


def missed(limits: tuple[float, float], true: float) -> Floats:
    """Return whether the lower limit is above the truth, and the upper below."""
    return np.array([limits[0] > true, limits[1] < true], int)


def delta_limits(data: Comparison) -> tuple[float, float]:
    """Return the usual limits of a ratio, by its linear approximation."""
    mean = data.control.mean()
    ratio = data.treated.mean() / mean
    parts = [np.var(g, ddof=1) / len(g) for g in (data.treated, data.control)]
    shared = np.cov(data.treated, data.control)[0, 1] / data.n if data.paired else 0.0
    error = np.sqrt(max(parts[0] + ratio**2 * parts[1] - 2 * ratio * shared, 0.0)) / mean
    return float(ratio - 1.645 * error), float(ratio + 1.645 * error)


def bootstrap_limits(rng: np.random.Generator, data: Comparison) -> tuple[float, float]:
    """Return the percentile bootstrap of a ratio."""
    n, m = len(data.treated), len(data.control)
    first = rng.integers(n, size=(_RESAMPLES, n))
    second = first if data.paired else rng.integers(m, size=(_RESAMPLES, m))
    ratios = data.treated[first].mean(axis=1) / data.control[second].mean(axis=1)
    low, high = np.quantile(ratios, [0.05, 0.95])
    return float(low), float(high)


def other_shape(kind: str) -> Group:
    """Return people who are all of a speed, and need as many trials on average as the control."""
    wanted = truth(kind, CONTROL)[CurveMetric.TRIALS_SAVED]
    low, high = 0.3, 4.0
    for _ in range(14):
        middle = (low + high) / 2
        needed = truth(kind, Group(slower=middle, spread=0.0))[CurveMetric.TRIALS_SAVED]
        low, high = (middle, high) if needed < wanted else (low, middle)
    return Group(slower=(low + high) / 2, spread=0.0)


def most_claims(n_draws: int, *, alpha: float = 1e-4) -> int:
    """Return the most claims of one direction that 5 % can give, but for one time in 1/alpha."""
    return int(stats.binom.ppf(1.0 - alpha, n_draws, 0.05))


def is_held(row: dict[str, Any], which: str = "ours") -> bool:
    """Return whether the claims, or the misses, of a row keep to the criterion."""
    return all(max(pair) <= most_claims(row["n_draws"]) for pair in row[which].values())


def cells() -> list[tuple[tuple[int, int], bool]]:
    """Return sizes of control and group, and whether they are the same people."""
    return [(sizes, False) for sizes in BETWEEN] + [((n, n), True) for n in WITHIN]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 draws a cell")
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    n_draws = 200 if options.quick else 1500
    if options.choose:
        choose(n_draws)
        return 0
    alike = []
    for kind in KINDS:
        for sizes, paired in cells():
            alike.append(null_row(kind, (CONTROL, CONTROL), sizes, paired=paired, n_draws=n_draws))
            print(kind, sizes, paired, alike[-1]["ours"], alike[-1]["usual"], flush=True)
    covered = [
        coverage_row(kind, effect, group, sizes, paired=paired, n_draws=n_draws // 2)
        for kind in KINDS[:2]
        for effect, group in (("head start", HEAD_START), ("faster", FASTER))
        for sizes, paired in (
            ((6, 6), False),
            ((12, 24), False),
            ((40, 40), False),
            ((6, 6), True),
            ((12, 12), True),
            ((40, 40), True),
        )
    ]
    for row in covered:
        print(row, flush=True)
    shaped = [
        null_row("right answers", (CONTROL, other_shape("right answers")), sizes, paired=False,
                 n_draws=n_draws, metrics=(CurveMetric.TRIALS_SAVED,))
        for sizes in ((6, 6), (12, 24), (40, 40))
    ]  # fmt: skip
    of_classes = [
        class_row(kind, sizes, paired=paired, n_draws=n_draws)
        for kind in KINDS
        for sizes, paired in CLASSES
    ]
    held = all(is_held(row) for row in (*alike, *of_classes))
    held &= all(is_held(row, "misses") for row in covered)
    write_record(
        "people_claims",
        {
            "criterion": {"held": held, "bound": most_claims(n_draws) / n_draws},
            "alike": alike, "classes": of_classes, "coverage": covered, "other_shape": shaped,
        },
    )  # fmt: skip
    print("criterion held" if held else "CRITERION BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
