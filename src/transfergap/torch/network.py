"""A network as the model under audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from torch import nn

from transfergap.data.sources.models_and_tasks import ModelSource
from transfergap.errors import ConfigurationError, OldAttribute
from transfergap.learners import describe
from transfergap.learners.protocol import AnyTrainingSet
from transfergap.torch.checkpoint import CheckpointFit, fit_checkpoint
from transfergap.torch.combining import Sum
from transfergap.torch.jobs import Job, JobReader, built, finished
from transfergap.torch.joint import TARGET, train_beside
from transfergap.torch.nets import Nets, Tapped, grouped, seeded, stackable
from transfergap.torch.rows import Labels
from transfergap.torch.training import Rows, Stage, StepInfo, Stream, stream, train

_MOST_AT_ONCE = 32  # chosen by hand
_MOST_NUMBERS = 20_000_000  # of parameters that are trained as one program

Train = Callable[[Job, Nets, Sequence[Job]], None]


@dataclass(frozen=True)
class Network:
    """A torch network as a learner.

    Parameters
    ----------
    module : callable
        Takes the number of outputs (classes; 1 for numbers) and returns a new module with random
        weights. Its last linear layer, or the one named ``head``, is its head.
    steps : int
        Steps of the optimizer on the target: the budget of every arm. Training on a source before
        it is extra (see :class:`transfergap.torch.FineTuned`).
    batch_size : int
    learning_rate : float
    optimizer : {"adamw", "sgd"}
        SGD has a momentum of 0.9.
    weight_decay : float
    shape : tuple of int, optional
        Of one row as the network reads it, such as (1, 28, 28).
    encode : callable, optional
        Turns rows, such as texts, into an array or tensor.
    standardise : bool
        Whether columns get mean 0 and spread 1, by the rows that the fit may use.
    class_weights : {"balanced"}, optional
        Let classes weigh alike; without it a rare class may never be learned.
    head : str, optional
    labels : {"classes", "numbers"}, optional
        Default: floating-point labels are numbers, all others are classes.
    device : str
        "auto" takes a GPU if there is one.
    callbacks : tuple of callables
        Called after each step with a :class:`transfergap.torch.StepInfo`.

    Notes
    -----
    Without sources this is the control. Rows of sources are pooled with the target's; a pretrained
    model is where training starts; another task is trained beside by the plain sum of losses. For
    everything else put a mitigation around it.

    The seed decides weights and batches, nothing else is random but the module's computations,
    and torch's own random state is left as it was. Networks without dropout, batch normalisation
    or recurrent layers are trained up to 32 at a time, as one program.

    Examples
    --------
    >>> import numpy as np
    >>> from transfergap.data.problem import Sample, TargetSet
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> target = TargetSet(Sample(X, (X[:, 0] > 0).astype(int)))
    >>> learner = Network(lambda n: nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, n)))
    >>> model = learner.train(target, seed=0)
    >>> bool((model.predict(X) == target.target.y).mean() > 0.9)
    True
    """

    module: Callable[[int], nn.Module]
    # Defaults of the optimizer are torch's; steps and batch size are chosen by hand for small
    # targets.
    steps: int = 300
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: Literal["adamw", "sgd"] = "adamw"
    weight_decay: float = 1e-2
    shape: tuple[int, ...] | None = None
    encode: Callable[[Any], Any] | None = None
    standardise: bool = False
    class_weights: Literal["balanced"] | None = None
    head: str | None = None
    labels: Labels | None = None
    device: str = "auto"
    callbacks: tuple[Callable[[StepInfo], Any], ...] = ()
    _kind: list[int] = field(default_factory=list, init=False, repr=False, compare=False)
    budget_name: ClassVar[str] = "steps"

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigurationError(
                    f"{name} is {value!r}.", hint="use a whole number from 1 up"
                )
        if not self.learning_rate > 0:
            raise ConfigurationError(
                f"The learning rate is {self.learning_rate!r}.", hint="use a number above 0"
            )
        if self.optimizer not in ("adamw", "sgd"):
            raise ConfigurationError(
                f"There is no optimizer {self.optimizer!r} here.", hint="known: adamw, sgd"
            )
        try:
            self.on  # noqa: B018 - whether torch knows the name; workers may have other devices
        except (RuntimeError, TypeError):
            raise ConfigurationError(
                f"PyTorch knows no device {self.device!r}.",
                hint='use "auto", "cpu", "cuda" or "cuda:1"',
            ) from None

    @property
    def on(self) -> torch.device:
        """The device that it trains on."""
        if self.device != "auto":
            return torch.device(self.device)
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @property
    def repeatable(self) -> bool:
        """True if a seed repeats the model byte for byte.

        CPUs do; GPUs may not.
        """
        return self.on.type == "cpu"

    @property
    def most_at_once(self) -> int:
        """Number of networks trained as one program."""
        if not self._kind:
            with seeded(0):
                # Any number of outputs will do: the body decides whether networks can be stacked.
                module = self.module(2)
            numbers = sum(p.numel() for p in module.parameters())
            fits = max(1, min(_MOST_AT_ONCE, _MOST_NUMBERS // max(numbers, 1)))
            self._kind.append(fits if stackable(module) and not self.callbacks else 1)
        return self._kind[0]

    fit = OldAttribute("Learner")

    def train(self, training_set: AnyTrainingSet, *, seed: int) -> Any:
        """Return the trained model."""
        return self.fit_many([training_set], seeds=[seed])[0]

    def fit_many(self, trains: Sequence[AnyTrainingSet], *, seeds: Sequence[int]) -> list[Any]:
        """Return the trained models."""
        return self.fitted(trains, seeds, self._plain)

    def fitted(
        self,
        trains: Sequence[AnyTrainingSet],
        seeds: Sequence[int],
        training: Callable[[Network, Nets, Sequence[Job]], None],
    ) -> list[Any]:
        """Return models for training sets, trained in some way.

        Parameters
        ----------
        trains : sequence of TargetSet or TrainingSet
        seeds : sequence of int
        training : callable
            Takes this network, a group of new networks and their jobs, and trains the group.
        """
        reader = JobReader(self, self.on)
        jobs = [reader.job(train, seed) for train, seed in zip(trains, seeds, strict=True)]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for i, job in enumerate(jobs):
            # Only networks of one shape can be stacked; jobs keep their places in the result.
            key = job.shape if self.most_at_once > 1 else (i,)
            groups.setdefault(key, []).append(i)
        models: list[Any] = [None] * len(jobs)
        for members in groups.values():
            chosen = [jobs[i] for i in members]
            nets = grouped([built(self, job, self.on) for job in chosen])
            with seeded(chosen[0].seed):
                training(self, nets, chosen)
            for i, module in zip(members, nets.modules(), strict=True):
                models[i] = finished(jobs[i], module, self.on)
        return models

    def _plain(self, network: Network, nets: Nets, jobs: Sequence[Job]) -> None:
        if jobs[0].tasks:
            train_beside(network, nets, jobs, Sum(), pooled=True)
            return
        rows = pooled_rows(jobs)
        one = self.stream(rows, jobs, name=TARGET, labels=jobs[0].labels)
        train(nets, [one], self.stage(self.steps), callbacks=self.callbacks)

    def stage(self, steps: int, **changed: Any) -> Stage:
        """Return a stage with the network's own optimizer; every layer learns."""
        defaults: dict[str, Any] = {
            "rate": lambda name: self.learning_rate,
            "optimizer": self.optimizer,
            "weight_decay": self.weight_decay,
        }
        return Stage(steps, **(defaults | changed))

    def stream(
        self,
        groups: Sequence[Rows],
        jobs: Sequence[Job],
        *,
        name: int,
        labels: Labels,
        steps: int | None = None,
    ) -> Stream:
        """Return batches of the rows, one group of rows a job."""
        return stream(
            groups,
            steps=steps or self.steps,
            batch_size=self.batch_size,
            seeds=[job.seed for job in jobs],
            name=name,
            loss=labels,
        )

    def checkpoint_fit(self, source: ModelSource, *, n_outputs: int) -> CheckpointFit:
        """Return which tensors of a pretrained model the network would start from."""
        with seeded(0):
            tapped = Tapped(self.module(n_outputs), self.head)
        return fit_checkpoint(source.state_dict(), tapped)

    def describe(self) -> str:
        """Return the network's code digest and every parameter."""
        options = {
            name: getattr(self, name)
            for name in ("steps", "batch_size", "learning_rate", "optimizer", "weight_decay")
        }
        options |= {name: getattr(self, name) for name in ("shape", "standardise", "class_weights")}
        options |= {"head": self.head, "labels": self.labels, "device": self.on.type}
        settings = ", ".join(f"{name}={value!r}" for name, value in options.items())
        code = f"{describe(self.module)}, encode={describe(self.encode)}"
        return f"Network({code}, {settings}, torch={torch.__version__})"


def pooled_rows(jobs: Sequence[Job]) -> list[Rows]:
    """Return target and source rows of each job together."""
    return [job.pooled for job in jobs]
