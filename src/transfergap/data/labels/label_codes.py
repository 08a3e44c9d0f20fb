"""Source labels in the target's type and spelling.

Or one error that shows both lists.
"""

from __future__ import annotations

import difflib
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transfergap.data.notations.number_notations import plain_number
from transfergap.data.notations.spelling import as_text, compact, listing, without_case
from transfergap.data.problem import SourceFacts
from transfergap.data.task import MOST_CLASSES, find_task
from transfergap.errors import ConfigurationError, DataError

Labels = NDArray[Any]
LabelMap = Mapping[Any, Any]
_RARE = 0.25  # of the mean size of the source's classes; chosen by hand
_FEWEST_COUNTS = 6  # classes that may be counts; chosen by hand
_MOSTLY = 0.75  # of the target's classes, in both files
_N_LISTED = 6  # labels in an error; by convention
_NUMBERS = "biuf"


def check_label_maps(maps: Mapping[str, LabelMap] | None, sources: Sequence[str]) -> None:
    """Raise ``ConfigurationError`` for label maps of sources that do not exist."""
    for name in maps or {}:
        if name not in sources:
            near = difflib.get_close_matches(str(name), sources, n=1)
            raise ConfigurationError(
                f"Labels of {name!r} are to be mapped, but there is no such source.",
                hint=f"did you mean {near[0]!r}?" if near else f"sources: {', '.join(sources)}",
            )


def aligned_labels(
    labels: Labels,
    classes: Labels,
    task: str,
    name: str,
    *,
    label_map: LabelMap | None = None,
    may_map: bool = True,
) -> tuple[Labels, NDArray[np.bool_], SourceFacts]:
    """Rewrite a source's labels as the target writes them.

    Also returns which rows have a class of the target, and the facts.

    Parameters
    ----------
    labels : ndarray, shape (n_rows,)
    classes : ndarray
        The target's, sorted; not looked at for numbers.
    task : {"binary", "multiclass", "regression"}
    name : str
        Of the source.
    label_map : mapping, optional
        From labels of the source to labels of the target; to ``None`` for a class that the target
        lacks.
    may_map : bool
        Whether whoever asks takes such a map; else the error says to rename the labels.

    Raises
    ------
    DataError
        If the two cannot be compared, if no label is common to both, or if the source lacks as many
        classes as it has foreign ones, rare ones aside, or one of two: then both seem to code the
        same classes.
    ConfigurationError
        If the map names labels that are not there.

    Examples
    --------
    >>> classes = np.array(["no", "yes"])
    >>> labels, known, facts = aligned_labels(np.array(["YES", "no "]), classes, "binary", "b")
    >>> labels.tolist(), facts.respelled_labels
    (['yes', 'no'], (('YES', 'yes'), ('no ', 'no')))
    """
    origin = f"the source {name!r}"
    kind = find_task(task)
    kind.check(labels, origin)
    if not kind.has_classes:
        if label_map:
            raise ConfigurationError(
                f"Labels of {origin} are to be mapped, but they are numbers.",
                hint="convert them in the file, or in Python: (X, y * factor)",
            )
        if labels.dtype.kind not in _NUMBERS:
            raise DataError(
                f"The labels of {origin} are text ({str(labels[0])!r}), the target's are numbers.",
                hint="both must measure the same thing in the same unit",
            )
        has_class = np.ones(len(labels), bool)
        return labels.astype(float), has_class, SourceFacts(n_given=len(labels))
    names = list(dict.fromkeys(labels.tolist()))
    if label_map:
        renamed = _mapped(names, classes, label_map, name)
    else:
        renamed = _respelled(names, classes)
        counts = Counter(labels.tolist())
        _check_codes(counts, classes, renamed, name, may_map=may_map)
    matched = set(renamed.values())
    spelled = [(as_text(old), as_text(new)) for old, new in renamed.items()]
    respelled = tuple((old, new) for old, new in spelled if old != new)
    has_class = np.array([label in renamed for label in labels.tolist()], dtype=bool)
    facts = SourceFacts(
        n_given=len(labels),
        n_foreign_label_rows=int((~has_class).sum()),
        foreign_labels=tuple(str(v) for v in _ordered([v for v in names if v not in renamed])),
        missing_labels=tuple(str(label) for label in classes.tolist() if label not in matched),
        respelled_labels=() if label_map else respelled,
    )
    # Rows without a label of the target bear any: they are left out by what is returned beside it.
    any_label = classes.tolist()[0]
    values = [renamed.get(label, any_label) for label in labels.tolist()]
    return np.array(values, dtype=classes.dtype), has_class, facts


def _respelled(names: Sequence[Any], classes: Labels) -> dict[Any, Any]:
    """Map source labels to target labels that differ in spelling only."""
    spellings: dict[str, list[Any]] = {}
    for label in classes.tolist():
        spellings.setdefault(without_case(label), []).append(label)
    renamed = {}
    for label in names:
        matches = spellings.get(without_case(label), [])
        if label in matches:
            renamed[label] = next(match for match in matches if match == label)
        elif len(matches) == 1:
            renamed[label] = matches[0]
    renamed |= _compact_alike(names, classes, renamed)
    return renamed or _by_truth(names, classes)


