"""Groups of trainees from a long table: participant, group, trial, score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from transfergap.analysis.long_tables import check_finite, check_table, names_in, numbers_in
from transfergap.analysis.training_curves.copied_curves import copied_curves
from transfergap.errors import ConfigurationError, DataError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Design = Literal["between", "within"]
Ended = Literal["hold", "drop"]
# With one participant there is no spread.
FEWEST_PARTICIPANTS = 2
# Participants named in a message.
_MOST_NAMES = 3


@dataclass(frozen=True)
class Columns:
    """Names of the columns of a long table.

    Parameters
    ----------
    participant, group, trial, score : str
    """

    participant: str = "participant"
    group: str = "group"
    trial: str = "trial"
    score: str = "score"

    def are_in(self, columns: Iterable[Any]) -> bool:
        """Return whether a table has all of these columns."""
        return set(astuple(self)) <= {str(column) for column in columns}


@dataclass(frozen=True)
class Trainees:
    """Learning curves of participants, by group, at the same trials.

    Parameters
    ----------
    control : str
        The group that learned the task with nothing before it.
    trials : ndarray, shape (n_trials,)
        Increasing.
    curves : mapping of str to mapping of str to ndarray, shape (n_trials,)
        Scores by group and participant, the control first.
    design : {"between", "within"}
        Whether participants are in one group each, or the same in every group.
    notes : tuple of str
        Participants that were left out, or whose last score was held.
    clusters : mapping of str to mapping of str to str
        Class, school or litter of each participant, by group; empty where people are independent.
        People of one cluster count as one unit, by the mean of what they are measured by.
    left_out : mapping of str to int
        Participants of each group that were left out for a missing score or for few trials.
    """

    control: str
    trials: Floats
    curves: Mapping[str, Mapping[str, Floats]]
    design: Design
    notes: tuple[str, ...] = ()
    clusters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def treatments(self) -> tuple[str, ...]:
        """Return all groups but the control."""
        return tuple(group for group in self.curves if group != self.control)

    @property
    def n_participants(self) -> int:
        """Return how many people there are."""
        if self.design == "between":
            return sum(map(len, self.curves.values()))
        return len({name for members in self.curves.values() for name in members})

    @property
    def n_clusters(self) -> int | None:
        """Return how many clusters there are; ``None`` where people are independent."""
        if not self.clusters:
            return None
        return len({cluster for of in self.clusters.values() for cluster in of.values()})

    @property
    def paired(self) -> bool:
        """Return whether units are compared with themselves.

        People within subjects, or clusters with people in every group.
        """
        if self.design == "within" or not self.clusters:
            return self.design == "within"
        of_control = set(self.clusters[self.control].values())
        return all(of_control == set(of.values()) for of in self.clusters.values())

    def of(self, group: str, names: Iterable[str] | None = None) -> Floats:
        """Return curves of a group, shape (n_participants, n_trials); default: all."""
        names = self.curves[group] if names is None else names
        curves = [self.curves[group][name] for name in names]
        return np.array(curves).reshape(-1, len(self.trials))

    def compared(self, group: str) -> tuple[list[str], list[str]]:
        """Return names of the people of control and group.

        Within subjects those of participants who are in both, in the same order.
        """
        before, after = list(self.curves[self.control]), list(self.curves[group])
        if self.design == "between":
            return before, after
        shared = [name for name in before if name in after]
        return shared, shared

    def unit_means(self, group: str, names: Sequence[str], values: Floats) -> dict[str, Floats]:
        """Return the mean of each cluster, or each participant's value.

        Parameters
        ----------
        group : str
        names : sequence of str
            Participants of the group.
        values : ndarray, shape (n_participants,) or (n_participants, n_trials)
        """
        clusters = self.clusters.get(group, {})
        of_unit: dict[str, list[Floats]] = {}
        for name, value in zip(names, values, strict=True):
            of_unit.setdefault(clusters.get(name, name), []).append(value)
        return {unit: np.mean(members, axis=0) for unit, members in of_unit.items()}

    def unit_curves(self, group: str) -> Floats:
        """Return mean curves of a group's units, shape (n_units, n_trials)."""
        names = list(self.curves[group])
        return np.array(list(self.unit_means(group, names, self.of(group)).values()))


