"""Sums of parts are those of the whole, wherever the parts lie."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from transfergap import GramSummary, join_summaries, summarize_dask, summarize_partitions
from transfergap.cli.files import batches as reading
from transfergap.cli.main import run
from transfergap.data.encoding import fit_encoder, summarize
from transfergap.errors import DataError
from transfergap.experiment.executors import JoblibExecutor

NAMES = ["a", "b"]


def table(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=NAMES)
    frame["town"] = rng.choice(["x", "y"], n)
    frame["y"] = frame.a + rng.normal(size=n)
    return frame


def encoder_of(frame: pd.DataFrame):
    return fit_encoder(frame.drop(columns="y"), frame.y.to_numpy(), task="regression")


ROWS = table(1000)
ENCODER = encoder_of(table(60, 1))
WHOLE = summarize(ROWS.drop(columns="y"), ROWS.y.to_numpy(), encoder=ENCODER)


def assert_same(summary: GramSummary) -> None:
    assert summary.n_rows == WHOLE.n_rows
    np.testing.assert_allclose(summary.grams, WHOLE.grams, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(summary.moments, WHOLE.moments, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(summary.powers, WHOLE.powers, rtol=1e-12)


def test_partitions_of_dask_sum_to_the_whole():
    dask_frame = pytest.importorskip("dask.dataframe").from_pandas(ROWS, npartitions=7)
    summary = summarize_dask(dask_frame, label="y", encoder=ENCODER)
    assert_same(summary)
    assert summary.to_bytes() == summarize_dask(dask_frame, label="y", encoder=ENCODER).to_bytes()
    with pytest.raises(DataError, match="no column 'z'"):
        summarize_dask(dask_frame, label="z", encoder=ENCODER)
    with pytest.raises(DataError, match="fewer than 2000"):
        summarize_dask(dask_frame, label="y", encoder=ENCODER, min_rows=2000)


@pytest.mark.skipif(shutil.which("java") is None, reason="needs Java")
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning")
def test_partitions_of_spark_sum_to_the_whole(monkeypatch):
    """Spark itself, on two workers of this machine."""
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    try:
        frame = spark.createDataFrame(ROWS.astype({"town": object})).repartition(4)
        function = summarize_partitions(label="y", encoder=ENCODER)
        made = frame.mapInArrow(function, "summary binary").collect()
    finally:
        spark.stop()
    assert len(made) == 4
    assert_same(join_summaries(row.summary for row in made))


def test_batches_as_spark_hands_them_sum_to_the_whole():
    """Each partition is an iterator of batches, some of them empty; so is what comes back."""
    function = summarize_partitions(label="y", encoder=ENCODER)
    collected: list[bytes] = []
    for start in range(0, 1000, 250):
        part = pa.Table.from_pandas(ROWS[start : start + 250], preserve_index=False)
        batches = [*part.to_batches(max_chunksize=60), *part.slice(0, 0).to_batches()]
        for made in function(iter(batches)):
            assert made.schema == pa.schema([("summary", pa.binary())])
            collected += made.column("summary").to_pylist()
    assert len(collected) == 4
    assert_same(join_summaries(collected))
    assert list(function(iter([]))) == []
    with pytest.raises(DataError, match="no summaries"):
        join_summaries([])
    with pytest.raises(DataError, match="damaged"):
        join_summaries([collected[0][:-1] + b"x"])


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with an encoder and the rows in one Parquet file, and in three of two kinds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "PART_ROWS", 200)
    ENCODER.save("enc.json")
    parquet.write_table(pa.Table.from_pandas(ROWS, preserve_index=False), "whole.parquet",
                        row_group_size=90)  # fmt: skip
    ROWS[:300].to_parquet("one.parquet", index=False)
    ROWS[300:700].to_csv("two.csv", index=False)
    ROWS[700:].to_csv("three.csv", index=False)
    return tmp_path


def type_in(line: str) -> int:
    with pytest.raises(SystemExit) as left:
        run(line.split())
    return left.value.code or 0


def test_files_and_row_groups_sum_to_the_whole_with_any_number_of_jobs(site, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:  # workers that started in another folder
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        list(JoblibExecutor(2).map(abs, [1, 2]))
    for name, files in (("w", "whole.parquet"), ("m", "one.parquet two.csv three.csv")):
        for jobs in (1, 2):
            line = f"summarize {files} --label y --encoder enc.json -o {name}{jobs}.tgsum"
            assert type_in(f"{line} --jobs {jobs}") == 0
        assert (site / f"{name}1.tgsum").read_bytes() == (site / f"{name}2.tgsum").read_bytes()
        assert_same(GramSummary.load(f"{name}1.tgsum"))


def test_a_file_that_is_named_twice_is_refused(site, capsys):
    line = "summarize two.csv ./two.csv --label y --encoder enc.json -o x.tgsum"
    assert type_in(line) == 2
    assert "named twice" in capsys.readouterr().err


def test_row_groups_are_parts_of_the_file_with_its_rows(site):
    parts = reading.parts_of([site / "whole.parquet", site / "two.csv"])
    assert [(part.first_row, part.groups) for part in parts] == [
        (0, (0, 1, 2)), (270, (3, 4, 5)), (540, (6, 7, 8)), (810, (9, 10, 11)), (0, None)
    ]  # fmt: skip


def test_a_site_keeps_a_ledger_and_is_told_of_differences_of_few_rows(site, capsys):
    line = "summarize one.parquet --label y --encoder enc.json --ledger sent.jsonl"
    assert type_in(f"{line} -o b.tgsum") == 0
    assert "difference of two such summaries" in capsys.readouterr().out
    ROWS[:297].to_parquet("one.parquet", index=False)
    assert type_in(f"{line} -o c.tgsum") == 0
    assert "b.tgsum" in (said := capsys.readouterr().err)
    assert "3 rows more or fewer" in said
    ROWS[:200].to_parquet("one.parquet", index=False)
    assert type_in(f"{line} -o d.tgsum") == 0
    assert "more or fewer" not in capsys.readouterr().err
    entries = [json.loads(text) for text in (site / "sent.jsonl").read_text().splitlines()]
    assert [(e["summary"], e["n_rows"]) for e in entries] == [
        ("b.tgsum", 300), ("c.tgsum", 297), ("d.tgsum", 200)
    ]  # fmt: skip
    (site / "sent.jsonl").write_text("no ledger\n")
    assert type_in(f"{line} -o e.tgsum") == 2
    assert not (site / "e.tgsum").exists()
