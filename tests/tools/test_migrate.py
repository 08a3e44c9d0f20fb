"""Scripts of 0.1.0 run after the migration, and what did not move is left alone."""

import subprocess
import sys

import pytest
from tools.migrate import migrated


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from transfergap.problem import Sample, TargetSet\n",
         "from transfergap.data.problem import Sample, TargetSet\n"),
        ("from transfergap import store as s, audit\n",
         "from transfergap import audit\nfrom transfergap.experiment import store as s\n"),
        ("from transfergap import gap\n", "from transfergap.stats import gap\n"),
        ("from transfergap import opaque\n",
         "from transfergap.data import sources as opaque\n"),
        ("import transfergap.mitigations.names as n\n",
         "import transfergap.learners.mitigations.names as n\n"),
        ("import transfergap.metric\nx = transfergap.metric.make_metric\n",
         "import transfergap.data.metric\nx = transfergap.data.metric.make_metric\n"),
        ("if x:\n    from transfergap import store, audit\n",
         "if x:\n    from transfergap import audit\n"
         "    from transfergap.experiment import store\n"),
    ],
)  # fmt: skip
def test_imports_follow_the_modules(before, after):
    assert migrated(before) == after


@pytest.mark.parametrize(
    "script",
    [
        "from transfergap import audit, Sample\n",
        "import transfergap as tg\ntg.audit\n",
        "from transfergap.safe import SafeTransferClassifier\n",
        "from other.problem import x  # über transfergap.problem\n",
        "text = 'transfergap.problem'\n",
    ],
)
def test_the_rest_stays(script):
    assert migrated(script) == script


def test_a_script_is_shown_then_written_and_runs_without_a_warning(tmp_path):
    script = tmp_path / "old.py"
    script.write_text(
        "from transfergap.gap import compare_scores\nprint(compare_scores([1, 2], [3, 4]))\n"
    )
    command = [sys.executable, "-m", "tools.migrate", str(script)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "+from transfergap.stats.gap import compare_scores" in shown
    assert "transfergap.gap " in script.read_text()
    subprocess.run([*command, "--write"], check=True, capture_output=True)
    subprocess.run([sys.executable, "-W", "error", str(script)], check=True, capture_output=True)
