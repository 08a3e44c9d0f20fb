"""The command line as a user types it: output, exit codes, and one clear line for every mistake."""

import json
import re
import shlex
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.main import run

MODEL = """
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.compose import make_column_transformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder
from sklearn.linear_model import RidgeClassifier

def make_model():
    numbers = make_pipeline(SimpleImputer())
    return make_pipeline(
        make_column_transformer(
            (numbers, make_column_selector(dtype_include="number")),
            (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        ),
        RidgeClassifier(),
    )

# Of no use, but of any rows, in no time, and by the seed: most tests are not about the model.
def make_guess():
    return DummyClassifier(strategy="stratified")

def broken():
    raise RuntimeError("no licence")

class NoFit:
    pass

no_fit = NoFit()
"""


@pytest.fixture
def here(table_files, monkeypatch):
    monkeypatch.chdir(table_files)
    (table_files / "fast_models.py").write_text(MODEL)
    return table_files


@pytest.fixture(scope="module")
def finished(finish):
    """The folder of a finished run, made once: tests work on copies."""
    folder = finish("fast_models", MODEL, RUN)
    return folder / "runs"


@pytest.fixture
def ran(here, finished):
    shutil.copytree(finished, here / "runs")
    return here


FULL = (
    "run target.csv --label y --source b=b.csv --source c=c.parquet --metric accuracy"
    " --margin 0.02 --effort quick --model fast_models:make_guess -o runs/x"
)
RUN = FULL + " --arm 'b pooled' --explain none"


def test_run_prints_a_table_and_writes_everything(here, type_in):
    code, out, err = type_in(FULL)
    assert code == 0
    for arm in ("b", "c", "all pooled", "all balanced", "safe"):
        assert f" {arm} " in out
    everything = type_in("show runs/x --all")[1]
    for arm in ("control", "b pooled", "c pooled", "all pooled", "all balanced", "safe", "b only"):
        assert arm in everything
    assert max(map(len, out.splitlines())) <= 88
    assert "100 %" in err
    assert {p.name for p in (here / "runs" / "x").iterdir()} >= {
        "design.json", "request.json", "trials.sqlite", "result.json", "report.html",
    }  # fmt: skip


def test_run_again_does_nothing_new_and_says_the_same(here, type_in):
    first = type_in(RUN)
    again = type_in(RUN)
    assert again[0] == 0
    assert again[1] == first[1]
    assert "%" not in again[2]


@pytest.mark.parametrize("way", ["option", "file"])
def test_the_positive_class_is_chosen_and_named(here, type_in, way):
    labels = sorted(pd.read_csv(here / "target.csv")["y"].unique())
    if way == "option":
        line = f"{RUN} --metric f1 --positive {labels[0]}"
    else:
        (here / "audit.toml").write_text(
            f'[target]\npath = "target.csv"\nlabel = "y"\npositive = {str(labels[0])!r}\n'
            '[sources]\nb = "b.csv"\n[design]\nmetric = "f1"\nprecision = "quick"\n'
            'model = "fast_models:make_guess"\narms = ["b pooled"]\noutput = "runs/x"\n'
        )
        line = "run audit.toml"
    code, out, _ = type_in(line)
    assert code == 0, out
    assert f"F1 of {str(labels[0])!r}" in out or f"F1 of class {labels[0]}" in out
    result = json.loads((here / "runs" / "x" / "result.json").read_text())
    assert result["target_info"]["positive"] == str(labels[0])
    request = json.loads((here / "runs" / "x" / "request.json").read_text())
    assert request["options"]["positive"] == str(labels[0])
    assert "the positive class is" in (here / "runs" / "x" / "report.html").read_text()


def test_an_unknown_positive_class_is_one_line(here, type_in):
    code, _, err = type_in(f"{RUN} --positive maybe")
    assert code != 0
    assert "no class 'maybe'" in err
    assert "the classes are" in err


def test_a_metric_may_have_a_parameter(here, type_in):
    code, out, err = type_in(RUN.replace("accuracy", "'case_cost([[0, 1], [5, 0]])'"))
    assert code == 0, err
    assert "cost per case" in out
    code, _, err = type_in(RUN.replace("accuracy", "'case_cost([[0, 1]])'"))
    assert code != 0
    assert "not a square table" in err


