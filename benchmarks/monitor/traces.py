"""Runs of the bank, recorded: held-out losses while training, signals, and the test at the end."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.monitor.signals import gradient_signals
from benchmarks.monitor.stacked import StackedNetwork, Task, row_losses, train
from benchmarks.networks import Auxiliary, Pair, PairData, Rows, part_of

N_LOOKS = 20  # looks at the held-out rows, evenly over the training
N_WATCHED = N_LOOKS // 5  # those that the monitor sees
N_SIGNAL_ROWS = 200
N_SOURCE_STEPS = 400

Outcomes = tuple[NDArray[np.float32], NDArray[np.float32]]
Way = Literal["fine-tuning", "co-training", "auxiliary"]


@dataclass(frozen=True, eq=False)
class Trace:
    """One treated run beside its control.

    ``held`` and ``control_held`` are losses of held-out rows, (n_looks, n_held), from before the
    first update to the end. ``loss`` and ``accuracy`` are test gaps of the best checkpoints (by
    held-out loss), ``last_loss`` and ``last_accuracy`` of the last weights: positive if the
    treatment is better, each with the standard error that the test rows leave.
    """

    way: Way
    name: str
    family: str
    part: str
    n_target: int
    n_steps: int
    seed: int
    held: NDArray[np.float32]
    control_held: NDArray[np.float32]
    loss: tuple[float, float]
    accuracy: tuple[float, float]
    last_loss: tuple[float, float]
    last_accuracy: tuple[float, float]
    cosine: float
    look_ahead: float


class BestWeights:
    """Keeps each run's weights from the look with its lowest loss on some rows."""

    def __init__(self, n_runs: int) -> None:
        self._lowest = torch.full((n_runs,), torch.inf)
        self._kept: dict[str, torch.Tensor] = {}

    def keep(self, network: StackedNetwork, losses: torch.Tensor) -> None:
        """Take the weights of those runs whose loss is lower than ever."""
        better = losses < self._lowest
        self._lowest = torch.where(better, losses, self._lowest)
        for name, value in network.state_dict().items():
            old = self._kept.get(name, value)
            self._kept[name] = torch.where(better[:, None, None], value, old)

    def restored(self, network: StackedNetwork) -> StackedNetwork:
        """Return a copy of ``network`` with the kept weights."""
        best = copy.deepcopy(network)
        best.load_state_dict(self._kept)
        return best


class Recorder:
    """Keeps what a stack of runs shows while it trains, and its outcome on test rows.

    ``best`` is the outcome of the checkpoint with the lowest held-out loss, as trainers keep it.
    """

    def __init__(self, held: Task, test: Task, n_steps: int, source: Task | None = None) -> None:
        self._held, self._test, self._source = held, test, source
        self._n_steps, self._interval = n_steps, n_steps // N_LOOKS
        self._weights = BestWeights(len(held.X))
        self.losses: list[NDArray[np.float32]] = []
        self.cosines: list[NDArray[np.float32]] = []
        self.look_aheads: list[NDArray[np.float32]] = []
        self.best: Outcomes | None = None
        self.last: Outcomes | None = None

    def __call__(self, step: int, network: StackedNetwork) -> None:
        if step % self._interval:
            return
        network.eval()
        with torch.no_grad():
            losses = row_losses(network, self._held)
        self.losses.append(losses.numpy())
        self._weights.keep(network, losses.mean(dim=1))
        if self._source is not None and 0 < step <= N_WATCHED * self._interval:
            cosine, look_ahead = gradient_signals(network, self._source, self._held)
            self.cosines.append(cosine.numpy())
            self.look_aheads.append(look_ahead.numpy())
        if step == self._n_steps:
            self.last = outcomes(network, self._test)
            self.best = outcomes(self._weights.restored(network), self._test)


def pair_traces(pair: Pair, n_target: int, n_steps: int, seeds: list[int]) -> Iterator[Trace]:
    """Train a pair's control, its fine-tuned and its co-trained networks, and yield both ways."""
    draws = [pair.load(seed, n_target) for seed in seeds]
    target, held, test = (stacked(draws, part) for part in ("target", "held", "test"))
    source = stacked(draws, "source")
    seen = some_rows(source)
    control = _control(Draws.of(pair, draws), n_steps, tuple(seeds))
    tuned = copy.deepcopy(_pretrained(pair, tuple(seeds)))
    for way, start, tasks in (
        ("fine-tuning", tuned, [target]),
        ("co-training", _fresh(pair, target, seeds), [target, source]),
    ):
        watch = Recorder(held, test, n_steps, seen)
        train(start, tasks, n_steps, watch)
        yield from _compared(way, pair, n_target, n_steps, seeds, watch, control)


