"""Tables of docs/people.md: what was measured of claims about people, and the public example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.people_claims import most_claims

_EXAMPLE = Path(__file__).parents[1] / "examples" / "people" / "reading_lessons.txt"
_SHORT = {
    "first trial": "first trial",
    "mean over the trials": "mean",
    "last trials": "last trials",
    "trials saved to the criterion": "trials saved",
    "savings": "savings",
    "percent transfer": "percent transfer",
}


def people_tables(record: dict[str, Any]) -> str:
    """Return how often nothing was taken for something, and how often limits miss the truth."""
    parts = [_claims(record), _classes(record), _coverage(record), _shapes(record)]
    return "\n\n".join(parts)


def _rates(measured: list[dict[str, Any]], unit: str, rival: str) -> list[str]:
    """Return a table with a line a size, of the largest rate of all kinds of scores."""
    metrics = list(measured[0]["ours"])
    lines = [
        f"| {unit} | {' | '.join(_SHORT[m] for m in metrics)} | {rival} |",
        "|---|" + "---|" * (len(metrics) + 1),
    ]
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in measured:
        rows.setdefault(_sizes(row), []).append(row)
    for sizes, kinds in rows.items():
        cells = [_largest(kinds, "ours", [m]) for m in metrics]
        lines.append(f"| {sizes} | {' | '.join(cells)} | {_largest(kinds, 'usual', metrics)} |")
    return lines


def _classes(record: dict[str, Any]) -> str:
    lines = _rates(record["classes"], "classes", "t over people")
    caption = (
        "The same of classes of 4 to 12 people who share half of what makes them quick or slow;\n"
        "*twice*: every class has people in both groups. *t over people* takes people of one\n"
        "class for independent; with `--clusters` the classes are compared."
    )
    return "\n".join([*lines, "", caption])


def _claims(record: dict[str, Any]) -> str:
    lines = _rates(record["alike"], "people", "t alone")
    n, bound = record["alike"][0]["n_draws"], record["criterion"]["bound"]
    held = "Held in all rows" if record["criterion"]["held"] else "NOT HELD"
    caption = (
        f"Share of {n:,} draws with a claim at 5 % where both groups learn alike, before the\n"
        "correction for many claims: the largest of help and harm, and of three kinds of scores\n"
        "(shares of right answers, times, counted errors). *t alone*: the largest of the four\n"
        "measures by Welch's t (within: Student's). Criterion: at most 5 %, up to\n"
        f"{bound:.1%} by chance (one time in 10,000). {held}; t alone has no part in it."
    )
    return "\n".join([*lines, "", caption])


def _largest(rows: list[dict[str, Any]], way: str, metrics: list[str]) -> str:
    shares = [n / row["n_draws"] for row in rows for m in metrics for n in row[way][m]]
    return f"{max(shares):.1%}"


def _coverage(record: dict[str, Any]) -> str:
    lines = [
        "| people | scores | effect | differences | savings | delta | bootstrap |"
        " percent transfer | delta | bootstrap |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in record["coverage"]:
        n, rivals = row["n_draws"], row["rivals"]
        ratios = ("savings", "percent transfer")
        plain = [max(pair) for metric, pair in row["misses"].items() if metric not in ratios]
        cells = [f"{max(plain) / n:.1%}"]
        for metric in ratios:
            of_ratio = (row["misses"][metric], *(rivals[f"{metric}, {way}"] for way in _WAYS))
            cells += [f"{max(pair) / n:.1%}" for pair in of_ratio]
        lines.append(f"| {_sizes(row)} | {row['kind']} | {row['effect']} | {' | '.join(cells)} |")
    n_draws = record["coverage"][0]["n_draws"]
    bound = most_claims(n_draws) / n_draws
    worst = max(n for row in record["coverage"] for pair in row["misses"].values() for n in pair)
    held = "Held in all rows" if worst <= most_claims(n_draws) else "NOT HELD"
    caption = (
        f"Share of {n_draws:,} draws in which a limit misses the truth,\n"
        f"the worse of both; 5 % is stated, and up to {bound:.1%} may be chance. {held}.\n"
        "*Differences*: the worst of the four measures.\n"
        "*Delta* and *bootstrap* are the usual intervals of a ratio, which are not used."
    )
    return "\n".join([*lines, "", caption])


_WAYS = ("delta", "bootstrap")


def _shapes(record: dict[str, Any]) -> str:
    (metric,) = record["other_shape"][0]["ours"]
    parts = []
    for row in record["other_shape"]:
        more, less = (n / row["n_draws"] for n in row["ours"][metric])
        parts.append(f"{more:.1%} and {less:.1%} with {_sizes(row)}")
    return (
        "Where one group's speeds differ by a skewed law and the other's are all the same, with\n"
        "equal mean trials to the criterion, more trials and fewer are claimed in\n"
        f"{'; '.join(parts)}. Made with `python -m benchmarks.people_claims`."
    )


def _sizes(row: dict[str, Any]) -> str:
    first, second = row["sizes"]
    return f"{first}, twice" if row["paired"] else f"{first} and {second}"


def reading_text() -> str:
    """Return what the example on public data prints."""
    return f"```text\n{_EXAMPLE.read_text(encoding='utf-8').strip(chr(10))}\n```"
