"""The table of docs/migrating.md: every name that changed since 0.1.0."""

from __future__ import annotations

from transfergap.errors import RENAMES, Rename

_HEADS = {
    "name": "Functions and classes",
    "argument": "Arguments",
    "value": "Values",
    "attribute": "Attributes and methods",
    "option": "Command line and audit.toml",
}
_PLACES = {
    "SafeTransferBase": "SafeTransferClassifier, SafeTransferRegressor",
    "Learner": "learners and mitigations",
    "transfergap": "`transfergap run`, `plan`",
    "caution": "SafeTransferClassifier, SafeTransferRegressor, fit_safe, `transfergap fit`",
    "effort": "SafeTransferClassifier, SafeTransferRegressor",
    "subgroups": "audit",
}


def renames_table() -> str:
    """Return a table a kind, with one line for a name wherever it changed alike."""
    blocks = []
    for kind, head in _HEADS.items():
        lines: dict[tuple[str, str], list[str]] = {}
        for rename in RENAMES:
            if rename.kind == kind:
                lines.setdefault(_written(rename), []).append(_place(rename))
        rows = [f"| {old} | {new} | {', '.join(places)} |" for (old, new), places in lines.items()]
        blocks.append(
            "\n".join([f"### {head}", "", "| 0.1.0 | now | where |", "|---|---|---|", *rows])
        )
    return "\n\n".join(blocks)


def _written(rename: Rename) -> tuple[str, str]:
    before, after = rename.before, rename.after
    if rename.kind == "argument":
        return f"`{before}=`", f"`{after}=`" if after else "left out: it had no effect"
    if rename.kind == "value":
        word = rename.place
        quote = "" if before == "()" else '"'
        return f"`{word}={quote}{before}{quote}`", f"`{word}={quote}{after}{quote}`"
    if rename.kind == "attribute":
        return f"`.{before}`", f"`.{after}`"
    return f"`{before}`", f"`{after}`"


def _place(rename: Rename) -> str:
    if rename.kind == "name":
        return f"`{rename.place}`"
    return _PLACES.get(rename.place, rename.place)
