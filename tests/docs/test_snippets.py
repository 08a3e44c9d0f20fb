"""Every Python snippet in the documentation runs, top to bottom in one namespace a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/quickstart.md", "docs/datasets.md", "docs/glossary.md",
         "docs/safe_transfer.md", "docs/diagnosis.md", "docs/subgroups_and_curves.md",
         "docs/summaries.md", "docs/mitigations.md", "docs/which_sources.md",
         "docs/networks.md", "docs/agents.md", "docs/monitor.md", "docs/time.md",
         "docs/planning.md", "docs/tutorials/methods.md", "docs/ci.md",
         "docs/before_training.md"]  # fmt: skip
EXISTING = [page for page in PAGES if (ROOT / page).is_file()]


# What makes a page dear, and what stands there instead by default; as it is written it is slow.
QUICK = ('effort="quick"', 'effort="quick", explain="none"')
ONE = 'margin=0.05, effort="quick", explain="none", arms=["source pooled"],'
CHEAPER = {
    "README.md": [
        ("audit(None, data.X, data.y, sources=data.sources,",
         "audit(None, data.X[:80], data.y[:80], sources={'hungary': data.sources['hungary']},"
         " arms=['hungary pooled'], effort='quick', explain='none',"),
    ],
    "docs/quickstart.md": [
        ("load_digits()", "load_digits(n_target=60)"),
        ('metric="accuracy",\n    margin=0.02,\n    effort="quick",\n)',
         f"metric='accuracy', {ONE})"),
        ("groups=patient,\n    sources",
         "groups=patient, arms=['b pooled'], explain='none',\n    sources"),
        ("    margin=0.05,\n    metric=make_metric", f"    {ONE} metric=make_metric"),
        ("loss=missed),\n    effort=\"quick\",", "loss=missed),"),
        ('"effort": "quick",', '"effort": "quick", "explain": "none", "arms": ["source pooled"],'),
    ],
    "docs/which_sources.md": [
        ("margin=0.02)", "margin=0.02, effort='quick', explain='none',"
         " arms=[f'{name} pooled' for name in sources])"),
    ],
    "docs/datasets.md": [("n_draws=200", "n_draws=60"), ("n_draws=100", "n_draws=20")],
    "docs/planning.md": [("n_draws=4, drifts=(0.0, 2.0)", "n_draws=2, drifts=(0.0,)")],
    "docs/subgroups_and_curves.md": [QUICK],
    "docs/networks.md": [("steps=80", "steps=5"), ("budget=40", "budget=4"), QUICK],
    "docs/mitigations.md": [
        ("data.X, data.y % 2", "data.X[:40], data.y[:40] % 2"),
        ("(Xs, ys % 2)", "(Xs[:60], ys[:60] % 2)"),
        ("n_rounds=3", "n_rounds=1"),  # and whether weights count is not tried at each fit
        ("EstimatorLearner(model), n", "EstimatorLearner(model, WeightUse.COUNT), n"),
        ("import EstimatorLearner\n",
         "import EstimatorLearner\nfrom transfergap.learners.weight_trial import WeightUse\n"),
        QUICK,
    ],
}  # fmt: skip
# Agents learn for twenty seconds here; tests/rl makes the same calls on less. Of mitigations,
# networks, subgroups and curves their own tests do.
DEAR = {"docs/mitigations.md", "docs/networks.md", "docs/subgroups_and_curves.md"}
SLOW = {*CHEAPER, "docs/agents.md"}
AS_WRITTEN = [
    pytest.param(page, id=page, marks=[pytest.mark.slow] if page in SLOW else [])
    for page in EXISTING
]


# Lightning 2.6 calls what torch 2.13 deprecates, and advises more processes for loading.
@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.parametrize("page", AS_WRITTEN)
def test_every_snippet_runs(page, tmp_path, monkeypatch, capsys):
    run_page(page, [], tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.slow] if page in DEAR else [])
     for page in EXISTING if page in CHEAPER],
)  # fmt: skip
def test_the_snippets_of_a_dear_page_run_on_less(page, tmp_path, monkeypatch, capsys):
    run_page(page, CHEAPER[page], tmp_path, monkeypatch)


def run_page(page, changes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = ModuleType("snippets")  # a real module: dataclasses look theirs up by name
    monkeypatch.setitem(sys.modules, "snippets", module)
    blocks = python_blocks(ROOT / page)
    for old, new in changes:
        assert any(old in block for _, block in blocks), f"{page} has no {old!r} any more"
        blocks = [(line, block.replace(old, new)) for line, block in blocks]
    for line, block in blocks:
        # Blank lines in front make a traceback show the line of the page.
        code = compile("\n" * line + block, str(ROOT / page), "exec", dont_inherit=True)
        exec(code, vars(module))


@pytest.mark.parametrize("page", EXISTING)
def test_every_fence_names_its_language(page):
    marks = re.findall(r"^```(.*)$", (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert len(marks) % 2 == 0
    known = {"python", "console", "bash", "toml", "text", "json", "yaml"}
    assert set(marks[::2]) <= known


def python_blocks(path: Path) -> list[tuple[int, str]]:
    """Return the snippets of a page, each with the number of lines before it."""
    text = path.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```", text, re.S | re.M)
    return [(text.count("\n", 0, match.start(1)), match.group(1)) for match in found]