def test_the_default_model_takes_categories_and_gaps(here, type_in):
    code, out, _ = type_in(
        "run target.csv --label y --source b=b.csv --metric roc_auc --margin 0.01 -o runs/d"
        " --effort quick --arm 'b pooled'"
    )
    assert code == 0
    assert "b pooled" in out


def test_toml_gives_the_same_as_options(ran, here, type_in):
    by_options = (here / "runs" / "x" / "result.json").read_bytes()
    shutil.rmtree(here / "runs")
    (here / "audit.toml").write_text(
        """
        [target]
        path = "target.csv"
        label = "y"
        [sources]
        b = "b.csv"
        c = "c.parquet"
        [design]
        metric = "accuracy"
        margin = 0.02
        effort = "quick"
        model = "fast_models:make_guess"
        arms = ["b pooled"]
        explain = "none"
        output = "runs/x"
        """
    )
    assert type_in("run audit.toml")[0] == 0
    assert (here / "runs" / "x" / "result.json").read_bytes() == by_options
    assert type_in(RUN)[0] == 0  # the same design: it only looks


@pytest.mark.parametrize("format", ["json", "markdown", "github"])
def test_run_and_show_speak_every_format(here, type_in, format):
    _, ran, _ = type_in(f"{RUN} --format {format}")
    code, shown, _ = type_in(f"show runs/x --format {format}")
    assert code == 0
    assert shown == ran
    if format == "json":
        assert json.loads(shown)["schema"] == "transfergap/result/1"
    if format == "github":
        assert re.search(r"^::(error|warning|notice) ", shown, re.M)


@pytest.mark.slow  # tests/experiment/test_runner.py has every executor
def test_jobs_do_not_change_the_result(ran, here, type_in):
    type_in(RUN.replace("runs/x", "runs/two") + " --jobs 2")
    one, two = ((here / "runs" / name / "result.json").read_bytes() for name in ("x", "two"))
    assert one == two


@pytest.mark.parametrize("suffix", ["html", "md", "json", "txt"])
def test_report_writes_by_suffix(ran, here, type_in, suffix):
    code, out, _ = type_in(f"report runs/x -o page.{suffix}")
    assert (code, out.strip()) == (0, f"page.{suffix}")
    assert "b pooled" in (here / f"page.{suffix}").read_text(encoding="utf-8")


def test_report_refuses_an_unknown_suffix(ran, type_in):
    code, _, err = type_in("report runs/x -o page.docx")
    assert code == 2
    assert ".html" in err


def test_check_leaves_with_0_1_or_3(here, type_in):
    rng = np.random.default_rng(0)
    scores = pd.DataFrame(
        [
            (arm, split, 0, 0.8 + shift + rng.normal(0, spread))
            for arm, shift, spread in (
                ("control", 0, 0), ("good", 0.05, 0.01), ("bad", -0.1, 0.01), ("noisy", 0, 0.1),
            )
            for split in range(10)
        ],
        columns=["arm", "split", "seed", "score"],
    )  # fmt: skip
    scores.to_csv("scores.csv", index=False)
    code, out, _ = type_in("import scores.csv --margin 0.01 --metric accuracy -o runs/e")
    assert code == 0
    assert "hurts" in out
    assert type_in("check runs/e --arm good --max-harm 0.01")[0] == 0
    code, out, _ = type_in("check runs/e --arm bad --max-harm 0.01")
    assert code == 1
    assert "bad hurts by 0." in out
    code, out, _ = type_in("check runs/e --arm noisy --max-harm 0.01")
    assert code == 3
    assert "cannot be excluded" in out
    assert type_in("check runs/e --max-harm 0.01")[0] == 1
    assert type_in("check runs/e --arm good --arm noisy")[0] == 3
    code, out, _ = type_in("check runs/e --arm bad --format json")
    assert (code, json.loads(out)["ruling"]) == (1, "harm")
    code, out, _ = type_in("check runs/e --arm bad --format github")
    assert out.startswith("::error ")
    code, out, _ = type_in("check runs/e --format junit --unsettled pass")
    assert (code, out.count("<testcase"), out.count("<failure")) == (1, 4, 1)
    code, out, _ = type_in("check runs/e --arm noisy --format sarif")
    place = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (code, place["artifactLocation"]["uri"]) == (3, "runs/e/result.json")
    assert type_in("check runs/e --format yaml")[0] == 2
    assert type_in("check runs/e --arm noisy --unsettled pass")[::2] == (0, "")
    code, _, err = type_in("check runs/e --arm noisy --unsettled warn")
    assert (code, "Not settled" in err) == (0, True)
    assert type_in("check runs/e --arm bad --unsettled pass")[0] == 1
    assert type_in("check runs/e --arm noisy --unsettled maybe")[0] == 2
    assert type_in("check runs/e --arm noisy --policy bold")[0] == 2
    assert type_in("check runs/e --arm goood")[0] == 2
    assert type_in("check runs/e --max-harm -1")[0] == 2


