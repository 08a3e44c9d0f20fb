"""Options of an audit in one table, and options that verbs share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

import typer

# Options as they were typed: field of Request -> value, without those that were not given.
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Spelling:
    """Spelling of an option on the command line and in ``audit.toml``.

    Parameters
    ----------
    section : str
        Of the TOML file, where the key is the name of the field.
    flags : tuple of str
    help : str
    kind : type
        Of the value; list for texts that may be repeated.
    metavar : str, optional
    toml : tuple of type
        Of the value in the TOML file, where it is not ``kind``.
    """

    section: str
    flags: tuple[str, ...]
    help: str
    kind: type = str
    metavar: str | None = None
    toml: tuple[type, ...] = ()

    def parameter(self, name: str, help: str | None = None) -> inspect.Parameter:
        """Return the parameter by which typer reads the option."""
        kind: Any = {bool: bool, list: list[str] | None}.get(self.kind, self.kind | None)
        info = typer.Option(*self.flags, metavar=self.metavar, help=help or self.help)
        return inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if self.kind is bool else None,
            annotation=Annotated[kind, info],
        )


def option(section: str, help: str, *flags: str, kind: type = str, **more: Any) -> Any:
    """Return a field of :class:`Request` that is an option.

    The arguments are those of :class:`Spelling`.
    """
    spelling = Spelling(section, flags, help, kind, **more)
    return field(default=() if kind is list else None, metadata={"spelling": spelling})


@dataclass(frozen=True)
class Request:
    """The options of an audit; ``None`` and empty mean "not given".

    This is the table of options: command line, ``audit.toml`` and ``request.json`` follow it.
    """

    target: Path
    label: str | None = option("target", "Column to predict, in all files.", "--label", "-y")
    sources: Mapping[str, Path] = field(
        default_factory=dict,
        metadata={
            "spelling": Spelling(
                "sources", ("--source", "-s"), "A source; repeat for more.", list, "NAME=FILE"
            )
        },
    )
    # Sources named by a URL, which were typed as sources, too.
    references: Mapping[str, str] = field(default_factory=dict)
    metric: str | None = option(
        "design", "roc_auc, accuracy, log_loss, r2 ... (default: by the labels)", "--metric"
    )
    margin: float | None = option(
        "design", "Smallest difference that matters. (default: 0.01)", "--margin", kind=float
    )
    groups: str | None = option(
        "target", "Column of patients, sites, ...: never split, never a feature.", "--groups"
    )
    weight: str | None = option(
        "target",
        "Column of row weights (exposure, survey), in the target and any source; never a feature.",
        "--weight",
        metavar="COLUMN",
    )
    domain: str | None = option(
        "target",
        "One file for all: COLUMN=OWN names the column of sites and which is yours.",
        "--domain",
        metavar="COLUMN=OWN",
    )
    positive: str | None = option(
        "target",
        "The positive class of two, which F1, precision and recall are of."
        " (default: the larger label)",
        "--positive",
        metavar="LABEL",
        toml=(str, int, float),
    )
    time: str | None = option(
        "target",
        "Column of times or dates: later rows are tested by models of earlier ones.",
        "--time",
        metavar="COLUMN",
    )
    gap: str | float | None = option(
        "target",
        "Kept free before a tested block: '7 days', '5 rows', or a number in the unit of --time.",
        "--gap",
        toml=(str, int, float),
    )
    arms: tuple[str, ...] = option(
        "design",
        "Try only this arm, such as b+pooled, b+coral or b+gated+coral; repeat for more."
        " (default: all default arms)",
        "--arm",
        kind=list,
    )
    max_sources: int | None = option(
        "design",
        "Sources with arms of their own; of more, the closed form chooses. (default: 16)",
        "--max-sources",
        kind=int,
    )
    max_source_rows: int | None = option(
        "design",
        "Rows of each source to use in fits, drawn at random."
        " (default: all; 50,000 where a source has over 100,000)",
        "--max-source-rows",
        kind=int,
    )
    effort: str | None = option(
        "design", "quick, full, thorough or race. (default: full)", "--effort"
    )
    seed: int | None = option("design", "Folds and training. (default: 0)", "--seed", kind=int)
    model: str | None = option(
        "design",
        "Estimator, learner or a function that makes one. (default: a linear pipeline)",
        "--model",
        metavar="MODULE:NAME",
    )
    explain: str | None = option(
        "design",
        "Arms to explain by repairs: harmful, all or none. (default: harmful)",
        "--explain",
    )
    subgroups: tuple[str, ...] = option(
        "design",
        "Subgroups by this column; repeatable. `find` searches for them, `none` does not."
        " (default: auto, a search from 200 rows on)",
        "--subgroups",
        kind=list,
        metavar="COLUMN",
    )
    learning_curve: bool | None = option(
        "design",
        "Fit on parts of the target too: how much of it makes the sources moot?",
        "--learning-curve",
        kind=bool,
    )
    drop: tuple[str, ...] = option(
        "data", "Column to leave out of all files; repeatable.", "--drop", kind=list
    )
    category: tuple[str, ...] = option(
        "data", "Column that is a category though it looks like numbers.", "--category", kind=list
    )
    na: tuple[str, ...] = option(
        "data",
        "Code of missing values, such as '?', or of one column: bmi=0; repeatable.",
        "--na",
        kind=list,
    )
    keep_na: tuple[str, ...] = option(
        "data",
        "Word that is a value, though it looks missing, such as NA; repeatable.",
        "--keep-na",
        kind=list,
        metavar="WORD",
    )
    keep: tuple[str, ...] = option(
        "data",
        "Column for the models though it looks like names of rows; repeatable.",
        "--keep",
        kind=list,
        metavar="COLUMN",
    )
    columns: str | None = option(
        "data",
        "Where a source lacks columns: use the common ones, or error. (default: common)",
        "--columns",
    )
    rename: tuple[str, ...] = option(
        "data",
        "Column of a source under the target's name; repeatable.",
        "--rename",
        kind=list,
        metavar="SOURCE:OLD=NEW",
    )
    map: tuple[str, ...] = option(
        "data",
        "Labels of a source as the target has them; `OLD=` leaves a class out; repeatable.",
        "--map",
        kind=list,
        metavar="SOURCE:OLD=NEW,...",
    )
    delimiter: tuple[str, ...] = option(
        "data",
        "Column separator of CSV files, or of one (b:';'). (default: as each file is written)",
        "--delimiter",
        kind=list,
        metavar="[FILE:]MARK",
        toml=(str, list),
    )
    encoding: tuple[str, ...] = option(
        "data",
        "Encoding of CSV files, or of one (b:latin-1). (default: as each file is written)",
        "--encoding",
        kind=list,
        metavar="[FILE:]NAME",
        toml=(str, list),
    )
    decimal: tuple[str, ...] = option(
        "data",
        "Decimal mark of CSV files, or of one (b:,). (default: as each file is written)",
        "--decimal",
        kind=list,
        metavar="[FILE:]MARK",
        toml=(str, list),
    )
    name: str | None = option("target", "What to call the target. (default: file name)", "--name")
    output: Path | None = option(  # noqa: RUF009  # a field, no value
        "design", "Run directory. (default: runs/NAME)", "--output", "-o", kind=Path
    )

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of all sources, files first."""
        return (*self.sources, *self.references)


