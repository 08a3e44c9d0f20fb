"""The notebooks run, and what is stored with them is what they show."""

from __future__ import annotations

import json
import re
from types import ModuleType

import matplotlib
import pytest
from matplotlib import pyplot
from tools.build_notebooks import cells_of, scripts

from tools import build_notebooks

NAMES = [script.stem for script in scripts()]
LARGEST = 300_000  # bytes, as for every file of the repository


def stored(name):
    path = build_notebooks.FOLDER / f"{name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_is_a_notebook_and_none_is_out_of_date():
    assert NAMES and build_notebooks.stale() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_notebook_has_outputs_and_no_error(name):
    code = [cell for cell in stored(name)["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert all(cell["outputs"] for cell in code)
    assert {output["output_type"] for output in outputs} <= {
        "stream", "execute_result", "display_data",
    }  # fmt: skip
    assert not [o for o in outputs if o.get("name") == "stderr"]
    assert any("srcdoc=" in "".join(o.get("data", {}).get("text/html", "")) for o in outputs)
    assert (build_notebooks.FOLDER / f"{name}.ipynb").stat().st_size <= LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_holds_nothing_of_the_machine_that_ran_it(name):
    text = (build_notebooks.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.search(r"/(home|tmp|work|root|usr)/|execution\": \{|iopub", text)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_code_of_a_notebook_runs_and_prints_what_is_stored(name, capsys):
    matplotlib.use("Agg")
    namespace = vars(ModuleType("notebook"))
    for cell in stored(name)["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), namespace)
            printed = [o["text"] for o in cell["outputs"] if o["output_type"] == "stream"]
            assert capsys.readouterr().out == "".join("".join(text) for text in printed)
    pyplot.close("all")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_runs_a_notebook(name):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    made = build_notebooks.executed(build_notebooks.FOLDER / f"{name}.py")
    before, after = stored(name)["cells"], made["cells"]
    assert [cell["source"] for cell in before] == [cell["source"] for cell in after]
    assert [len(cell.get("outputs", ())) for cell in before] == [
        len(cell.get("outputs", ())) for cell in after
    ]


def test_a_script_becomes_cells():
    text, code = cells_of("# %% [markdown]\n# # Title\n#\n# words\n\n# %%\nx = 1\n")
    assert (text["cell_type"], text["source"]) == ("markdown", "# Title\n\nwords")
    assert (code["cell_type"], code["source"]) == ("code", "x = 1")
