"""The end of the walk of three hospitals: the target fits from its rows and their files."""

import numpy as np
import pandas as pd
import pytest
from tests.data.encoding.hospitals import Hospitals, patients


@pytest.mark.parametrize("numbers", [True, False])
def test_the_target_fits_and_predicts_from_its_rows_and_two_files(tmp_path, monkeypatch, numbers):
    house = Hospitals(tmp_path, numbers=numbers)
    house.type_in("target", "encoder rows.parquet --label outcome -o enc.json", monkeypatch)
    for site in ("b", "c"):
        house.send("enc.json", sender="target", to=site)
        line = f"summarize rows.parquet --label outcome --encoder enc.json -o {site}.tgsum"
        house.type_in(site, line, monkeypatch)
        house.send(f"{site}.tgsum", sender=site, to="target")

    line = "fit rows.parquet --label outcome --source b=b.tgsum --source c=c.tgsum -o model.skops"
    assert house.type_in("target", line, monkeypatch) == 0

    new = patients(500, 9, numbers=numbers)
    new.drop(columns="outcome").to_csv(tmp_path / "target" / "new.csv", index=False)
    new.drop(columns="outcome").to_parquet(tmp_path / "target" / "new.parquet", index=False)
    assert house.type_in(
        "target", "predict model.skops new.parquet -o predicted.csv", monkeypatch
    ) == 0  # fmt: skip
    predicted = pd.read_csv(tmp_path / "target" / "predicted.csv")
    assert len(predicted) == 500
    found = predicted.iloc[:, 0]
    if numbers:
        assert np.corrcoef(found, new["outcome"])[0, 1] > 0.6
    else:
        assert (found == new["outcome"]).mean() > 0.7


def test_a_second_round_of_classes_goes_by_files_too(tmp_path, monkeypatch):
    house = Hospitals(tmp_path, numbers=False)
    house.type_in("target", "encoder rows.parquet --label outcome -o enc.json", monkeypatch)
    made = "encoder rows.parquet --label outcome -o enc.json"
    for number in (1, 2):
        assert house.type_in("target", made, monkeypatch) == 0
        for site in ("b", "c"):
            house.send("enc.json", sender="target", to=site)
            line = f"summarize rows.parquet --label outcome -e enc.json -o {site}.tgsum"
            assert house.type_in(site, line, monkeypatch) == 0
            house.send(f"{site}.tgsum", sender=site, to="target")
        line = (
            "fit rows.parquet --label outcome --source b=b.tgsum --source c=c.tgsum"
            f" -o model{number}.skops"
        )
        assert house.type_in("target", line, monkeypatch) == 0
        made = f"encoder --model model{number}.skops -o enc.json"
