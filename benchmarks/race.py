"""Does a race keep the error rates and the power of full effort, at half of the fits?

Criterion, fixed before the judging run. Over all groups of arms below, at equal weight:

1. the fits, the control's included, are at most half of those of full effort;
2. where nothing is gained or lost, "helps" and "hurts" are each said in at most 5 % of arms, and at
   the margin's edge "no material effect" is, up to the binomial (99.99 %), and each in at most
   1 % more of arms than by full effort;
3. at most 5 % of the claims of full effort are lost.

Otherwise the race is not worth its lines (docs/decisions/0032).

Worlds: a ridge by refits and a tree of depth 4 by squared loss, a linear classifier by accuracy; 60
to 300 rows; each has six null arms, one that helps, one that hurts, and one whose true gap is minus
the margin, all on the same rows and folds. Groups are parts of these arms. The constants are chosen
on other seeds and laws of errors than those that judge.

    python -m benchmarks.race --choose     the grid of constants, printed
    python -m benchmarks.race              judge; writes benchmarks/results/race.json; resumable
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from itertools import product
from typing import Any

from benchmarks.false_claims import most_claims
from benchmarks.record import RESULTS, write_record
from benchmarks.verdicts.race_cells import Looks, World, raced
from transfergap.stats.gap import Gap, Verdict, gap_from, judge
from transfergap.stats.racing import NARROW, WIDE, RaceStanding, race_standing

FULL_FITS = 65
MARGIN = 0.02
KINDS = (("ridge", "squared"), ("ridge", "zero_one"), ("tree", "squared"))
SIZES = {"ridge": (60, 120, 300), "tree": (60, 120)}
DRAWS = {"ridge": 300, "tree": 60}
NULL_DRAWS = {"ridge": 200, "tree": 30}
CHOOSING, JUDGING = (5, ("gaussian", "laplace")), (11, ("gaussian", "lognormal"))
N_NULLS = 6
HELP, HARM, EDGE = N_NULLS, N_NULLS + 1, N_NULLS + 2
EDGE_SHIFT = 2.5  # times a null's: then the margin is several standard errors
# Groups that are audited together, by the numbers of their arms.
GROUPS: dict[str, tuple[int, ...]] = {
    "one arm, nothing": (0,),
    "three arms, nothing": (0, 1, 2),
    "six arms, nothing": tuple(range(N_NULLS)),
    "one of four helps": (0, 1, 2, HELP),
    "two of four: one helps, one hurts": (0, 1, HELP, HARM),
    "two arms, one at the margin's edge": (0, EDGE),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0, help="times as many draws")
    options = parser.parse_args()
    seed, laws = CHOOSING if options.choose else JUDGING
    worlds = [
        World(law, n, seed, learner, loss)
        for learner, loss in KINDS
        for law in laws
        for n in SIZES[learner]
    ]
    if options.choose:
        made = [drawn(world, options.scale) for world in worlds]
        for first, second, last in product((0.4, 0.6, 0.8), (1.9, 2.7), (1.5, 2.2)):
            constants = ({**NARROW, 1: first}, {1: second, 2: last})
            rows = [row(world, edge, looks, *constants) for world, edge, looks in made]
            print(first, second, last, {k: round(v, 4) for k, v in means(rows).items()})
        return 0
    constants = {"narrow": NARROW[1], "wide": list(WIDE.values())}
    rows = stored(constants)
    for world in worlds[len(rows) :]:
        started = time.process_time()
        rows.append(row(*drawn(world, options.scale)))
        rows[-1]["cpu_s"] = round(time.process_time() - started, 1)
        total = means(rows)
        trouble = broken(rows, total)
        write_record("race", {**constants, "rows": rows, "mean": total, "broken": trouble})
    print(means(rows), "\n".join(broken(rows, means(rows))) or "passed", sep="\n")
    return 1 if broken(rows, means(rows)) else 0


def stored(constants: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the worlds that are judged already, with these constants."""
    path = RESULTS / "race.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    same = all(record.get(name) == value for name, value in constants.items())
    return record["rows"] if same else []


def drawn(world: World, scale: float) -> tuple[World, float, list[list[Looks]]]:
    """Return a world, the margin at whose edge one arm lies, and all looks."""
    search = range(10**6, 10**6 + NULL_DRAWS[world.learner])
    nulls = [world.null_shift(number, search) for number in range(N_NULLS)]
    middle = sum(nulls) / N_NULLS
    shifts = [*nulls, 0.0, 2 * middle, EDGE_SHIFT * middle]
    edge = abs(world.mean_gap(EDGE, shifts[EDGE], search))
    looks = list(raced(world, shifts, range(int(DRAWS[world.learner] * scale))))
    print(world, f"edge {edge:.3f}", flush=True)
    return world, edge, looks


