"""Names of columns to predict, and options for other names."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Sequence
from typing import Any

# How people name what is predicted: UCI and OpenML headers, and tutorials of scikit-learn and R.
LABEL_NAMES = (
    "label", "labels", "target", "y", "class", "outcome", "response", "diagnosis", "disease",
    "died", "death", "dead", "survived", "mortality", "churn", "churned", "default", "defaulted",
    "fraud", "is_fraud", "readmitted", "relapse", "event", "status", "result", "income", "price",
    "quality", "score", "grade",
)  # fmt: skip
# Of these, names that features have as well: they count at the end of a table only.
WEAK_NAMES = (
    "disease",
    "response",
    "event",
    "status",
    "result",
    "income",
    "price",
    "quality",
    "score",
    "grade",
)


def plain_name(name: Any) -> str:
    """Return a column's name without case, remarks and marks.

    Examples
    --------
    >>> plain_name("Is Fraud? (0/1)")
    'is_fraud'
    """
    without_remarks = re.sub(r"\(.*?\)|\[.*?\]", "", str(name))
    return re.sub(r"\W+", "_", without_remarks).strip("_").casefold()


def label_like(label: str, names: Sequence[str]) -> str | None:
    """Return the column that may be the label under another name.

    ``None`` where none stands out.

    Examples
    --------
    >>> label_like("y", ["age", "outcome"]), label_like("disease", ["diseased", "age"])
    ('outcome', 'diseased')
    >>> label_like("y", ["age", "dose"]) is None
    True
    """
    plain = {plain_name(name): name for name in names}
    near = difflib.get_close_matches(plain_name(label), plain, n=1)
    if near:
        return plain[near[0]]
    named = [plain[word] for word in plain if word in LABEL_NAMES and word not in WEAK_NAMES]
    return named[0] if len(named) == 1 else None


def rename_option(source: str, old: str | None, new: str) -> str:
    """Return the option that renames a source's column, for a shell.

    Examples
    --------
    >>> rename_option("b", "outcome", "y"), rename_option("b", None, "y")
    ('--rename b:outcome=y', '--rename b:OLD=y')
    """
    pair = f"{source}:{old or 'OLD'}={new}"
    return f"--rename {shlex.quote(pair)}"
