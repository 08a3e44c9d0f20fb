"""Row weights from a column of the files."""

import json

import numpy as np
import pandas as pd


def numbers(rng, n):
    X = rng.normal(size=(n, 3))
    return X, X @ np.array([1.0, -0.5, 0.2]) + rng.normal(size=n)


def test_weights_on_the_command_line(tmp_path, type_in, monkeypatch):
    rng = np.random.default_rng(5)
    monkeypatch.chdir(tmp_path)
    for name, n in (("target", 60), ("b", 50), ("c", 50)):
        X, y = numbers(rng, n)
        frame = pd.DataFrame(X, columns=list("pqr")).assign(y=y)
        if name != "c":
            frame["size"] = rng.choice([1.0, 2.0], n)
        frame.to_csv(f"{name}.csv", index=False)
    line = (
        "run target.csv --label y --source b=b.csv --source c=c.csv --metric r2 --weight size"
        " --effort quick --arm 'b pooled' --explain none -o runs/w"
    )
    code, _, err = type_in(line)
    assert code == 0, err
    result = json.loads((tmp_path / "runs" / "w" / "result.json").read_text())
    assert result["target_info"]["weighted"] is True
    assert result["target_info"]["n_features"] == 3  # the weight is no feature
    assert type_in("fit runs/w -o model.skops")[0] == 0
    assert type_in(line)[0] == 0
    code, _, err = type_in(line.replace("--weight size", "--weight sise"))
    assert code != 0
    assert "did you mean 'size'" in err
    code, _, err = type_in(line.replace("run target.csv", "plan target.csv").partition(" -o")[0])
    assert code == 0, err