def _compact_alike(
    names: Sequence[Any], classes: Labels, renamed: Mapping[Any, Any]
) -> dict[Any, Any]:
    """Pair labels that differ in blanks and a full stop.

    Labels without a namesake, one of either file each: where two would be one, none is paired.
    """
    matched = set(renamed.values())
    unmatched = [label for label in classes.tolist() if label not in matched]
    sides = (names, classes.tolist())
    counts = [Counter(compact(label) for label in labels) for labels in sides]
    by_key = {compact(label): label for label in unmatched}
    return {
        label: by_key[key]
        for label in names
        if label not in renamed
        and (key := compact(label)) in by_key
        and all(count[key] == 1 for count in counts)
    }


_TRUTHS = {"true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}


def _by_truth(names: Sequence[Any], classes: Labels) -> dict[Any, Any]:
    """Map true and false to 1 and 0, or back.

    Empty for other labels.
    """
    truths = {_TRUTHS.get(without_case(label)): label for label in classes.tolist()}
    if len(classes) != 2 or set(truths) != {0, 1}:
        return {}
    values = {label: _TRUTHS.get(without_case(label)) for label in names}
    if None in values.values():
        return {}
    return {label: truths[truth] for label, truth in values.items()}


def _check_codes(
    counts: Mapping[Any, int],
    classes: Labels,
    renamed: Mapping[Any, Any],
    name: str,
    *,
    may_map: bool,
) -> None:
    """Raise ``DataError`` where a source codes the same classes differently."""
    names = list(counts)
    foreign = _ordered([label for label in names if label not in renamed])
    matched = set(renamed.values())
    missing = [label for label in classes.tolist() if label not in matched]
    if not foreign or (renamed and not _are_other_codes(foreign, missing, counts, classes)):
        return
    target_labels = classes.tolist()
    if not renamed:
        message = f"No label of the source {name!r} occurs in the target: it has"
    else:
        message = f"The source {name!r} seems to code the same classes differently: it has"
    common = _common(names, counts)
    whole = next((few for few in (names, common) if len(few) == len(target_labels)), None)
    pairs = _guess(foreign, missing) if whole is None else _guess(_ordered(whole), target_labels)
    if not may_map:
        examples = ", ".join(
            f"{source_label!s} is {target_label!s}"
            for source_label, target_label in pairs[:_N_LISTED]
        )
        raise DataError(
            f"{message} the labels {_listed(_ordered(names))},"
            f" the target {_listed(target_labels)}.",
            hint=f"write the source's labels as the target does (perhaps {examples}), or leave out"
            " rows of other classes",
        )
    named = {label for label, _ in pairs}
    aside = [] if whole is None else [label for label in foreign if label not in named]
    advice = ""
    if renamed:
        dropped = map_option(name, [(label, "") for label in foreign])
        advice = f"; if they are other classes, leave them out: {dropped}"
    raise DataError(
        f"{message} the labels {_listed(_ordered(names))}, the target {_listed(target_labels)}.",
        hint=_map_hint(name, [*pairs, *((label, None) for label in aside)]) + advice,
    )


def _map_hint(name: str, pairs: Sequence[tuple[Any, Any]]) -> str:
    """Return what to type for pairs of labels, or in Python."""
    if len(pairs) > MOST_CLASSES:
        return (
            "if they are classes, write them alike in both files; if they are a quantity, write"
            " plain numbers"
        )
    typed = map_option(name, [(old, "" if new is None else new) for old, new in pairs])
    python = ", ".join(f"{old!r}: {new!r}" for old, new in pairs[:_N_LISTED])
    python += ", ..." if len(pairs) > _N_LISTED else ""
    return f"say which is which, such as {typed} (in Python label_map={{{name!r}: {{{python}}}}})"


def map_option(name: str, pairs: Iterable[tuple[Any, Any]]) -> str:
    """Return the option that maps labels, quoted for a shell.

    Examples
    --------
    >>> map_option("b", [(1, 0), (2, 1)]), map_option("b", [("<=5.", "<=5")])
    ('--map b:1=0,2=1', "--map 'b:<=5.=<=5'")
    """
    typed = ",".join(f"{old}={new}" for old, new in pairs)
    return f"--map {shlex.quote(f'{name}:{typed}')}"


def _are_other_codes(
    foreign: Sequence[Any], missing: Sequence[Any], counts: Mapping[Any, int], classes: Labels
) -> bool:
    """Return whether foreign labels look like the missing ones in another code.

    As many of them as are missing, rare ones aside, such as a 9 for "unknown" beside 1 and 2. Of
    two classes nothing is left to learn where one is missing, so any foreign label is asked about.
    """
    if not missing or _are_values_of_a_quantity(foreign, missing, classes):
        return False
    n_common = len(_common(foreign, counts))
    return len(missing) in (len(foreign), n_common) or len(classes) == 2


def _are_values_of_a_quantity(
    foreign: Sequence[Any], missing: Sequence[Any], classes: Labels
) -> bool:
    """Return whether numbers differ as two samples of counts do.

    Most are common to both files, and neither file has its codes moved along by a step.
    """
    if classes.dtype.kind not in _NUMBERS or any(isinstance(label, str) for label in foreign):
        return False
    common = [label for label in classes.tolist() if label not in missing]
    if len(classes) < _FEWEST_COUNTS or len(common) < _MOSTLY * len(classes):
        return False
    moved = (max(missing) < min(common) and min(foreign) > max(common)) or (
        min(missing) > max(common) and max(foreign) < min(common)
    )
    return not moved


def _common(labels: Sequence[Any], counts: Mapping[Any, int]) -> list[Any]:
    """Return labels without rare ones."""
    rare = _RARE * sum(counts.values()) / len(counts)
    return [label for label in labels if counts[label] >= rare]


def _guess(source_labels: Sequence[Any], target_labels: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Propose label pairs by meaning, then by first letters, else in order."""
    pairs: list[tuple[Any, Any]] = []
    open_labels = list(target_labels)
    for alike in (_mean_the_same, _start_alike):
        for label in source_labels:
            near = [candidate for candidate in open_labels if alike(label, candidate)]
            if len(near) == 1 and label not in {paired for paired, _ in pairs}:
                pairs.append((label, near[0]))
                open_labels.remove(near[0])
    named = {label for label, _ in pairs}
    pairs += _in_order([label for label in source_labels if label not in named], open_labels)
    order = list(source_labels)
    return sorted(pairs, key=lambda pair: order.index(pair[0]))


def _in_order(source_labels: Sequence[Any], target_labels: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pair labels by their order, but for three words or more.

    Their order is that of the alphabet, which says nothing. Two that are turned round would be
    found by what models make of them.
    """
    pairs = list(zip(source_labels, target_labels, strict=False))
    if len(pairs) > 2 and any(_is_word(label) for pair in pairs for label in pair):
        return [(label, _UNKNOWN) for label, _ in pairs]
    return pairs


_UNKNOWN = "?"  # to be filled in


def _is_word(label: Any) -> bool:
    return isinstance(label, str) and len(label.strip()) > 1 and plain_number(label) is None


# Words for the two answers of a test, in the order no, yes.
_ANSWERS = (
    {"-", "0", "f", "false", "n", "neg", "negative", "no", "absent", "control"},
    {"+", "1", "t", "true", "y", "pos", "positive", "yes", "present", "case"},
)


def _mean_the_same(source_label: Any, target_label: Any) -> bool:
    words = {without_case(source_label), without_case(target_label)}
    # Equal ones are codes of two schemes, as 1 is in 0, 1 and in 1, 2.
    return len(words) == 2 and any(words <= answer for answer in _ANSWERS)


def _start_alike(source_label: Any, target_label: Any) -> bool:
    first = without_case(source_label)[:1]
    return first.isalpha() and without_case(target_label)[:1] == first


def _mapped(
    names: Sequence[Any], classes: Labels, label_map: LabelMap, name: str
) -> dict[Any, Any]:
    """Map source labels by a user's map, the others by spelling."""
    source_labels = {without_case(label): label for label in names}
    target_labels = {without_case(label): label for label in classes.tolist()}
    renamed, mapped = _respelled(names, classes), set()
    for old, new in label_map.items():
        key = without_case(old)
        if key not in source_labels:
            raise ConfigurationError(
                f"The source {name!r} has no label {str(old)!r} to map.",
                hint=f"it has {_listed(_ordered(names))}",
            )
        renamed.pop(source_labels[key], None)
        mapped.add(source_labels[key])
        if new is None or str(new) == "":
            continue
        if without_case(new) not in target_labels:
            raise ConfigurationError(
                f"{str(old)!r} of the source {name!r} is mapped to {str(new)!r}, which is no label"
                " of the target.",
                hint=f"the target has {_listed(classes.tolist())}",
            )
        renamed[source_labels[key]] = target_labels[without_case(new)]
    if not renamed:
        raise ConfigurationError(
            f"The map leaves no row of the source {name!r}.", hint="leave the source out instead"
        )
    return renamed


def _ordered(labels: Any) -> list[Any]:
    """Sort labels; by their text where kinds are mixed."""
    try:
        return sorted(labels)
    except TypeError:
        return sorted(labels, key=str)


def _listed(labels: Sequence[Any]) -> str:
    # A comma would part a label in two.
    texts = [repr(label) if "," in str(label) else str(label) for label in labels]
    return listing(texts, _N_LISTED)
