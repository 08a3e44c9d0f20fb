"""Options, keys and values of 0.1.0 work on the command line, with a note on stderr."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


def test_options_and_keys_of_the_command_line_are_noted(tmp_path, monkeypatch, type_in):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=60), "y": rng.integers(2, size=60)})
    table.to_csv("t.csv", index=False)
    table[::-1].assign(x=table.x + 1).to_csv("b.csv", index=False)
    typed = "run t.csv -y y -s b=b.csv --explain none -q --name t --arm 'b pooled'"
    code, _, err = type_in(f"{typed} --precision=quick -o one")
    assert code == 0 and "note  --precision is --effort now" in err
    (tmp_path / "audit.toml").write_text(
        '[target]\npath = "t.csv"\nlabel = "y"\nname = "t"\n[sources]\nb = "b.csv"\n'
        '[design]\nprecision = "quick"\narms = ["b pooled"]\nexplain = "none"\n'
    )
    code, _, err = type_in("run audit.toml -q -o two")
    assert code == 0 and "note  audit.toml: precision is effort now" in err
    one, two = (Path(name, "result.json").read_text() for name in ("one", "two"))
    assert one == two and '"precision": "quick"' in one


@pytest.mark.parametrize("typed", ["--caution safe", "--caution=safe"])
def test_an_old_value_is_noted(typed, tmp_path, monkeypatch, type_in):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("t", "b"):
        table = pd.DataFrame({"x": rng.normal(size=60)})
        table.assign(y=(table.x > 0).astype(int)).to_csv(f"{name}.csv", index=False)
    code, out, err = type_in(f"fit t.csv -y y -s b=b.csv -o m.skops --format json {typed}")
    assert code == 0 and "note  safe is medium now" in err
    assert '"caution": "medium"' in out


def test_words_that_look_like_old_values_elsewhere_stay(type_in):
    _, _, err = type_in("show safe")
    assert "note" not in err
