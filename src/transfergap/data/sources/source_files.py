"""Sources by reference: Parquet files, read where their rows are used."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np

from transfergap.data.digests import sample_digest
from transfergap.data.notations.missing_codes import with_codes_missing
from transfergap.data.problem import Problem, with_facts
from transfergap.data.sample import Sample
from transfergap.data.sources.parquet_errors import parquet_trouble
from transfergap.data.splitting.held_out import Splitting
from transfergap.data.splitting.order import is_feature
from transfergap.errors import (
    ConfigurationError,
    DataError,
    TransferGapError,
    first_line,
    require,
)

P = ParamSpec("P")
_NONE = np.empty(0, np.intp)
_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class SourceFile:
    """A source in a Parquet file, by its path or URL.

    On a cluster its rows do not travel: each worker reads the file itself, once, and stops where it
    finds another digest than the audit found.

    Parameters
    ----------
    url : str
        A path, or whatever ``fsspec`` opens: ``s3://bucket/b.parquet``, ``https://...``,
        ``file:///shared/b.parquet``. URLs need the extra ``[remote]``, and their systems what
        ``fsspec`` asks for.
    label : str
        Column to predict.
    groups, weight, time : str, optional
        Columns of groups, row weights and times; no features, but for times that are numbers.
    may_lack : bool
        Whether the file may be without these columns.
    drop : sequence of str
        Columns to leave out, where they are there.
    category : sequence of str
        Columns that are categories though they look like numbers.
    rename : mapping of str to str
        Columns by the names that they have in the file, and the target's names for them.
    na : sequence of str
        Codes of missing values, ``COLUMN=CODE`` for those of one column. Rows whose label is one
        are left out.
    digest : str, optional
        SHA-256 of the file, 64 hexadecimal digits: any other content is refused. Without, the
        first reading decides.
    storage_options : mapping, optional
        Passed to ``fsspec`` (keys, endpoints). Sent to workers, never stored.

    Raises
    ------
    ConfigurationError
        For a digest of another form.

    Examples
    --------
    >>> SourceFile("s3://bucket/b.parquet", label="y").url
    's3://bucket/b.parquet'
    """

    url: str
    label: str
    groups: str | None = None
    weight: str | None = None
    time: str | None = None
    may_lack: bool = False
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    na: tuple[str, ...] = ()
    digest: str | None = None
    storage_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    # Rows that were left out when the file was read.
    n_unlabelled: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", str(self.url))
        for name in ("drop", "category", "na"):
            columns = getattr(self, name)
            columns = (columns,) if isinstance(columns, str) else tuple(columns)
            object.__setattr__(self, name, columns)
        if self.digest is None:
            return
        plain = self.digest.lower().removeprefix("sha256:")
        if len(plain) != 64 or not _DIGITS.issuperset(plain):
            raise ConfigurationError(
                f"{self.digest!r} is no digest of {self.url}.",
                hint="give the 64 digits that `sha256sum` prints",
            )
        object.__setattr__(self, "digest", plain)

    def pinned(self) -> tuple[SourceFile, Sample]:
        """Read the file; return it with its digest, and its rows.

        Raises
        ------
        DataError
            Where it cannot be read, is no Parquet, has another digest, or lacks a column.
        MissingExtraError
            For a URL without ``fsspec``.
        """
        content = self._content()
        digest = hashlib.sha256(content).hexdigest()
        if self.digest not in (None, digest):
            raise DataError(
                f"{self.url} is another file than it was: its digest is {digest[:12]}..., not"
                f" {str(self.digest)[:12]}...",
                hint="put it back where every worker sees it, or start again with the new one",
            )
        frame = self._frame(content)
        read = with_codes_missing(frame, self.na, {new: old for old, new in self.rename.items()})
        unlabelled = read[self.label].isna() & frame[self.label].notna()
        file = replace(self, digest=digest)
        object.__setattr__(file, "n_unlabelled", int(unlabelled.sum()))
        return file, self._sample(read.loc[~unlabelled].reset_index(drop=True))

    def _content(self) -> bytes:
        try:
            if "://" not in self.url:
                return Path(self.url).read_bytes()
            fsspec = require("fsspec", extra="remote")
            with fsspec.open(self.url, "rb", **self.storage_options) as remote:
                content: bytes = remote.read()
                return content
        except TransferGapError:
            raise
        except Exception as error:  # every protocol has errors of its own
            raise DataError(
                f"{self.url} cannot be read: {first_line(error)}.",
                hint="this process and every worker must be able to open it",
            ) from error

    def _frame(self, content: bytes) -> Any:
        """Return the table under the target's names."""
        from pyarrow import parquet

        with parquet_trouble(self.url):
            frame = parquet.read_table(io.BytesIO(content)).to_pandas()
        self._check_columns(frame, dict.fromkeys(self.rename, "renamed"))
        frame = frame.rename(columns=dict(self.rename))
        roles = {self.groups: "groups", self.weight: "weight", self.time: "time"}
        if self.may_lack:
            roles = {name: role for name, role in roles.items() if name in frame.columns}
        roles[self.label] = "label"
        self._check_columns(frame, {name: role for name, role in roles.items() if name is not None})
        return frame

    def _sample(self, frame: Any) -> Sample:
        frame = frame.astype(dict.fromkeys(set(self.category) & set(frame.columns), "category"))
        out = {self.label, self.groups, self.weight, *self.drop}
        if self.time in frame.columns and not is_feature(frame[self.time]):
            out.add(self.time)

        def column(name: str | None) -> Any:
            return frame[name].to_numpy() if name in frame.columns else None

        return Sample(
            frame[[name for name in frame.columns if name not in out]],
            frame[self.label].to_numpy(),
            column(self.weight),
            column(self.groups),
            times=frame[self.time] if self.time in frame.columns else None,
        )

    def _check_columns(self, frame: Any, roles: Mapping[str, str]) -> None:
        for name, role in roles.items():
            if name not in frame.columns:
                raise DataError(
                    f"{self.url} has no column {name!r} ({role}).",
                    hint=f"it has: {', '.join(map(str, frame.columns[:12]))}",
                )


