"""Maps of labels as they are typed.

They are written SOURCE:OLD=NEW,OLD=NEW and read by the labels that files have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from transfergap.cli.request.file_options import not_so, of_source
from transfergap.cli.request.options import Request
from transfergap.data.notations.spelling import without_case
from transfergap.errors import ConfigurationError

LabelMap = dict[str, str | None]
_EXAMPLE = "b:1=0,2=1"
Pairs = tuple[tuple[str, str], ...]


def label_maps(
    request: Request, target: Iterable[Any], sources: Mapping[str, Iterable[Any]]
) -> dict[str, LabelMap]:
    """Return the target's labels for labels of each source.

    Parameters
    ----------
    request : Request
    target : iterable
        Labels of the target.
    sources : mapping of str to iterable
        Labels of sources; any label counts for a source that is not named.

    Raises
    ------
    ConfigurationError
        If a map can be read in no way, or in two.
    """
    if not request.map:
        return {}
    target_labels = _spellings(target)
    maps: dict[str, LabelMap] = {}
    for text in request.map:
        source, typed = of_source(text, request, "--map", _EXAMPLE)
        labels = _spellings(sources[source]) if source in sources else None
        pairs = pairs_of(typed, labels, target_labels) or _plain_pairs(typed, text)
        maps.setdefault(source, {}).update((old, new or None) for old, new in pairs)
    return maps


def _spellings(labels: Iterable[Any]) -> frozenset[str]:
    return frozenset(map(without_case, set(labels)))


def pairs_of(text: str, labels: Collection[str] | None, target_labels: Collection[str]) -> Pairs:
    """Return pairs of labels that commas and equals signs part.

    Both labels of a pair are in the files. A label may hold both marks: the text is parted where
    that makes labels of the two files. An empty new label leaves a class out. Without such a
    reading there are no pairs; where the source's labels are not known, the reading with the
    shortest pairs is taken.

    Raises
    ------
    ConfigurationError
        If it can be parted in two ways.

    Examples
    --------
    >>> pairs_of("<=5.=<=5,>5.=>5", {"<=5.", ">5."}, {"<=5", ">5"})
    (('<=5.', '<=5'), ('>5.', '>5'))
    """
    ends = [place for place, mark in enumerate(text) if mark == ","] + [len(text)]

    @cache
    def readings(start: int) -> tuple[Pairs, ...]:
        if start > len(text):
            return ((),)
        ways: list[Pairs] = []
        for end in (place for place in ends if place >= start):
            for pair in _pairs_in(text[start:end], labels, target_labels):
                ways += [(pair, *further) for further in readings(end + 1)]
        return tuple(ways[:2])

    ways = readings(0)
    if len(ways) > 1 and labels is not None:
        raise ConfigurationError(
            f"--map {text!r} can be read in two ways, as {_as_typed(ways[0])} and"
            f" {_as_typed(ways[1])}.",
            hint="give each pair a --map of its own, or rename a label in its file",
        )
    return ways[0] if ways else ()


def _pairs_in(
    text: str, labels: Collection[str] | None, target_labels: Collection[str]
) -> list[tuple[str, str]]:
    """Return the pairs of labels that a text may be.

    It parts into a source's label and one of the target, or in no way.
    """
    parts = [(text[:k], text[k + 1 :]) for k, mark in enumerate(text) if mark == "="]
    return [
        (old, new)
        for old, new in parts
        if (without_case(old) in labels if labels is not None else old)
        and (not new or without_case(new) in target_labels)
    ]


def _as_typed(pairs: Pairs) -> str:
    return " and ".join(f"{old!r} = {new!r}" for old, new in pairs)


def _plain_pairs(typed: str, text: str) -> Pairs:
    """Return pairs of labels, whatever labels there are.

    Commas part the pairs, then the last equals sign parts each.
    """
    pairs = []
    for pair in typed.split(","):
        old, equals, new = pair.rpartition("=")
        if not (old and equals):
            raise not_so("--map", text, _EXAMPLE)
        pairs.append((old, new))
    return tuple(pairs)
