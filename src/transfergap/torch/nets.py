"""Groups of networks of one kind, stacked into one program."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from transfergap.errors import LearnerError

Tensor = torch.Tensor
State = dict[str, Tensor]


class Tapped(nn.Module):
    """A network that also hands out what its head reads.

    Parameters
    ----------
    module : Module
    head : str, optional
        Name of the head, a linear layer; default: the last linear layer.

    Raises
    ------
    LearnerError
        If there is no such layer.
    """

    def __init__(self, module: nn.Module, head: str | None = None) -> None:
        super().__init__()
        self.module = module
        self.head_name = head or _last_linear(module)
        layer = dict(module.named_modules()).get(self.head_name)
        if not isinstance(layer, nn.Linear):
            raise LearnerError(
                f"The network has no linear layer {self.head_name!r} for a head.",
                hint="name the last layer: Network(..., head='fc')",
            )
        self._head_inputs: Tensor | None = None
        # A hook reads the features of any module without changing its code.
        layer.register_forward_pre_hook(self._keep)

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._head_inputs = inputs[0]

    @property
    def head(self) -> nn.Linear:
        """The last linear layer."""
        layer = dict(self.module.named_modules())[self.head_name]
        assert isinstance(layer, nn.Linear)
        return layer

    def in_head(self, name: str) -> bool:
        """Return whether a parameter of this name belongs to the head."""
        return name.startswith(f"module.{self.head_name}.")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs, shape (n_rows, n_outputs), and head inputs."""
        out = self.module(x)
        features, self._head_inputs = self._head_inputs, None
        assert features is not None
        return out, features


def _last_linear(module: nn.Module) -> str:
    names = [name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)]
    if not names:
        raise LearnerError(
            "The network has no linear layer that could be its head.",
            hint="end it with torch.nn.Linear(n_features, n_outputs)",
        )
    return str(names[-1])


class Nets(Protocol):
    """M networks with the same layers, trained together."""

    tapped: Tapped
    n: int
    params: State

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs of rows, all (M, n_rows, ...)."""
        ...

    def at(self, params: State, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs under other parameters.

        Such as those that training started from.
        """
        ...

    def modules(self) -> list[nn.Module]:
        """Return the networks, one by one."""
        ...


class Single:
    """A single network, whatever its layers."""

    n = 1

    def __init__(self, tapped: Tapped) -> None:
        self.tapped = tapped
        self.params: State = dict(tapped.named_parameters())

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs with a leading axis of one."""
        out, features = self.tapped(x[0])
        return out[None], features[None]

    def at(self, params: State, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs with other parameters."""
        outputs: tuple[Tensor, Tensor] = functional_call(self.tapped, params, (x[0],))
        return outputs[0][None], outputs[1][None]

    def modules(self) -> list[nn.Module]:
        """Return the network."""
        return [self.tapped.module]


class Stacked:
    """Several networks without random layers or running statistics, as one program."""

    def __init__(self, members: Sequence[Tapped]) -> None:
        self.n = len(members)
        self._members = list(members)
        params, _ = stack_module_state(self._members)
        self.params: State = {k: v.detach().requires_grad_(True) for k, v in params.items()}
        # The skeleton holds no numbers: parameters come from the stack.
        self.tapped = copy.deepcopy(members[0]).to("meta")
        self._forward = vmap(self._one)

    def _one(self, params: State, x: Tensor) -> tuple[Tensor, Tensor]:
        outputs: tuple[Tensor, Tensor] = functional_call(self.tapped, params, (x,))
        return outputs

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs of all networks."""
        outputs: tuple[Tensor, Tensor] = self._forward(self.params, x)
        return outputs

    def at(self, params: State, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and head inputs with other parameters."""
        outputs: tuple[Tensor, Tensor] = self._forward(params, x)
        return outputs

    def modules(self) -> list[nn.Module]:
        """Return the networks, each with its own part of the parameters."""
        with torch.no_grad():
            for i, tapped in enumerate(self._members):
                for name, value in tapped.named_parameters():
                    value.copy_(self.params[name][i])
        return [tapped.module for tapped in self._members]


def stackable(module: nn.Module) -> bool:
    """Return whether networks can be stacked: no buffers, no randomness."""
    random = (nn.modules.dropout._DropoutNd, nn.RReLU, nn.RNNBase, nn.MultiheadAttention)
    # Buffers are running statistics, which vmap cannot update for each network apart.
    return not any(True for _ in module.buffers()) and not any(
        isinstance(layer, random) for layer in module.modules()
    )


def snapshot(nets: Nets) -> State:
    """Return a copy of the parameters as they are now."""
    return {name: value.detach().clone() for name, value in nets.params.items()}


def new_heads(nets: Nets, seeds: Sequence[int]) -> None:
    """Give every network a new random head."""
    head = nets.tapped.head
    heads: list[nn.Linear] = []
    for seed in seeds:
        with seeded(seed):
            heads.append(nn.Linear(head.in_features, head.out_features, bias=head.bias is not None))
    with torch.no_grad():
        for name, value in nets.params.items():
            if nets.tapped.in_head(name):
                drawn: list[Tensor] = [
                    dict(layer.named_parameters())[name.rsplit(".", 1)[-1]] for layer in heads
                ]
                value.copy_(torch.stack(drawn) if value.dim() > drawn[0].dim() else drawn[0])


def grouped(networks: Sequence[Tapped]) -> Nets:
    """Return the networks as a group."""
    return Single(networks[0]) if len(networks) == 1 else Stacked(networks)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch within, restore states, and use one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order are other numbers
    try:
        # The user's random state must not hang on how many networks were trained.
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
