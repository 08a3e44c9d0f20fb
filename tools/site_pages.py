"""Pages of the site that are made, not written: findings, promises, the Python reference."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
# Modules whose public names are the interface, with what each is for.
PUBLIC = {
    "transfergap": "Audits, results, summaries and the safe model.",
    "transfergap.datasets": "Bundled data, and problems whose true gap is known.",
    "transfergap.learners.mitigations": "Ways to train with sources, each an arm.",
    "transfergap.torch": "Networks; needs the extra `torch`.",
    "transfergap.rl": "Agents; needs the extra `rl`.",
}
_CAUSES = {
    "TG601": "measurement",
    "TG602": "label shares",
    "TG603": "covariates",
    "TG604": "concept",
    "TG605": "label noise",
    "TG606": "swamping",
    "TG607": "capacity",
    "TG608": "shortcut",
    "TG609": "copies",
}
_FILLED = "TG105 of columns filled after the outcome"
# What these say can be read off files, options and trials.
_FACTS = frozenset(
    f"TG{number}"
    for number in (
        *(102, 103, 104, 107, 111, 112, 114, 117, 118, 121, 122, 123, 127, 129),
        *(132, 134, 135, 137, 138, 139, 141, 143, 202, 205),
        *(116, 302, 303, 304, 305, 306, 307, 308, 311, 312, 313, 315, 505, 506, 507),
    )
)
_GROUPS = {
    "TG1": "Files and columns",
    "TG2": "Differences that explain nothing by themselves",
    "TG3": "The model and the trials",
    "TG4": "Groups of rows",
    "TG5": "Agents",
    "TG6": "Causes, tested by taking them away",
}


def record_of(name: str) -> dict[str, Any]:
    """Return what a benchmark stored."""
    record: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return record


def public_names(module: str) -> tuple[str, ...]:
    """Return the public names of a module, in order of the alphabet."""
    return tuple(sorted(importlib.import_module(module).__all__, key=str.lower))


def reference_page() -> str:
    """Return the reference: every public name, which mkdocstrings fills from docstrings."""
    lines = [
        "# Python",
        "",
        "Every public name. Names that changed: [migrating](migrating.md).",
        "",
    ]
    for module, about in PUBLIC.items():
        lines += [f"## {module}", "", about, ""]
        for name in public_names(module):
            lines += [f"::: {_place(module, name)}", ""]
    return "\n".join(lines)


def _place(module: str, name: str) -> str:
    """Return where a public name is defined, so that its page has its docstring."""
    value = getattr(importlib.import_module(module), name)
    home = getattr(value, "__module__", None)
    if home is None or not home.startswith("transfergap") or not hasattr(value, "__qualname__"):
        return f"{module}.{name}"
    return f"{home}.{value.__qualname__}"


def findings_index() -> str:
    """Return the index of findings with how often each was right."""
    right = _right()
    lines = [
        "# Findings",
        "",
        "Each finding has a code that never changes and a page: what it means, how it is found,",
        "what to do, and what it does not mean. `transfergap explain TG101` prints a page offline,",
        "`transfergap explain` lists them. A finding that only says what is in files and trials is",
        "a fact. Of the others the last column says how often they were right where the truth was",
        "planted or known (`python -m benchmarks.findings` on real tables of 120 target rows; what",
        "was not planted may still be there), or that nobody measured it.",
        "",
    ]
    paths = sorted((ROOT / "docs" / "findings").glob("TG*.md"))
    for start, title in _GROUPS.items():
        group = [path for path in paths if path.stem.startswith(start)]
        if not group:
            continue
        lines += [f"## {title}", "", "| finding | how often it was right |", "|---|---|"]
        for path in group:
            code, _, name = path.read_text(encoding="utf-8").split("\n")[0][2:].partition(" ")
            known = "a fact" if code in _FACTS else "not measured by itself"
            lines.append(f"| [{code}]({path.name}) {name} | {right.get(code, known)} |")
        lines.append("")
    return "\n".join(lines)


def _right() -> dict[str, str]:
    """Return what was measured of each finding, with its numbers."""
    diagnosis, copies = record_of("diagnosis"), record_of("copies")
    dirt, order = record_of("dirty_files"), record_of("order_alarms")
    right = {code: _planted(counts) for code, counts in record_of("findings")["findings"].items()}
    times, between = (
        right.pop(f"TG109 of rows {what}").split(",")[0] for what in ("made three times", "between")
    )
    right["TG109"] += f"; made three times each, {times}; by oversampling, {between}"
    right["TG133"] = f"classes: {right['TG133']}; amounts: {right.pop('TG133 of amounts')}"
    for code, cause in _CAUSES.items():
        row = diagnosis["single"][cause]
        right[code] = f"named first in {row['first']} of {row['problems']} sources with this cause"
    clean = diagnosis["clean"]
    right["TG604"] += (
        f"; a cause was named in {clean['named']} of {clean['problems']} clean sources"
    )
    neutral = [row for row in dirt["kinds"] if not row["copies"]]
    n_alarms, n = sum(row["alarms"] for row in neutral), sum(row["n"] for row in neutral)
    unchanged = next(
        r for r in copies["judging"] if r["change"] == "unchanged" and r["share"] == 0.3
    )
    right["TG101"] = (
        f"found in {unchanged['found_can_tell']:.0%} of files whose columns can tell rows apart;"
        f" copies said of {n_alarms} of {n:,} sources without any"
    )
    alarms = next(row for row in order["rows"] if row["rows"] == "shuffled")
    days = next(row for row in order["series"] if row["days"])
    of_persons = right.pop("TG131 of persons").split(",")[0]
    right["TG131"] = (
        f"found in {days['found']} of {days['draws']} series; said of {alarms['alarms']} of"
        f" {alarms['tables']} shuffled tables; persons in columns of traits, {of_persons}"
    )
    right["TG105"] += f"; filled after the outcome, {right.pop(_FILLED).split(',')[0]}"
    below = record_of("subgroup_claims")["rows"]
    hurts = max(row["hurts_a_subgroup"] / row["n_draws"] for row in below)
    right["TG401"] = f"said of at most {hurts:.1%} of audits in which no group is harmed"
    right["TG119"] = "2 of 4 values named on 4,688 real columns were codes; [more](TG119.md)"
    return right


def _planted(counts: dict[str, int]) -> str:
    """Return how often a finding was made where its fault was planted, and where not."""
    text = (
        f"found in {counts['planted_found']} of {counts['planted']} where it was planted, said of"
        f" {counts['clean_found']} of {counts['clean']} others"
    )
    if "false_helps" in counts:
        text += f"; in {counts['false_helps']} it was missed and help was claimed"
    return text


def promises_table() -> str:
    """Return each promise with what was measured and the command that measures it."""
    false, decisions = record_of("false_claims"), record_of("decisions")
    subgroup, worth = record_of("subgroup_claims"), record_of("worth_coverage")
    crossing, screening = record_of("crossing_coverage"), record_of("screening")
    promise, dirt = record_of("safe_promise"), record_of("dirty_files")
    helps, hurts = (max(row[side] for row in false["rows"]) for side in ("helps", "hurts"))
    n_draws = min(row["n_draws"] for row in false["rows"])
    dirty = [row for row in dirt["kinds"] if row["n_cannot_help"]]
    worst = max(dirty, key=lambda row: row["false_helps"] / row["n_cannot_help"])
    looks = max(row["hurts_a_subgroup"] / row["n_draws"] for row in subgroup["rows"])
    held = min(row["held"] / row["named"] for row in worth["rows"])
    crossed = min(row["held"] / row["named"] for row in crossing["rows"])
    below = max(row["below_low"] for row in promise["rows"])
    n_tasks = promise["rows"][0]["tasks"]
    counted = [row for row in screening["rows"] if "not counted" not in row["rule"]]
    bands = decisions["said_and_seen"]
    over = sum(band["seen"] > band["at most, 99.5 %"] for band in bands)
    rows = [
        (
            'A source that neither gains nor loses is said to "help" or "hurt" at most once in'
            " twenty, each",
            f"worst of {len(false['rows'])} designs (two of known excess aside, see there):"
            f" helps {helps:.1%}, hurts {hurts:.1%}, of"
            f" {n_draws:,} draws or more; chance allows {false['criterion']['bound']:.1%}",
            "benchmarks.false_claims",
            "methods.md",
        ),
        (
            'Real files, however dirty, change no verdict into a false "helps"',
            f"worst of {len(dirty)} kinds of dirt: {worst['false_helps']} of"
            f" {worst['n_cannot_help']} ({worst['kind']})",
            "benchmarks.dirty_files",
            "files.md",
        ),
        (
            "The chance of a cost that a decision states is not too small",
            f"the cost came more often than stated (and than chance explains) in {over} of"
            f" {len(bands)} bands, {decisions['n_audits']} audits of {len(decisions['tables'])}"
            " real tables",
            "benchmarks.decisions",
            "deciding.md",
        ),
        (
            "A subgroup that is not harmed is said to be harmed at most once in twenty audits",
            f"at most {looks:.1%} of audits in {len(subgroup['rows'])} designs",
            "benchmarks.subgroup_claims",
            "subgroups_and_curves.md",
        ),
        (
            "The interval of the rows that make a source moot holds them in 90 %",
            f"held in {crossed:.0%} or more in {len(crossing['rows'])} designs",
            "benchmarks.crossing_coverage",
            "subgroups_and_curves.md",
        ),
        (
            "So does the interval of what a source is worth in labelled rows",
            f"held in {held:.0%} or more in {len(worth['rows'])} designs",
            "benchmarks.worth_coverage",
            "subgroups_and_curves.md",
        ),
        (
            "The safe model's gain lies below its interval at most once in twenty",
            f"at most {below:.1%} of {n_tasks} tasks in {len(promise['rows'])} families and"
            f" cautions; chance allows {_chance(0.05, n_tasks):.1%} (one time in 10,000)",
            "benchmarks.safe_promise",
            "safe_transfer.md",
        ),
        (
            "Screening many sources costs no error rate",
            f"false claims {max(max(r['helps'], r['hurts']) for r in counted):.1%} at most in"
            f" {screening['draws']:,} draws of {screening['sources']} sources without effect",
            "benchmarks.screening",
            "calibration.md",
        ),
    ]
    lines = ["| promise | measured | command | more |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {figure} | `python -m {command}` | [{page}]({page}) |"
        for what, figure, command, page in rows
    ]
    return "\n".join(lines)


def _chance(rate: float, n: int) -> float:
    """Return the share that a rate is seen to exceed one time in 10,000."""
    from scipy import stats

    return float(stats.binom.ppf(1 - 1e-4, n, rate)) / n
