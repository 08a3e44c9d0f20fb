"""Texts that name rows: codes, plates, file names, names of persons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.dates import could_be_date
from transfergap.data.notations.punctuated_numbers import IP, MAC, is_date, is_issued, is_yearly
from transfergap.data.notations.spelling import uuid_digits

MOSTLY = 0.9  # share of a column's values that have a form
_ONE_PREFIX = 0.9  # share of the codes with the commonest prefix
_MOST_SHAPES = 3  # of codes with letters that vary: plates of a country have one or two
# Letters and digits of a code, at least: plates and seat-like codes have fewer, or are no names.
_FEWEST_SIGNS, _FEWEST_OF_EACH = 6, 2
_MOST_PREFIXES, _FEWEST_COUNTED = 3, 5  # of codes with several prefixes; digits behind each
_SHARED_SHAPE = 0.1  # of tokens, at most; by chance ten letters and digits share none
_SHORTEST_TOKEN = 8  # letters and digits that were drawn: shorter ones are codes with a meaning
_LONGEST_WORD = 4  # letters in a row of a code: longer ones are words
_MOST_SPOKEN = 2  # words between blanks, in a code: "bed 3 of ward 7" is a phrase
_SHARED_WORD = 0.25  # share of persons with one first name, at most; commoner words are no names
# p-value from which on labels follow a text, over its order and its words: the share of ids of
# shuffled rows that stay in use.
_LIKE_TEXT = 0.01
_FEWEST_WITH_WORD = 3
HEX = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$")
CODE = re.compile(r"^([A-Za-z]{0,8}[-_/#.: ]{0,2})(\d{1,20})([-_/.]\d+){0,2}$")
_LONG = re.compile(r"^\d{17,}$")  # more digits than a time in microseconds has
_FILE = re.compile(
    r"^[^<>|?*\"]*[^<>|?*\". ]\.(dcm|nii|nrrd|mha|jpe?g|png|tiff?|bmp|gif|webp|svg|svs|wav|mp3|flac"
    r"|ogg|mp4|avi|mov|mkv|csv|tsv|txt|dat|bin|json|ya?ml|xml|html?|pdf|docx?|xlsx?|pptx?|odt|md|log"
    r"|parquet|feather|np[yz]|pkl|h5|hdf5|mat|edf|bdf|las|laz|ply|stl|obj|pdb|cif|fits?|nc|fa|fasta"
    r"|fastq|bam|vcf|bed|zip|tar|eml|ini|py|r|sav|dta)(\.gz|\.bz2|\.zst)?$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"^[A-Za-z0-9_-]+$")
_SIGNS = re.compile(r"^[A-Za-z0-9]+([-_/.#: ]{1,3}[A-Za-z0-9]+)*$")
_DECIMAL = re.compile(r"\d[.,]\d")
_SPOKEN = re.compile(r"[A-Za-z]{3}")
_LETTERS = re.compile(r"[A-Za-z]+")
_NAME = r"(?:[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*\.?\d{0,3})"
_OF = r"(?:(?:van|von|de|der|den|del|di|da|la|le|bin|al|el|ter|zu) )*"
_PERSON = re.compile(  # "Reno, NV" is a place
    rf"^(?!.*, ?[A-Z]{{2}}$)(?:{_NAME}(?: {_OF}{_NAME}){{1,2}}"
    rf"|{_NAME}(?:[ -]{_NAME})?,(?: {_NAME}){{1,2}})$"
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "herr", "frau"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def text_reason(
    texts: NDArray[Any], labels: NDArray[Any], *, strength: int, naming: bool, recurs: bool
) -> str:
    """Describe nearly all different texts that name rows; empty for others.

    Parameters
    ----------
    texts, labels : ndarray, shape (n_rows,)
        Of rows with a text.
    strength : int
        Of the column's name, as :func:`transfergap.data.tables.column_names.name_strength` grades.
    naming : bool
        Whether the column's name says that texts are names, as ``filename`` does.
    recurs : bool
        Whether more texts are in a source as well than chance explains: names of persons may then
        be those of countries.

    Examples
    --------
    >>> scans = np.array([f"scan_{k:03d}.dcm" for k in range(40)], dtype=object)
    >>> text_reason(scans, np.arange(40) % 2, strength=0, naming=False, recurs=False)
    'a file name'
    """
    if sum(map(bool, map(uuid_digits, texts))) >= MOSTLY * len(texts):
        return "a UUID"
    if _share(EMAIL, texts) >= MOSTLY:
        return "an address"
    if _share(HEX, texts) >= MOSTLY:
        return "a hash"
    if _share(_FILE, texts) >= MOSTLY:
        return "a file name"
    if _share(MAC, texts) >= MOSTLY:
        return "a device's address"
    n_dates = sum(is_date(text) or could_be_date(text) for text in texts)
    if n_dates >= MOSTLY * len(texts) or strength < 0:
        return ""
    if _share(CODE, texts) >= MOSTLY and (reason := _code_reason(texts, labels, strength)):
        return reason
    if strength == 2 and not any(" " in text for text in texts):
        return "a name for each row"
    named = strength > 0 or naming
    is_number = is_issued(texts, named=named, share=MOSTLY)
    if strength == 2 and is_number:
        return "a record number"
    forms = {
        "a network address": _share(IP, texts) >= MOSTLY,
        "a record number": is_number
        or is_yearly(texts, share=MOSTLY)
        or _share(_LONG, texts) >= MOSTLY,
        "a code that numbers rows": _is_code(texts, named=named) or _is_token(texts),
    }
    if any(forms.values()) and _says_nothing(texts, labels):
        return next(form for form, has_form in forms.items() if has_form)
    one_word = (naming or (named and _is_one_length(texts))) and not any(" " in t for t in texts)
    person = is_person(texts) and (naming or not recurs)
    return "a name for each row" if (one_word or person) and _says_nothing(texts, labels) else ""


def code_number(text: str) -> int | None:
    """Return the number of a code; ``None`` where it has none.

    Examples
    --------
    >>> [code_number(text) for text in ("P0012", "scan_07.dcm", "Ada", "0a3f9c2e")]
    [12, 7, None, None]
    """
    if uuid_digits(text) or HEX.match(text) or EMAIL.match(text):
        return None
    code = CODE.match(text)
    digits = "".join(re.findall(r"\d+", text))
    if code is not None and not code.group(3):
        return int(code.group(2))
    return int(digits[:20]) if digits else None


def _share(pattern: re.Pattern[str], texts: NDArray[Any]) -> float:
    return sum(pattern.match(text) is not None for text in texts) / len(texts)


def _code_reason(texts: NDArray[Any], labels: NDArray[Any], strength: int) -> str:
    """Describe codes of a prefix and a number.

    Several prefixes may carry information.
    """
    parts = [match for text in texts if (match := CODE.match(text)) is not None]
    prefixes = [match.group(1).casefold() for match in parts]
    commonest = max(Counter(prefixes).values())
    if strength == 0 and _counts_by_prefix(parts) and _says_nothing(texts, labels):
        return "a code that numbers rows"
    if commonest < _ONE_PREFIX * len(prefixes) and (
        strength == 0 or (strength == 1 and not _says_nothing(texts, labels))
    ):
        return ""
    plain = commonest >= _ONE_PREFIX * len(prefixes) and not prefixes[0].strip()
    padded = any(re.match(r"0\d", match.group(2)) for match in parts)  # 0.35 is none
    if plain and strength == 0 and not padded:
        return ""  # numbers that were read as text: an amount, perhaps
    return "a record number" if plain else "a code that numbers rows"


def _counts_by_prefix(parts: Sequence[re.Match[str]]) -> bool:
    """Return whether a few prefixes stand before long numbers of one width.

    Codes of diseases, posts and drugs have fewer digits.
    """
    prefixes = Counter(part.group(1).casefold() for part in parts)
    widths = Counter(len(part.group(2)) for part in parts)
    n_digits, n_alike = widths.most_common(1)[0]
    return (
        1 < len(prefixes) <= _MOST_PREFIXES
        and all(prefix[-1:].isalpha() for prefix in prefixes)
        and n_digits >= _FEWEST_COUNTED
        and n_alike >= MOSTLY * len(parts)
    )


def _is_one_length(texts: NDArray[Any]) -> bool:
    """Return whether texts are long, and nearly all of one length.

    Codes of countries and the like are shorter.
    """
    length, n_alike = Counter(map(len, texts)).most_common(1)[0]
    return length >= _FEWEST_SIGNS and n_alike >= MOSTLY * len(texts)


def _is_token(texts: NDArray[Any]) -> bool:
    """Return whether texts of one length were drawn from letters and digits.

    Each has two kinds of signs at least (digits, capitals, small letters), and no order of kinds is
    common: sequences of genes and proteins, formulas and codes with a meaning have one.
    """
    if not _is_one_length(texts) or max(map(len, texts)) < _SHORTEST_TOKEN:
        return False
    tokens = [text for text in texts if _TOKEN.match(text)]
    kinds = Counter(
        re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", re.sub(r"\d", "9", text))) for text in tokens
    )
    mixed = sum(n for kind, n in kinds.items() if len({*kind} & {*"Aa9"}) > 1)
    return mixed >= MOSTLY * len(texts) and max(kinds.values()) <= _SHARED_SHAPE * len(texts)


def _is_code(texts: NDArray[Any], *, named: bool) -> bool:
    """Return whether texts are codes of letters and digits in one shape.

    Either the letters are the same in nearly all, and a number makes the difference; or letters
    vary in few shapes, as in number plates. Decimals and amounts with a unit are measured.
    """
    codes = [text for text in texts if _SIGNS.match(text) and not _DECIMAL.search(text)]
    codes = [text for text in codes if _LETTERS.search(text) and re.search(r"\d", text)]
    if len(codes) < MOSTLY * len(texts):
        return False
    n_needed = MOSTLY * len(texts)
    words = Counter(tuple(_LETTERS.findall(code.casefold())) for code in codes)
    alike, n_alike = words.most_common(1)[0]
    if n_alike >= n_needed:
        codes = [code for code in codes if tuple(_LETTERS.findall(code.casefold())) == alike]
        if sum(bool(_SPOKEN.search(word)) for word in codes[0].split()) > _MOST_SPOKEN:
            return False
        # "35 kg" begins with its number, unless that is padded to one width.
        padded = any(re.match(r"0\d|\d+_", code) for code in codes)
        return (named or padded or codes[0][0].isalpha()) and _is_one_number(codes)
    shapes = Counter(
        re.sub(r"\d", "9", _LETTERS.sub(lambda m: "A" * len(m.group()), code)) for code in codes
    )
    common = shapes.most_common(_MOST_SHAPES)
    if sum(n for _, n in common) < n_needed:
        return False
    return all(_is_plate(shape) for shape, n in common if n > len(texts) - n_needed)


def _is_one_number(codes: Sequence[str]) -> bool:
    """Return whether one number varies, or all are of one width.

    C6H12 are two amounts."""
    runs = [re.findall(r"\d+", code) for code in codes]
    n_runs = Counter(map(len, runs)).most_common(1)[0][0]
    columns = list(zip(*(row for row in runs if len(row) == n_runs), strict=True))
    constant = [Counter(column).most_common(1)[0][1] >= MOSTLY * len(column) for column in columns]
    if constant.count(False) <= 1:
        return True
    widths = (Counter(map(len, column)).most_common(1)[0][1] for column in columns)
    return all(n >= MOSTLY * len(codes) for n in widths)


def _is_plate(shape: str) -> bool:
    n_letters, n_digits = shape.count("A"), shape.count("9")
    longest = max(map(len, re.findall("A+", shape)), default=0)
    enough = n_letters + n_digits >= _FEWEST_SIGNS and min(n_letters, n_digits) >= _FEWEST_OF_EACH
    return enough and longest <= _LONGEST_WORD


def is_person(texts: Sequence[str] | NDArray[Any]) -> bool:
    """Return whether texts are first and last names of persons.

    Examples
    --------
    >>> is_person(["Ada Obi", "Lee, Bo", "Jan van der Berg", "Mia Roth"])
    True
    >>> is_person(["Oak Street", "Elm Street", "Mill Street", "High Street"])
    False
    """
    n_persons = sum(_PERSON.match(text) is not None for text in texts)
    if n_persons < MOSTLY * len(texts):
        return False
    words = Counter(word for text in texts for word in set(_WORD.findall(text.casefold())))
    n_commonest = max(
        (n for word, n in words.items() if len(word) > 1 and word not in _TITLES), default=0
    )
    return n_commonest <= max(1.0, _SHARED_WORD * len(texts))


def _says_nothing(texts: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Return whether labels follow neither texts' order nor their words."""
    folded = [text.casefold() for text in texts]
    codes = label_ranks(labels)
    order = np.argsort(np.asarray(folded, dtype=object), kind="stable")
    p_values = [order_p_value(codes[order])]
    p_values += [_word_p_value(folded, codes)]
    return min(p_values) * len(p_values) >= _LIKE_TEXT


