"""How often is a finding made where its fault was planted, and where it was not?

Fixed before the run: fifteen real tables of two classes (those of benchmarks.dirty_files; TG125 has
tables with amounts for labels), a target of 120 rows and a source of 240 of the same domain, the
default model and quick effort. Each fault is planted in one copy of each draw, and the finding is
looked for there and in the draw as it was. Real tables are not free of faults: a finding that is
made where nothing was planted may be right. Findings on learning curves have imitated curves.

No criterion: the rates stand in the index of findings, whatever they are.

    python -m benchmarks.findings             two draws of each table, ten minutes of one core
    python -m benchmarks.findings --draws 1   a look; writes nothing
    python -m benchmarks.findings --only TG113 TG206

Writes benchmarks/results/findings.json, from which docs/findings/index.md takes its last column.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.dirty_files.clean import (
    ANSWERS,
    LABEL,
    MOST_COLUMNS,
    SHARED,
    Pair,
    Truth,
    draw,
    tables,
)
from benchmarks.dirty_files.kinds import (
    PATIENT,
    RECORD,
    ROW_NUMBER,
    Change,
    Rng,
    both,
    copies,
    first_number,
    of_strangers,
)
from benchmarks.record import RESULTS, write_record
from transfergap import audit, rank_models
from transfergap.analysis.checks import CURVE_CHECKS, CurveEvidence
from transfergap.analysis.training_curves import TrainingRuns
from transfergap.analysis.twins.training_overlap import FEW
from transfergap.data.copies import target_copies
from transfergap.errors import TransferGapError

Counts = dict[str, int]
# Sizes of changes, drawn by hand: what a person would call a fault.
_UNITS = (1000.0, 2.2046, 0.01, 12.0)
_SHIFT = 1.0  # of a column's spread
_FLIPPED = 0.3
_SIBLING_NOISE = 0.1  # of a column's spread
_UNRECORDED = 0.1  # of the labels
_PERSONS, _OTHER_LABEL = 24, 0.1  # five visits each, and the share of visits with another label
_SEEN = 0.3  # of the target's rows
_AMOUNT_CODES = (-999.0, 9999.0, -1.0, 99999.0)
_CURVES, _SEEDS, _STEPS = 200, 10, 20


def _tells_label(frame: pd.DataFrame, rng: Rng, side: str) -> pd.DataFrame:
    del side
    return frame.assign(result=frame[LABEL] + 0.4 * rng.random(len(frame)))


def _filled_after(frame: pd.DataFrame, rng: Rng, side: str) -> pd.DataFrame:
    """Add a column that is filled where the label is 1, as days until an event are."""
    del side
    days = rng.integers(1, 365, len(frame)).astype(float)
    return frame.assign(days=np.where(frame[LABEL] == 1, days, np.nan))


def _visits(pair: Pair, rng: Rng) -> Pair:
    """Make persons with visits of the target: half of the columns are the person's, and the label.

    One visit of ten has another label.
    """
    names = [c for c in pair.target if c != LABEL]
    traits = [*rng.choice(names, (len(names) + 1) // 2, replace=False), LABEL]
    persons = rng.choice(len(pair.target), _PERSONS, replace=False)
    visits = pair.target.copy()
    person_of = persons[np.arange(len(visits)) % _PERSONS]
    visits[traits] = pair.target[traits].to_numpy()[person_of]
    visits = visits.astype({name: pair.target[name].dtype for name in traits})
    other = rng.random(len(visits)) < _OTHER_LABEL
    visits[LABEL] = np.where(other, 1 - visits[LABEL], visits[LABEL])
    order = rng.permutation(len(visits))
    return replace(pair, target=visits.iloc[order].reset_index(drop=True))


def _names(pair: Pair, rng: Rng) -> Pair:
    kinds = (RECORD, PATIENT, ROW_NUMBER)
    return kinds[int(rng.integers(len(kinds)))](pair, rng)


def _levels(pair: Pair, rng: Rng) -> Pair | None:
    texts = [c for c in pair.target if c != LABEL and pair.target[c].dtype.kind not in "iufb"]
    few = [c for c in texts if 2 <= pair.target[c].nunique() <= 6]
    if not few:
        return None
    name = few[int(rng.integers(len(few)))]
    coded = "code " + pair.source[name].astype(str)
    return pair.with_source(pair.source.assign(**{name: coded}))


def _unit(pair: Pair, rng: Rng) -> Pair:
    name = first_number(pair.target)
    return pair.with_source(
        pair.source.assign(**{name: pair.source[name] * float(rng.choice(_UNITS))})
    )


def _shifted(pair: Pair, rng: Rng) -> Pair:
    numbers = [c for c in pair.target if c != LABEL and pair.target[c].dtype.kind in "if"]
    source = pair.source.copy()
    for name in rng.choice(numbers, max(1, len(numbers) // 3), replace=False):
        source[name] = source[name] + _SHIFT * pair.target[name].std()
    return pair.with_source(source)


def _reflected(pair: Pair, rng: Rng) -> Pair:
    del rng
    numbers = [c for c in pair.target if c != LABEL and pair.target[c].dtype.kind in "if"]
    strength = pair.target[numbers].corrwith(pair.target[LABEL]).abs()
    name = str(strength.idxmax())
    values = pair.source[name]
    return pair.with_source(pair.source.assign(**{name: values.max() + values.min() - values}))


def _swapped(pair: Pair, rng: Rng) -> Pair:
    del rng
    return pair.with_source(pair.source.assign(**{LABEL: 1 - pair.source[LABEL]}))


def _spelled(pair: Pair, rng: Rng) -> Pair:
    del rng
    words = ({0: "no", 1: "yes"}, {0: "No", 1: "YES "})
    return replace(
        pair,
        target=pair.target.assign(**{LABEL: pair.target[LABEL].map(words[0])}),
        source=pair.source.assign(**{LABEL: pair.source[LABEL].map(words[1])}),
    )


def _label_codes(pair: Pair, rng: Rng, code: float = -1.0) -> Pair:
    """Write a code into some labels of both files, as where nobody recorded one."""

    def coded(frame: pd.DataFrame) -> pd.DataFrame:
        y = frame[LABEL].to_numpy(float)
        return frame.assign(**{LABEL: np.where(rng.random(len(y)) < _UNRECORDED, code, y)})

    return replace(pair, target=coded(pair.target), source=coded(pair.source))


def _flipped(pair: Pair, rng: Rng) -> Pair:
    y = pair.source[LABEL].to_numpy()
    return pair.with_source(
        pair.source.assign(**{LABEL: np.where(rng.random(len(y)) < _FLIPPED, 1 - y, y)})
    )


def _dealt_out(pair: Pair, rng: Rng) -> Pair:
    y = rng.permutation(pair.source[LABEL].to_numpy())
    return pair.with_source(pair.source.assign(**{LABEL: y}))


def _noise_target(pair: Pair, rng: Rng) -> Pair:
    return replace(
        pair, target=pair.target.assign(**{LABEL: rng.permutation(pair.target[LABEL].to_numpy())})
    )


def _beside(pair: Pair, rng: Rng, *, noise: float = 0.01) -> Pair:
    """Plant all target rows with noise in every number, in a source whose labels are noise."""

    def noisy(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
        for name in rows.columns:
            if name != LABEL and rows[name].dtype.kind in "if":
                spread = float(rows[name].std())
                rows[name] = rows[name] + noise * spread * rng.normal(size=len(rows))
        return rows

    return copies(1.0, noisy)(_dealt_out(pair, rng), rng)


def _three_times(pair: Pair, rng: Rng) -> Pair:
    """Plant each target row three times with noise, and labels of noise in both files."""
    target = _noise_target(pair, rng).target
    parts = []
    for _ in range(3):
        part = target.copy()
        for name in _numbers_of(target):
            noise = _SIBLING_NOISE * float(target[name].std()) * rng.normal(size=len(target))
            part[name] = part[name] + noise
        parts.append(part)
    return replace(pair, target=target, source=pd.concat(parts, ignore_index=True))


def _numbers_of(frame: pd.DataFrame) -> list[str]:
    return [c for c in frame if c != LABEL and frame[c].dtype.kind in "if"]


def _made_between(frame: pd.DataFrame, n: int, rng: Rng) -> pd.DataFrame:
    """Return rows between a row and one of its five nearest of its class, as SMOTE makes them."""
    names = _numbers_of(frame)
    numbers = frame[names].fillna(0.0).to_numpy(float)
    spread = numbers.std(axis=0)
    scaled = numbers / np.where(spread > 0, spread, 1.0)
    y = frame[LABEL].to_numpy()
    first = rng.integers(0, len(frame), n)
    far = ((scaled[first, None] - scaled[None]) ** 2).sum(axis=2)
    far[y[first, None] != y[None]] = np.inf
    second = np.argsort(far, axis=1)[np.arange(n), rng.integers(1, 6, n)]
    made = frame.iloc[first].reset_index(drop=True).astype(dict.fromkeys(names, float))
    made[names] = numbers[first] + rng.random((n, 1)) * (numbers[second] - numbers[first])
    return made


def _between(pair: Pair, rng: Rng) -> Pair:
    """Plant rows between target rows, and labels of noise in both files."""
    target = _noise_target(pair, rng).target
    return replace(pair, target=target, source=_made_between(target, len(pair.source), rng))


def _oversampled(pair: Pair, rng: Rng) -> Pair:
    """Add rows between target rows to the target."""
    made = _made_between(pair.target, len(pair.target) // 3, rng)
    return replace(pair, target=pd.concat([pair.target, made], ignore_index=True))


_NEIGHBOUR = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
PLANTS: dict[str, Change | Callable[[Pair, Rng], Pair | None]] = {
    "TG105": both(_tells_label),
    "TG105 of columns filled after the outcome": both(_filled_after),
    "TG106": copies(0.3, of_strangers(1)),
    "TG108": lambda pair, rng: _beside(pair, rng, noise=0.05),
    "TG109": _beside,
    "TG109 of rows made three times": _three_times,
    "TG109 of rows between": _between,
    "TG131 of persons": _visits,
    "TG142": _oversampled,
    "TG110": _levels,
    "TG113": _unit,
    "TG115": _names,
    "TG124": _swapped,
    "TG126": _spelled,
    "TG133": _label_codes,
    "TG201": _shifted,
    "TG203": _dealt_out,
    "TG204": _flipped,
    "TG206": lambda pair, rng: pair,
    "TG207": _reflected,
    "TG301": _noise_target,
}
# By another finding that names the same fault: noisy copies as copies.
_ALSO = {
    "TG106": {"TG101"},
    "TG108": {"TG101", "TG106", "TG109"},
    "TG109": {"TG101", "TG106", "TG108"},
}
_MODELS = {"TG206": _NEIGHBOUR, "TG108": _NEIGHBOUR, "TG109": _NEIGHBOUR}
_METRICS = {"TG206": "accuracy"}  # needs a loss a row


def numbers_only(pair: Pair) -> Pair:
    """Return the pair without columns of words, for models of numbers alone."""
    kept = [
        c for c in pair.target
        if c == LABEL or (pair.target[c].dtype.kind in "iuf" and pair.target[c].notna().all()
                          and pair.source[c].notna().all())
    ]  # fmt: skip
    return replace(pair, target=pair.target[kept], source=pair.source[kept])


def codes_of(pair: Pair, model: object = None, metric: str | None = None) -> set[str]:
    """Return the codes of an audit's findings, strong, moderate or note."""
    if model is not None:
        pair = numbers_only(pair)
    X, y = pair.target.drop(columns=LABEL), pair.target[LABEL].to_numpy()
    source = pair.source.drop(columns=LABEL), pair.source[LABEL].to_numpy()
    result = audit(
        model, X, y, sources={"b": source}, arms=["b pooled", "b only"], effort="quick",
        explain="none", metric=metric,
    )  # fmt: skip
    codes = {finding.code for finding in result.findings}
    helps = any(a.judged and str(a.verdict) == "helps" for a in result.result.arms)
    return codes | ({"helps"} if helps else set())


