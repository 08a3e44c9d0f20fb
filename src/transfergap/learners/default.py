"""The default model: linear, regularised, fit for the kind of rows."""

from __future__ import annotations

from typing import Any

from transfergap.data.encoding.column_values import kind_of
from transfergap.data.problem import Problem

# Different texts of a column, beyond which skrub too takes it for text (cardinality_threshold).
MOST_LEVELS = 40


def default_estimator(problem: Problem) -> Any:
    """Return a sensible estimator for the target's rows and labels.

    Texts get TF-IDF of words and bigrams. Numbers, categories and dates of tables are encoded
    as the engine of SafeTransfer encodes them, dates as days; columns of many different texts get
    skrub's encoders. Numbers alone are imputed with an indicator where some are missing, and
    standardised. The last step is logistic regression (with balanced classes for texts) or ridge
    regression with scikit-learn's own penalties: small targets do not support more, and a linear
    control is hard to beat by accident.

    Notes
    -----
    The penalties are scikit-learn's defaults, tuned on nothing. Class weights for texts: without
    them a control on unbalanced texts predicts one class, and any source seems to help. A date is
    one number, for skrub's five (year, month, day, hour, seconds) cost a control of 120 rows 0.02
    to 0.03 of its score where they told nothing, and ten times the fit. A season or an hour that
    matters is a column to make.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler

    texts = problem.kind == "texts"
    last = problem.task.default_model(balanced=texts)
    if texts:
        from sklearn.feature_extraction.text import TfidfVectorizer

        return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), last)
    if problem.kind == "sparse":
        return make_pipeline(MaxAbsScaler(), last)
    if problem.kind == "table" and not _all_numeric(problem):
        return make_pipeline(_table_encoder(problem), last)
    if _has_missing(problem):
        from sklearn.impute import SimpleImputer

        imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        return make_pipeline(imputer, StandardScaler(), last)
    return make_pipeline(StandardScaler(), last)


def _table_encoder(problem: Problem) -> Any:
    """Return the first step of models for tables with non-numeric columns."""
    from transfergap.data.encoding.table_encoder import ColumnsAmong, TableEncoder

    columns = list(problem.target.X.columns)
    texts = [name for name in columns if _is_text(problem, name)]
    if not texts:
        return TableEncoder()
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import Ridge
    from skrub import tabular_pipeline

    # Its last step is the model; those before are what skrub's authors advise for a linear one.
    skrub_steps = tabular_pipeline(Ridge())[:-1]
    plain = tuple(name for name in columns if name not in texts)
    return make_column_transformer(
        (TableEncoder(), ColumnsAmong(plain)), (skrub_steps, ColumnsAmong(tuple(texts)))
    )


def _is_text(problem: Problem, name: str) -> bool:
    import pandas as pd

    samples = (problem.target, *(source.sample for source in problem.sources.values()))
    parts = [sample.X[name] for sample in samples]
    kinds = {kind_of(part) for part in parts}
    if "text" not in kinds:
        return False
    levels: set[Any] = set().union(*(pd.unique(part.dropna()) for part in parts))
    return len(levels) > MOST_LEVELS


def _all_numeric(problem: Problem) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return all(is_numeric_dtype(kind) or is_bool_dtype(kind) for kind in problem.target.X.dtypes)


def _has_missing(problem: Problem) -> bool:
    import numpy as np

    samples = (problem.target, *(source.sample for source in problem.sources.values()))
    if problem.kind == "table":
        return any(bool(sample.X.isna().to_numpy().any()) for sample in samples)
    return any(bool(np.isnan(np.asarray(sample.X, float)).any()) for sample in samples)
