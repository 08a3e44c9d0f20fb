"""Sentiment: hashed counts and the texts behind them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from transfergap.datasets import load_sentiment, load_sentiment_texts
from transfergap.datasets._sentiment import HASHING, REGISTERS
from transfergap.errors import DataError

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sentiment_vader4" / "data.parquet"
FETCH = "pip download --no-deps --no-binary :all: vaderSentiment==3.3.2"
ROWS = "1_1\t1.5\tVery good.\r\n1_2\t-2\tSo\x85bad\u2028indeed.\r\n2_1\t0.4\tA table.\r\n"
FILES = dict.fromkeys(
    (
        "tweets_GroundTruth.txt",
        "movieReviewSnippets_GroundTruth.txt",
        "amazonReviewSnippets_GroundTruth.txt",
        "nytEditorialSnippets_GroundTruth.txt",
    ),
    ROWS,
)


def pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def inner_archive(files: dict[str, str]) -> bytes:
    folder = "hutto_ICWSM_2014"
    shadows = {f"{folder}/._{name}": b"\x00\x05\x16\x07" for name in files}
    return pack(shadows | {f"{folder}/{name}": text.encode() for name, text in files.items()})


@pytest.mark.parametrize("target", REGISTERS)
def test_every_register_can_be_the_target(target: str) -> None:
    data = load_sentiment(target)
    assert data.X.shape == (1000, HASHING["n_features"])
    assert set(data.sources) == set(REGISTERS) - {target}
    assert data.X.has_sorted_indices
    assert data.X.data.min() >= 1.0
    assert 0.2 < data.y.mean() < 0.8


def test_only_registers_with_several_snippets_a_review_have_groups() -> None:
    with_groups = {name for name in REGISTERS if load_sentiment(name).groups is not None}
    assert with_groups == {"products", "editorials"}


def test_bundled_rows_are_the_hashed_texts_of_the_register() -> None:
    if not SHARED.exists():
        pytest.skip("the shared data folder is not beside this checkout")
    import pandas as pd
    from sklearn.feature_extraction.text import HashingVectorizer

    table = pd.read_parquet(SHARED)
    domains = {"products": "amazon_snippets", "editorials": "nyt_editorials", "tweets": "tweets"}
    for name, domain in domains.items():
        rows = table[table["domain"] == domain]
        counts = HashingVectorizer(**HASHING).transform(rows["text"])
        published = {
            (row.indices.tobytes(), row.data.tobytes(), label)
            for row, label in zip(counts, rows["y"])
        }
        data = load_sentiment(name)
        X = data.X
        assert X.indices.dtype == counts.indices.dtype
        bundled = {
            (row.indices.tobytes(), row.data.tobytes(), label) for row, label in zip(X, data.y)
        }
        assert bundled <= published


@pytest.mark.parametrize("nested", [False, True])
def test_texts_are_read_from_the_source_distribution_and_from_the_inner_archive(
    tmp_path: Path, nested: bool
) -> None:
    content = inner_archive(FILES)
    if nested:
        folder = "vaderSentiment-3.3.2/additional_resources"
        content = pack({f"{folder}/hutto_ICWSM_2014.tar.gz": content})
    path = tmp_path / "archive.tar.gz"
    path.write_bytes(content)
    data = load_sentiment_texts(path, "films")
    assert data.X == ["Very good.", "So\x85bad\u2028indeed."]
    assert data.y.tolist() == [1, 0]
    assert data.groups is not None
    assert data.groups.tolist() == [1, 1]
    assert set(data.sources) == {"tweets", "products", "editorials"}


def test_an_absent_archive_is_refused_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_sentiment_texts(tmp_path / "nothing.tar.gz")
    assert FETCH in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"no archive", inner_archive(FILES)[:200], pack({"other.txt": b"1\t2\t3"})]
)
def test_a_wrong_archive_is_refused_with_the_command_that_fetches_it(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "wrong.tar.gz"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_sentiment_texts(path)
    assert FETCH in str(caught.value)


def test_a_small_target_is_a_part_of_the_large_one() -> None:
    small, large = load_sentiment(n_target=20), load_sentiment()
    np.testing.assert_array_equal(small.X.toarray(), large.X[:20].toarray())