def amounts() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield tables whose label is an amount."""
    for file in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(file)
        answers = [name for name in ANSWERS if name in frame and frame[name].nunique() > 10]
        if answers and "domain" in frame and "text" not in frame:
            rest = [c for c in frame if c not in ("domain", "y", LABEL, *ANSWERS)][:MOST_COLUMNS]
            named = frame[["domain", *rest, answers[0]]].rename(columns={answers[0]: LABEL})
            # Whole numbers of few values would be classes.
            parts = np.random.default_rng(0).uniform(0.0, 1e-3, len(named))
            yield file.parent.name, named.assign(**{LABEL: named[LABEL] + parts})


def _add(counts: Counts, *, planted: bool, found: bool) -> None:
    where = "planted" if planted else "clean"
    counts[where] = counts.get(where, 0) + 1
    counts[f"{where}_found"] = counts.get(f"{where}_found", 0) + found


def of_tables(n_draws: int, codes: Collection[str]) -> dict[str, Counts]:
    """Return counts of findings on tables of two classes."""
    plants = {title: plant for title, plant in PLANTS.items() if title[:5] in codes}
    counts: dict[str, Counts] = {code: {} for code in plants}
    truth: Truth = "cannot hurt"
    for name, table in tables().items():
        for number in range(n_draws):
            pair = draw(name, table, truth, number)
            clean = {metric: codes_of(pair, metric=metric) for metric in {*_METRICS.values(), None}}
            for code, plant in plants.items():
                rng = np.random.default_rng([number, zlib.crc32(f"{name} {code}".encode())])
                dirty = plant(pair, rng)
                if dirty is None:
                    continue
                model = _MODELS.get(code)
                wanted = {code[:5]} | _ALSO.get(code[:5], set())
                try:
                    found = codes_of(dirty, model, _METRICS.get(code))
                except TransferGapError as error:
                    print(name, number, code, error, file=sys.stderr)
                    continue
                _add(counts[code], planted=True, found=bool(found & wanted))
                # Silence is no fault where nothing was claimed.
                if code[:5] in ("TG108", "TG109"):
                    missed = "helps" in found and not found & wanted
                    counts[code]["false_helps"] = counts[code].get("false_helps", 0) + missed
                _add(counts[code], planted=False, found=code[:5] in clean[_METRICS.get(code)])
        print(name, {c: tuple(v.values()) for c, v in counts.items()}, file=sys.stderr)
    return counts


def of_amounts(n_draws: int) -> dict[str, Counts]:
    """Return counts of labels in another unit, and of codes among amounts."""
    counts: dict[str, Counts] = {"TG125": {}, "TG133 of amounts": {}}
    for name, table in amounts():
        for number in range(n_draws):
            pair = draw(name, table, "cannot hurt", number)
            rng = np.random.default_rng([number, zlib.crc32(name.encode())])
            factor = float(rng.choice(_UNITS))
            dirty = pair.with_source(pair.source.assign(**{LABEL: pair.source[LABEL] * factor}))
            code = float(rng.choice(_AMOUNT_CODES))
            clean = codes_of(pair)
            found = {"TG125": codes_of(dirty),
                     "TG133 of amounts": codes_of(_label_codes(pair, rng, code))}  # fmt: skip
            for title, codes in found.items():
                _add(counts[title], planted=True, found=title[:5] in codes)
                _add(counts[title], planted=False, found=title[:5] in clean)
    return counts


def of_models(n_draws: int) -> Counts:
    """Return counts of target rows found among rows that a model is said to be trained on."""
    counts: Counts = {}
    for name, table in tables().items():
        for number in range(n_draws):
            pair = draw(name, table, "cannot hurt", number)
            rng = np.random.default_rng([number, zlib.crc32(f"{name} TG120".encode())])
            X, others = (part.drop(columns=LABEL) for part in (pair.target, pair.source))
            seen = rng.choice(len(X), round(_SEEN * len(X)), replace=False)
            rows = pd.concat([others, X.iloc[seen]], ignore_index=True)
            for planted, trained_on in ((True, rows), (False, others)):
                copies_found = len(target_copies(X, trained_on).rows)
                _add(counts, planted=planted, found=copies_found >= FEW * len(X))
    return counts


def of_features(n_draws: int) -> Counts:
    """Return counts of TG128: features that lost the label, and features that kept all."""
    counts: Counts = {}
    for name, table in tables().items():
        for number in range(n_draws):
            pair = numbers_only(draw(name, table, "cannot hurt", number))
            rows = pd.concat([pair.target, pair.source])
            X = rows.drop(columns=LABEL).to_numpy(float)
            y = rows[LABEL].to_numpy()
            rng = np.random.default_rng([number, zlib.crc32(name.encode())])
            turned = X @ np.linalg.qr(rng.normal(size=(X.shape[1], X.shape[1])))[0]
            features = {"noise": rng.normal(size=(len(X), 20)), "turned": turned}
            found = {f.subject for f in rank_models(features, y, raw=X).findings}
            _add(counts, planted=True, found="noise" in found)
            _add(counts, planted=False, found="turned" in found)
    return counts


def of_curves() -> dict[str, Counts]:
    """Return counts of findings on curves: flat ones, rising ones, and such as have settled."""
    steps = np.arange(float(_STEPS))
    shapes = {
        "flat": np.zeros(_STEPS),
        "rising": steps / _STEPS,
        "settled": 1.0 - np.exp(-(steps + 1.0) / 2.0),
    }
    counts: dict[str, Counts] = {"TG503": {}, "TG504": {}}
    planted = {"TG503": "flat", "TG504": "rising"}
    for shape, mean in shapes.items():
        for number in range(_CURVES):
            rng = np.random.default_rng([number, zlib.crc32(shape.encode())])
            curves = {
                arm: {k: mean + 0.2 * rng.normal() + 0.1 * rng.normal(size=_STEPS)
                      for k in range(_SEEDS)}
                for arm in ("control", "b")
            }  # fmt: skip
            evidence = CurveEvidence(TrainingRuns("control", steps, curves), 0.02, "return")
            codes = {
                f.code for check in CURVE_CHECKS if check.code in counts
                for f in check.examine(evidence)
            }  # fmt: skip
            for code in counts:
                if shape in (planted[code], "settled"):
                    _add(counts[code], planted=shape == planted[code], found=code in codes)
    return counts


def main() -> None:
    """Count, print, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--only", nargs="+", help="codes; the others as they were stored")
    options = parser.parse_args()
    n_draws = options.draws
    warnings.simplefilter("ignore")
    counts: dict[str, Counts] = {}
    if options.only:
        stored = json.loads((RESULTS / "findings.json").read_text(encoding="utf-8"))
        counts = stored["findings"]
    else:
        counts = of_curves()
        counts |= {"TG120": of_models(n_draws), "TG128": of_features(n_draws)}
    if not options.only or {"TG125", "TG133"} & {*options.only}:
        counts |= of_amounts(n_draws)
    print(counts, file=sys.stderr)
    counts |= of_tables(n_draws, options.only or [title[:5] for title in PLANTS])
    for code, row in sorted(counts.items()):
        print(code, row)
    if n_draws > 1:
        write_record("findings", {"draws": n_draws, "findings": dict(sorted(counts.items()))})


if __name__ == "__main__":
    main()
