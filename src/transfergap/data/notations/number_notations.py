"""Notations of numbers: ``2.5k``, ``12:30``, ``5'11"``, ``~346``; units of one kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import median

APPROXIMATE = re.compile(
    r"^\s*(?:[~≈∼]|ca?\.|circa\b|approx\.?|about\b)\s*(?=[-+\u2212$€£¥₹(]?[\d.,])", re.IGNORECASE
)
MAGNITUDES = "magnitudes"
_FACTORS = {
    "k": 1e3,
    "tsd": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mm": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
    "lakh": 1e5,
    "crore": 1e7,
    "万": 1e4,
    "亿": 1e8,
    "億": 1e8,
}
_WORD = re.compile(
    r"(?<=\d)\s*(?P<word>[kKMmBbT]|MM|[Bb][Nn]|[Mm]n|[Tt]n|(?:[Mm]io|[Mm]rd|[Tt]sd)\.?|[Tt]housand"
    r"|[Mm]illions?|[Bb]illions?|[Tt]rillions?|[Ll]akhs?|[Cc]rores?|[万亿億])"
    r"(?P<end>\s*(?:[$€£¥₹]|[A-Z]{3})?\s*\)?)$"
)
# Letters that are units, too: kelvin, metres and molar, bytes, tesla.
_UNITS_TOO = frozenset({"K", "M", "m", "MM", "B", "b", "T"})
_CURRENCY = re.compile(r"[$€£¥₹]|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
# Numbers beside "2.5K" are hundreds, which is more than ten times as large; beside "300 K" they
# are kelvin without their unit.
_AS_LARGE = 10.0

_CLOCK = re.compile(
    r"^(?P<sign>[-+\u2212]?)(?P<first>\d{1,3}):(?P<second>[0-5]\d)"
    r"(?::(?P<third>[0-5]\d))?(?P<rest>\.\d+)?\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)$"
)
_FEET = re.compile(
    r"^(?P<feet>\d{1,2})\s*(?:['\u2019\u2032]|ft\.?|feet)\s*"
    r"(?:(?P<inches>\d{1,2}(?:\.\d+)?)\s*(?:[\"\u201d\u2033]|''|in\.?|inches)?)?$"
)

_PLAIN = re.compile(r"[-+]?(?:0|[1-9]\d*)?(?:(?<=\d)|(?=\.\d))(?:\.\d*)?(?:[eE][-+]?\d+)?")

_KINDS_OF_UNITS = tuple(
    frozenset(units.split())
    for units in (
        "kg g mg µg ug mcg t lb lbs oz st ton tons tonnes gram grams pounds",
        "km m cm mm µm um nm mi in ft yd inch inches feet miles",
        "ms s sec secs second seconds min mins minute minutes h hr hrs hour hours d day days wk"
        " week weeks mo month months y yr yrs year years",
        "l L ml mL dl dL cl µl µL gal",
        "C F K °C °F",
        "B kB KB MB GB TB kb mb gb",
        "km/h mph m/s",
        "mmol/l mmol/L µmol/l µmol/L mg/dl mg/dL g/l g/L g/dl g/dL mg/l mg/L ng/ml ng/mL",
        "W kW MW GW",
        "Wh kWh MWh GWh J kJ MJ kcal cal",
        "Hz kHz MHz GHz",
    )
)


def is_unit(text: str) -> bool:
    """Return whether letters are a unit of those in common use.

    Examples
    --------
    >>> is_unit("kg"), is_unit("a")
    (True, False)
    """
    return any(text in units for units in _KINDS_OF_UNITS)


def are_of_one_kind(units: Sequence[str]) -> bool:
    """Return whether units measure the same, such as grams and pounds.

    Examples
    --------
    >>> are_of_one_kind(["kg", "lb"]), are_of_one_kind(["kg", "cm"])
    (True, False)
    """
    return any(kind.issuperset(units) for kind in _KINDS_OF_UNITS)


def factor_of(text: str) -> tuple[str, float]:
    """Return a number without its power of ten, and that power.

    Examples
    --------
    >>> factor_of("$1.25M"), factor_of("3 Mio. €"), factor_of("900")
    (('$1.25', 1000000.0), ('3 €', 1000000.0), ('900', 1.0))
    """
    match = _WORD.search(text)
    if match is None:
        return text, 1.0
    word = match["word"].casefold().rstrip(".")
    factor = _FACTORS.get(word) or _FACTORS[word.removesuffix("s")]
    return text[: match.start()] + match["end"], factor


def has_factors(texts: Sequence[str], number: Callable[[str], float | None]) -> bool | None:
    """Return whether words such as ``k`` and ``Mio.`` are powers of ten.

    Parameters
    ----------
    texts : sequence of str
    number : callable
        Reads a text without such a word.

    Returns
    -------
    bool or None
        ``None`` where letters may be a unit as well, beside numbers that have none.

    Examples
    --------
    >>> has_factors(["2.5k", "900"], float), has_factors(["1.25M", "900K"], float)
    (True, True)
    >>> has_factors(["300 K", "280 K"], float), has_factors(["300 K", "310"], float)
    (False, None)
    """
    words = {match["word"] for text in texts if (match := _WORD.search(text)) is not None}
    if not words:
        return False
    is_money = any(_CURRENCY.search(factor_of(text)[0]) for text in texts)
    if is_money or words - _UNITS_TOO or len({_FACTORS[word.casefold()] for word in words}) > 1:
        return True
    parts = [factor_of(text) for text in texts]
    plain = [number(text) for text, factor in parts if factor == 1.0]
    marked = [number(text) for text, factor in parts if factor != 1.0]
    if not plain or words - {"K", "M"}:
        return False
    large, small = (median(abs(n or 0.0) for n in numbers) for numbers in (plain, marked))
    return True if large >= _AS_LARGE * small else None


def clock_number(text: str) -> float | None:
    """Return ``a:bc`` as 60 a + bc, and so on with seconds.

    Examples
    --------
    >>> [clock_number(text) for text in ("12:30", "0:01:05.5", "1:15 pm", "1:160")]
    [750.0, 65.5, 795.0, None]
    """
    match = _CLOCK.match(text)
    if match is None:
        return None
    fields = [match["first"], match["second"], *([match["third"]] if match["third"] else [])]
    if match["half"]:
        if not 1 <= int(fields[0]) <= 12:
            return None
        fields[0] = str(int(fields[0]) % 12 + 12 * (match["half"] in "pP"))
    number = 0.0
    for value in fields:
        number = number * 60.0 + float(value)
    number += float(match["rest"] or 0.0)
    return -number if match["sign"] in ("-", "\u2212") else number


def inches(text: str) -> float | None:
    """Return feet and inches as inches.

    Examples
    --------
    >>> inches("5'11\\""), inches("6 ft 2 in"), inches("1'250")
    (71.0, 74.0, None)
    """
    match = _FEET.match(text)
    if match is None or float(match["inches"] or 0.0) >= 12.0:
        return None
    return 12.0 * float(match["feet"]) + float(match["inches"] or 0.0)


def plain_number(text: str) -> float | None:
    """Return a number that pandas writes and reads, without padding zeros.

    Examples
    --------
    >>> [plain_number(text) for text in ("-0.5", "1.2e-05", "007", "1,5")]
    [-0.5, 1.2e-05, None, None]
    """
    return float(text) if _PLAIN.fullmatch(text) else None


AS_TEXT = "numbers that were text"
# By name, how a column is read whose values all are in a notation.
NOTATIONS: Mapping[str, Callable[[str], float | None]] = {
    AS_TEXT: plain_number,
    "times, a:bc as 60 a + bc": clock_number,
    "feet and inches as inches": inches,
}


def notation_of(texts: Sequence[str]) -> str:
    """Return the marked notation of all texts, or an empty text.

    Times with and without seconds are in none: ``1:30`` may be minutes or hours.

    Examples
    --------
    >>> notation_of(["12:30", "8:05"]), notation_of(["12:30", "8:05:10"]), notation_of(["12"])
    ('times, a:bc as 60 a + bc', '', '')
    """
    if len({text.count(":") for text in texts}) > 1:
        return ""
    for name, number in NOTATIONS.items():
        if name != AS_TEXT and texts and all(number(text) is not None for text in texts):
            return name
    return ""
