"""Model files: the same predictions to the last bit, and nothing in them that could run."""

import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skops import io as skops_io

from transfergap import SafeTransferClassifier, SafeTransferRegressor, summarize
from transfergap.data.encoding import fit_encoder
from transfergap.errors import DataError, StorageError
from transfergap.safe.model_file import ABOUT, is_trusted, load_model, save_model

WORDS = np.array(["good", "bad", "fine", "poor", "film", "plot", "great", "dull", "ölig"])


def double(X):
    return 2 * np.asarray(X)


def arrays(n, seed, kind="binary"):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    score = X[:, 0] - X[:, 1] + rng.normal(size=n)
    if kind == "multiclass":
        return X, np.array(["p", "q", "r"])[np.digitize(score, [-0.7, 0.7])]
    return X, score if kind == "regression" else (score > 0).astype(int)


def frames(n, seed):
    rng = np.random.default_rng(seed)
    X, y = arrays(n, seed)
    frame = pd.DataFrame(X, columns=list("abcde"))
    frame.loc[::6, "c"] = np.nan
    return frame.assign(
        town=rng.choice(["x", "y", "z"], n), sex=pd.Categorical(rng.choice(["f", "m"], n)),
        day=pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 99, n), "D"),
    ), pd.Series(np.where(y == 1, "ill", "well"))  # fmt: skip


def texts(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return [" ".join([*rng.choice(WORDS, 6), "up" if one else "down"]) for one in y], y


def wide(n, seed):
    rng = np.random.default_rng(seed)
    X = sparse.random(n, 3000, 0.01, "csr", random_state=seed)
    return X, (np.asarray(X[:, :1500].sum(axis=1)).ravel() + rng.normal(size=n) > 7).astype(int)


def from_summaries():
    X, y = frames(60, 0)
    encoder = fit_encoder(X, y.to_numpy(), task="binary", min_count=3)
    sources = {"b": summarize(*frames(300, 1), encoder=encoder), "c": frames(80, 2)}
    return SafeTransferClassifier().fit(X, y, sources=sources)


def forest():
    from skrub import tabular_pipeline

    estimator = tabular_pipeline(RandomForestClassifier(7, random_state=0))
    X, y = frames(60, 0)
    return SafeTransferClassifier(estimator).fit(X, y, sources={"b": frames(90, 1)})


MODELS = {
    "binary": (lambda: fitted(arrays), arrays),
    "multiclass": (
        lambda: fitted(lambda n, s: arrays(n, s, "multiclass")), arrays,
    ),
    "regression": (
        lambda: fitted(lambda n, s: arrays(n, s, "regression"), SafeTransferRegressor), arrays,
    ),
    "alone": (lambda: SafeTransferClassifier().fit(*arrays(60, 0)), arrays),
    "table": (lambda: fitted(frames), frames),
    "texts": (lambda: fitted(texts), texts),
    "sparse": (lambda: fitted(wide), wide),
    "summaries": (from_summaries, frames),
    "forest": (forest, frames),
}  # fmt: skip


def fitted(rows, kind=SafeTransferClassifier, **options):
    X, y = rows(60, 0)
    return kind(**options).fit(X, y, sources={"b": rows(90, 1), "c": rows(40, 2)})


def all_said(model, X):
    """Everything that a model says of rows, as bytes."""
    said = [np.asarray(model.predict(X))]
    if hasattr(model, "predict_proba"):
        said += [model.predict_proba(X), model.decision_function(X)]
    said.append(np.asarray(model.control_.predict(X)))
    return [part.tolist() if part.dtype == object else part.tobytes() for part in said]


# Trees are the dearest by far, and the slow run has them.
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n == "forest" else n for n in MODELS],
)
def test_a_model_comes_back_bit_for_bit(name, tmp_path):
    make, rows = MODELS[name]
    model, (X, _) = make(), rows(200, 9)
    save_model(model, tmp_path / "m.skops")
    again = load_model(tmp_path / "m.skops")
    assert type(again) is type(model)
    assert all_said(again, X) == all_said(model, X)
    assert again.report_ == model.report_
    assert again.get_params(deep=False).keys() == model.get_params(deep=False).keys()
    assert again.source_influence_ == model.source_influence_
    save_model(again, tmp_path / "twice.skops")
    assert all_said(load_model(tmp_path / "twice.skops"), X) == all_said(model, X)


def test_a_model_of_a_round_makes_the_same_next_encoder(tmp_path):
    model = from_summaries()
    save_model(model, tmp_path / "m.skops")
    again = load_model(tmp_path / "m.skops")
    assert again.encoder_ == model.encoder_
    assert again.next_expansion_.tobytes() == model.next_expansion_.tobytes()


@pytest.fixture
def file(tmp_path):
    save_model(fitted(arrays), tmp_path / "m.skops")
    return tmp_path / "m.skops"


