"""The benchmark of explanations as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks.diagnosis.planting import CAUSES

# Causes at which our rule of association fails by the way it is made; docs/diagnosis.md says why.
WEAK_BY_ASSOCIATION = ("measurement", "swamping")


def diagnosis_table(record: dict[str, Any]) -> str:
    """Return the tables of single, double and no causes."""
    single, n_target = record["single"], record["n_target"]
    lines = [
        f"| planted cause ({n_target} target rows) | problems | named first | named at all"
        " | nothing named | by association |",
        "|---|---|---|---|---|---|",
    ]
    for cause in CAUSES:
        lines.append(_row(cause, single[cause]))
    lines.append(_row("**all**", record["single_all"]))
    others = [single[cause] for cause in CAUSES if cause not in WEAK_BY_ASSOCIATION]
    rest = {key: sum(counts[key] for counts in others) for key in others[0]}
    lines.append(_row(f"without {' and '.join(WEAK_BY_ASSOCIATION)}", rest))
    missed = [
        f"{cause}: {', '.join(f'{name} {n}' for name, n in names.items())}"
        for cause, names in record["missed"].items()
        if names
    ]
    double, clean = record["double"], record["clean"]
    n_two, n_clean = double["problems"], clean["problems"]
    lines += [
        "",
        f"Named instead: {'; '.join(missed) or 'nothing'}.",
        "",
        f"**Two causes at a time** ({n_two} problems): the first named is one of the two in"
        f" {_share(double['first_is_one'], n_two)}, both are named in"
        f" {_share(double['both_named'], n_two)}; by association the first is one of the two in"
        f" {_share(double['association_is_one'], n_two)}.",
        "",
        f"**No cause** ({n_clean} clean sources): a cause is named in"
        f" {_share(clean['named'], n_clean)}, and is said to be sure in"
        f" {_share(clean['sure'], n_clean)}.",
        "",
        f"Made with `python -m benchmarks.diagnosis` ({record['seconds'] / 60:.0f} minutes on one"
        " core). Intervals are 90 % (Wilson).",
    ]
    return "\n".join(lines)


def _row(name: str, counts: dict[str, int]) -> str:
    n = counts["problems"]
    shares = " | ".join(
        _share(counts[key], n) for key in ("first", "among", "nothing", "association")
    )
    return f"| {name} | {n} | {shares} |"


def _share(k: int, n: int) -> str:
    from scipy.stats import binomtest

    if n == 0:
        return "–"
    low, high = binomtest(k, n).proportion_ci(0.9, method="wilson")
    return f"{100 * k / n:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"
