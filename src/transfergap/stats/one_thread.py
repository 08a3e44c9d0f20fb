"""Linear algebra in one thread: cores change no byte."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

# One, for the modules that were there when it looked for their libraries.
_CONTROLLERS: dict[int, Any] = {}


def one_thread(*, blas_only: bool = False) -> AbstractContextManager[Any]:
    """Return a context with linear algebra in one thread.

    Parameters
    ----------
    blas_only : bool
        Leave OpenMP, in which trees and neighbours are made, as it is.

    Notes
    -----
    threadpoolctl reads which libraries a process has loaded, which takes 5 ms: a fifth of a fit of
    the safe model on a small table. They are looked for again once a module more is imported.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     float(np.ones((2, 2)) @ np.ones(2) @ np.ones(2))
    4.0
    """
    n_modules = len(sys.modules)
    if n_modules not in _CONTROLLERS:
        from threadpoolctl import ThreadpoolController

        _CONTROLLERS.clear()
        _CONTROLLERS[len(sys.modules)] = ThreadpoolController()
        n_modules = len(sys.modules)
    controller = _CONTROLLERS[n_modules]
    limits: AbstractContextManager[Any] = controller.limit(
        limits=1, user_api="blas" if blas_only else None
    )
    return limits