def test_plan_says_what_would_run_and_what_it_could_see(here, type_in):
    code, out, _ = type_in(FULL.replace("run ", "plan ", 1).replace(" -o runs/x", ""))
    assert code == 0
    assert "60 rows × 3" in out
    assert "= 122 fits" in out  # 6 arms x 20 and two that need one; safe alone is read off
    assert re.search(r"can see gaps of about 0\.\d+ accuracy; your margin is 0.02", out)
    assert "not the number of repeats" in out
    assert not (here / "runs").exists()
    code, out, _ = type_in(FULL.replace("run ", "plan ", 1).replace(" -o runs/x", " --format json"))
    assert json.loads(out)["n_fits"] == 122


@pytest.mark.slow  # tests/auditing/test_operating.py has the numbers at less cost
def test_plan_says_how_often_verdicts_and_policies_would_be_right(here, type_in):
    line = FULL.replace("run ", "plan ", 1).replace(" -o runs/x", "")
    line += " --arm 'b pooled' --operating-characteristics --draws 2"
    code, out, err = type_in(line)
    assert code == 0
    assert "Verdicts, 2 audits of each planted world (accuracy)" in out
    assert re.search(r"same law +b pooled +[+-]0\.\d+ ± 0\.\d+ +\d+% \[\d+%, \d+%\]", out)
    assert re.search(r"30% flipped +proven +\d+% ", out)
    assert "same law: done" in err
    assert not (here / "runs").exists()
    code, out, _ = type_in(f"{line} --format json")
    found = json.loads(out)["operating_characteristics"]
    assert found["n_draws"] == 2
    assert found["scenarios"][0]["scenario"] == {"name": "same law", "drift": 0, "flipped": 0}
    assert type_in(f"{line[:-1]}1")[0] == 2


def test_explain_prints_the_page_offline(type_in):
    code, out, _ = type_in("explain tg101")
    assert code == 0
    assert out.startswith("# TG101 target rows in a source")
    code, _, err = type_in("explain TG199")
    assert code == 2
    assert "did you mean TG" in err


@pytest.mark.parametrize("kind", ["metrics", "arms", "learners", "findings", "datasets"])
def test_list_names_things_with_a_line_each(type_in, kind):
    code, out, _ = type_in(f"list {kind}")
    assert code == 0
    assert all(len(line.split(maxsplit=1)) == 2 for line in out.splitlines())


@pytest.mark.parametrize(
    "verb",
    ["demo", "run", "plan", "show", "report", "check", "explain", "list", "import", "fit",
     "predict"],
)  # fmt: skip
def test_help_of_every_verb_has_an_example(type_in, verb):
    code, out, _ = type_in(f"{verb} --help")
    assert code == 0
    assert f"Example: transfergap {verb}" in " ".join(out.split())


