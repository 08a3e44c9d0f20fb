"""Causes of failed fits by message, and their remedies."""

from __future__ import annotations

import re

# Messages of the libraries named, as of 2025; the first that fits is taken.
_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"Invalid classes inferred from unique values of `y`",
        "XGBoost wants classes numbered from 0: number the labels in all files alike, or wrap the"
        " model so that it does (sklearn.preprocessing.LabelEncoder)",
    ),
    (
        r"special JSON characters in feature name|feature_names must be string, and may not"
        r" contain \[",
        "LightGBM and XGBoost refuse column names with [ ] < { } : , or quotes: rename the columns"
        " in all files",
    ),
    (
        r"argument #1 'indices' to have one of the following scalar types"
        r"|expected scalar type Long",
        "an embedding layer wants whole numbers, and rows come as floating-point ones: begin the"
        " module with x = x.long(), or give Network(encode=...)",
    ),
    (
        r"must have the same dtype|expected (m1 and m2|scalar type)|Found dtype Double",
        "torch multiplies float32, and rows come as float64: convert them, x.float()",
    ),
    (
        r"'groups' parameter should not be None",
        "a splitter inside the model wants groups: give groups= to the audit, and"
        " Sample(X, y, groups=...) as the source; a splitter inside a model that fits on parts of"
        " its rows gets them only from a transfergap.learners.FunctionLearner",
    ),
    (
        r"n_splits=\d+ cannot be greater than the number of members in each class"
        r"|Requesting \d+-fold cross-validation but provided less than \d+ examples",
        "folds inside the model are more than a class has training rows: give its cv= fewer",
    ),
    (
        r"contains NaN|Input contains NaN",
        "begin the model with an imputer, or use one that takes missing values"
        " (HistGradientBoosting)",
    ),
    (
        r"[Ff]ound unknown categories",
        "a category occurs in tested rows only: OneHotEncoder(handle_unknown='ignore')",
    ),
    (
        r"could not convert string to float|DataFrame\.dtypes for data must be int, float"
        r"|pandas dtypes must be int, float or bool",
        "columns of text reach a model that wants numbers: encode them in a pipeline"
        " (skrub.tabular_pipeline, OneHotEncoder)",
    ),
    (
        r"has no predict_proba, which this metric needs",
        "the metric is of probabilities: choose another (metric='accuracy'), or a model that has"
        " them (VotingClassifier(voting='soft'), SVC in CalibratedClassifierCV)",
    ),
    (r"CUDA out of memory", "the network needs more GPU memory: use smaller batches"),
)


def likely_cause(error: str) -> str | None:
    """Return what to do about an error whose cause its message shows.

    Examples
    --------
    >>> likely_cause("ValueError: The 'groups' parameter should not be None")[:44]
    'a splitter inside the model wants groups: gi'
    >>> likely_cause("ValueError: no") is None
    True
    """
    return next((advice for pattern, advice in _CAUSES if re.search(pattern, error)), None)
