"""Three hospitals that exchange only files: what goes out, what comes back, what it is worth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.data.encoding.hospitals import Hospitals

from transfergap import Encoder, GramSummary, summarize
from transfergap.data.encoding import with_intercept


@pytest.mark.parametrize("numbers", [True, False])
def test_sums_of_two_sites_are_those_of_their_rows_laid_together(tmp_path, monkeypatch, numbers):
    house = Hospitals(tmp_path, numbers=numbers)

    assert house.type_in(
        "target", "encoder rows.parquet --label outcome -o enc.json", monkeypatch
    ) == 0  # fmt: skip
    for site in ("b", "c"):
        house.send("enc.json", sender="target", to=site)
        line = f"summarize rows.parquet --label outcome --encoder enc.json -o {site}.tgsum"
        assert house.type_in(site, line, monkeypatch) == 0
        house.send(f"{site}.tgsum", sender=site, to="target")

    # Nothing else went anywhere, and no site has the rows of another.
    assert house.sent == ["enc.json", "b.tgsum", "enc.json", "c.tgsum"]
    assert sorted(path.name for path in (tmp_path / "target").iterdir()) == [
        "b.tgsum", "c.tgsum", "enc.json", "rows.parquet",
    ]  # fmt: skip

    here = tmp_path / "target"
    joined = GramSummary.load(here / "b.tgsum") + GramSummary.load(here / "c.tgsum")
    assert joined.n_rows == 1500
    encoder = Encoder.load(here / "enc.json")
    together = pd.concat([house.rows["b"], house.rows["c"]])
    expected = summarize(together.drop(columns="outcome"), together["outcome"], encoder=encoder)
    for name in ("grams", "moments", "powers"):
        mine, theirs = getattr(joined, name), getattr(expected, name)
        assert np.allclose(mine, theirs, rtol=1e-10, atol=1e-10 * np.abs(theirs).max())

    # A ridge fit of the files is the ridge fit of the rows, and tells the target something.
    penalty = np.eye(len(joined.grams[0]))
    by_files = np.linalg.solve(joined.grams[0] + penalty, joined.moments[0])
    design = with_intercept(encoder.encode(together.drop(columns="outcome")))
    responses = encoder.labels.responses(together["outcome"].to_numpy())
    by_rows = np.linalg.solve(design.T @ design + penalty, design.T @ responses[:, 0])
    assert np.allclose(by_files, by_rows, rtol=1e-8, atol=1e-10)
    target = house.rows["target"]
    score = with_intercept(encoder.encode(target.drop(columns="outcome"))) @ by_files
    truth = encoder.labels.responses(target["outcome"].to_numpy())[:, 0]
    assert stats.pearsonr(score, truth, alternative="greater").pvalue < 1e-3


def test_no_value_of_a_patient_is_in_a_file_that_is_sent(tmp_path, monkeypatch):
    house = Hospitals(tmp_path, numbers=True)
    house.type_in("target", "encoder rows.parquet --label outcome -o enc.json", monkeypatch)
    house.send("enc.json", sender="target", to="b")
    house.type_in("b", "summarize rows.parquet --label outcome -e enc.json -o b.tgsum", monkeypatch)
    for name, place in (("enc.json", "target"), ("b.tgsum", "b")):
        data = (tmp_path / place / name).read_bytes()
        for value in house.rows[place][["age", "bmi", "crp", "outcome"]].to_numpy().ravel():
            assert np.float64(value).tobytes() not in data
            assert f" {value!r}".encode() not in data
