"""Texts that were slightly changed are the same texts, in lists and in columns of tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from transfergap import audit
from transfergap.data.copies import decide, search_rows
from transfergap.data.copies.words import WordTable, have_words, words_of

ENGLISH = [
    "market", "village", "doctor", "window", "engine", "silver", "harbour", "meadow", "lantern",
    "copper", "orchard", "saddle", "thunder", "velvet", "pepper", "canyon", "marble", "falcon",
    "ribbon", "timber", "walks", "sings", "builds", "carries", "watches", "gently", "often",
    "under", "beside", "towards", "crème", "café", "naïve"
]  # fmt: skip
GREEK = [
    "άνεμος", "θάλασσα", "βουνό", "ήλιος", "δρόμος", "σπίτι", "κήπος", "νύχτα", "χειμώνας",
    "ποτάμι", "γέφυρα", "πόλη", "χωριό", "άλογο", "μέλι", "ψωμί", "βιβλίο", "σχολείο", "φίλος",
    "τραγούδι", "γράφει", "βλέπει", "μικρό", "μεγάλο"
]  # fmt: skip
HINDI = [
    "पानी", "किताब", "लड़का", "नदी", "पहाड़", "सूरज", "बाज़ार", "मिठाई", "दोस्त", "रास्ता",
    "घर", "गाँव", "शहर", "रात", "सुबह", "हवा", "बारिश", "पेड़", "फूल", "चिड़िया", "लिखता",
    "देखता", "छोटा", "बड़ा"
]  # fmt: skip
KANJI = list("山川田空海森林花鳥風月雪雨雲星火水木金土日人口目耳手足車門家")


def worded(n, rng, words=ENGLISH, length=10, blank=" "):
    return [blank.join(rng.choice(words, length)) for _ in range(n)]


def without_a_word(text, rng):
    words = text.split()
    del words[int(rng.integers(len(words)))]
    return " ".join(words)


def another_word(text, rng):
    words = text.split()
    words[int(rng.integers(len(words)))] = "elsewhere"
    return " ".join(words)


CHANGES = {
    "a full stop": lambda text, rng: text + ".",
    "an exclamation before and after": lambda text, rng: "¡" + text + "!",
    "a forward's prefix": lambda text, rng: "Fwd: " + text,
    "a ticket number": lambda text, rng: f"(#{rng.integers(1000, 9999)}) {text}",
    "a signature": lambda text, rng: text + " -- with kind regards",
    "one word less": without_a_word,
    "two words less": lambda text, rng: without_a_word(without_a_word(text, rng), rng),
    "one word another": another_word,
    "no accents": lambda text, rng: text.translate(str.maketrans("èéï", "eei")),
    "other accents": lambda text, rng: text.replace("o", "ó").replace("a", "â"),
    "title case, wide blanks": lambda text, rng: text.title().replace(" ", "   "),
    "full width letters": lambda text, rng: "".join(
        chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text
    ),
}
FORMS = {
    "a list": lambda texts, places, rng: texts,
    "a vector": lambda texts, places, rng: np.array(texts, dtype=object),
    "a column": lambda texts, places, rng: pd.DataFrame({"note": texts}),
    "beside a number of strangers": lambda texts, places, rng: pd.DataFrame(
        {"note": texts, "age": rng.integers(18, 90, len(texts))}
    ),
    "beside a category of its own": lambda texts, places, rng: pd.DataFrame(
        {"note": texts, "ward": np.array(["red", "blue", "green"])[places % 3]}
    ),
}


def removed_of(target, copies, strangers, form, rng):
    """Share of copies that are removed, and strangers that are."""
    places, n = np.arange(len(target)), len(copies)
    order = rng.permutation(n + len(strangers))
    mixed = [[*copies, *strangers][k] for k in order]
    here = FORMS[form](target, places, rng)
    there = FORMS[form](mixed, np.append(places[:n], np.arange(len(strangers)))[order], rng)
    labels = rng.integers(0, 2, len(target))
    source_labels = np.append(labels[:n], rng.integers(0, 2, len(strangers)))[order]
    removed = decide(search_rows(here, there), labels, source_labels).removed
    return removed[order < n].mean(), int(removed[order >= n].sum())


@pytest.mark.parametrize(
    ("change", "form"),
    [
        *((change, "beside a number of strangers") for change in CHANGES),
        *((change, form) for form in FORMS for change in ("a forward's prefix", "other accents")),
    ],
)
def test_changed_texts_are_found_in_every_form(change, form):
    rng = np.random.default_rng(1)
    target, strangers = worded(50, rng), worded(70, rng)
    copies = [CHANGES[change](text, rng) for text in target[:40]]
    share, others = removed_of(target, copies, strangers, form, rng)
    # Two words less of ten leave little where the words are few and the other column is another's.
    assert share >= (0.85 if change == "two words less" else 0.98)
    assert others == 0


@pytest.mark.parametrize("words", [GREEK, HINDI], ids=["Greek", "Hindi"])
@pytest.mark.parametrize("change", ["a full stop", "a forward's prefix", "one word less"])
def test_texts_of_other_scripts_are_found(words, change):
    rng = np.random.default_rng(2)
    target, strangers = worded(80, rng, words), worded(100, rng, words)
    copies = [CHANGES[change](text, rng) for text in target[:40]]
    assert removed_of(target, copies, strangers, "a column", rng) == (1.0, 0)


@pytest.mark.parametrize(
    "change", [lambda t: t + "。", lambda t: "転送:" + t, lambda t: t[:5] + t[6:]]
)
def test_texts_without_blanks_are_found(change):
    rng = np.random.default_rng(3)
    target, strangers = (worded(n, rng, KANJI, 14, "") for n in (80, 100))
    copies = [change(text) for text in target[:40]]
    assert removed_of(target, copies, strangers, "a column", rng) == (1.0, 0)


def test_two_columns_of_texts_and_numbers_are_one_row():
    """The title, the body and a number are changed; what is left of them names the row."""
    rng = np.random.default_rng(4)

    def mails(n):
        return pd.DataFrame(
            {"title": worded(n, rng, length=5), "body": worded(n, rng, length=25),
             "size": rng.normal(size=n), "year": rng.integers(2000, 2020, n)}
        )  # fmt: skip

    target, strangers = mails(70), mails(90)
    copies = target.iloc[:25].assign(
        title=["Re: " + text for text in target.title[:25]],
        body=[without_a_word(text, rng) for text in target.body[:25]],
        size=rng.normal(size=25),
    )
    labels, others = rng.normal(size=70), rng.normal(size=90)
    search = search_rows(target, pd.concat([copies, strangers], ignore_index=True))
    decision = decide(search, labels, np.append(labels[:25], others))
    assert decision.removed.tolist() == [True] * 25 + [False] * 90
    assert decision.n_changed == 25
    assert {"title", "body", "size"} <= set(decision.differing)


def test_six_copies_of_two_hundred_are_found():
    rng = np.random.default_rng(5)
    target, strangers = worded(200, rng, length=14), worded(300, rng, length=14)
    copies = ["Fw: " + without_a_word(text, rng) for text in target[:6]]
    assert removed_of(target, copies, strangers, "beside a number of strangers", rng) == (1.0, 0)


def test_a_form_that_everyone_fills_in_makes_no_copies():
    rng = np.random.default_rng(6)

    def forms(n):
        ages, days = rng.integers(20, 90, n), rng.integers(1, 30, n)
        return pd.DataFrame({"text": [
            f"Patient of {a} years was seen on day {d} and sent home with advice"
            for a, d in zip(ages, days, strict=True)
        ], "dose": rng.normal(size=n)})  # fmt: skip

    target, source = forms(100), forms(400)
    labels = rng.integers(0, 2, 100), rng.integers(0, 2, 400)
    assert not decide(search_rows(target, source), *labels).removed.any()


def test_codes_numbers_and_dates_are_no_prose():
    assert not have_words([words_of(text) for text in ("A-17", "B-204", "C-9")])
    assert not have_words([words_of(text) for text in ("2024-01-05 10:00", "2024-01-06")])
    assert not have_words([])
    assert have_words([words_of(text) for text in ("North Gate", "South Gate", "East")])


@pytest.mark.parametrize("texts", [[], [""], ["?!"], ["", "a"], ["  ", "the end", "the  end."]])
def test_odd_texts_are_searched_without_complaint(texts):
    target = pd.DataFrame({"text": ["the end of it", "the end", "", "!?"] * 3})
    search = search_rows(target, pd.DataFrame({"text": texts}, dtype=object))
    assert len(search.source_class) == len(texts)
    assert search_rows(list(target["text"]), texts).n_source == len(texts)


def test_missing_texts_are_no_copies():
    rng = np.random.default_rng(7)
    texts = [None if k % 4 == 0 else text for k, text in enumerate(worded(80, rng))]
    target = pd.DataFrame({"text": texts})
    source = pd.DataFrame({"text": [None] * 60 + ["Re: " + text for text in target.text[1:4]]})
    labels = np.arange(80) % 2
    removed = decide(search_rows(target, source), labels, np.append(np.zeros(60, int), labels[1:4]))
    assert removed.removed.tolist() == [False] * 60 + [True] * 3


def test_a_word_counts_once_a_text():
    table = WordTable.of(["to be or not to be", "to be"])
    assert table.n_words == 4
    assert table.features.sum(axis=1).ravel().tolist() == [[4 + 4, 3]]  # words and pairs
    assert table.letters.tolist() == [2, 2, 2, 3]


def test_random_labels_do_not_help_through_a_changed_column_of_texts():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(8)
    target, strangers = worded(100, rng), worded(50, rng)
    y = rng.integers(0, 2, 100)
    source = [*(f"Note {k}: {text}" for k, text in enumerate(target)), *strangers]
    study = audit(
        make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB()), target, y,
        sources={"s": (source, np.append(y, rng.integers(0, 2, 50)))}, metric="accuracy",
        arms=["s pooled"], effort="quick", explain="none", subgroups=None,
    )  # fmt: skip
    (finding,) = (found for found in study.findings if found.code == "TG106")
    assert finding.evidence["n_changed"] == 100
    assert str(study.result.arms[1].verdict) != "helps"


@pytest.mark.parametrize("n_words", [3, None])
def test_sentences_and_titles_of_strangers_are_left_alone(n_words, shared_data):
    """Titles are the first words of real sentences; of two that begin alike one was dropped."""
    frame = pd.read_parquet(shared_data / "sentiment_vader4" / "data.parquet")
    frame = frame[frame.domain != "tweets"]  # its tweets are rewordings of one another
    words = frame.text.map(words_of)
    for part in (slice(None, 6), slice(-6, None)):
        ends = words.map(lambda text, part=part: " ".join(text[part]))
        frame, words = frame[~ends.duplicated()], words[~ends.duplicated()]
    texts = words.map(lambda text: " ".join(text[:n_words]))
    alarms, draws = 0, 15
    for seed in range(draws):
        rows = np.random.default_rng(seed).permutation(len(frame))[:450]
        parts = rows[:100], rows[100:]
        tables = [pd.DataFrame({"text": texts.iloc[part].tolist()}) for part in parts]
        labels = frame.y.to_numpy()
        decision = decide(search_rows(*tables), *(labels[part] for part in parts))
        alarms += bool(decision.removed.any())
    assert alarms <= binom.ppf(1 - 1e-4, draws, 0.005)
