"""Empirical Bayes: source coefficients are the target's plus unknown differences.

    beta_k = sign_k beta_0 + delta_k,  slopes of delta_k ~ N(0, tau_k^2),  level ~ N(0, level_k^2)

tau_k, level_k and sign_k are averaged over a grid, source by source, by how well the target's own
labels agree with the source's prediction then. A source's influence is capped at 1 / tau_k^2 in
each direction, however many rows it has; a source with reversed labels is used with reversed sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.special import expit

from transfergap.safe.ridge import Candidate
from transfergap.safe.source_terms import LEVELS, N_TAUS, SIGNS, SourceTerms
from transfergap.safe.task import LinearTask

Floats = NDArray[np.float64]
# These were tried at their neighbours on tables that judge nothing (docs/decisions/0043).
SWEEPS = 3  # of mean field
TEMPER = 0.5  # of the evidence: the model of normal differences is only roughly true
SLOPE_PRECISIONS = np.array([3.0, 10.0, 40.0, 150.0])  # of beta_0 itself, standardised columns
INTERCEPT_PRECISION = 0.05  # nearly flat: levels of a domain are free
NOISE_SHARES = np.array([0.5, 0.65, 0.8, 0.95, 1.1])  # of the control's left-out error
REVERSED = 0.05  # prior probability of reversed labels, relative to 1
DOUBT = 0.5  # of the probability that contradicting sources are believed the wrong way round
_BORDER = 1e200  # above any quadratic form: what is below it in a factor is not used
_FAR = 2  # distances at which a source says next to nothing
_FEW = 0.15  # sources on the smaller side that are no contradiction yet
OPTIONS = (len(SIGNS), N_TAUS, len(LEVELS))


@dataclass(frozen=True)
class Belief:
    """Posterior of one hierarchical model.

    Parameters
    ----------
    candidate : Candidate
    options : ndarray, shape (n_sources, 2, n_taus, n_levels)
        Probability of each sign, distance and level of each source, for all responses together.
    doubt : float
        Where sources contradict each other in sign: probability that the wrong ones are believed.
    """

    candidate: Candidate
    options: Floats
    doubt: float


@dataclass
class _State:
    """Expected precision and information that the sources bring, and who brings what.

    Precisions (n_sources, n_blocks, q, q), informations (n_sources, n_responses, q), and their
    sums over sources.
    """

    options: Floats
    precisions: Floats
    informations: Floats
    precision: Floats
    information: Floats


def believe(
    task: LinearTask,
    terms: list[tuple[SourceTerms, ...]],
    control_loss: float,
    *,
    joint: float,
    seed: int,
) -> Belief:
    """Return the posterior of the target's coefficients.

    Parameters
    ----------
    task : LinearTask
    terms : list of tuple of SourceTerms
        A tuple a source, a member a block.
    control_loss : float
        Mean squared left-out error of the control; about that of each response.
    joint : float
        Weight, in [0, 1], of the evidence that sources give of themselves and each other: 0 asks
        the target's labels alone; with more, agreeing sources count for each other.
    seed : int
        Order in which sources are revisited.

    Notes
    -----
    Coordinate-wise mean field, starting with every source dropped; ``SWEEPS`` visits a source, each
    2 n_taus Cholesky factors of q x q a block. Levels are rank-one updates; signs and the responses
    of a block share the factors. What is believed of a source holds for all its responses: their
    evidence is summed.
    """
    prior = _log_prior()
    start = np.exp(prior - np.logaddexp.reduce(prior.ravel()))
    options = np.zeros((len(terms), *OPTIONS))
    # The farthest distance and the widest level: a source that says nothing.
    options[:, 0, -1, -1] = 1.0
    state = _state_of(task, terms, options)
    slopes, noise = task.breadth * SLOPE_PRECISIONS[1], control_loss * NOISE_SHARES[2]
    log_prior = prior.copy()
    rng = np.random.default_rng(seed)
    for _ in range(SWEEPS):
        slopes, noise = _best_hyper(task, state, control_loss, joint)
        for k in rng.permutation(len(terms)).tolist():
            evidence = _evidence(task, terms[k], state, k, slopes, noise, joint)
            weight = TEMPER * evidence + log_prior
            weight = np.exp(weight - weight.max())
            _update(state, terms[k], k, weight / weight.sum())
        # Sources are alike in how they differ: what is learned of many is the prior of each.
        pooled = state.options.sum(axis=0) + start
        log_prior = np.log(pooled / pooled.sum())
    return Belief(
        _posterior(task, state, slopes, noise),
        state.options,
        _doubt(task, state, slopes, noise),
    )


def _log_prior() -> Floats:
    prior = np.zeros(OPTIONS)
    prior[1] = np.log(REVERSED)
    return prior


def _state_of(task: LinearTask, terms: list[tuple[SourceTerms, ...]], options: Floats) -> _State:
    n, q, n_blocks = len(terms), task.n_columns, task.weights.shape[1]
    precisions = np.zeros((n, n_blocks, q, q))
    informations = np.zeros((n, task.n_responses, q))
    for k, weight in enumerate(options):
        precisions[k], informations[k] = _expected(terms[k], weight)
    return _State(
        options, precisions, informations, precisions.sum(axis=0), informations.sum(axis=0)
    )


def _expected(blocks: tuple[SourceTerms, ...], weight: Floats) -> tuple[Floats, Floats]:
    """Return a source's precisions and informations, averaged over its options."""
    parts = [term.expected(weight) for term in blocks]
    return np.stack([p for p, _ in parts]), np.concatenate([i for _, i in parts])