@dataclass(frozen=True)
class Recipe:
    """Arguments from which a problem with sources by reference is made again.

    Parameters
    ----------
    make : callable
        Returns the problem.
    arguments : tuple
    options : mapping
        Its arguments, with :class:`SourceFile` for each source by reference.
    splitting : Splitting or None
        Of the first problem: splitters may draw.
    digests : mapping of str to str
        Of the rows that each source had after everything was checked.
    """

    make: Callable[..., Problem]
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    splitting: Splitting | None
    digests: Mapping[str, str]

    def __call__(self) -> Problem:
        """Read the files, and make the same problem.

        Raises
        ------
        DataError
            Where a file cannot be read here, or is another, or is read otherwise.
        """
        problem = self.make(*self.arguments, **self.options)
        recipe = problem.recipe
        assert isinstance(recipe, Recipe)
        for label, digest in self.digests.items():
            if recipe.digests[label] != digest:
                raise DataError(
                    f"The rows of the source {label!r} are others on a worker than here.",
                    hint="install the same versions of pandas and pyarrow on all workers",
                )
        return replace(problem, splitting=self.splitting)


def reading_source_files(make: Callable[P, Problem]) -> Callable[P, Problem]:
    """Let a function that makes problems take sources by reference.

    What it returns then knows its :class:`Recipe`.
    """

    @functools.wraps(make)
    def make_from_files(*arguments: P.args, **options: P.kwargs) -> Problem:
        sources = options.get("sources")
        files = _files_among(sources)
        if not files:
            return make(*arguments, **options)
        assert isinstance(sources, Mapping)
        pinned = {label: file.pinned() for label, file in files.items()}
        rows: Any = {**options, "sources": {**sources, **{k: s for k, (_, s) in pinned.items()}}}
        counts = {k: {"n_unlabelled": file.n_unlabelled} for k, (file, _) in pinned.items()}
        problem = with_facts(make(*arguments, **rows), counts)
        references = {**sources, **{label: file for label, (file, _) in pinned.items()}}
        # The search for copies takes most of the time; its outcome is a few positions.
        earlier = {k: replace(s, sample=s.sample.rows(_NONE)) for k, s in problem.sources.items()}
        recipe = Recipe(
            make_from_files,
            arguments,
            {**rows, "cv": None, "sources": references, "earlier": earlier},
            problem.splitting,
            {label: sample_digest(source.sample) for label, source in problem.sources.items()},
        )
        object.__setattr__(problem, "recipe", recipe)
        return problem

    return make_from_files


def _files_among(sources: object) -> dict[Any, SourceFile]:
    if not isinstance(sources, Mapping):
        return {}
    return {label: source for label, source in sources.items() if isinstance(source, SourceFile)}
