"""Kinds of labels and of metrics are asked what they have, not which they are."""

import ast
from pathlib import Path

import pytest

import transfergap

SRC = Path(transfergap.__file__).parent
TASKS = {"binary", "multiclass", "regression"}
KINDS = {"loss", "residual", "ranking", "scorer"}
# Each with its reason.
ALLOWED = {
    "data/metric/metric.py": "the questions themselves",
    "data/metric/entries.py": "makes metrics of all kinds",
    "data/metric/user_functions.py": "scikit-learn's average='binary', no kind of labels",
    "datasets/_shift.py": "a room below: its generator draws one of two kinds",
}


def ladders(text):
    """Return lines that compare with a kind, or choose by one."""
    lines = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            words = {
                c.value for side in sides for c in ast.walk(side) if isinstance(c, ast.Constant)
            }
            asks_metric = any(isinstance(s, ast.Attribute) and s.attr == "kind" for s in sides)
            if words & TASKS or (asks_metric and words & KINDS):
                lines.append(node.lineno)
        if isinstance(node, ast.Dict):
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if len(keys & TASKS) > 1 or len(keys & KINDS) > 1:
                lines.append(node.lineno)
        if isinstance(node, ast.match_case):
            words = {c.value for c in ast.walk(node.pattern) if isinstance(c, ast.Constant)}
            if words & (TASKS | KINDS):
                lines.append(node.pattern.lineno)
    return lines


@pytest.mark.parametrize(
    "text",
    [
        "if problem.task == 'regression': pass",
        "x = 1 if task in ('binary', 'multiclass') else 2",
        "x = {'binary': 1, 'regression': 2}[task]",
        "if metric.kind != 'scorer': pass",
        "match task:\n    case 'binary':\n        pass",
    ],
)
def test_a_ladder_is_seen(text):
    assert len(ladders(text)) == 1


@pytest.mark.parametrize("text", ["if task.has_classes: pass", "if source.kind == 'model': pass"])
def test_a_question_is_no_ladder(text):
    assert ladders(text) == []


def test_nothing_but_a_task_and_a_metric_knows_kinds():
    found = {
        path.relative_to(SRC).as_posix(): lines
        for path in sorted(SRC.rglob("*.py"))
        if (lines := ladders(path.read_text(encoding="utf-8")))
    }
    assert set(found) == set(ALLOWED), found
    assert sum(map(len, found.values())) <= 8  # 119 before kinds were asked what they have