def spellings(*names: str) -> dict[str, Spelling]:
    """Return the spellings of options of an audit, named ones or all.

    Examples
    --------
    >>> spellings("arms")["arms"].flags
    ('--arm',)
    """
    table: tuple[Field[Any], ...] = fields(Request)
    return {
        f.name: f.metadata["spelling"]
        for f in table
        if f.name in names or (not names and f.metadata)
    }


def takes(*names: str, **helps: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb options of an audit.

    They stand where the verb has its argument ``options``. ``helps`` are texts of options that mean
    something more in this verb.
    """
    chosen = {
        name: spelling.parameter(name, helps.get(name))
        for name, spelling in spellings(*names).items()
    }

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        parameters: list[inspect.Parameter] = []
        for parameter in inspect.signature(verb, eval_str=True).parameters.values():
            if parameter.name == "options":
                parameters += chosen.values()
            else:
                parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

        @functools.wraps(verb)
        def command(**values: Any) -> None:
            typed = {name: values.pop(name) for name in chosen}
            # By identity: 0 is an option that was typed, and equals False.
            absent = {k for k, v in typed.items() if v is None or v is False or v == []}
            verb(options={k: v for k, v in typed.items() if k not in absent}, **values)

        # Typer reads both.
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


ALL = tuple(spellings())
# Options of how files are read.
READING = tuple(name for name, spelling in spellings().items() if spelling.section == "data")

# Of how a text file is written.
WRITING = ("delimiter", "encoding", "decimal")

TARGET = Annotated[
    Path,
    typer.Argument(
        metavar="TARGET", help="Labelled target rows (.csv, .tsv, .parquet), or an audit.toml."
    ),
]
SOURCE_PATHS = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[SOURCE...]", help="Files or folders of other data, called as they are."
    ),
]
YES = Annotated[
    bool, typer.Option("--yes", help="Take what is guessed (the column to predict, ...) unasked.")
]
RUN = Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a run.")]
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
JOBS = Annotated[int, typer.Option("--jobs", "-j", help="Worker processes; -1 for every core.")]
MIN_ROWS = Annotated[
    int, typer.Option("--min-rows", help="Refuse to tell statistics of fewer rows.")
]
FORMAT = Annotated[str, typer.Option("--format", "-f", help="text, json, markdown or github.")]
GATE_FORMAT = Annotated[
    str, typer.Option("--format", "-f", help="text, json, github, junit or sarif.")
]
COMPARISON_FORMAT = Annotated[str, typer.Option("--format", "-f", help="text, json or markdown.")]
FORMAT_TEXT_JSON = Annotated[str, typer.Option("--format", "-f", help="text or json.")]
EXECUTOR = Annotated[
    str | None,
    typer.Option(
        "--executor",
        help="serial, loky, dask, or a dask scheduler's address (tcp://host:8786)."
        " (default: by --jobs)",
    ),
]
EXTEND = Annotated[
    bool,
    typer.Option(
        "--extend",
        help="Take a run directory whose margin, arms or set of sources was another.",
    ),
]
RETRY = Annotated[
    bool, typer.Option("--retry-failed", help="Try failed trials of an earlier run again.")
]
SOURCES = Annotated[bool, typer.Option("--sources", help="The sources by harm, worst first.")]
LOG = Annotated[
    list[str] | None,
    typer.Option(
        "--log", metavar="TRACKER", help="Log the result too: mlflow or wandb; repeatable."
    ),
]
NO_COLOR = Annotated[bool, typer.Option("--no-color", help="Plain text; so does NO_COLOR.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Show every trial on stderr.")]
TASK = Annotated[
    str | None, typer.Option("--task", help="classes or regression. (default: by the labels)")
]
