"""Shared part of both estimators: reading data, linear route, fitted attributes."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from transfergap.data.encoding import Encoder, GramSummary, LabelCode, fit_encoder, with_intercept
from transfergap.data.encoding.feature_encoder import nameless_error
from transfergap.data.notations.number_marks import with_marks_read
from transfergap.data.notations.spelling import listing
from transfergap.data.sources.source_samples import check_is_table
from transfergap.data.tables.columns import check_columns
from transfergap.data.tables.normal_form import as_table
from transfergap.errors import ConfigurationError, DataError, OldAttribute, current_value, renames
from transfergap.learners.progress import Verbosity, progress_of
from transfergap.learners.random_states import seed_from
from transfergap.safe.black_box import BlackBox, black_box, planned_fits
from transfergap.safe.blend import LinearBlend
from transfergap.safe.calibration import Calibration, fit_calibration
from transfergap.safe.dial import caution_level
from transfergap.safe.linear_route import EncodedRows, blended, by_content
from transfergap.safe.preprocessing import (
    PreprocessedScores,
    check_source_columns,
    preprocessed,
    scale_notes,
)
from transfergap.safe.projection import fit_projection
from transfergap.safe.promise import ExpectedGain, expected_gain
from transfergap.safe.report import SafeReport, safe_report
from transfergap.safe.scores import FittedModel, LinearScores, RowEncoder, ScoreModel
from transfergap.safe.sources import SourceRows, common_encoder, read_sources, with_labels_of
from transfergap.safe.stack import TargetRows
from transfergap.safe.streamed import is_streamed, streamed
from transfergap.safe.subspace import MOST_COLUMNS, SummaryStatistics
from transfergap.safe.target_rows import copies_note

Floats = NDArray[np.float64]
Effort = Literal["quick", "full", "thorough"]
# Of the range of labels, beyond either end: twenty rows and a linear model extrapolate to an R2 of
# -160 otherwise. A quarter, as in the prototype that was judged on 361 tasks (decision 0012).
_BEYOND = 0.25
_MOST_NAMED = 5  # sources in a note; by convention
_LONGEST_WARNING = 120  # letters of an estimator's warning in a note; by convention


class SafeTransferBase(BaseEstimator):  # type: ignore[misc]
    """Fitting, for classes and for numbers. Use the two subclasses."""

    def __init__(
        self,
        estimator: Any = None,
        *,
        caution: str | float = "low",
        effort: Effort = "full",
        random_state: int | np.random.RandomState | None = None,
        preprocess: Any = None,
        verbose: Verbosity = 0,
    ) -> None:
        self.estimator = estimator
        self.caution = caution
        self.effort = effort
        self.random_state = random_state
        self.preprocess = preprocess
        self.verbose = verbose

    alpha_ = OldAttribute()
    weights_ = OldAttribute()

    def __setstate__(self, state: dict[str, Any]) -> None:
        current = renames("attribute", SafeTransferBase.__name__)  # in model files of 0.1.0
        state = {"verbose": 0} | state  # model files before it have none
        super().__setstate__({current.get(name, name): value for name, value in state.items()})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        first = self.estimator if self.preprocess is None else self.preprocess
        if hasattr(first, "__sklearn_tags__") and not isinstance(
            first, type
        ):  # it gets the rows as they are given
            inner = get_tags(first).input_tags
            tags.input_tags.allow_nan, tags.input_tags.sparse = inner.allow_nan, inner.sparse
        return tags

    def _fit(
        self,
        X: Any,
        y: NDArray[Any],
        task: str,
        sources: Mapping[str, Any] | None,
        copies: Floats | None,
        numbers: NDArray[np.intp] | None,
        encoder: Encoder | None,
    ) -> None:
        """Fit to checked rows, weights and numbers of groups."""
        caution_label = current_value("caution", self.caution)
        caution = caution_level(caution_label)
        effort: Effort = current_value("effort", self.effort)
        if effort not in get_args(Effort):
            raise ConfigurationError(
                f"The effort is {effort!r}.", hint="use 'quick', 'full' or 'thorough'"
            )
        seed = seed_from(self.random_state)
        rows, summaries = read_sources(sources)
        transformer = None
        if self.preprocess is not None:
            plain = encoder is None and not summaries
            transformer, X, rows = preprocessed(self.preprocess, X, y, rows, plain_only=plain)
        check_source_columns(X, rows)
        if encoder is None and summaries:
            encoder = common_encoder(summaries, task)
        # One made here holds every category of target and sources: it is none to send out.
        self.encoder_was_given_ = encoder is not None
        labels = LabelCode.of(y, task) if encoder is None else encoder.labels
        aligned = {name: with_labels_of(source, labels) for name, source in rows.items()}
        rows = {name: source for name, (source, _) in aligned.items() if source.counts}
        order = tuple(name for name in map(str, sources or ()) if name in rows or name in summaries)
        notes = tuple(note for _, note in aligned.values() if note)
        notes += _empty_note(tuple(map(str, sources or ())), order)
        notes += copies_note(copies, rows)
        self.encoder_ = self._encoder(X, y, task, rows, copies, encoder, seed)
        labels = self.encoder_.labels
        target = self._encoded(X, y, copies, "the target")
        encoded = {
            name: self._source(source, f"the source {name!r}") for name, source in rows.items()
        }
        self.source_names_ = order
        self._labels = labels
        point = self.encoder_.point if isinstance(self.encoder_, Encoder) else None
        visits = by_content(encoded, summaries, order, point=point)
        blend = blended(
            target,
            encoded,
            summaries,
            visits,
            point=point,
            caution=caution,
            groups=numbers,
            seed=seed,
        )
        best = None
        if self.estimator is not None:
            n_fits = planned_fits(sum(name in rows for name in visits), effort)
            with (
                progress_of(n_fits, noun="fits", verbose=self.verbose) as progress,
                warnings.catch_warnings(record=True) as caught,
            ):
                warnings.simplefilter("always")
                best = black_box(
                    self.estimator,
                    TargetRows(X, y, target.responses, copies, numbers),
                    {name: rows[name] for name in visits if name in rows},
                    visits,
                    blend,
                    encoder=self.encoder_,
                    caution=caution,
                    effort=effort,
                    seed=seed,
                    bounds=_score_bounds(y, labels),
                    on_fit=progress.advance,
                )
            notes += _warnings_told(caught)
        notes = (*notes, *scale_notes(X, rows))
        self._keep(blend, best, target, labels, y, transformer, notes, visits)

    def _encoder(
        self,
        X: Any,
        y: NDArray[Any],
        task: str,
        rows: Mapping[str, SourceRows],
        copies: Floats | None,
        encoder: Encoder | None,
        seed: int,
    ) -> RowEncoder:
        if encoder is not None:
            if encoder.labels.task != task:
                raise DataError(
                    f"The encoder is of a {encoder.labels.task} task, the target's labels are"
                    f" {task}.",
                    hint="make the encoder from this target",
                )
            return encoder
        source_rows = [source.X for source in rows.values()]
        if isinstance(X, list) or _is_wide_sparse(X):
            return fit_projection(X, source_rows, LabelCode.of(y, task), seed=seed)
        return fit_encoder(
            _dense(X),
            y,
            task=task,
            source_tables=[_dense(table) for table in source_rows],
            weights=copies,
            bent=True,
        )

    def _encoded(self, X: Any, y: NDArray[Any], copies: Floats | None, origin: str) -> EncodedRows:
        encoder = self.encoder_
        table = _dense(X) if isinstance(encoder, Encoder) else X
        design = with_intercept(encoder.encode(table, origin))
        return EncodedRows(design, encoder.labels.responses(y, origin), copies)

    def _source(self, source: SourceRows, origin: str) -> EncodedRows | SummaryStatistics:
        """Return a source's encoded rows, or sums of very many."""
        encoder = self.encoder_
        if isinstance(encoder, Encoder) and is_streamed(encoder, source):
            return streamed(encoder, source, origin)
        return self._encoded(source.X, source.y, source.weights, origin)

    def _keep(
        self,
        blend: LinearBlend,
        box: BlackBox | None,
        target: EncodedRows,
        labels: LabelCode,
        y: NDArray[Any],
        transformer: Any,
        notes: tuple[str, ...],
        visits: tuple[str, ...],
    ) -> None:
        """Store the results of both routes as fitted attributes."""
        self.blend_ = blend
        best = blend if box is None else box
        self.mixing_weight_ = best.alpha
        self.member_weights_ = dict(best.weights)
        influence = dict(zip(visits, best.influence.tolist(), strict=True))
        reversed_share = dict(zip(visits, blend.reversed_share.tolist(), strict=True))
        self.source_influence_ = {name: influence[name] for name in self.source_names_}
        n_rows = len(y) if target.copies is None else float(target.copies.sum())
        # Around an estimator, influence is a share of what moves scores: only the linear engine has
        # information to count rows by.
        information = dict(zip(visits, blend.influence.tolist(), strict=True))
        self.credibility_, self.source_rows_ = _in_rows(blend.target_share, information, n_rows)
        self.source_reversed_ = {name: reversed_share[name] for name in self.source_names_}
        calibrations: list[Calibration | None] = [None, None]
        if labels.kind.has_classes:
            positions = labels.positions(y)
            weight = np.ones(len(y)) if target.copies is None else target.copies
            calibrations = [
                fit_calibration(scores, positions, weight, labels)
                for scores in (best.control_left_out, best.left_out)
            ]
            self.next_expansion_ = _expansion(
                blend, fit_calibration(blend.left_out, positions, weight, labels)
            )
        control: ScoreModel = LinearScores(self.encoder_, blend.control)
        model: ScoreModel = LinearScores(self.encoder_, blend.coefficients)
        if box is not None:
            control, model = box.control, box.model
        if transformer is not None:
            control = PreprocessedScores(control, transformer)
            model = PreprocessedScores(model, transformer)
        bounds = _bounds(y) if labels.kind.is_quantity else None
        self.control_ = FittedModel(control, labels, calibrations[0], bounds)
        self.model_ = FittedModel(model, labels, calibrations[1], bounds)
        self.n_fits_ = 0 if box is None else box.n_fits
        self.expected_gain_: ExpectedGain = expected_gain(
            best.theta,
            best.alpha,
            # Responses of classes are -1 and 1: four times the Brier score's squares.
            unit="Brier" if labels.kind.has_classes else "R2",
            variance=4.0 if labels.kind.has_classes else 1.0,
        )
        self.report_: SafeReport = safe_report(
            alpha=self.mixing_weight_,
            caution=renames("value", "caution").get(str(self.caution), self.caution),
            weights=self.member_weights_,
            influence=self.source_influence_,
            reversed_share=self.source_reversed_,
            rows=self.source_rows_,
            credibility=self.credibility_,
            gain=self.expected_gain_,
            notes=(*notes, *(() if box is None else box.notes)),
        )

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """Check rows, and set or compare names and column number."""
        X = as_table(X)
        if isinstance(X, list) and X and all(isinstance(text, str) for text in X):
            return X
        if getattr(X, "ndim", 2) == 1 and _are_texts(X):
            return [str(text) for text in X]
        origin = "the target" if reset else "the data"
        check_is_table(X, origin)
        if hasattr(X, "iloc"):
            if X.shape[0] < 1:
                raise DataError("There are no rows: 0 samples.", hint="check the file and filter")
            check_columns(X, origin)
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        return validate_data(
            self, X, reset=reset, dtype=None, accept_sparse="csr", ensure_all_finite="allow-nan"
        )

    def _rows(self, X: Any) -> Any:
        """Return rows to predict, chosen by name from wider tables."""
        has_positions = isinstance(X, (np.ndarray, list, tuple))
        X = as_table(X)
        is_table = hasattr(X, "iloc") and X.ndim == 2
        if is_table:
            X = with_marks_read(X, getattr(self, "number_marks_", {}))
        names = getattr(self, "feature_names_in_", None)
        if names is not None and is_table and X.shape[1] > len(names):
            columns = set(X.columns)
            X = X[list(names)] if all(name in columns for name in names) else X
        if has_positions and is_table and names is not None and not set(X.columns) & set(names):
            raise nameless_error("the data")
        return self._checked(X, reset=False)