def _update(state: _State, blocks: tuple[SourceTerms, ...], k: int, weight: Floats) -> None:
    precision, information = _expected(blocks, weight)
    state.precision = state.precision + (precision - state.precisions[k])
    state.information = state.information + (information - state.informations[k])
    state.options[k] = weight
    state.precisions[k], state.informations[k] = precision, information


def _prior_precision(q: int, slopes: float) -> Floats:
    diagonal = np.full(q, slopes)
    diagonal[-1] = INTERCEPT_PRECISION
    return diagonal


def _best_hyper(
    task: LinearTask, state: _State, control_loss: float, joint: float
) -> tuple[float, float]:
    """Return the prior precision and noise with the most evidence."""
    best = -np.inf, 0.0, 0.0
    for slopes in task.breadth * SLOPE_PRECISIONS:
        diagonal = _prior_precision(task.n_columns, slopes)
        base = state.precision + np.diag(diagonal)
        before = _integral(task, base, state.information)
        log_prior = 0.5 * task.n_responses * float(np.log(diagonal).sum())
        for noise in control_loss * NOISE_SHARES:
            after = _integral(
                task, base + task.gram / noise, state.information + task.moment / noise
            )
            evidence = (
                after
                - 0.5 * _n_observed(task) * np.log(noise)
                - 0.5 * float(task.power.sum()) / noise
                - (1.0 - joint) * before
                + joint * log_prior
            )
            best = max(best, (evidence, float(slopes), float(noise)))
    return best[1], best[2]


def _n_observed(task: LinearTask) -> float:
    """Return the number of responses that are observed, over all rows."""
    return float(sum(task.total[block] * len(task.power[rs]) for block, rs in task.blocks()))


def _integral(task: LinearTask, precision: Floats, information: Floats) -> float:
    """Return log of the integral of exp(-b'Ab/2 + r'b), unnormalised.

    Summed over responses; up to a constant.
    """
    total = 0.0
    for block, responses in task.blocks():
        pull = information[responses].T
        log_det, solved = _solve(precision[block], pull)
        total += 0.5 * float((pull * solved).sum()) - 0.5 * pull.shape[1] * log_det
    return total


def _solve(matrix: Floats, right: Floats) -> tuple[float, Floats]:
    """Solve a positive definite system; also return its log determinant."""
    # Transposed, a symmetric matrix is itself in the order that LAPACK wants: no second copy.
    copied = matrix.copy().T
    factor, solution, info = lapack.dposv(copied, right, lower=1, overwrite_a=1)
    if info != 0:
        raise np.linalg.LinAlgError("a posterior precision is not positive definite")
    return float(2.0 * np.log(factor.diagonal()).sum()), solution


def _evidence(
    task: LinearTask,
    blocks: tuple[SourceTerms, ...],
    state: _State,
    k: int,
    slopes: float,
    noise: float,
    joint: float,
) -> Floats:
    """Return the log evidence of source k's options.

    The other sources stay in their current state.
    """
    precision = state.precision - state.precisions[k]
    precision = precision + np.diag(_prior_precision(task.n_columns, slopes))
    information = state.information - state.informations[k]
    evidence = np.zeros(OPTIONS)
    for term, (block, responses) in zip(blocks, task.blocks(), strict=True):
        # In the source's own directions a distance changes the diagonal alone.
        turn = term.basis
        base, pull = turn.T @ precision[block] @ turn, turn.T @ information[responses].T
        gram = turn.T @ (task.gram[block] / noise) @ turn
        moment = turn.T @ (task.moment[responses].T / noise)
        evidence += _level_integrals(base + gram, pull + moment, term)
        evidence -= (1.0 - joint) * _level_integrals(base, pull, term)
        evidence += joint * term.own_evidence
    return evidence


