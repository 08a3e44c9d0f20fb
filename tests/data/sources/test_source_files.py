"""Sources by reference: the bytes of rows, read and checked where they are used."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit

from transfergap import SafeTransferClassifier, Sample, SourceFile, audit, make_design, make_problem
from transfergap.data.digests import sample_digest
from transfergap.errors import ConfigurationError, DataError
from transfergap.experiment.dask_executor import by_reference
from transfergap.report import result_to_json

OPTIONS = {"metric": "accuracy", "effort": "quick", "explain": "none"}


def table(seed, n, copied=None):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc")).round(6)
    frame["place"] = rng.choice(["north", "south"], n)
    frame["y"] = (frame.a + rng.normal(size=n) > 0).astype(int)
    return frame if copied is None else pd.concat([frame, copied], ignore_index=True)


@pytest.fixture(scope="module")
def target():
    return table(0, 60)


@pytest.fixture
def source(target, tmp_path):
    frame = table(1, 400, copied=target.head(5))
    frame.to_parquet(tmp_path / "b.parquet")
    return frame


def parted(frame):
    return frame.drop(columns="y"), frame["y"]


def test_an_audit_of_a_file_is_an_audit_of_its_rows(target, source, tmp_path):
    X, y = parted(target)
    arms = ["b pooled", "b only"]
    of_rows = audit(None, X, y, sources={"b": parted(source)}, arms=arms, **OPTIONS)
    file = SourceFile(tmp_path / "b.parquet", label="y")
    of_file = audit(None, X, y, sources={"b": file}, arms=arms, **OPTIONS)
    assert result_to_json(of_file.result) == result_to_json(of_rows.result)


def test_a_safe_model_of_a_file_is_one_of_its_rows(target, source, tmp_path):
    X, y = parted(target)
    for given in (source, source.rename(columns={"a": "A"})):
        given.to_parquet(tmp_path / "c.parquet")
        renamed = {"A": "a"} if "A" in given else {}
        file = SourceFile(tmp_path / "c.parquet", "y", rename=renamed)
        of_file = SafeTransferClassifier().fit(X, y, sources={"c": file})
        of_rows = SafeTransferClassifier().fit(X, y, sources={"c": parted(source)})
        assert of_file.predict_proba(X).tolist() == of_rows.predict_proba(X).tolist()


def test_a_url_is_read_by_fsspec(target, source):
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://place/b.parquet", "wb") as file:
        source.to_parquet(file)
    problem = make_problem(
        *parted(target), sources={"b": SourceFile("memory://place/b.parquet", "y")}
    )
    rows = make_problem(*parted(target), sources={"b": parted(source)})
    assert sample_digest(problem.sources["b"].sample) == sample_digest(rows.sources["b"].sample)


def test_names_weights_groups_and_categories_of_a_file(target, source, tmp_path):
    changed = source.rename(columns={"a": "A"}).assign(
        who=[f"p{k % 70}" for k in range(len(source))], w=2.0, note=1.5
    )
    changed["kind"] = np.arange(len(changed)) % 3
    changed.to_parquet(tmp_path / "b.parquet")
    file = SourceFile(
        tmp_path / "b.parquet", "y", groups="who", weight="w", drop=["note"],
        rename={"A": "a"}, category=["kind"],
    )  # fmt: skip
    read, sample = file.pinned()
    assert list(sample.X.columns) == ["a", "b", "c", "place", "kind"]
    assert str(sample.X["kind"].dtype) == "category"
    assert sample.weights.tolist() == [2.0] * len(source)
    assert sample.groups.tolist() == changed.who.tolist()
    assert read.digest == hashlib.sha256((tmp_path / "b.parquet").read_bytes()).hexdigest()


def made(target, sources, **options):
    problem = make_problem(*parted(target), sources=sources, **options)
    return make_design(LogisticRegression(), problem)


def arrived(sent):
    return pickle.loads(sent)  # noqa: S301  # our own


def test_what_travels_is_the_reference_and_what_comes_out_is_the_same(target, tmp_path):
    frame = table(1, 20_000, copied=target.head(5))
    frame.to_parquet(tmp_path / "b.parquet")
    pairs = ShuffleSplit(10, test_size=0.1, random_state=3).split(np.zeros((60, 1)))
    # An iterator gives its folds once.
    design = made(target, {"b": SourceFile(tmp_path / "b.parquet", "y")}, cv=iter(pairs))
    assert design.problem.sources["b"].facts.n_duplicates_removed == 5
    design.source_samples(design.treatments[0])  # what was computed does not travel either
    sent = by_reference(design)
    assert len(sent) < 60_000 < len(pickle.dumps(design.problem.sources)) / 10
    there = arrived(sent)
    assert {f.name: type(getattr(there, f.name)) for f in fields(there)} == {
        f.name: type(getattr(design, f.name)) for f in fields(design)
    }
    assert sample_digest(there.problem.sources["b"].sample) == sample_digest(
        design.problem.sources["b"].sample
    )
    assert there.problem.sources["b"].facts == design.problem.sources["b"].facts
    for split in design.fold_splits():
        np.testing.assert_array_equal(there.held_out(split), design.held_out(split))
        np.testing.assert_array_equal(there.trained(split), design.trained(split))


def test_a_worker_does_not_search_for_copies(target, source, tmp_path, monkeypatch):
    sent = by_reference(made(target, {"b": SourceFile(tmp_path / "b.parquet", "y")}))
    monkeypatch.setattr("transfergap.data.sources.leaks.search_rows", None)
    assert len(arrived(sent).problem.sources["b"].sample) == len(source) - 5


def test_a_file_that_changed_on_the_way_stops_the_worker(target, source, tmp_path):
    sent = by_reference(made(target, {"b": SourceFile(tmp_path / "b.parquet", "y")}))
    source.iloc[1:].to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet is another file than it was") as caught:
        arrived(sent)
    assert "every worker" in caught.value.hint
    (tmp_path / "b.parquet").unlink()
    with pytest.raises(DataError, match=r"b\.parquet cannot be read") as caught:
        arrived(sent)


def test_a_problem_that_was_changed_travels_with_its_rows(target, source, tmp_path):
    problem = make_problem(*parted(target), sources={"b": SourceFile(tmp_path / "b.parquet", "y")})
    assert problem.recipe is not None
    assert replace(problem, margin=0.5).recipe is None
    assert arrived(by_reference(replace(problem, margin=0.5))).margin == 0.5


def test_rows_that_are_read_otherwise_stop_the_worker(target, source, tmp_path):
    problem = make_problem(*parted(target), sources={"b": SourceFile(tmp_path / "b.parquet", "y")})
    other = replace(problem.recipe, digests={"b": "0" * 16})
    with pytest.raises(DataError, match="others on a worker"):
        other()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "nowhere.parquet"}, "cannot be read: .*No such file"),
        ({"url": "nothing://b.parquet"}, "cannot be read: Protocol not known"),
        ({"label": "z"}, r"has no column 'z' \(label\)"),
        ({"groups": "who"}, r"has no column 'who' \(groups\)"),
        ({"rename": {"A": "a"}}, r"has no column 'A' \(renamed\)"),
        ({"digest": "0" * 64}, "is another file than it was"),
    ],
)
def test_one_error_for_what_cannot_be_used(change, message, target, source, tmp_path):
    if "nothing" in change.get("url", ""):
        pytest.importorskip("fsspec")
    given = {"url": tmp_path / "b.parquet", "label": "y", **change}
    with pytest.raises(DataError, match=message) as caught:
        make_problem(*parted(target), sources={"b": SourceFile(**given)})
    assert caught.value.hint


def test_a_file_that_is_no_parquet(target, tmp_path):
    (tmp_path / "b.parquet").write_text("a,y\n1,0\n")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        SourceFile(tmp_path / "b.parquet", "y").pinned()


def test_a_file_that_is_cut_off(target, source, tmp_path):
    whole = (tmp_path / "b.parquet").read_bytes()
    for n in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "b.parquet").write_bytes(whole[:n])
        with pytest.raises(DataError, match=r"b\.parquet cannot be read as Parquet"):
            SourceFile(tmp_path / "b.parquet", "y").pinned()


def test_errors_of_a_store_are_one_error(target, monkeypatch):
    fsspec = pytest.importorskip("fsspec")

    class NoCredentialsError(Exception):  # as botocore and aiohttp have them: of no common kind
        pass

    def refuse(*args, **options):
        raise NoCredentialsError("Unable to locate credentials.")

    monkeypatch.setattr(fsspec, "open", refuse)
    with pytest.raises(DataError, match=r"s3://b cannot be read: Unable to locate credentials\."):
        SourceFile("s3://b", "y").pinned()


def test_times_of_a_file_are_those_of_its_rows(target, source, tmp_path):
    days = pd.date_range("2020-01-01", periods=len(source))
    source.assign(day=days, season=np.arange(len(source)) % 4).to_parquet(tmp_path / "b.parquet")
    dated = SourceFile(tmp_path / "b.parquet", "y", time="day").pinned()[1]
    assert dated.times.tolist() == days.tolist()
    assert "day" not in dated.X
    numbered = SourceFile(tmp_path / "b.parquet", "y", time="season").pinned()[1]
    assert numbered.X["season"].tolist() == numbered.times.tolist()  # a number is a feature too


def test_columns_that_a_file_may_lack(target, source, tmp_path):
    roles = {"groups": "who", "weight": "w", "time": "day"}
    for role, name in roles.items():
        with pytest.raises(DataError, match=rf"no column '{name}' \({role}\)"):
            SourceFile(tmp_path / "b.parquet", "y", **{role: name}).pinned()
    sample = SourceFile(tmp_path / "b.parquet", "y", may_lack=True, **roles).pinned()[1]
    assert (sample.groups, sample.weights, sample.times) == (None, None, None)
    with pytest.raises(DataError, match=r"no column 'z' \(label\)"):
        SourceFile(tmp_path / "b.parquet", "z", may_lack=True).pinned()


def test_one_column_to_drop_may_be_a_text():
    file = SourceFile("b.parquet", "y", drop="abc", category="kind")
    assert (file.drop, file.category) == (("abc",), ("kind",))


def test_a_digest_has_64_digits():
    with pytest.raises(ConfigurationError, match="is no digest"):
        SourceFile("b.parquet", "y", digest="123")
    assert SourceFile("b.parquet", "y", digest="sha256:" + "AB" * 32).digest == "ab" * 32


def test_keys_of_a_store_are_not_shown():
    assert "secret" not in repr(SourceFile("s3://b", "y", storage_options={"key": "secret"}))


@pytest.mark.slow  # what travels is looked at above, and tests/experiment/test_dask.py has clusters
def test_a_cluster_reads_the_file(target, source, tmp_path):
    distributed = pytest.importorskip("distributed")
    X, y = parted(target)
    file = SourceFile(tmp_path / "b.parquet", label="y")
    here = audit(None, X, y, sources={"b": file}, arms=["b pooled"], **OPTIONS)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = audit(
            None, X, y, sources={"b": file}, arms=["b pooled"], executor=client, **OPTIONS
        )
    assert result_to_json(there.result) == result_to_json(here.result)


def test_a_sample_beside_a_file(target, source, tmp_path):
    X, y = parted(table(2, 80))
    problem = make_problem(
        *parted(target),
        sources={"c": Sample(X, y.to_numpy()), "b": SourceFile(tmp_path / "b.parquet", "y")},
    )
    assert list(problem.sources) == ["c", "b"]
    assert list(problem.recipe().sources) == ["c", "b"]