def outcome(looks: Looks, margin: float, n_arms: int, narrow: Any, wide: Any) -> tuple[int, Gap]:
    """Return the fits of an arm of the race, and its gap."""
    for bounds, n_fits in ((looks.one, 10), (looks.two, 20)):
        where = race_standing(bounds, margin=margin, n_arms=n_arms, narrow=narrow, wide=wide)
        if where is not RaceStanding.RACING:
            return n_fits, gap_from(bounds.now)
    return FULL_FITS, looks.full


def row(
    world: World, edge: float, looks: Sequence[list[Looks]], narrow: Any = NARROW, wide: Any = WIDE
) -> dict[str, Any]:
    """Return fits and verdicts of a race and of full effort, by group."""
    groups = {}
    for name, arms in GROUPS.items():
        margin = edge if EDGE in arms else MARGIN
        counts: dict[str, int] = dict.fromkeys(COUNTS, 0)
        for draw in looks:
            ran = [outcome(draw[arm], margin, len(arms), narrow, wide) for arm in arms]
            counts["fits"] += sum(n for n, _ in ran) + max(n for n, _ in ran)
            race = judge([gap for _, gap in ran], margin)
            full = judge([draw[arm].full for arm in arms], margin)
            _count(counts, arms, race, full)
        n = len(looks)
        share = counts["fits"] / (n * FULL_FITS * (len(arms) + 1))
        groups[name] = counts | {"n_draws": n, "share of fits": share}
    return {"learner": world.learner, "loss": world.loss, "law": world.law, "n": world.n,
            "edge": edge, "groups": groups}  # fmt: skip


_VERDICTS = [f"{who} {what}" for who in ("race", "full") for what in ("helps", "hurts", "equal")]
COUNTS = ("fits", "arms", "differ", "claims", "lost", "added", "nulls", "edges", *_VERDICTS)


def _count(
    counts: dict[str, int], arms: Sequence[int], race: Sequence[Verdict], full: Sequence[Verdict]
) -> None:
    claims = (Verdict.HELPS, Verdict.HURTS)
    for arm, ours, theirs in zip(arms, race, full, strict=True):
        counts["arms"] += 1
        counts["differ"] += ours is not theirs
        counts["claims"] += theirs in claims
        counts["lost"] += theirs in claims and ours is not theirs
        counts["added"] += ours in claims and ours is not theirs
        counts["nulls"] += arm < N_NULLS
        counts["edges"] += arm == EDGE
        for who, verdict in (("race", ours), ("full", theirs)):
            if arm < N_NULLS:
                counts[f"{who} helps"] += verdict is Verdict.HELPS
                counts[f"{who} hurts"] += verdict is Verdict.HURTS
            if arm == EDGE:
                counts[f"{who} equal"] += verdict is Verdict.NO_MATERIAL_EFFECT


def means(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the shares that the criterion is about, over all groups at equal weight."""
    groups = [group for row in rows for group in row["groups"].values()]

    def share(what: str, of: str) -> float:
        return sum(group[what] for group in groups) / max(sum(g[of] for g in groups), 1)

    return {
        "share of fits": sum(group["share of fits"] for group in groups) / len(groups),
        "differ": share("differ", "arms"),
        "claims lost": share("lost", "claims"),
        "claims added": share("added", "claims"),
        **{
            f"{who} {what}": share(f"{who} {what}", "edges" if what == "equal" else "nulls")
            for who in ("race", "full")
            for what in ("helps", "hurts", "equal")
        },
    }


def broken(rows: Sequence[dict[str, Any]], total: dict[str, float]) -> list[str]:
    """Return what of the criterion does not hold."""
    found = []
    if total["share of fits"] > 0.5:
        found.append(f"fits {total['share of fits']:.2f}")
    if total["claims lost"] > 0.05:
        found.append(f"claims lost {total['claims lost']:.3f}")
    # Arms of one draw share its rows: the binomial is that of as many draws as there are.
    n_draws = sum(row["groups"]["one arm, nothing"]["n_draws"] for row in rows)
    for what in ("helps", "hurts", "equal"):
        rate, full = total[f"race {what}"], total[f"full {what}"]
        if rate > most_claims(n_draws) / n_draws or rate > full + 0.01:
            found.append(f"{what} {rate:.3f}, full effort {full:.3f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