def _level_integrals(matrix: Floats, information: Floats, term: SourceTerms) -> Floats:
    """Return :func:`_integral` for all options of a source, in its own directions.

    One factorisation a distance serves all responses, signs and levels. A level adds v v'/s to the
    precision and sign v m / s to the information: a rank-one update (Sherman and Morrison 1950).
    ``information`` has shape (q, n_responses).
    """
    q, r = information.shape
    rights = np.empty((N_TAUS, 2 * r + 1, q))
    rights[:, :r] = information.T
    rights[:, r:-1] = term.turned_information.transpose(0, 2, 1)
    rights[:, -1] = term.basis.T @ term.direction
    log_dets, forms = _quadratic_forms(matrix, term.turned_precision, rights)
    others, source, v = np.arange(r), np.arange(r, 2 * r), np.full(r, 2 * r)

    def products(left: NDArray[np.intp], right: NDArray[np.intp]) -> Floats:
        """Return one form a response, of shape (n_responses, n_taus, 1)."""
        return forms[:, left, right].T[:, :, None]

    # Signs share the factor: reversing a source changes its information alone.
    signs, spread = np.array(SIGNS)[:, None, None, None], term.level_spread
    shift = signs * term.mean_responses[:, None, None] / spread
    along = products(others, v) + signs * products(source, v)
    v_v = products(v, v)
    quadratic = (
        products(others, others)
        + 2 * signs * products(others, source)
        + products(source, source)
        + 2 * shift * along
        + shift**2 * v_v
    )
    removed = (along + shift * v_v) ** 2 / (spread + v_v)
    log_det = log_dets[:, None] + np.log1p(v_v[0] / spread)
    integrals: Floats = 0.5 * (quadratic - removed).sum(axis=1) - 0.5 * r * log_det
    return integrals


def _quadratic_forms(matrix: Floats, diagonals: Floats, rights: Floats) -> tuple[Floats, Floats]:
    """Return log determinants and quadratic forms.

    They are log det A and R A^-1 R' of A = matrix + diagonal, for each. The factor of A bordered by
    R holds R L^-T below that of A, whose products are the forms: one call factors them all, and
    nothing is solved.

    Parameters
    ----------
    matrix : ndarray, shape (q, q)
    diagonals : ndarray, shape (n, q)
    rights : ndarray, shape (n, m, q)
    """
    n, m, q = rights.shape
    bordered = np.zeros((n, q + m, q + m))
    bordered[:, :q, :q] = matrix
    bordered[:, q:, :q] = rights
    places = np.arange(q + m)
    bordered[:, places[:q], places[:q]] += diagonals
    bordered[:, places[q:], places[q:]] = _BORDER
    factors = np.linalg.cholesky(bordered)
    below = factors[:, q:, :q]
    log_dets = 2.0 * np.log(factors[:, places[:q], places[:q]]).sum(axis=1)
    return log_dets, below @ below.transpose(0, 2, 1)


def _doubt(task: LinearTask, state: _State, slopes: float, noise: float) -> float:
    """Return the probability that all sources' signs are reversed.

    Zero where near sources agree in sign. Where they do not, the target's labels alone say which
    side is right, and ``DOUBT`` says how far to mistrust them: they have been used already.
    """
    near = state.options[:, :, :-_FAR].sum(axis=(0, 2, 3))  # (as they are, reversed)
    fewer, total = float(near.min()), float(near.sum())
    if total <= 0.0:
        return 0.0
    # Four times the smaller share: sources that are split one to three are in full conflict.
    conflict = min(1.0, 4.0 * fewer / total) * min(1.0, fewer / _FEW)
    base = state.precision + np.diag(_prior_precision(task.n_columns, slopes))
    after, pull = base + task.gram / noise, task.moment / noise
    advantage = (
        _integral(task, after, state.information + pull) - _integral(task, base, state.information)
    ) - (
        _integral(task, after, pull - state.information) - _integral(task, base, -state.information)
    )
    return DOUBT * conflict * float(expit(-TEMPER * advantage))


def _posterior(task: LinearTask, state: _State, slopes: float, noise: float) -> Candidate:
    q, n = task.n_columns, len(task.design)
    prior = np.diag(_prior_precision(q, slopes))
    information = state.information + task.moment / noise
    coefficients, left_out = [], []
    influence, target_share = np.zeros(task.n_sources), 0.0
    for block, responses in task.blocks():
        matrix = state.precision[block] + prior + task.gram[block] / noise
        right = np.column_stack([information[responses].T, task.design.T / noise, np.eye(q)])
        _, solved = _solve(matrix, right)
        means, others = solved[:, : -n - q], solved[:, -n - q :]
        coefficients.append(means.T)
        left_out.append(task.without_row(task.design @ means, others[:, :n], block))
        # tr(A^-1 P_k) / q, as for the ridge candidates.
        influence += np.tensordot(state.precisions[:, block], others[:, n:], axes=2) / q
        target_share += float(np.sum(task.gram[block] / noise * others[:, n:])) / q
    influence /= len(coefficients)
    return Candidate(
        np.concatenate(coefficients),
        np.concatenate(left_out, axis=1),
        np.clip(influence, 0.0, 1.0),
        target_share / len(coefficients),
    )