def label_ranks(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers as ranks, and classes as whole numbers.

    Examples
    --------
    >>> label_ranks(np.array([0.1, 9.0, 3.0])), label_ranks(np.array(["b", "a"]))
    (array([1., 3., 2.]), array([1., 0.]))
    """
    import pandas as pd

    if labels.dtype.kind == "f":
        return np.asarray(pd.Series(labels).rank().to_numpy(), dtype=float)
    return np.unique(labels, return_inverse=True)[1].astype(float)


def order_p_value(codes: NDArray[np.float64]) -> float:
    """Return the p-value of label similarity along an order.

    A permutation test of the squared differences between ranks (for classes: of positions) of
    neighbours, by its normal approximation, and of their correlation with the order.

    Parameters
    ----------
    codes : ndarray, shape (n_rows,)
        Ranks of labels, in order.

    Examples
    --------
    >>> order_p_value(np.arange(30.0)) < 1e-6
    True
    """
    from scipy.stats import norm

    centred = codes - codes.mean()
    total = float((centred**2).sum())
    if total == 0:
        return 1.0
    n = len(codes)
    ratio = float((np.diff(codes) ** 2).sum()) / total  # von Neumann: 2 for no order
    z = (2.0 - ratio) * np.sqrt(n) / 2.0
    level = abs(float(np.corrcoef(np.arange(n), codes)[0, 1])) * np.sqrt(n - 1.0)
    return float(min(2.0 * norm.sf(z), 4.0 * norm.sf(level)))  # Bonferroni: two looks


def _word_p_value(texts: Sequence[str], codes: NDArray[np.float64]) -> float:
    """Return the p-value of the word that labels follow most (normal, Bonferroni)."""
    from scipy.stats import norm

    n = len(texts)
    rows_of: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        for word in {*_WORD.findall(text), *_LETTERS.findall(text)}:
            rows_of.setdefault(word, []).append(row)
    rows_of = {
        word: rows
        for word, rows in rows_of.items()
        if _FEWEST_WITH_WORD <= len(rows) <= n - _FEWEST_WITH_WORD
    }
    variance = float(codes.var())
    if not rows_of or variance == 0:
        return 1.0
    counts = np.array([len(rows) for rows in rows_of.values()])
    means = np.array([codes[rows].mean() for rows in rows_of.values()])
    spread = np.sqrt(variance * (n - counts) / (counts * (n - 1.0)))  # without replacement
    return float(min(1.0, 2.0 * norm.sf(np.abs(means - codes.mean()) / spread).min() * len(counts)))