def _in_rows(
    target_share: float, influence: Mapping[str, float], n_rows: float
) -> tuple[float, dict[str, float]]:
    """Return the target's share of information, and sources in target rows.

    Buehlmann's credibility, and an effective sample size: a source with a third of the information
    that sixty target rows have counts for twenty of them.
    """
    own = max(target_share, 1e-12)
    return own / (own + sum(influence.values())), {
        name: n_rows * share / own for name, share in influence.items()
    }


def _bounds(y: NDArray[Any]) -> tuple[float, float]:
    """Return the smallest and the largest prediction, given the labels."""
    low, high = float(np.min(y)), float(np.max(y))
    slack = _BEYOND * (high - low)
    return low - slack, high + slack


def _score_bounds(y: NDArray[Any], labels: LabelCode) -> tuple[float, float] | None:
    """Return the same in the engine's scale; ``None`` of classes."""
    if not labels.kind.is_quantity:
        return None
    low, high = (np.array(_bounds(y)) - labels.centre) / labels.scale
    return float(low), float(high)


def _warnings_told(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return each kind of estimator warning once, with its count.

    A level that a source lacks would print one a fit otherwise.
    """
    times = Counter(" ".join(str(warning.message).split()) for warning in caught)
    return tuple(
        f"The estimator warned {n} time{'s' if n > 1 else ''}: {text[:_LONGEST_WARNING]}"
        for text, n in times.most_common()
    )


def _expansion(blend: LinearBlend, calibration: Calibration) -> Floats:
    """Return the log-odds coefficients at which a Newton step starts."""
    expansion: Floats = calibration.slopes[:, None] * blend.coefficients
    expansion[:, -1] += calibration.offsets
    return expansion


def _is_wide_sparse(X: Any) -> bool:
    return hasattr(X, "tocsr") and X.shape[1] > MOST_COLUMNS


def _dense(X: Any) -> Any:
    return X.toarray() if hasattr(X, "toarray") else X


def _are_texts(X: Any) -> bool:
    return len(X) > 0 and all(isinstance(row, str) for row in X)


def _empty_note(names: tuple[str, ...], order: tuple[str, ...]) -> tuple[str, ...]:
    """Note sources that are left out, since nothing of them counts."""
    empty = [repr(name) for name in names if name not in order]
    if not empty:
        return ()
    verb = "was" if len(empty) == 1 else "were"
    return (
        f"{listing(empty, _MOST_NAMED)} {verb} left out: no rows, or none with a weight above 0.",
    )


__all__ = ["GramSummary", "SafeTransferBase"]