def test_completion_is_offered(type_in, monkeypatch):
    monkeypatch.setenv("_TRANSFERGAP_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "transfergap expl")
    monkeypatch.setenv("COMP_CWORD", "1")
    _, out, _ = type_in("")
    assert "explain" in out


def refused(outcome, *patterns):
    code, out, err = outcome
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    lines = err.strip().splitlines()
    assert lines[0].startswith("error: ")
    assert lines[1].startswith(" hint: ")
    assert len(lines) == 2
    for pattern in patterns:
        assert pattern in err
    return err


def test_no_label_column(here, type_in):
    line = RUN.replace("--label y", "--label yy")
    refused(type_in(line), "target.csv has no column 'yy'", "did you mean 'y'?")


def test_no_label_said(here, type_in):
    refused(type_in(RUN.replace("--label y", "")), "--label y: the column with such a name")


def test_a_source_without_the_label(here, type_in):
    pd.read_csv("b.csv").drop(columns="y").to_csv("b.csv", index=False)
    refused(type_in(RUN), "b.csv has no column 'y'")


def test_an_empty_file(here, type_in):
    (here / "b.csv").write_text("")
    refused(type_in(RUN), "b.csv is empty")


def test_a_file_with_a_header_only(here, type_in):
    (here / "b.csv").write_text("age,chol,sex,y\n")
    refused(type_in(RUN), "b.csv has a header but no rows")


def test_a_wrong_delimiter(here, type_in):
    refused(type_in(RUN + " --delimiter ';'"), "single column", "--delimiter target:,")


def test_a_wrong_decimal_mark(here, type_in):
    for name in ("target", "b"):
        frame = pd.read_csv(f"{name}.csv")
        frame.to_csv(f"{name}.csv", index=False, sep=";", decimal=",")
    line = RUN.replace("--source c=c.parquet", "") + " --delimiter ';'"
    refused(type_in(line + " --decimal ."), "Column 'age'", "--decimal ','")
    assert type_in(line + " --decimal ,")[0] == 0


def test_a_byte_order_mark_and_windows_line_ends_are_read(here, type_in):
    text = (here / "target.csv").read_text().replace("\n", "\r\n")
    (here / "target.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert type_in(RUN)[0] == 0


def test_a_wrong_encoding(here, type_in):
    frame = pd.read_csv("target.csv").replace({"sex": {"f": "für"}})
    frame.to_csv("target.csv", index=False, encoding="latin-1")
    line = f"{RUN} --encoding utf-8"
    refused(type_in(line), "not encoded as utf-8", "--encoding target:latin-1")


def test_a_missing_file(here, type_in):
    refused(type_in(RUN.replace("b.csv", "bb.csv")), "no file bb.csv", "did you mean b.csv?")


def test_a_broken_parquet_file(here, type_in):
    (here / "c.parquet").write_bytes(b"PAR1 not really")
    refused(type_in(RUN), "cannot be read as Parquet")


def test_columns_that_differ(here, type_in):
    pd.read_csv("b.csv").rename(columns={"chol": "cholesterol"}).to_csv("b.csv", index=False)
    refused(type_in(RUN + " --columns error"), "lacks column 'chol'", "'cholesterol'")


def test_text_in_a_number_column(here, type_in):
    frame = pd.read_csv("target.csv", dtype=str)
    frame.loc[3, "age"] = "unknown"
    frame.to_csv("target.csv", index=False)
    refused(type_in(RUN), "Column 'age'", "'unknown'", "--na")
    assert type_in(RUN + " --na unknown")[0] == 0


def test_doubled_column_names(here, type_in):
    text = (here / "target.csv").read_text().replace("age,chol", "age,age", 1)
    (here / "target.csv").write_text(text)
    refused(type_in(RUN), "Column 'age' occurs 2 times in target.csv")


def test_doubled_source_names(here, type_in):
    refused(type_in(RUN + " --source b=c.parquet"), "Two sources are called 'b'")


def test_no_sources(here, type_in):
    refused(type_in("run target.csv --label y"), "no sources")


def test_a_source_without_a_name(here, type_in):
    refused(type_in("run target.csv --label y --source =b.csv"), "which name has which file")


def test_missing_labels(here, type_in):
    frame = pd.read_csv("target.csv").astype({"y": float})
    frame.loc[5, "y"] = np.nan
    frame.to_csv("target.csv", index=False)
    refused(type_in(RUN), "1 of 60 labels", "row 5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--metric accuracy", "--metric r2"), "'r2' is for regression"),
        (("--metric accuracy", "--metric acuracy"), "did you mean accuracy"),
        (("--margin 0.02", "--margin 0"), "must be a number above 0"),
        (("--effort quick", "--effort best"), "no effort called 'best'"),
        (("fast_models:make_guess", "fast_models:make_gess"), "has no 'make_gess'"),
        (("fast_models:make_guess", "fast_models:broken"), "no licence"),
        (("fast_models:make_guess", "fast_models:no_fit"), "NoFit has no `fit` method"),
        (("fast_models:make_guess", "nowhere:make"), "cannot be imported"),
        (("fast_models:make_guess", "fast_models"), "does not name a model"),
        (("-o runs/x", "-o runs/x --format xml"), "no format called 'xml'"),
        (("-o runs/x", "-o runs/x --arm 'b poled'"), "did you mean 'b pooled'?"),
        (("-o runs/x", "-o runs/x --drop agee"), "did you mean 'age'?"),
        (("-o runs/x", "-o runs/x --seed -1"), "(--seed) is -1"),
    ],
)
def test_mistakes_in_options_have_one_clear_line(here, type_in, change, message):
    refused(type_in(RUN.replace(*change)), message)


