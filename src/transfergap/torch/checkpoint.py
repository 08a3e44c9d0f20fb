"""Weights of a pretrained model that a network can start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from transfergap.errors import LearnerError
from transfergap.torch.nets import Tapped

LEAST_SHARE = 0.5  # of the body's numbers: with fewer it is another network
# What trainers, compilers and users put in front of names: DataParallel, Lightning, torch.compile.
_PREFIXES = frozenset({"module", "model", "net", "network", "_orig_mod", "backbone"})


@dataclass(frozen=True)
class CheckpointFit:
    """Pretrained tensors that fit a network, by the network's names.

    Parameters
    ----------
    tensors : mapping of str to tensor
    n_tensors : int
        All that the network has.
    number_share : float
        Share of the network's numbers that start from the model, in [0, 1].
    body_share : float
        The same without the head, which another task brings anyway.
    renamed : bool
        Whether prefixes had to be left out before names were the same.
    missing : tuple of str
        The network's tensors that start at random.
    """

    tensors: Mapping[str, torch.Tensor]
    n_tensors: int
    number_share: float
    body_share: float
    renamed: bool
    missing: tuple[str, ...]

    @property
    def says(self) -> str:
        """Clause on how many tensors and numbers start from the model."""
        return (
            f"{len(self.tensors)} of {self.n_tensors} tensors, {self.number_share:.0%} of the"
            " numbers, start from the model"
        )

    def check(self) -> None:
        """Raise ``LearnerError`` if less than half the body is loaded."""
        if self.body_share < LEAST_SHARE:
            raise LearnerError(
                f"The pretrained model hardly fits the network: {self.says}.",
                hint=f"at random would start {', '.join(self.missing[:4])}; make the names and"
                " shapes of the state dict those of the network",
            )


def fit_checkpoint(state: Mapping[str, Any], tapped: Tapped) -> CheckpointFit:
    """Match the tensors of a state dict by name and shape.

    Examples
    --------
    >>> net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    >>> state = {f"module.{name}": value for name, value in net.state_dict().items()}
    >>> fit_checkpoint(state, Tapped(net)).says
    '4 of 4 tensors, 100% of the numbers, start from the model'
    """
    state = unwrapped(state)
    tensors_of_network = tapped.module.state_dict()
    # First by the very names; else by what is left once common prefixes are stripped.
    named = _fitting({name: name for name in tensors_of_network}, state, tensors_of_network)
    short = _short_names(tensors_of_network), _short_names(state)
    renamed: dict[str, torch.Tensor] = {}
    if short[0] is not None and short[1] is not None:
        places = {name: short[1][key] for key, name in short[0].items() if key in short[1]}
        renamed = _fitting(places, state, tensors_of_network)
    # Stripped names must fit more numbers, or the plain ones are kept.
    better = _count(renamed) > _count(named)
    tensors = renamed if better else named
    body = {
        k: v for k, v in tensors_of_network.items() if not tapped.in_head(f"module.{k}")
    } or tensors_of_network
    in_body = {name: value for name, value in tensors.items() if name in body}
    return CheckpointFit(
        tensors,
        len(tensors_of_network),
        _count(tensors) / max(_count(tensors_of_network), 1),
        _count(in_body) / max(_count(body), 1),
        better,
        tuple(name for name in tensors_of_network if name not in tensors),
    )


# Where trainers keep weights in a file that holds more (PyTorch's tutorials, Lightning, timm).
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights")


def unwrapped(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tensors of a checkpoint that holds more than them.

    Examples
    --------
    >>> unwrapped({"epoch": 3, "state_dict": {"weight": torch.ones(2)}})
    {'weight': tensor([1., 1.])}
    """
    inside = [state[key] for key in _WRAPPERS if isinstance(state.get(key), Mapping)]
    has_tensors = any(hasattr(value, "shape") for value in state.values())
    if has_tensors or not inside:
        return {name: value for name, value in state.items() if hasattr(value, "shape")}
    return unwrapped(inside[0])


def _fitting(
    places: Mapping[str, str], state: Mapping[str, Any], network: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return the tensors that have the network's shapes, by the network's names."""
    return {
        name: torch.as_tensor(state[place])
        for name, place in places.items()
        if place in state and tuple(state[place].shape) == tuple(network[name].shape)
    }


def _short_names(state: Mapping[str, Any]) -> dict[str, str] | None:
    """Strip names of prefixes; ``None`` where two would be one."""
    short: dict[str, str] = {}
    for name in state:
        parts = name.split(".")
        while len(parts) > 1 and parts[0] in _PREFIXES:
            parts = parts[1:]
        if ".".join(parts) in short:
            return None
        short[".".join(parts)] = name
    return short


def _count(tensors: Mapping[str, torch.Tensor]) -> int:
    return sum(value.numel() for value in tensors.values())
