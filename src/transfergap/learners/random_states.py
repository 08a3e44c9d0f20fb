"""Global random states of libraries, which no estimator seed reaches."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from transfergap.errors import ConfigurationError

# Libraries whose estimators draw from their random_state, or from numpy's global state, only.
_VOUCHED = frozenset({"sklearn", "skrub", "transfergap", "numpy", "scipy", "pandas", "builtins"})


@contextmanager
def seeded_states(seed: int) -> Iterator[None]:
    """Seed the global random states within, and restore them afterwards.

    Those of ``random`` and of NumPy, and torch's where it is loaded.

    Examples
    --------
    >>> with seeded_states(3):
    ...     first = random.random()
    >>> with seeded_states(3):
    ...     print(random.random() == first)
    True
    """
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002 (put back below)
    try:
        with _torch_state(seed):
            random.seed(int(seed))
            # NumPy's legacy state takes 32 bits only.
            np.random.seed(seed % 2**32)  # noqa: NPY002 (for code that draws from it)
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002


@contextmanager
def _torch_state(seed: int) -> Iterator[None]:
    torch: Any = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "random"):
        yield
        return
    # Asking for devices would start CUDA in processes that never use it.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=devices):
        # torch.manual_seed notes the whole stack for each kind of device, to seed it once it is
        # there: a millisecond, which a build for CPUs alone need not spend on every fit.
        seeded = torch if _may_have_devices(torch) else torch.default_generator
        seeded.manual_seed(int(seed))
        yield


def _may_have_devices(torch: Any) -> bool:
    """Return whether torch was built for anything but CPUs."""
    kinds = (torch.backends.cuda.is_built(), torch.backends.mps.is_built())
    return any(kinds) or (hasattr(torch, "xpu") and torch.xpu._is_compiled())


def draws_by_seed(estimator: Any) -> bool:
    """Return whether an estimator's libraries draw by the seed alone.

    Anything else is not said to vary: it is fitted twice, to see.

    Examples
    --------
    >>> import random
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> [draws_by_seed(FunctionTransformer(f)) for f in (np.log1p, random.choice)]
    [True, False]
    """
    parts = [estimator, *estimator.get_params(deep=True).values()]
    return all(_is_vouched(part) for part in parts)


def _is_vouched(part: Any) -> bool:
    # Functions of NumPy draw nothing, and have no module to look up.
    if isinstance(part, np.ufunc):
        return True
    is_estimator = hasattr(part, "get_params") and not isinstance(part, type)
    if not is_estimator and not callable(part):
        return True
    owner = type(part) if is_estimator else part
    return str(getattr(owner, "__module__", None)).split(".")[0] in _VOUCHED


def seed_from(random_state: Any) -> int:
    """Return the seed that a ``random_state`` of scikit-learn's kind stands for.

    Parameters
    ----------
    random_state : int, RandomState or None
        ``None`` is as good as 0: two runs of an audit are to be the same unless told otherwise.

    Raises
    ------
    ConfigurationError

    Examples
    --------
    >>> seed_from(3), seed_from(None)
    (3, 0)
    """
    if random_state is None:
        return 0
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    # bool is an int to Python: random_state=True is a mistake.
    whole = isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool)
    if not whole or random_state < 0:
        raise ConfigurationError(
            f"The random state (--seed) is {random_state!r}.", hint="use a whole number from 0 up"
        )
    return int(random_state)