def trainees_of(
    table: pd.DataFrame,
    *,
    control: str = "control",
    columns: Columns | None = None,
    design: Design | None = None,
    ended: Ended | None = None,
    clusters: str | None = None,
) -> Trainees:
    """Return the groups of a long table, one row a trial.

    Parameters
    ----------
    table : DataFrame
    control : str
    columns : Columns, optional
    design : {"between", "within"}, optional
        Needed only where names of participants stand in several groups: they may be the same
        people, or people who were numbered anew in each group.
    ended : {"hold", "drop"}, optional
        Participants with fewer trials than others keep their last score, or are left out. Needed
        where there are any: who stops at a criterion is a fast learner, and leaving those out
        favours a side.
    clusters : str, optional
        Column of classes, schools or litters: people who learned together are not independent.

    Raises
    ------
    ConfigurationError
        For a design, or an end, of another name.
    DataError
        If columns or the control are missing, a trial or score is no number, a trial is there
        twice, one of the two options is needed, or some clusters are in one group and others in
        several.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(person, group, trial, trial + (group == "guitar"))
    ...         for group, people in (("control", "ab"), ("guitar", "cde"))
    ...         for person in people for trial in (1, 2)]
    >>> table = pd.DataFrame(rows, columns=["participant", "group", "trial", "score"])
    >>> trainees = trainees_of(table)
    >>> trainees.design, trainees.n_participants, trainees.of("guitar").tolist()
    ('between', 5, [[2.0, 3.0], [2.0, 3.0], [2.0, 3.0]])
    """
    names = columns or Columns()
    _check_choice("design", design, get_args(Design))
    _check_choice("ended", ended, get_args(Ended))
    long = _checked(table, names)
    design = _design(long, design)
    trials = np.array(sorted(long["trial"].unique()), float)
    if len(trials) < 2:
        raise DataError(
            "There is one trial, so nothing was learned.",
            hint="a single score a participant is for compare_scores()",
        )
    groups: dict[str, dict[str, Floats]] = {name: {} for name in [control, *long["group"].unique()]}
    ragged, missing = [], []
    left_out: Counter[str] = Counter()
    for (group, person), rows in long.groupby(["group", "participant"], sort=False):
        scores = rows.set_index("trial")["score"].reindex(trials).to_numpy(float, copy=True)
        n_present = int(np.isfinite(scores).sum())
        if n_present and np.isfinite(scores[:n_present]).all():
            if n_present < len(scores):
                ragged.append(f"{person} ({group})")
                scores[n_present:] = scores[n_present - 1]
                if ended == "drop":
                    left_out[str(group)] += 1
                    continue
            groups[str(group)][str(person)] = scores
        else:
            missing.append(f"{person} ({group})")
            left_out[str(group)] += 1
    if ragged and ended is None:
        raise DataError(
            f"{len(ragged)} participants have fewer trials than others: {_some(ragged)}.",
            hint="say ended='hold' (--ended hold) if they stopped because they had learned, so that"
            " their last score stands for the rest; ended='drop' leaves them out",
        )
    _check_trials(groups, long, trials)
    copies = _without_copies(groups)
    _check_groups(groups, control)
    notes = _notes(ragged, missing, copies, ended)
    people = Trainees(control, trials, groups, design, notes, left_out=left_out)
    if clusters is None:
        return people
    return replace(people, clusters=_clusters(table, names, clusters, people))


