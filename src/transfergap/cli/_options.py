"""Options that several verbs share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TARGET = Annotated[
    Path,
    typer.Argument(
        metavar="TARGET", help="Labelled target rows (.csv, .tsv, .parquet), or an audit.toml."
    ),
]
RUN = Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a run.")]
LABEL = Annotated[
    str | None, typer.Option("--label", "-y", help="Column to predict, in all files.")
]
SOURCE = Annotated[
    list[str] | None,
    typer.Option("--source", "-s", metavar="NAME=FILE", help="A source; repeat for more."),
]
METRIC = Annotated[
    str | None,
    typer.Option("--metric", help="roc_auc, accuracy, log_loss, r2 ... (default: by the labels)"),
]
MARGIN = Annotated[
    float | None,
    typer.Option("--margin", help="Smallest difference that matters. (default: 0.01)"),
]
GROUPS = Annotated[
    str | None,
    typer.Option("--groups", help="Column of patients, sites, ...: never split, never a feature."),
]
WEIGHT = Annotated[
    str | None,
    typer.Option(
        "--weight",
        metavar="COLUMN",
        help="Column of row weights (exposure, survey), in"
        " the target and any source; never a feature.",
    ),
]
POSITIVE = Annotated[
    str | None,
    typer.Option(
        "--positive",
        metavar="LABEL",
        help="The positive class of two, which F1,"
        " precision and recall are of. (default: the larger label)",
    ),
]
TIME = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="COLUMN",
        help="Column of times or dates: later rows are tested by models of earlier ones.",
    ),
]
GAP = Annotated[
    str | None,
    typer.Option(
        "--gap",
        help="Kept free before a tested block: '7 days', '5 rows', or a number"
        " in the unit of --time.",
    ),
]
ARM = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        help="Try only this arm, such as b+pooled, b+coral or b+gated+coral; repeat for"
        " more. (default: all default arms)",
    ),
]
EFFORT = Annotated[
    str | None, typer.Option("--effort", help="quick, full or thorough. (default: full)")
]
SEED = Annotated[int | None, typer.Option("--seed", help="Folds and training. (default: 0)")]
JOBS = Annotated[int, typer.Option("--jobs", "-j", help="Worker processes; -1 for every core.")]
MODEL = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODULE:NAME",
        help="Estimator, learner or a function that makes one. (default: a linear pipeline)",
    ),
]
SUBGROUPS = Annotated[
    list[str] | None,
    typer.Option(
        "--subgroups",
        metavar="COLUMN",
        help="Subgroups by this column; repeatable. `find` searches for them, `none` does not."
        " (default: auto, a search from 200 rows on)",
    ),
]
LEARNING_CURVE = Annotated[
    bool,
    typer.Option(
        "--learning-curve",
        help="Fit on parts of the target too: how much of it makes the sources moot?",
    ),
]
OPERATING = Annotated[
    bool,
    typer.Option(
        "--operating-characteristics",
        help="Audit planted worlds of these rows: how often would verdicts and policies be right?",
    ),
]
DRAWS = Annotated[
    int, typer.Option("--draws", min=2, help="Audits of each planted world; 1,000 for a protocol.")
]
DROP = Annotated[
    list[str] | None, typer.Option("--drop", help="Column to leave out of all files; repeatable.")
]
CATEGORY = Annotated[
    list[str] | None,
    typer.Option("--category", help="Column that is a category though it looks like numbers."),
]
NA = Annotated[
    list[str] | None, typer.Option("--na", help="Code of missing values, such as '?'; repeatable.")
]
KEEP_NA = Annotated[
    list[str] | None,
    typer.Option(
        "--keep-na",
        metavar="WORD",
        help="Word that is a value, though it looks missing, such as NA; repeatable.",
    ),
]
KEEP = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="COLUMN",
        help="Column for the models though it looks like names of rows; repeatable.",
    ),
]
COLUMNS = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Where a source lacks columns: use the common ones, or error. (default: common)",
    ),
]
RENAME = Annotated[
    list[str] | None,
    typer.Option(
        "--rename",
        metavar="SOURCE:OLD=NEW",
        help="Column of a source under the target's name; repeatable.",
    ),
]
MAP = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="SOURCE:OLD=NEW,...",
        help="Labels of a source as the target has them; `OLD=` leaves a class out; repeatable.",
    ),
]
DELIMITER = Annotated[
    str | None, typer.Option("--delimiter", help="Column separator of CSV files. (default: ,)")
]
ENCODING = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of CSV files. (default: utf-8)")
]
DECIMAL = Annotated[
    str | None, typer.Option("--decimal", help="Decimal mark of CSV files. (default: .)")
]
EXPLAIN = Annotated[
    str | None,
    typer.Option(
        "--explain", help="Arms to explain by repairs: harmful, all or none. (default: harmful)"
    ),
]
MIN_ROWS = Annotated[
    int, typer.Option("--min-rows", help="Refuse to tell statistics of fewer rows.")
]
NAME = Annotated[
    str | None, typer.Option("--name", help="What to call the target. (default: file name)")
]
OUTPUT = Annotated[
    Path | None, typer.Option("--output", "-o", help="Run directory. (default: runs/NAME)")
]
FORMAT = Annotated[str, typer.Option("--format", "-f", help="text, json, markdown or github.")]
FORMAT_TEXT_JSON = Annotated[str, typer.Option("--format", "-f", help="text or json.")]
RETRY = Annotated[
    bool, typer.Option("--retry-failed", help="Try failed trials of an earlier run again.")
]
SOURCES = Annotated[bool, typer.Option("--sources", help="The sources by harm, worst first.")]
NO_COLOR = Annotated[bool, typer.Option("--no-color", help="Plain text; so does NO_COLOR.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Show every trial on stderr.")]