def test_a_changed_design_under_a_run_is_refused(ran, type_in):
    refused(type_in(RUN.replace("--margin 0.02", "--margin 0.03")), "margin was 0.02", "-o")


def test_a_foreign_run_directory_is_refused(here, type_in):
    (here / "runs" / "x").mkdir(parents=True)
    (here / "runs" / "x" / "photo.jpg").write_bytes(b"")
    refused(type_in(RUN), "not a run of transfergap")
    refused(type_in("show runs/x"), "not a readable run")


def test_an_unfinished_run_leaves_with_4(ran, here, type_in):
    (here / "runs" / "x" / "result.json").unlink()
    for verb in ("show runs/x", "check runs/x"):
        code, _, err = type_in(verb)
        assert code == 4
        assert "not finished" in err


def test_unknown_keys_of_a_configuration_are_said_with_their_line(here, type_in):
    (here / "audit.toml").write_text('[target]\npath = "target.csv"\nlable = "y"\n')
    refused(type_in("run audit.toml"), "audit.toml line 3: [target] has no key `lable`",
            "did you mean `label`?")  # fmt: skip
    (here / "audit.toml").write_text('[target]\npath = "target.csv"\n[desing]\nseed = 1\n')
    refused(type_in("run audit.toml"), "line 3", "did you mean `design`?")
    (here / "audit.toml").write_text('[target]\npath = "target.csv"\n[design]\nseed = "x"\n')
    refused(type_in("run audit.toml"), "line 4", "whole number")


def test_debug_shows_the_traceback(here, type_in):
    from transfergap.errors import DataError

    with pytest.raises(DataError):
        run([*shlex.split(RUN.replace("--label y", "--label zz")), "--debug"])


def test_ctrl_c_says_that_nothing_is_lost_and_leaves_with_130(here, type_in, monkeypatch):
    from transfergap.experiment import runner
    from transfergap.experiment.trial import attempt

    calls = []

    def interrupted(design, cell):
        calls.append(cell)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return attempt(design, cell)

    monkeypatch.setattr(runner, "attempt", interrupted)
    code, _, err = type_in(RUN)
    assert code == 130
    assert "stopped at 11/40, nothing is lost" in err
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert type_in(RUN)[0] == 0


def test_failed_trials_are_said_once_and_tried_again_on_request(here, type_in):
    (here / "moody.py").write_text(
        "from pathlib import Path\n"
        "from sklearn.dummy import DummyClassifier\n"
        "class Moody(DummyClassifier):\n"
        "    def fit(self, X, y, sample_weight=None):\n"
        "        if len(y) > 60 and not Path('calm').exists():\n"
        "            raise ValueError('not today')\n"
        "        return super().fit(X, y)\n"
        "moody = Moody()\n"
    )
    line = RUN.replace("fast_models:make_guess", "moody:moody")
    code, out, err = type_in(line)
    assert code == 0
    assert "TG302" in out
    assert err.count("ValueError: not today") == 1
    (here / "calm").touch()
    assert "TG302" in type_in(line)[1]
    assert "TG302" not in type_in(line + " --retry-failed")[1]