def auxiliary_traces(
    task: Auxiliary, n_target: int, n_steps: int, seeds: list[int]
) -> Iterator[Trace]:
    """Train a main task alone and with its auxiliary."""
    drawn = [task.load(seed, n_target) for seed in seeds]
    draws = [draw.main for draw in drawn]
    target, held, test = (stacked(draws, part) for part in ("target", "held", "test"))
    kind = drawn[0].kind
    extra = Task(
        "auxiliary",
        torch.as_tensor(np.stack([np.ascontiguousarray(draw.X) for draw in drawn])),
        torch.as_tensor(np.stack([draw.y for draw in drawn])),
        kind,
    )
    n_outputs = max(draw.n_outputs for draw in drawn)
    control = _control(Draws.of(task.main, draws), n_steps, tuple(seeds))
    outputs = {"target": task.main.n_classes, "auxiliary": n_outputs}
    network = StackedNetwork(target.X.shape[2], outputs, seeds)
    watch = Recorder(held, test, n_steps, some_rows(extra))
    train(network, [target, extra], n_steps, watch)
    yield from _compared("auxiliary", task, n_target, n_steps, seeds, watch, control)


def stacked(draws: list[PairData], part: str) -> Task:
    rows: list[Rows] = [getattr(draw, part) for draw in draws]
    X = torch.as_tensor(np.stack([r.X for r in rows]))
    return Task("target", X, torch.as_tensor(np.stack([r.y for r in rows])))


def outcomes(network: StackedNetwork, test: Task) -> Outcomes:
    """Return losses and hits of test rows, each (n_runs, n_test)."""
    network.eval()
    with torch.no_grad():
        hits = network(test.X, test.head).argmax(dim=2) == test.y
        return row_losses(network, test).numpy(), hits.float().numpy()


def some_rows(task: Task) -> Task:
    """Return a few rows, of anywhere: some sources come sorted by label."""
    rows = np.random.default_rng(8).permutation(task.X.shape[1])[:N_SIGNAL_ROWS]
    return Task(task.head, task.X[:, rows], task.y[:, rows], task.kind)


@dataclass(frozen=True)
class Draws:
    """Draws of a target, equal where their training rows are: pairs share targets and controls."""

    digest: str
    pair: Pair = field(compare=False)
    data: tuple[PairData, ...] = field(compare=False)

    @classmethod
    def of(cls, pair: Pair, data: list[PairData]) -> Draws:
        content = b"".join(draw.target.X.tobytes() + draw.target.y.tobytes() for draw in data)
        return cls(sha256(content).hexdigest(), pair, tuple(data))


@lru_cache(maxsize=16)
def _control(draws: Draws, n_steps: int, seeds: tuple[int, ...]) -> Recorder:
    target, held, test = (stacked(list(draws.data), part) for part in ("target", "held", "test"))
    watch = Recorder(held, test, n_steps)
    train(_fresh(draws.pair, target, list(seeds)), [target], n_steps, watch)
    return watch


@lru_cache(maxsize=2)
def _pretrained(pair: Pair, seeds: tuple[int, ...]) -> StackedNetwork:
    """Train on nine tenths of the source, and keep the checkpoint that does best on the tenth.

    Whoever publishes weights has done as much; overconfident ones would be another question.
    """
    source = stacked([pair.load(seed, pair.sizes[0]) for seed in seeds], "source")
    n_own = source.X.shape[1] * 9 // 10
    order = np.random.default_rng(8).permutation(source.X.shape[1])  # some come sorted by label
    own, kept = (Task("target", source.X[:, rows], source.y[:, rows])
                 for rows in (order[:n_own], order[n_own:]))  # fmt: skip
    network, best = _fresh(pair, source, [1000 + s for s in seeds]), BestWeights(len(seeds))

    def keep(step: int, network: StackedNetwork) -> None:
        if step % (N_SOURCE_STEPS // N_LOOKS) == 0:
            network.eval()
            with torch.no_grad():
                best.keep(network, row_losses(network, kept).mean(dim=1))

    return best.restored(train(network, [own], N_SOURCE_STEPS, keep))


def _fresh(pair: Pair, task: Task, seeds: list[int]) -> StackedNetwork:
    return StackedNetwork(task.X.shape[2], {"target": pair.n_classes}, seeds)


def _compared(
    way: Way,
    what: Pair | Auxiliary,
    n_target: int,
    n_steps: int,
    seeds: list[int],
    treated: Recorder,
    control: Recorder,
) -> Iterator[Trace]:
    held, control_held = (np.stack(w.losses, axis=1) for w in (treated, control))
    cosine = np.mean(treated.cosines, axis=0)
    look_ahead = np.mean(treated.look_aheads, axis=0)
    assert treated.best and treated.last and control.best and control.last
    for run, seed in enumerate(seeds):
        yield Trace(
            way, what.name, what.family, part_of(what.family), n_target, n_steps, seed,
            held[run], control_held[run],
            _gap(control.best[0][run] - treated.best[0][run]),
            _gap(treated.best[1][run] - control.best[1][run]),
            _gap(control.last[0][run] - treated.last[0][run]),
            _gap(treated.last[1][run] - control.last[1][run]),
            float(cosine[run]), float(look_ahead[run]),
        )  # fmt: skip


def _gap(differences: NDArray[np.float32]) -> tuple[float, float]:
    return float(differences.mean()), float(differences.std(ddof=1) / len(differences) ** 0.5)
