"""Names of mitigations, entry points, and how often each harmed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from types import MappingProxyType
from typing import cast

from transfergap.data.task import find_task
from transfergap.errors import ConfigurationError, require
from transfergap.learners import Learner, as_learner
from transfergap.learners.mitigations.mitigation import facts_of

GROUP = "transfergap.mitigations"
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "augmented": "transfergap.learners.mitigations:Augmented",
        "balanced": "transfergap.learners.mitigations:Balanced",
        "class-shares": "transfergap.learners.mitigations:ClassShares",
        "common-columns": "transfergap.learners.mitigations:CommonColumns",
        "confident-learning": "transfergap.learners.mitigations:ConfidentLearning",
        "coral": "transfergap.learners.mitigations:CORAL",
        "deduplicated": "transfergap.learners.mitigations:Deduplicated",
        "gated": "transfergap.learners.mitigations:Gated",
        "importance-weighted": "transfergap.learners.mitigations:ImportanceWeighted",
        "invariant-features": "transfergap.learners.mitigations:InvariantFeatures",
        "kernel-mean-matching": "transfergap.learners.mitigations:KernelMeanMatching",
        "kliep": "transfergap.learners.mitigations:KLIEP",
        "likely-labels": "transfergap.learners.mitigations:LikelyLabels",
        "matched-columns": "transfergap.learners.mitigations:MatchedColumns",
        "offset": "transfergap.learners.mitigations:Offset",
        "optimal-transport": "transfergap.learners.mitigations:OptimalTransport",
        "relabelled": "transfergap.learners.mitigations:Relabelled",
        "residual-correction": "transfergap.learners.mitigations:ResidualCorrection",
        "selected-features": "transfergap.learners.mitigations:SelectedFeatures",
        "self-training": "transfergap.learners.mitigations:SelfTraining",
        "shared-features": "transfergap.learners.mitigations:SharedFeatures",
        "source-only": "transfergap.learners.mitigations:SourceOnly",
        "target-only": "transfergap.learners.mitigations:TargetOnly",
        "tradaboost": "transfergap.learners.mitigations:TrAdaBoost",
        "tradaboost-r2": "transfergap.learners.mitigations:TrAdaBoostR2",
        "trusted-rows": "transfergap.learners.mitigations:TrustedRows",
        "warm-boosting": "transfergap.learners.mitigations:WarmBoosting",
        "weighted": "transfergap.learners.mitigations:Weighted",
    }
)

# Ways to train networks; each needs the extra [torch].
FOR_NETWORKS: Mapping[str, str] = MappingProxyType(
    {
        "bss": "transfergap.torch.ways:BSS",
        "co-trained": "transfergap.torch.ways:CoTrained",
        "co-tuning": "transfergap.torch.ways:CoTuning",
        "delta": "transfergap.torch.ways:DELTA",
        "ema-gate": "transfergap.torch.ways:EMAGated",
        "fine-tuned": "transfergap.torch.ways:FineTuned",
        "frozen-probe": "transfergap.torch.ways:FrozenProbe",
        "interpolated": "transfergap.torch.ways:Interpolated",
        "l2-sp": "transfergap.torch.ways:L2SP",
        "layerwise-rates": "transfergap.torch.ways:LayerwiseRates",
        "lora": "transfergap.torch.ways:LowRank",
        "lp-ft": "transfergap.torch.ways:LPFT",
        "new-head": "transfergap.torch.ways:NewHead",
        "stoch-norm": "transfergap.torch.ways:StochasticNorm",
        "surgery": "transfergap.torch.ways:GradientSurgery",
        "uncertainty": "transfergap.torch.ways:UncertaintyWeighted",
    }
)

MakesLearner = Callable[[Learner], Learner]


def mitigation_names() -> tuple[str, ...]:
    """Return every name that can be asked for, sorted.

    Examples
    --------
    >>> "coral" in mitigation_names()
    True
    """
    return tuple(sorted(_points()))


def mitigation_named(name: str) -> MakesLearner:
    """Return the mitigation of that name, a wrapper of learners.

    Raises
    ------
    ConfigurationError
        For an unknown name, or one that cannot be loaded.
    MissingExtraError
        For a way to train networks, without torch.

    Examples
    --------
    >>> mitigation_named("coral").__name__
    'CORAL'
    """
    points = _points()
    if name not in points:
        near = difflib.get_close_matches(name, points, n=1)
        raise ConfigurationError(
            f"There is no mitigation called {name!r}.",
            hint=f"did you mean {near[0]!r}?" if near else "see: transfergap list mitigations",
        )
    point = points[name]
    if point.value == FOR_NETWORKS.get(name):
        require("torch", extra="torch")
    try:
        return cast(MakesLearner, point.load())
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The mitigation {name!r} ({point.value}) cannot be loaded: {error}.",
            hint="the package that offers it is broken; update or remove it",
        ) from error


def mitigated(
    names: Sequence[str | MakesLearner], learner: Learner, *, task: str | None = None
) -> Learner:
    """Return a learner inside mitigations, the first name outermost.

    Parameters
    ----------
    names : sequence of str or mitigation
    learner : Learner
    task : {"binary", "multiclass", "regression"}, optional
        Kind of the labels; checked where it is given.

    Raises
    ------
    ConfigurationError
        For an unknown name, or one that does not fit the labels.
    LearnerError
        From mitigations that need a certain model.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from transfergap.learners import EstimatorLearner
    >>> mitigated(["gated", "coral"], EstimatorLearner(Ridge())).learner.describe()[:12]
    'CORAL(Ridge('
    """
    for name in reversed(names):
        makes = mitigation_named(name) if isinstance(name, str) else name
        facts = facts_of(makes)
        if task is not None and facts is not None and task not in facts.tasks:
            labels = f"{task} labels" if find_task(task).has_classes else "numbers"
            raise ConfigurationError(
                f"The mitigation {name!r} is not made for {labels}.",
                hint=f"it is made for {' and '.join(facts.tasks)} labels",
            )
        learner = as_learner(makes(learner))
    return learner


def _points() -> dict[str, EntryPoint]:
    installed = {point.name: point for point in entry_points(group=GROUP)}
    homes = {**BUILT_IN, **FOR_NETWORKS}
    built_in = {name: EntryPoint(name, value, GROUP) for name, value in homes.items()}
    return {
        **installed,
        **built_in,
    }  # installing a package never changes what one of our names does


FILE = "measured.json"
NETWORKS_FILE = "measured_networks.json"


@dataclass(frozen=True)
class Harm:
    """Share of tasks more than a point below the target alone.

    Parameters
    ----------
    natural_share, corrupted_share : float
        In [0, 1]: of natural tasks, and of those with a third of the sources spoilt.
    natural_error, corrupted_error : float
        Standard errors, over target domains.
    natural_tasks, corrupted_tasks : int
    """

    natural_share: float
    natural_error: float
    natural_tasks: int
    corrupted_share: float
    corrupted_error: float
    corrupted_tasks: int


def measured_harm() -> dict[str, Harm]:
    """Return the harm that ``benchmarks.mitigations`` measured, by name.

    Empty where it has not run.

    Examples
    --------
    >>> all(0 <= harm.natural_share <= 1 for harm in measured_harm().values())
    True
    """
    path = files("transfergap.learners.mitigations").joinpath(FILE)
    if not path.is_file():
        return {}
    return {name: Harm(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}


@dataclass(frozen=True)
class NetworkHarm:
    """Share of bank problems harmed by more than a point.

    Parameters
    ----------
    share, low, high : float
        In [0, 1], with a 90 % interval over families.
    mean_gap : float
        In accuracy.
    problems : int
    """

    share: float
    low: float
    high: float
    mean_gap: float
    problems: int


def measured_on_networks() -> dict[str, NetworkHarm]:
    """Return the harm that the network banks measured, by name.

    Empty where they have not run.

    Examples
    --------
    >>> all(harm.low <= harm.share <= harm.high for harm in measured_on_networks().values())
    True
    """
    path = files("transfergap.learners.mitigations").joinpath(NETWORKS_FILE)
    if not path.is_file():
        return {}
    measured = {}
    for name, row in json.loads(path.read_text(encoding="utf-8")).items():
        low, high = row["harmed_interval"]
        share, gap = row["harmed_more_than_a_point"], row["mean_gap"]
        measured[name] = NetworkHarm(share, low, high, gap, row["problems"])
    return measured
