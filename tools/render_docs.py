"""Write into README and docs what programs print and benchmarks measured: no number by hand.

python -m tools.render_docs          rewrite
python -m tools.render_docs --check  say whether something is out of date, and leave with 1
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.agent_tables import claims_table, driving_text, lake_text, power_table
from tools.below_and_beyond_tables import crossing_table, subgroup_tables
from tools.calibration_table import calibration_tables, heavy_tails_table
from tools.decisions_table import decisions_table
from tools.diagnosis_table import diagnosis_table
from tools.files_tables import copies_table, dirt_table
from tools.judging_tables import long_tables, short_table
from tools.mitigations_table import mitigations_table
from tools.monitor_table import monitor_tables
from tools.networks_tables import bank_table, shipped
from tools.people_table import people_tables, reading_text
from tools.performance_page import (
    engine_table,
    growth_picture,
    growth_table,
    ratios_table,
    where_table,
)
from tools.predict_transfer_table import predict_transfer_tables
from tools.race_table import race_table
from tools.renames_table import renames_table
from tools.safe_promise_table import safe_promise_table
from tools.safe_transfer_tables import safe_transfer_tables
from tools.scale_tables import scale_picture, scale_tables
from tools.screening_table import screening_table
from tools.site_pages import findings_index, promises_table, reference_page
from tools.source_ranking_table import source_ranking_table
from tools.summaries_text import cost_text, noise_text
from tools.time_tables import alarms_table
from tools.time_tables import claims_table as time_claims_table
from tools.transferability_tables import (
    device_table,
    encoders_text,
    speed_picture,
    speed_table,
    threads_table,
)
from tools.typed_blocks import BLOCK, with_typed_blocks
from tools.weather_table import weather_table

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def false_claims_table(record: dict[str, Any]) -> str:
    """Return the measured error rates as a Markdown table."""
    head = [
        "| null design (true gap zero) | draws | helps | hurts | interval holds zero |",
        "|---|---|---|---|---|",
    ]
    held, exceeding = (
        [
            f"| {row['design']} | {row['n_draws']:,} | {row['helps']:.1%} | {row['hurts']:.1%}"
            f" | {row['coverage']:.1%} |"
            for row in record.get(key, ())
        ]
        for key in ("rows", "exceeding")
    )
    bound = record["criterion"]["bound"]
    fewest = min(row["n_draws"] for row in record["rows"])
    lines = [
        *head,
        *held,
        "",
        f"Criterion: each claim in at most 5.0% of draws; with {fewest:,} draws, chance alone",
        f"explains up to {bound:.1%} (one time in 10,000). Made with",
        "`python -m benchmarks.false_claims`.",
        "",
        "Known to exceed it, see above ([Known limits](#known-limits)):",
        "",
        *head,
        *exceeding,
    ]
    return "\n".join(lines)


def safe_transfer_text() -> str:
    """Return the tables of the SafeTransfer benchmark, once it has run."""
    path = RESULTS / "safe_transfer.json"
    if not path.is_file():
        return "Not measured yet: `python -m benchmarks.safe_transfer`."
    return safe_transfer_tables(json.loads(path.read_text(encoding="utf-8")))


def safe_transfer_page(text: str) -> str:
    """Return the page on SafeTransfer with its tables and its measured promises."""
    promise = json.loads((RESULTS / "safe_promise.json").read_text(encoding="utf-8"))
    text = with_block(
        text,
        "<!-- safe-transfer: generated from benchmarks/results/safe_transfer.json -->",
        "<!-- end of safe transfer -->",
        safe_transfer_text(),
    )
    return with_block(
        text,
        "<!-- safe-promise: generated from benchmarks/results/safe_promise.json -->",
        "<!-- end of safe promise -->",
        safe_promise_table(promise),
    )


def methods_page(text: str) -> str:
    """Return the page on methods with every rate that was measured."""
    made = {
        "false_claims": ("<!-- end of false claims -->", false_claims_table),
        "subgroup_claims": ("<!-- end of subgroup claims -->", subgroup_tables),
        "crossing_coverage": ("<!-- end of crossing coverage -->", crossing_table),
    }
    for name, (end, table) in made.items():
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        start = f"<!-- generated from benchmarks/results/{name}.json -->"
        text = with_block(text, start, end, table(record))
    return text


def summaries_page(text: str) -> str:
    """Return the page on summaries with what its benchmark measured."""
    record = json.loads((RESULTS / "summaries.json").read_text(encoding="utf-8"))
    origin = "generated from benchmarks/results/summaries.json -->"
    for name, body in (("cost", cost_text(record)), ("noise", noise_text(record))):
        start = f"<!-- summaries {name}: {origin}"
        text = with_block(text, start, f"<!-- end of summaries {name} -->", body)
    return text


def time_page(text: str) -> str:
    """Return the page on rows in order of time with what was measured."""
    made = {"time_claims": time_claims_table, "order_alarms": alarms_table}
    for name, table in made.items():
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        start = f"<!-- generated from benchmarks/results/{name}.json -->"
        text = with_block(text, start, f"<!-- end of {name.replace('_', ' ')} -->", table(record))
    return text


def readme_page(text: str) -> str:
    """Return README with the table of ways of judging."""
    record = json.loads((RESULTS / "ways_of_judging.json").read_text(encoding="utf-8"))
    start = "<!-- judging: generated from benchmarks/results/ways_of_judging.json -->"
    return with_block(text, start, "<!-- end of judging -->", short_table(record))


def calibration_page(text: str) -> str:
    """Return the page on error rates and power with what was measured."""
    made = {
        "calibration": ("verdict_calibration", calibration_tables),
        "heavy tails": ("heavy_tails", heavy_tails_table),
        "judging": ("ways_of_judging", long_tables),
        "race": ("race", race_table),
    }
    for what, (name, table) in made.items():
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        start = f"<!-- {what}: generated from benchmarks/results/{name}.json -->"
        text = with_block(text, start, f"<!-- end of {what} -->", table(record))
    return text


BANKS = {"fine-tuning": "finetuning_bank", "further tasks": "multitask_bank"}


def networks_page(text: str) -> str:
    """Return the page on networks with what the banks measured."""
    for what, name in BANKS.items():
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        start = f"<!-- {what}: generated from benchmarks/results/{name}.json -->"
        text = with_block(text, start, f"<!-- end of {what} -->", bank_table(record))
    return text


def measured_networks() -> str:
    """Return what the package carries of the banks."""
    names = BANKS.values()
    return shipped([json.loads((RESULTS / f"{n}.json").read_text("utf-8")) for n in names])


def agents_page(text: str) -> str:
    """Return the page on agents with what was measured and what its examples print."""
    record = json.loads((RESULTS / "curve_claims.json").read_text(encoding="utf-8"))
    measured, example = "benchmarks/results/curve_claims.json", "examples/rl"
    blocks = (
        ("power", measured, power_table(record)),
        ("claims", measured, claims_table(record)),
        ("lake", f"{example}/frozen_lake.txt", lake_text()),
    )
    for name, origin, body in blocks:
        start = f"<!-- agents {name}: generated from {origin} -->"
        text = with_block(text, start, f"<!-- end of agents {name} -->", body)
    return text


def driving_page(text: str) -> str:
    """Return the page on driving with what its example prints, and what was measured."""
    origin = "examples/rl/driving_highway_env.txt"
    start = f"<!-- agents driving: generated from {origin} -->"
    text = with_block(text, start, "<!-- end of agents driving -->", driving_text())
    record = json.loads((RESULTS / "weather.json").read_text(encoding="utf-8"))
    start = "<!-- weather: generated from benchmarks/results/weather.json -->"
    return with_block(text, start, "<!-- end of weather -->", weather_table(record))


def people_page(text: str) -> str:
    """Return the page on people with what was measured and what its example prints."""
    record = json.loads((RESULTS / "people_claims.json").read_text(encoding="utf-8"))
    blocks = (
        ("claims", "benchmarks/results/people_claims.json", people_tables(record)),
        ("reading", "examples/people/reading_lessons.txt", reading_text()),
    )
    for name, origin, body in blocks:
        start = f"<!-- people {name}: generated from {origin} -->"
        text = with_block(text, start, f"<!-- end of people {name} -->", body)
    return text


# Tables that stand alone in their block: page, benchmark, the words that mark where it starts and
# ends, the table.
ONE_TABLE: tuple[tuple[str, str, str, str, Callable[[dict[str, Any]], str]], ...] = (
    ("deciding", "decisions", "decisions: ", "decisions", decisions_table),
    ("diagnosis", "diagnosis", "", "diagnosis", diagnosis_table),
    ("mitigations", "mitigations", "mitigations: ", "mitigations", mitigations_table),
    ("monitor", "monitor", "", "monitor", monitor_tables),
    ("scale", "scale", "", "scale", scale_tables),
    ("which_sources", "source_ranking", "", "source ranking", source_ranking_table),
    ("which_sources", "screening", "screening: ", "screening", screening_table),
    (
        "which_sources",
        "predict_transfer",
        "chances: ",
        "chances",
        predict_transfer_tables,
    ),
)


def pages_with_one_table() -> dict[Path, str]:
    """Return the pages that have one table, each with what its benchmark measured."""
    pages = {}
    for page, name, start, end, table in ONE_TABLE:
        path = ROOT / "docs" / f"{page}.md"
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        pages[path] = with_block(
            pages.get(path) or path.read_text(encoding="utf-8"),
            f"<!-- {start}generated from benchmarks/results/{name}.json -->",
            f"<!-- end of {end} -->",
            table(record),
        )
    record = json.loads((RESULTS / "scale.json").read_text(encoding="utf-8"))
    pages[ROOT / "docs" / "images" / "scale_growth.svg"] = scale_picture(record)
    return pages


def files_page(text: str) -> str:
    """Return the page on files with what its two benchmarks measured."""
    for what, name, table in (
        ("files", "dirty_files", dirt_table),
        ("copies", "copies", copies_table),
    ):
        path, body = RESULTS / f"{name}.json", f"Not measured yet: `python -m benchmarks.{name}`."
        if path.is_file():
            body = table(json.loads(path.read_text(encoding="utf-8")))
        start = f"<!-- {what}: generated from benchmarks/results/{name}.json -->"
        text = with_block(text, start, f"<!-- end of {what} -->", body)
    return text


def performance_pages() -> dict[Path, str]:
    """Return the page on time and its picture."""
    record = json.loads((RESULTS / "performance.json").read_text(encoding="utf-8"))
    path = ROOT / "docs" / "performance.md"
    text = path.read_text(encoding="utf-8")
    for what, table in (
        ("ratios", ratios_table),
        ("where", where_table),
        ("engine", engine_table),
        ("growth", growth_table),
    ):
        start = f"<!-- {what}: generated from benchmarks/results/performance.json -->"
        text = with_block(text, start, f"<!-- end of {what} -->", table(record))
    return {path: text, ROOT / "docs" / "images" / "growth.svg": growth_picture(record)}


def promises_page() -> str:
    """Return the page on promises with what was measured of each."""
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    start = "<!-- promises: generated from benchmarks/results -->"
    return with_block(text, start, "<!-- end of promises -->", promises_table())


def before_training_pages() -> dict[Path, str]:
    """Return the page on pretrained models, and its picture."""
    record, threads, device = (
        json.loads((RESULTS / f"transferability_{what}.json").read_text(encoding="utf-8"))
        for what in ("speed", "threads", "device")
    )
    path = ROOT / "docs" / "before_training.md"
    text = path.read_text(encoding="utf-8")
    for what, origin, body in (
        ("encoders", "examples/encoders/movie_snippets.txt", encoders_text()),
        ("speed", "benchmarks/results/transferability_speed.json", speed_table(record)),
        ("threads", "benchmarks/results/transferability_threads.json", threads_table(threads)),
        ("device", "benchmarks/results/transferability_device.json", device_table(device)),
    ):
        start = f"<!-- {what}: generated from {origin} -->"
        text = with_block(text, start, f"<!-- end of {what} -->", body)
    picture = ROOT / "docs" / "images" / "transferability_growth.svg"
    return {path: text, picture: speed_picture(record)}


def migrating_page(text: str) -> str:
    """Return the guide with every name that changed."""
    start = "<!-- renames: generated from transfergap.errors.RENAMES -->"
    return with_block(text, start, "<!-- end of renames -->", renames_table())


def with_block(text: str, start: str, end: str, body: str) -> str:
    """Replace what stands between two marker lines."""
    head, found, rest = text.partition(start)
    _, also, tail = rest.partition(end)
    if not found or not also:
        raise SystemExit(f"The markers {start!r} and {end!r} are missing.")
    return f"{head}{start}\n{body}\n{end}{tail}"


def rendered() -> dict[Path, str]:
    """Return every generated file with its new text."""
    readme, methods = ROOT / "README.md", ROOT / "docs" / "methods.md"
    safe = ROOT / "docs" / "safe_transfer.md"
    networks = ROOT / "docs" / "networks.md"
    calibration = ROOT / "docs" / "calibration.md"
    time, files = ROOT / "docs" / "time.md", ROOT / "docs" / "files.md"
    measured = ROOT / "src" / "transfergap" / "learners" / "mitigations" / "measured_networks.json"
    migrating = ROOT / "docs" / "migrating.md"
    summaries, agents = ROOT / "docs" / "summaries.md", ROOT / "docs" / "agents.md"
    people, driving = ROOT / "docs" / "people.md", ROOT / "docs" / "driving.md"
    return {
        networks: networks_page(networks.read_text(encoding="utf-8")),
        measured: measured_networks(),
        readme: readme_page(readme.read_text(encoding="utf-8")),
        time: time_page(time.read_text(encoding="utf-8")),
        calibration: calibration_page(calibration.read_text(encoding="utf-8")),
        files: files_page(files.read_text(encoding="utf-8")),
        methods: methods_page(methods.read_text(encoding="utf-8")),
        safe: safe_transfer_page(safe.read_text(encoding="utf-8")),
        summaries: summaries_page(summaries.read_text(encoding="utf-8")),
        agents: agents_page(agents.read_text(encoding="utf-8")),
        driving: driving_page(driving.read_text(encoding="utf-8")),
        people: people_page(people.read_text(encoding="utf-8")),
        migrating: migrating_page(migrating.read_text(encoding="utf-8")),
        ROOT / "docs" / "reference.md": reference_page(),
        ROOT / "docs" / "findings" / "index.md": findings_index(),
        ROOT / "docs" / "promises.md": promises_page(),
        **pages_with_one_table(),
        **performance_pages(),
        **before_training_pages(),
    }


def typed_pages() -> dict[Path, str]:
    """Return every page that shows what commands print, with what they print now."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    made = rendered()
    texts = {path: made.get(path) or path.read_text(encoding="utf-8") for path in pages}
    return {path: with_typed_blocks(text) for path, text in texts.items() if BLOCK.search(text)}


def main() -> int:
    made = {**rendered(), **typed_pages()}
    stale = [
        path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: python -m tools.render_docs")
        return 1 if stale else 0
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
