"""Choice of the sources that get an arm each, in closed form."""

from __future__ import annotations

from transfergap.analysis.ranking.evidence import closed_form_evidence
from transfergap.data.problem import Problem

# Beyond so many sources the fits go to so many of them: a first run stays a matter of a minute.
MOST_TRIED = 16
# Of four places three go to the largest gains, which might be used, and one to the largest harm,
# whose causes might be mended. Set by hand.
_BEST_IN_TURN = 3


def untried_sources(
    problem: Problem, *, limit: int | None = None, seed: int = 0
) -> tuple[str, ...]:
    """Return the sources that get no separate arm.

    Parameters
    ----------
    problem : Problem
    limit : int, optional
        Sources with an arm each, at least 1; default 16.
    seed : int

    Notes
    -----
    Sources are chosen by the gain of the linear engine with the source beside the target, each
    target row left out in closed form: three from the end of the largest gains, one from the end of
    the largest harm, and so on. That looks at the rows which the audit tests on, so a verdict has
    to count all sources as if they had been tried (``n_more`` of
    :func:`transfergap.stats.gap.judge`). Cost: one eigendecomposition a source; no fit.

    Examples
    --------
    >>> from transfergap.datasets import make_shift
    >>> from transfergap.data.validation import make_problem
    >>> near, far = (make_shift(n_target=60, shift=shift, random_state=1) for shift in (0.1, 3.0))
    >>> sources = {"near": near.sources["source"], "far": far.sources["source"]}
    >>> untried_sources(make_problem(near.X, near.y, sources=sources), limit=1)
    ('far',)
    """
    limit = MOST_TRIED if limit is None else limit
    if len(problem.sources) <= limit:
        return ()
    gains = {e.source: e.one_in.estimate for e in closed_form_evidence(problem, seed=seed)}
    worst_first = sorted(gains, key=lambda name: (gains[name], name))
    tried: list[str] = []
    while worst_first and len(tried) < limit:
        from_best = len(tried) % (_BEST_IN_TURN + 1) < _BEST_IN_TURN
        tried.append(worst_first.pop() if from_best else worst_first.pop(0))
    return tuple(name for name in problem.sources if name not in tried)