def _check_choice(option: str, value: object, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise ConfigurationError(
            f"{option} is {value!r}.", hint=f"use {' or '.join(map(repr, choices))}"
        )


def _clusters(
    table: pd.DataFrame, names: Columns, column: str, people: Trainees
) -> dict[str, dict[str, str]]:
    """Return the cluster of each participant, by group."""
    if column not in table.columns:
        raise DataError(
            f"The scores have no column {column!r} of clusters.",
            hint=f"columns are {', '.join(map(str, table.columns))}",
        )
    persons, groups = (table[name].astype(str) for name in (names.participant, names.group))
    of_person: dict[tuple[str, str], str] = {}
    for group, person, cluster in zip(groups, persons, table[column], strict=True):
        if cluster is None or cluster != cluster:
            raise DataError(
                f"Participant {person!r} has no {column}.", hint="every row needs a cluster"
            )
        if of_person.setdefault((group, person), str(cluster)) != str(cluster):
            raise DataError(
                f"Participant {person!r} of group {group!r} is in two clusters,"
                f" {of_person[group, person]!r} and {str(cluster)!r}.",
                hint=f"give each participant one {column}, and people of one group names of their"
                " own",
            )
    clusters = {
        group: {person: of_person[group, person] for person in members}
        for group, members in people.curves.items()
    }
    _check_clusters(clusters, column)
    return clusters


def _check_clusters(clusters: Mapping[str, Mapping[str, str]], column: str) -> None:
    """Raise where some clusters are in one group and others in several."""
    groups = [set(of.values()) for of in clusters.values()]
    every = set.union(*groups)
    n_groups = {cluster: sum(cluster in group for group in groups) for cluster in every}
    if set(n_groups.values()) <= {1} or set(n_groups.values()) == {len(groups)}:
        return
    odd = min(sorted(every), key=n_groups.__getitem__)
    raise DataError(
        f"{column} {odd!r} is in {n_groups[odd]} of {len(groups)} groups, others in more: a cluster"
        " can be compared with itself, or with others, not both.",
        hint="give each cluster one group, or keep those that have people in every group",
    )


def _checked(table: pd.DataFrame, names: Columns) -> pd.DataFrame:
    """Return the four columns under our names, with numbers as numbers."""
    present = ", ".join(map(str, getattr(table, "columns", ())))
    check_table(
        table,
        "scores",
        columns=astuple(names),
        hint=f"columns are {present}; say which is the participant, the group, the trial and the"
        " score",
    )
    long = table[list(astuple(names))].set_axis(list(astuple(Columns())), axis=1)
    for name in ("participant", "group"):
        long[name] = names_in(long, name, "scores")
    hint = "trials and scores are numbers; leave a missing score empty"
    for name in ("trial", "score"):
        # A score may be missing; a trial may not.
        numbers = numbers_in(long, name, "scores", hint=hint, may_be_missing=name == "score")
        check_finite(numbers, name, "scores", hint=hint)
        long[name] = numbers.astype(float)
    twice = long.duplicated(["participant", "group", "trial"])
    if twice.any():
        first = long[twice].iloc[0]
        raise DataError(
            f"Participant {first['participant']!r} has two scores at trial {first['trial']:g} of"
            f" group {first['group']!r}.",
            hint="give one score a trial, and people of one group names of their own",
        )
    return long


def _design(long: pd.DataFrame, design: Design | None) -> Design:
    """Return the design, from the names where they leave no doubt."""
    if design is not None:
        return design
    groups = long.groupby("participant")["group"].nunique()
    shared = [str(name) for name in groups.index[groups > 1]]
    if not shared:
        return "between"
    raise DataError(
        f"{len(shared)} names of participants stand in several groups: {_some(shared)}.",
        hint="say design='within' (--design within) if they are the same people, 'between' if"
        " people were numbered anew in each group",
    )


def _check_trials(
    groups: Mapping[str, Mapping[str, Floats]], long: pd.DataFrame, trials: Floats
) -> None:
    """Raise if all people of a group lack a trial."""
    for group in long["group"].unique():
        if not groups[group]:
            present = sorted(long.loc[long["group"] == group, "trial"].unique())
            raise DataError(
                f"Nobody of group {group!r} has a score at every trial: all groups together have"
                f" {len(trials)}, from {trials[0]:g} to {trials[-1]:g}, this one {len(present)},"
                f" from {present[0]:g} to {present[-1]:g}.",
                hint="number the trials of all groups alike, or leave out those that some lack",
            )


def _check_groups(groups: Mapping[str, Mapping[str, Floats]], control: str) -> None:
    present = [name for name in groups if groups[name]]
    if control not in present:
        raise DataError(
            f"There is no group {control!r}.",
            hint=f"name the group that learned nothing before: control=... (--control), one of"
            f" {', '.join(present)}",
        )
    if len(present) < 2:
        raise DataError("There is only the control.", hint="add the scores of another group")
    small = [name for name in groups if len(groups[name]) < FEWEST_PARTICIPANTS]
    if small:
        raise DataError(
            f"Group {small[0]!r} has {len(groups[small[0]])} usable participants.",
            hint="leave the group out, or give it at least two",
        )


def _without_copies(groups: Mapping[str, dict[str, Floats]]) -> list[str]:
    """Remove copied curves from each group, and return their names."""
    copies = []
    for group, members in groups.items():
        for person, original in copied_curves(members).items():
            del members[person]
            copies.append(f"{person} as {original} ({group})")
    return copies


def _notes(
    ragged: Sequence[str], missing: Sequence[str], copies: Sequence[str], ended: Ended | None
) -> tuple[str, ...]:
    notes = []
    if ragged:
        action = "Left out, with fewer trials than others" if ended == "drop" else "Last score held"
        notes.append(f"{action}: {len(ragged)} curves ({_some(ragged)}).")
    if missing:
        notes.append(f"Left out, with a score missing: {len(missing)} curves ({_some(missing)}).")
    if copies:
        notes.append(
            f"Left out, with the curve of another participant but for rounding: {len(copies)}"
            f" curves ({_some(copies)})."
        )
    return tuple(notes)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    listing = ", ".join(names[:_MOST_NAMES])
    return f"{listing} and {more} more" if more > 0 else listing