def test_groups_are_taken_out_of_the_features(here, type_in):
    for name in ("target.csv", "b.csv"):
        frame = pd.read_csv(name)
        frame.assign(person=np.arange(len(frame)) // 2).to_csv(name, index=False)
    frame = pd.read_parquet("c.parquet")
    frame.to_parquet("c.parquet")
    code, _out, _ = type_in(RUN + " --groups person")
    assert code == 0
    assert "TG104" in (here / "runs" / "x" / "result.json").read_text()


def test_a_delimiter_at_the_end_of_every_line_shifts_nothing(here, type_in):
    lines = (here / "target.csv").read_text().splitlines()
    (here / "target.csv").write_text("\n".join([lines[0], *(line + "," for line in lines[1:])]))
    code, out, _ = type_in(RUN)
    assert code == 0
    assert "60 labelled rows · accuracy" in out


def test_losses_known_by_name_are_better_when_smaller(here, type_in):
    rows = [
        (arm, k, 0, v + 0.001 * k) for arm, v in (("control", 0.5), ("x", 0.4)) for k in range(9)
    ]
    rows = [(a, k, s, v + 0.0003 * (k % 3) * (a == "x")) for a, k, s, v in rows]
    pd.DataFrame(rows, columns=["arm", "split", "seed", "score"]).to_csv("s.csv", index=False)
    assert "x helps s" in type_in("import s.csv --margin 0.01 --metric log_loss")[1]
    assert "x hurts s" in type_in("import s.csv --margin 0.01 --metric accuracy")[1]


def test_dropping_the_label_is_refused(here, type_in):
    refused(type_in(RUN + " --drop y"), "--drop names the label 'y'")


def test_jobs_must_not_be_zero_and_nothing_is_made(here, type_in):
    refused(type_in(RUN + " --jobs 0"), "--jobs is 0")
    assert not (here / "runs").exists()


def test_a_name_stays_within_runs(here, type_in):
    line = RUN.replace(" -o runs/x", " --name '../../up there'")
    assert type_in(line)[0] == 0
    assert [p.name for p in (here / "runs").iterdir()] == ["up_there"]


def test_compare_lays_two_runs_side_by_side(ran, here, type_in):
    # The same trials under another margin: the directory is told apart by that alone.
    design = json.loads((here / "runs/x/design.json").read_text())
    shutil.copytree("runs/x", "runs/y")
    (here / "runs/y/design.json").write_text(json.dumps(design | {"margin": 0.05}))
    code, out, err = type_in("compare runs/x runs/y")
    assert (code, err) == (0, "")
    assert "Design: margin was 0.02 and is now 0.05" in out
    told = json.loads(type_in("compare runs/x runs/y --format json")[1])
    assert told["same_rows"] and told["n_verdicts_changed"] == 0
    assert type_in("compare runs/x runs/y -f markdown")[1].startswith("## ")
    assert type_in("compare runs/x nowhere")[0] == 2
    assert type_in("compare runs/x runs/y -f html")[0] == 2


def test_a_run_is_logged_with_a_tracker(here, type_in, monkeypatch):
    logged = []
    tracker = SimpleNamespace(
        active_run=lambda: "a run", log_params=logged.append, log_metrics=logged.append,
        log_artifact=lambda path: logged.append(path),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "mlflow", tracker)
    assert type_in(RUN + " -q --log mlflow")[0] == 0
    assert "transfergap/b pooled/gap" in logged[1] and len(logged) == 4


def test_a_tracker_that_cannot_be_had_is_said_before_anything_runs(here, type_in, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    code, out, err = type_in(RUN + " -q --log wandb")
    assert (code, out) == (2, "") and "pip install 'transfergap[wandb]'" in err
    assert not (here / "runs").exists()
    assert "known: mlflow, wandb" in type_in(RUN + " -q --log tensorboard")[2]