def changed(path, name, change):
    """Rewrite one member of the archive."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = change(members[name].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)


EVIL = [
    "builtins.eval", "builtins.exec", "posix.system", "os.system", "numpy.load",
    "pandas.read_pickle", "pandas.io.common.os.system", "numpy.memmap", "subprocess.Popen",
    "sklearn.datasets._base.load_files", "sklearn.utils._testing.raises",
    "sklearn.utils._testing.assert_run_python_script_without_output", "sklearn.utils.fixes.np",
    "transfergap.data.replaced_file.replace_file",
    "transfergap.safe.model_file.load_model", "transfergap.safe.model_file.Path",
    "transfergap.experiment.store.TrialStore",
    "transfergap.data.encoding.encoder.Encoder.load", "nowhere.Thing", "eval",
]  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_a_file_that_names_something_else_is_not_loaded(file, name):
    module, _, attribute = name.rpartition(".")

    def change(text):
        schema = json.loads(text)
        call = {"__class__": attribute, "__module__": module,
                "__loader__": "ConstructorFromReduceNode",
                "content": {"__class__": "tuple", "__module__": "builtins",
                            "__loader__": "TupleNode", "content": []}}  # fmt: skip
        schema["content"]["content"]["control_"] = call
        return json.dumps(schema)

    assert not is_trusted(name)
    changed(file, "schema.json", change)
    with pytest.raises(DataError) as caught:
        load_model(file)
    if module:
        assert f"holds {name}, which is not trusted" in caught.value.message
        assert f"--trust {name}" in caught.value.hint


def test_a_class_of_ones_own_is_loaded_only_if_it_is_named(tmp_path):
    X, y = arrays(60, 0)
    own = f"{double.__module__}.{double.__qualname__}"
    estimator = make_pipeline(FunctionTransformer(double), RandomForestClassifier(3))
    model = SafeTransferClassifier(estimator).fit(X, y, sources={"b": arrays(90, 1)})
    save_model(model, tmp_path / "m.skops")
    with pytest.raises(DataError, match=f"holds {own}"):
        load_model(tmp_path / "m.skops")
    again = load_model(tmp_path / "m.skops", trusted=[own])
    assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_a_selector_of_scikit_learn_needs_no_trust(tmp_path):
    X, y = arrays(60, 0)
    estimator = make_pipeline(SelectKBest(f_classif, k=2), RandomForestClassifier(3))
    model = SafeTransferClassifier(estimator).fit(X, y, sources={"b": arrays(90, 1)})
    save_model(model, tmp_path / "m.skops")
    assert all_said(load_model(tmp_path / "m.skops"), X) == all_said(model, X)


def refused(path, *patterns):
    with pytest.raises(DataError) as caught:
        load_model(path)
    assert caught.value.hint
    for pattern in patterns:
        assert pattern in str(caught.value)


def test_files_that_are_no_models_are_refused_with_one_error(tmp_path, file):
    refused(tmp_path / "none.skops", "cannot be read", "transfergap fit")
    refused(tmp_path, "cannot be read")
    path = tmp_path / "x.skops"
    for data in (b"", b"PK", b"hello", pickle.dumps({"a": 1}), bytes(5000)):
        path.write_bytes(data)
        refused(path, "no whole model", "transfergap fit")
    skops_io.dump(fitted(arrays), path)  # a model of skops without our note
    refused(path, "no whole model")
    buffer = io.BytesIO(skops_io.dumps({"a": 1}))
    with zipfile.ZipFile(file) as ours, zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(ABOUT, ours.read(ABOUT))
    path.write_bytes(buffer.getvalue())
    refused(path, "it holds a dict")


def test_a_file_that_is_cut_off_or_damaged_anywhere_is_refused(file, tmp_path):
    whole, path = file.read_bytes(), tmp_path / "x.skops"
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(share * len(whole))])
        refused(path)
    with zipfile.ZipFile(file) as archive:
        inside = [member.header_offset + 60 + member.compress_size // 2
                  for member in archive.infolist() if member.compress_size > 200]  # fmt: skip
    for place in inside[:8]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        refused(path)


@pytest.mark.parametrize(("key", "value"), [("transfergap", "99.1"), ("schema", "x/model/7")])
def test_a_file_of_a_newer_version_says_so(file, key, value):
    changed(file, ABOUT, lambda text: json.dumps({**json.loads(text), key: value}))
    refused(file, value, "install that version")


def test_a_damaged_schema_is_one_error(file):
    changed(file, "schema.json", lambda text: text[: len(text) // 2])
    refused(file, "damaged")


def test_a_note_that_is_none_is_refused(file):
    changed(file, ABOUT, lambda text: "[1]")
    refused(file, "no whole model")


def test_only_fitted_models_are_written(tmp_path):
    for thing in (SafeTransferClassifier(), RandomForestClassifier(), None):
        with pytest.raises(DataError, match="no fitted model"):
            save_model(thing, tmp_path / "m.skops")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_written_leaves_the_old_file(file):
    before = file.read_bytes()
    X, y = arrays(60, 0)
    estimator = make_pipeline(FunctionTransformer(lambda X: X), RandomForestClassifier(3))
    model = SafeTransferClassifier(estimator).fit(X, y, sources={"b": arrays(90, 1)})
    try:
        save_model(model, file)
    except DataError as error:
        assert "cannot be stored" in error.message
        assert file.read_bytes() == before
    else:  # skops wrote the name of the lambda; nobody can load it
        refused(file, "<lambda>")


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(StorageError):
        save_model(fitted(arrays), tmp_path / "nowhere" / "m.skops")
