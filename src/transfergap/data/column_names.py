"""Names of columns: of identifiers, measurements, places."""

from __future__ import annotations

import re

# Last words of names that say "this names a row"; the weaker ones need more evidence.
_NAMES = re.compile(r"^(ids?|uid|uuid|guid|pk|mrn|ssn|rowid|index|idx|accession|recordid|caseid)$")
_WEAK_NAMES = re.compile(r"^(key|nr|no|num|number|record|row|serial|case|ref|reference|code)$")
# Words for what is measured or counted: whole numbers under them are no numbering of rows.
_MEASURED = re.compile(
    r"^(age|years?|months?|weeks?|days?|hours?|minutes?|seconds?|time|date|step|period|rank|score"
    r"|size|count|length|width|height|weight|dose|price|amount|income|value|temperature|distance)$"
)
# Words for where something is: their codes look like names of rows and are none.
_PLACES = re.compile(r"^(post|postal|postcode|zip|zipcode|plz|address|street|city|region|geohash)$")
# Last words of names of columns whose texts are names, of rows or what stands for them.
_NAMING = re.compile(
    r"(^| )((file|user|sur|last|first|full|nick)? ?name|file|path|image|scan|plate|licen[cs]e|iban"
    r"|vin|filename|registration|imei|barcode|login|username|surname|lastname|fullname|person|patient"
    r"|subject|participant|student|pupil|employee|customer|client|member|author)$"
)
_UNNAMED = re.compile(r"^(unnamed[:_ ]*\d+|level_\d+|index|)$", re.IGNORECASE)


def name_strength(name: str) -> int:
    """Grade a column name: 2 identifier, 1 perhaps, 0 unknown, -1 unlikely.

    Examples
    --------
    >>> [name_strength(n) for n in ("patientId", "Unnamed: 0", "record_no", "humid", "age")]
    [2, 2, 1, 0, -1]
    """
    if not name:
        return 0
    if _UNNAMED.match(name.strip()):
        return 2
    words = _words(name)
    if not words:
        return 0
    if _NAMES.match(words[-1]) or words[0] in ("id", "uuid", "guid"):
        return 2
    if _MEASURED.match(words[-1]) or any(_PLACES.match(word) for word in words):
        return -1
    return 1 if _WEAK_NAMES.match(words[-1]) or words[0] in ("record", "row", "serial") else 0


def says_name(name: str) -> bool:
    """Return whether a column name says that its texts are names.

    Examples
    --------
    >>> [says_name(name) for name in ("fileName", "license_plate", "iban", "profile", "note")]
    [True, True, True, False, False]
    """
    return bool(_NAMING.search(" ".join(_words(name))))


def _words(name: str) -> list[str]:
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.strip())
    return [word.casefold() for word in re.split(r"[^A-Za-z]+", apart) if word]
