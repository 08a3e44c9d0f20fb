"""Names of columns: of identifiers, measurements, places."""

from __future__ import annotations

import re
import unicodedata

from transfergap.data.tables.column_words import (
    CODES,
    COUNTING,
    FIRST_CODES,
    IDENTIFIERS,
    INDEXES,
    MEASURED,
    NAMED,
    NUMBERS,
    OF,
    PER,
    PLACES,
    ROWS,
)

# Ends of one word: German, Dutch, Scandinavian and Finnish compounds; Chinese, Japanese and Korean
# names have no blanks.
_COMPOUND_NUMBER = re.compile(
    r"(nummer|nr|number|numero|编号|編號|编码|序号|序號|号码|號碼|[学學证證卡单單账帳]号|番号|番號|번호"
    r"|아이디)$"
)
# What rows are, in front of "id" or "no" in one word: "humid" and "acid" have no such beginning.
_COMPOUND = re.compile(
    rf"^({'|'.join(sorted(ROWS, key=len, reverse=True))})"
    r"(?P<end>ids?|uid|no|nr|num|nbr|code|key|idx)$"
)
_UNNAMED = re.compile(r"^(unnamed[:_ ]*\d+(\.\d+)*|\.\.\.\d+|level_\d+|index|)$", re.IGNORECASE)
_OXIDE = re.compile(r"(?<![A-Za-z])no[2-9x](?![A-Za-z])", re.IGNORECASE)  # NO2, NOx
_PLURAL = re.compile(r"[a-z]{3,}(?<![ius])s$")  # not "status", "address", "analysis"
_NO_PLURALS = frozenset({"series", "pers", "ems", "gps", "sms"})
_ASIAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"


def name_strength(name: str) -> int:
    """Grade a column name: 2 identifier, 1 perhaps, 0 unknown, -1 unlikely.

    Words for measurements and counts forbid weaker words for identifiers; of "A of B", A counts.

    Examples
    --------
    >>> [name_strength(n) for n in ("patientId", "Unnamed: 0", "record_no", "humid", "age")]
    [2, 2, 1, 0, -1]
    >>> [name_strength(n) for n in ("kundennummer", "studyid", "номер", "患者编号", "no. of ids")]
    [1, 2, 1, 1, -1]
    >>> [name_strength(n) for n in ("cost_per_case", "weight of patient", "id of patient")]
    [-1, -1, 2]
    >>> [name_strength(n) for n in ("price_index", "row_index", "beds_no", "nr pacjenta")]
    [-1, 2, -1, 1]
    """
    if not name:
        return 0
    if _UNNAMED.match(name.strip()):
        return 2
    words = words_of(name)
    if not words or words == ["no"]:  # a row number, or nitric oxide: its values tell
        return 0
    if is_counted(name):
        return -1
    words = _head(words)
    if _is_identifier(words[-1]):
        return 2
    if any(word in MEASURED or word in PLACES for word in words):
        return -1
    if any(map(_is_identifier, words)) or _is_row_index(words):
        return 2
    forms = (
        words[-1] in NUMBERS | CODES,
        _COMPOUND_NUMBER.search(words[-1]),
        _COMPOUND.match(words[-1]),
        words[0] in FIRST_CODES,
        words[0] in NUMBERS and (ROWS | NAMED) & {*words[1:]},
    )
    return int(any(forms))


def says_name(name: str) -> bool:
    """Return whether a column name says that its values are names.

    Examples
    --------
    >>> [says_name(name) for name in ("fileName", "license_plate", "iban", "profile", "note")]
    [True, True, True, False, False]
    >>> [says_name(name) for name in ("calls_phone", "steps_per_person", "weight of patient")]
    [False, False, False]
    """
    words = words_of(name)
    if not words or is_counted(name):
        return False
    words = _head(words)
    return words[-1] in NAMED and not MEASURED & {*words}


def says_row(name: str) -> bool:
    """Return whether a column name says what is numbered.

    A word for numbers alone says so too: it numbers rows.

    Examples
    --------
    >>> [says_row(name) for name in ("patient_number", "record", "kundennr", "ward_number")]
    [True, True, True, False]
    """
    words = words_of(name)
    if len(words) == 1 and words[0] in NUMBERS | CODES:
        return True
    return any(word in ROWS or word in NAMED or _COMPOUND.match(word) for word in words)


def says_index(name: str) -> bool:
    """Return whether a column name calls its values an index.

    Examples
    --------
    >>> [says_index(name) for name in ("index", "record_index", "patient_id")]
    [True, True, False]
    """
    return bool(INDEXES & {*words_of(name)[-1:]})


def is_counted(name: str) -> bool:
    """Return whether a column name says that things are counted.

    Amounts for each of something count as such.

    Examples
    --------
    >>> [is_counted(name) for name in ("number of visits", "# beds", "beds_no", "cost per case")]
    [True, True, True, True]
    >>> [is_counted(name) for name in ("Order #", "N° dossier", "series_no", "número de paciente")]
    [False, False, False, False]
    """
    words = words_of(name)
    if name.strip().startswith("#"):
        return bool(words) and not _is_identifier(words[-1])
    if len(words) < 2 or (words[-1] in IDENTIFIERS and words[-1] != "ids"):
        return False
    if words[0] in COUNTING or PER & {*words[1:-1]}:
        return True
    if words[0] in NUMBERS and words[1] in OF:
        return words[1] == "of" or not (ROWS | NAMED) & {*words[2:]}
    if words[0] in NUMBERS and _is_plural(words[1]):
        return True
    return words[-1] in NUMBERS and _is_plural(words[-2])


def words_of(name: str) -> list[str]:
    """Return the words of a column name, in small letters without accents.

    Examples
    --------
    >>> [" ".join(words_of(name)) for name in ("Código_cliente", "患者ID", "N° dossier", "Order #")]
    ['codigo cliente', '患者 id', 'no dossier', 'order no']
    """
    name = re.sub(r"(?<![^\W_])[Nn]\s?°", "no ", name.strip())
    name = re.sub(r"(?<=\w)\s*#$", " no", _OXIDE.sub(" oxide ", name))
    # NFKD: № is "No", and é two signs; NFC again, as Korean letters fall into parts as well.
    name = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name))
    name = unicodedata.normalize("NFC", name)
    name = re.sub(rf"(?<=[{_ASIAN}])(?=[A-Za-z])", " ", name)
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word.casefold() for word in re.split(r"[\W\d_]+", apart) if word]


def _head(words: list[str]) -> list[str]:
    """Return the words before "of".

    Whose it is tells nothing of the values.
    """
    place = next((k for k, word in enumerate(words) if k and word in OF), len(words))
    if place < len(words) - 1 and words[place - 1] in NUMBERS | CODES:
        return [
            *words[place + 1 :],
            words[place - 1],
        ]  # "number of the client", "codigo de cliente"
    return words[:place]


def _is_identifier(word: str) -> bool:
    compound = _COMPOUND.match(word)
    return word in IDENTIFIERS or bool(compound and compound["end"] in ("id", "ids", "uid"))


def _is_row_index(words: list[str]) -> bool:
    if words[-1] not in INDEXES:
        return False
    return len(words) == 1 or words[-2] in ROWS | NAMED


def _is_plural(word: str) -> bool:
    return bool(_PLURAL.search(word)) and word not in _NO_PLURALS | ROWS
