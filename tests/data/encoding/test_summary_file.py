"""Files of summaries: the same values back, and nothing else accepted."""

import hashlib
import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transfergap import GramSummary, summarize
from transfergap.data.encoding import empty_summary, fit_encoder
from transfergap.data.encoding.summary_file import bytes_of
from transfergap.errors import DataError, StorageError


def made(task="regression", later=False, n=40):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=n) * 1e7, "k": rng.choice(["ä", "b"], n)})
    y = rng.normal(size=n) if task == "regression" else rng.choice(list("uvw"), n)
    encoder = fit_encoder(X, y, task=task)
    if later:
        encoder = encoder.at(rng.normal(size=(3, 4)))
    return summarize(X, y, encoder=encoder)


def same(one, other):
    return (
        all(getattr(one, name).tobytes() == getattr(other, name).tobytes()
            for name in ("grams", "moments", "powers"))
        and (one.encoder, one.n_rows, one.noised, one.delta)
        == (other.encoder, other.n_rows, other.noised, other.delta)
    )  # fmt: skip


@pytest.mark.parametrize(
    "summary",
    [
        made(),
        made("multiclass"),
        made("multiclass", later=True),
        empty_summary(made().encoder),
        replace(made(), noised=0.5, delta=1e-6),
        replace(made(), noised=math.inf),
    ],
    ids=["numbers", "classes", "later round", "no rows", "noised", "unbounded"],
)
def test_every_bit_comes_back_and_the_same_bytes_go_out_again(summary, tmp_path):
    summary.save(tmp_path / "a.tgsum")
    again = GramSummary.load(tmp_path / "a.tgsum")
    assert same(summary, again)
    again.save(tmp_path / "b.tgsum")
    assert (tmp_path / "a.tgsum").read_bytes() == (tmp_path / "b.tgsum").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_file_is_what_the_documentation_says(tmp_path):
    summary = made()
    data = bytes_of(vars(summary))
    schema, header, body = data.split(b"\n", 2)
    assert schema == b"transfergap/summary/1"
    said = json.loads(header)
    assert (said["n_rows"], said["noised"], said["q"], said["r"]) == (40, None, 4, 1)
    assert said["encoder"] == json.loads(summary.encoder.to_json())
    numbers = np.frombuffer(body[:-32], "<f8")
    assert numbers[:10].tolist() == summary.grams[0][np.triu_indices(4)].tolist()
    assert numbers[10:14].tolist() == summary.moments[0].tolist()
    assert numbers[14:].tolist() == summary.powers.tolist()
    assert body[-32:] == hashlib.sha256(data[:-32]).digest()


def test_no_text_and_no_number_of_a_row_is_in_the_file():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"x": rng.normal(size=40), "note": [f"note-{i}" for i in range(40)]})
    y = rng.normal(size=40)
    data = bytes_of(vars(summarize(X, y, encoder=fit_encoder(X[["x"]], y, task="regression"))))
    assert b"note" not in data
    for value in [*X["x"], *y]:
        assert np.float64(value).tobytes() not in data
        assert repr(float(value)).encode() not in data


def signed(head, body):
    return head + body + hashlib.sha256(head + body).digest()


def rewritten(change):
    """A file whose header was changed and whose digest fits again."""
    schema, header, body = bytes_of(vars(made())).split(b"\n", 2)
    record = json.loads(header)
    change(record)
    return signed(schema + b"\n" + json.dumps(record).encode() + b"\n", body[:-32])


def with_numbers(change):
    schema, header, body = bytes_of(vars(made())).split(b"\n", 2)
    numbers = np.frombuffer(body[:-32], "<f8").copy()
    change(numbers)
    return signed(schema + b"\n" + header + b"\n", numbers.tobytes())


