"""Inputs of one fit: rows as tensors, classes, starting weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from transfergap.data.problem import Sample, TrainingSet
from transfergap.data.sources.models_and_tasks import ModelSource, TaskSource
from transfergap.errors import LearnerError
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch.checkpoint import fit_checkpoint
from transfergap.torch.nets import Tapped, seeded
from transfergap.torch.rows import (
    Labels,
    NetworkClassifier,
    NetworkRegressor,
    Reader,
    kind_of,
    label_tensor,
    row_weights,
)
from transfergap.torch.training import Rows, Stage, StepInfo, Stream


class NetworkLike(Protocol):
    """The settings of a network that reading, building and training need."""

    @property
    def module(self) -> Callable[[int], torch.nn.Module]:
        """Function from a number of outputs to a new module."""
        ...

    @property
    def steps(self) -> int:
        """Steps of the optimizer on the target."""
        ...

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of one row as the network reads it."""
        ...

    @property
    def encode(self) -> Callable[[Any], Any] | None:
        """Function from rows to an array or tensor."""
        ...

    @property
    def standardise(self) -> bool:
        """True if columns get mean 0 and spread 1."""
        ...

    @property
    def class_weights(self) -> str | None:
        """``balanced`` if classes weigh alike."""
        ...

    @property
    def head(self) -> str | None:
        """Name of the head."""
        ...

    @property
    def labels(self) -> Labels | None:
        """Kind of labels, if it is not read off them."""
        ...

    @property
    def callbacks(self) -> tuple[Callable[[StepInfo], Any], ...]:
        """Functions called after each step."""
        ...

    def stage(self, steps: int) -> Stage:
        """Return a stage in which every layer learns."""
        ...

    def stream(
        self, groups: Sequence[Rows], jobs: Sequence[Job], *, name: int, labels: Labels
    ) -> Stream:
        """Return batches of the rows, one group of rows a job."""
        ...


@dataclass(frozen=True)
class TaskRows:
    """Rows of another task with the number of its outputs."""

    rows: Rows
    n_outputs: int
    loss: Labels


@dataclass(frozen=True)
class Job:
    """The inputs of a fit.

    Parameters
    ----------
    seed : int
    labels : {"classes", "numbers"}
    classes : ndarray or None
        Of target and sources together.
    reader : Reader
    target : Rows
        Perhaps none.
    sources : tuple of Rows
    tasks : tuple of TaskRows
    start : mapping of str to tensor, or None
        Weights to start from.
    """

    seed: int
    labels: Labels
    classes: NDArray[Any] | None
    reader: Reader
    target: Rows
    sources: tuple[Rows, ...]
    tasks: tuple[TaskRows, ...] = ()
    start: Mapping[str, Any] | None = None

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        return 1 if self.classes is None else max(len(self.classes), 2)

    @property
    def pooled(self) -> Rows:
        """All rows of target and sources, weighing alike by default.

        Raises
        ------
        LearnerError
            If there is no row.
        """
        return together([self.target, *self.sources])

    @property
    def shape(self) -> tuple[Any, ...]:
        """Properties that networks share to be trained as one program."""
        return (
            self.n_outputs,
            len(self.sources),
            len(self.target) > 0,
            tuple(task.n_outputs for task in self.tasks),
            self.start is None,
        )


def together(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts; one part as it is."""
    non_empty = [part for part in parts if len(part)]
    if not non_empty:
        raise LearnerError(
            "A network was given no row to train on.", hint="this arm needs target or source rows"
        )
    if len(non_empty) == 1:
        return non_empty[0]
    return Rows(
        torch.cat([part.X for part in non_empty]),
        torch.cat([part.y for part in non_empty]),
        torch.cat([part.weights for part in non_empty]),
    )


@dataclass
class JobReader:
    """Reader of training sets, which reads rows that they share once."""

    network: NetworkLike
    device: torch.device
    _cache: dict[tuple[Any, ...], tuple[Sample, Rows]] = field(default_factory=dict)

    def job(self, train: AnyTrainingSet, seed: int) -> Job:
        """Return the inputs of a fit.

        Raises
        ------
        LearnerError
            For more than one pretrained model.
        DataError
            For rows that the network cannot read.
        """
        sources = train.sources if isinstance(train, TrainingSet) else ()
        non_tabular = train.others if isinstance(train, TrainingSet) else ()
        samples = [sample for sample in (train.target, *sources) if len(sample)]
        if not samples:
            raise LearnerError("A network was given no row to train on.")
        labels = kind_of(self.network.labels, samples[0].y)
        classes = np.unique(np.concatenate([s.y for s in samples])) if labels == "classes" else None
        reader = Reader(self.network.shape, self.network.encode)
        if self.network.standardise:
            # Scales from the rows that the fit may use, as a scaler in a pipeline would have them.
            reader = reader.standardised(samples)
        models = [extra for extra in non_tabular if isinstance(extra, ModelSource)]
        # Two starting points cannot both be the start.
        if len(models) > 1:
            raise LearnerError(
                "A network can start from one pretrained model only.",
                hint="give every pretrained model an arm of its own",
            )
        return Job(
            seed,
            labels,
            classes,
            reader,
            self._rows(train.target, classes, reader),
            tuple(self._rows(sample, classes, reader) for sample in sources if len(sample)),
            tuple(self._task(o, reader) for o in non_tabular if isinstance(o, TaskSource)),
            models[0].state_dict() if models else None,
        )

    def _rows(self, sample: Sample, classes: NDArray[Any] | None, reader: Reader) -> Rows:
        key = (id(sample), None if classes is None else tuple(classes.tolist()))
        shared = not self.network.standardise  # a scale of its own is that of one fit
        if shared and key in self._cache:
            return self._cache[key][1]
        if not len(sample):
            empty = torch.empty(0, device=self.device)
            return Rows(empty, empty, empty)
        rows = Rows(
            reader.tensor(sample.X).to(self.device),
            label_tensor(sample.y, classes).to(self.device),
            row_weights(sample, balanced=self.network.class_weights == "balanced").to(self.device),
        )
        if shared:
            self._cache[key] = (sample, rows)  # the sample too, so that its id stays its own
        return rows

    def _task(self, task: TaskSource, reader: Reader) -> TaskRows:
        classes = np.unique(task.y) if task.has_classes else None
        rows = Rows(
            reader.tensor(task.X).to(self.device),
            label_tensor(task.y, classes).to(self.device),
            torch.ones(len(task.y), device=self.device),
        )
        width = 1 if task.y.ndim == 1 else int(task.y.shape[1])
        if classes is None:
            return TaskRows(rows, width, "numbers")
        return TaskRows(rows, len(classes), "classes")


def built(network: NetworkLike, job: Job, device: torch.device) -> Tapped:
    """Build a new network for a job, by its seed.

    Weights of a pretrained model are laid over it, all whose names and shapes fit.

    Raises
    ------
    LearnerError
        If less than half of a pretrained model fits.
    """
    with seeded(job.seed):
        tapped = Tapped(network.module(job.n_outputs), network.head).to(device)
    if job.start is not None:
        fit = fit_checkpoint(job.start, tapped)
        fit.check()
        on_device = {name: value.to(device) for name, value in fit.tensors.items()}
        tapped.module.load_state_dict({**tapped.module.state_dict(), **on_device})
    return tapped


def finished(job: Job, module: torch.nn.Module, device: torch.device) -> Any:
    """Return a trained module as a model that predicts."""
    if job.classes is None:
        return NetworkRegressor(module, job.reader, device)
    return NetworkClassifier(module, job.reader, device, job.classes)
