"""What importing costs: heavy libraries are imported only where they are used."""

import importlib
import subprocess
import sys

import pytest

HEAVY = ("torch", "matplotlib", "jinja2", "pandas", "dask", "typer", "rich", "skrub", "pyarrow",
         "skops", "skada", "ot", "gymnasium", "stable_baselines3")  # fmt: skip


def imported_by(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


CORE = [
    "import transfergap",
    "from transfergap import audit",
    "import transfergap.datasets",
    "import transfergap.report",
    "from transfergap import GramSummary, summarize",
    "import transfergap.experiment.arms",
    "import transfergap.torch",
    "import transfergap.learners.mitigations, transfergap.learners.mitigations.names",
    "from transfergap import compare_scores; compare_scores([1, 2, 3], [2, 3, 5])",
    "import transfergap.rl; transfergap.rl.Tabular(); transfergap.rl.Episodes()",
]
# Forks of a process that has imported what all need, and nothing heavy.
FORKS = f"""
import os, sys
import scipy.optimize, scipy.stats
for code in {[None, *CORE]!r}:
    child = os.fork()
    if child == 0:
        exec(code or "")
        print(*sys.modules, flush=True)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.fixture(scope="module")
def imported():
    """Return what each line imports, and what the lines have in common."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    found = [{n.split(".")[0] for n in line.split()} for line in done.stdout.splitlines()]
    return dict(zip([None, *CORE], found, strict=True))


@pytest.mark.parametrize("code", [None, *CORE])
def test_the_core_imports_nothing_heavy(imported, code):
    assert imported[code].isdisjoint(HEAVY)
    assert ("transfergap" in imported[code]) == (code is not None)


def test_the_command_line_imports_no_science_before_a_verb_runs():
    found = imported_by("import transfergap.cli.main")
    assert found.isdisjoint({"numpy", "scipy", "sklearn", "pandas", "matplotlib", "jinja2"})


def test_a_page_of_a_finding_is_read_without_science():
    page = (
        "from transfergap.cli.main import run\nimport contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    run(['explain', 'TG101'])"
    )
    assert imported_by(page).isdisjoint({"numpy", "scipy", "sklearn", "pandas"})


def test_public_names_are_there():
    import transfergap

    for name in transfergap.__all__:
        assert getattr(transfergap, name) is not None
    assert set(transfergap.__all__) <= set(dir(transfergap))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = transfergap.nothing


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("transfergap.problem", "transfergap.data.problem"),
        ("transfergap.mitigations.coral", "transfergap.learners.mitigations.alignment"),
        ("transfergap.gram.encoder_text", "transfergap.data.encoding.encoder"),
        ("transfergap.opaque", "transfergap.data.sources.models_and_tasks"),
    ],
)
def test_modules_that_moved_are_found_where_they_were(before, now):
    with pytest.warns(DeprecationWarning, match="is transfergap"):
        module = importlib.import_module(before)
    assert module is importlib.import_module(now)
    assert module.__spec__.name == now
    for name in [n for n in sys.modules if n in (before, before.rpartition(".")[0])]:
        if name != "transfergap":
            del sys.modules[name]


def test_what_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"transfergap\.nothing"):
        importlib.import_module("transfergap.nothing")