DATA = bytes_of(vars(made()))
TAMPERED = {
    "empty": (b"", "no summary of transfergap"),
    "text": (b"a,b\n1,2\n", "no summary of transfergap"),
    "pickle": (pickle.dumps(made()), "no summary of transfergap"),
    "zip": (b"PK\x03\x04" + b"0" * 100, "no summary of transfergap"),
    "schema 2": (DATA.replace(b"summary/1", b"summary/2", 1), "schema 'transfergap/summary/2'"),
    "schema 11": (DATA.replace(b"summary/1", b"summary/11", 1), "schema 'transfergap/summary/11'"),
    "only a schema": (b"transfergap/summary/1\n", "header of .* damaged or cut off"),
    "half a header": (DATA[:200], "header of .* damaged or cut off"),
    "cut off": (DATA[:-40], "is cut off"),
    "one byte short": (DATA[:-1], "is cut off"),
    "more at the end": (DATA + b"\x00", "goes on after its end"),
    "twice": (DATA + DATA, "goes on after its end"),
    "a flipped bit": (DATA[:-50] + bytes([DATA[-50] ^ 1]) + DATA[-49:], "is damaged: its digest"),
    "a flipped digest": (DATA[:-1] + bytes([DATA[-1] ^ 1]), "is damaged: its digest"),
    "another n_rows": (DATA.replace(b'"n_rows": 40', b'"n_rows": 41'), "is damaged: its digest"),
    "negative rows": (rewritten(lambda h: h.update(n_rows=-1)), "header of .* damaged"),
    "half a row": (rewritten(lambda h: h.update(n_rows=0.5)), "header of .* damaged"),
    "true rows": (rewritten(lambda h: h.update(n_rows=True)), "header of .* damaged"),
    "no rows": (rewritten(lambda h: h.update(n_rows=0)), "claims 0 rows"),
    "huge": (rewritten(lambda h: h.update(q=10**6)), "claims 1000000 columns"),
    "huger": (rewritten(lambda h: h.update(q=10**300)), "header of .* damaged"),
    "other shape": (rewritten(lambda h: h.update(q=3)), "claims 3 columns and 1 responses"),
    "blocks": (rewritten(lambda h: h.update(n_blocks=7)), "in 7 blocks"),
    "no encoder": (rewritten(lambda h: h.pop("encoder")), "no encoder of transfergap"),
    "old encoder": (rewritten(lambda h: h["encoder"].update(schema="x")), "encoder is of schema"),
    "a list": (signed(b"transfergap/summary/1\n[]\n", b""), "header of .* damaged"),
    "deep": (signed(b"transfergap/summary/1\n" + b"[" * 10**5 + b"\n", b""), "header of .* dam"),
    "noise": (rewritten(lambda h: h.update(noised=-1.0)), "header of .* damaged"),
    "delta": (rewritten(lambda h: h.update(delta="0")), "header of .* damaged"),
    "nan": (with_numbers(lambda v: v.__setitem__(3, np.nan)), "not finite"),
    "infinite": (with_numbers(lambda v: v.__setitem__(-1, np.inf)), "not finite"),
    "not a Gram": (with_numbers(lambda v: v.__setitem__(0, -5.0)), "not positive semi-definite"),
    "no such label": (with_numbers(lambda v: v.__setitem__(-1, 0.0)), "not positive semi-def"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_other_files_are_refused_in_one_clear_line(name, tmp_path):
    data, said = TAMPERED[name]
    path = tmp_path / "b.tgsum"
    path.write_bytes(data)
    with pytest.raises(DataError, match=said) as error:
        GramSummary.load(path)
    assert error.value.hint
    assert "\n" not in error.value.message


def test_every_cut_is_refused(tmp_path):
    path = tmp_path / "b.tgsum"
    for length in range(0, len(DATA), 13):
        path.write_bytes(DATA[:length])
        with pytest.raises(DataError):
            GramSummary.load(path)


def test_a_short_file_that_claims_much_reserves_nothing(tmp_path):
    import tracemalloc

    rng = np.random.default_rng(0)
    wide = fit_encoder(rng.normal(size=(5, 3000)), rng.normal(size=5), task="regression")
    path = tmp_path / "b.tgsum"
    head = bytes_of(vars(empty_summary(wide)))
    path.write_bytes(head[: head.index(b"\n", 25) + 1] + b"0" * 64)
    tracemalloc.start()
    with pytest.raises(DataError, match="is cut off"):
        GramSummary.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6  # the Gram alone would be 72e6


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "b.tgsum", tmp_path):
        with pytest.raises(DataError, match="cannot be read") as error:
            GramSummary.load(path)
        assert str(path) in error.value.message


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    with pytest.raises(StorageError, match="could not be written"):
        made().save(tmp_path / "nowhere" / "b.tgsum")
    path = tmp_path / "b.tgsum"
    made().save(path)
    made("multiclass").save(path)
    assert same(GramSummary.load(path), made("multiclass"))
