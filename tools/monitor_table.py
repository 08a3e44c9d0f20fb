"""The tables of the monitor's benchmark, as Markdown."""

from __future__ import annotations

from typing import Any

NAMES = {
    "probability": "**the monitor's probability**",
    "ratio": "held-out loss against the control's",
    "standing": "the sign `standing` alone",
    "start": "the sign `start` alone",
    "cosine": "gradient cosine",
    "look_ahead": "look-ahead affinity",
}
AREAS_WANTED = {"fine-tuning": 0.95, "co-training": 0.85}
COST_WANTED = 1.05
LABELS = {
    "clear": "clear gaps",
    "all": "all runs",
    "accuracy_clear": "clear gaps of accuracy",
    "last_clear": "clear gaps of the last weights",
}


def monitor_tables(record: dict[str, Any]) -> str:
    """Return criteria, areas, rates, calibration, families and cost, one table after the other."""
    kinds = record["kinds"]
    parts = [
        _criteria(record),
        "**Area under the ROC curve at a fifth of the training**, on judged families.",
        _areas(kinds),
        "**The same by circumstance**, clear gaps.",
        _circumstances(kinds),
        "**Warnings by a fifth of the training**, at the default threshold.",
        _rates(kinds),
        "**Probability told beside what came of it**, judged families, a fifth into the training.",
        _bins(kinds),
        "**Family by family**, a fifth into the training; the area is of clear gaps.",
        _families(kinds),
        "**CPU time of a whole loop with the monitor, as a multiple of without.**",
        _costs(record["overhead"]),
    ]
    absent = record["absent_families"]
    missing = f" Absent when this was made: {', '.join(absent)}." if absent else ""
    parts.append(
        f"Brackets are 95 % intervals over pairs, drawn again with all of their runs.{missing} "
        "Made with\n`python -m benchmarks.monitor`."
    )
    return "\n\n".join(parts)


def _criteria(record: dict[str, Any]) -> str:
    """Return a line a criterion: what was asked for, what came, and whether that is enough."""
    rows = []
    for kind, wanted in AREAS_WANTED.items():
        area = record["kinds"][kind]["areas"]["probability"]["clear"]
        rows.append([f"area for {kind}, clear gaps", f"at least {wanted:.2f}", told(area),
                     _verdict(area["value"] >= wanted)])  # fmt: skip
    for kind in AREAS_WANTED:
        rate = record["kinds"][kind]["rates"]["false_alarms"]
        rows.append([f"false alarms for {kind}", "at most 10%", share(rate),
                     _verdict(rate["value"] <= record["false_alarms_allowed"])])  # fmt: skip
    own = [row for row in record["overhead"] if "default" in row["looks"]]
    worst = max(own, key=lambda row: row["ratio"])
    cost = f"{worst['ratio']:.3f} ({worst['low']:.3f}–{worst['high']:.3f})"
    rows.append(["CPU time, the dearer network", f"at most {COST_WANTED} times", cost,
                 _verdict(worst["ratio"] <= COST_WANTED)])  # fmt: skip
    return table(["criterion", "wanted", "measured", ""], rows)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def told(found: dict[str, Any]) -> str:
    """Return a value with its interval."""
    if found["value"] is None:
        return "–"
    return f"{found['value']:.2f} ({found['low']:.2f}–{found['high']:.2f})"


def share(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "–"
    return f"{found['value']:.0%} ({found['low']:.0%}–{found['high']:.0%})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _areas(kinds: dict[str, Any]) -> str:
    head = ["", *(f"{kind}, {LABELS[label]}" for kind in kinds for label in ("clear", "all"))]
    rows = [
        [text, *(told(kinds[kind]["areas"][name][label])
                 for kind in kinds for label in ("clear", "all"))]
        for name, text in NAMES.items()
    ]  # fmt: skip
    counts = ["runs (pairs)"]
    for kind in kinds:
        for label in ("clear", "all"):
            area = kinds[kind]["areas"]["probability"][label]
            counts.append(f"{area['n_runs']:,} ({area['n_pairs']})")
    return table(head, [*rows, counts])


def _circumstances(kinds: dict[str, Any]) -> str:
    rows = []
    for kind, found in kinds.items():
        own: dict[str, Any] = {
            f"{float(at):.0%} into the training": areas["clear"]
            for at, areas in found["areas_by_share"].items()
        }
        own["the whole training, by `standing`"] = found["areas_whole"]["clear"]
        own["50 held-out rows instead of 200"] = found["areas_50_held"]["clear"]
        for label in ("accuracy_clear", "last_clear"):
            own[LABELS[label]] = found["areas"]["probability"][label]
        own |= found["areas_by_way"]
        left_out = found["areas_calibration"]["probability"]["clear"]
        own["calibration families, each left out"] = left_out
        rows += [[kind, name, told(area), f"{area['n_runs']:,}"] for name, area in own.items()]
    return table(["kind", "circumstance", "area", "runs"], rows)


def _rates(kinds: dict[str, Any]) -> str:
    rows = []
    for kind, found in kinds.items():
        for part, rates in (("judged", "rates"), ("calibration, left out", "rates_calibration")):
            rows.append([
                kind, part, f"{found['threshold']:.2f}",
                *(share(found[rates][name])
                  for name in ("false_alarms", "false_alarms_clear", "found")),
            ])  # fmt: skip
    return table(
        ["kind", "families", "threshold", "false alarms among harmless runs",
         "among those clearly helped", "clearly harmed runs warned of"], rows
    )  # fmt: skip


def _bins(kinds: dict[str, Any]) -> str:
    rows = [
        [kind, f"{row['low']:.1f}–{row['high']:.1f}", f"{row['predicted']:.2f}",
         f"{row['observed_value']:.2f} ({row['observed_low']:.2f}–{row['observed_high']:.2f})",
         f"{row['n_harmed']} of {row['observed_n_runs']}"]
        for kind, found in kinds.items() for row in found["bins"]
    ]  # fmt: skip
    return table(["kind", "told", "mean", "share harmed", "runs"], rows)


def _families(kinds: dict[str, Any]) -> str:
    rows = [
        [row["family"], row["way"], f"{row['n_runs']} ({row['n_pairs']})",
         f"{row['harmed']:.0%}", told(row["auc"]), share(row["false_alarms"])]
        for found in kinds.values() for row in found["families"]
    ]  # fmt: skip
    return table(["family", "way", "runs (pairs)", "harmed", "area", "false alarms"], rows)


def _costs(costs: list[dict[str, Any]]) -> str:
    rows = [
        [row["network"], row["looks"], f"{row['interval']}",
         f"{row['ratio']:.3f} ({row['low']:.3f}–{row['high']:.3f})", f"{row['n_pairs']}"]
        for row in costs
    ]  # fmt: skip
    return table(["network", "looks", "interval", "times", "paired loops"], rows)
