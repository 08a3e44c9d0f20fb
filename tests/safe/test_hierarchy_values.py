"""The hierarchical model beside its definition in dense algebra, sweep by sweep."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from tests.safe.tasks import rows, slope_precision, task_of, terms_of

from transfergap.safe.hierarchy import _solve, believe
from transfergap.safe.ridge import control_fit
from transfergap.safe.source_terms import source_terms

SIGN = (1.0, -1.0)


def believed_of(term, options):
    """Precision and information of a source, averaged over its options one by one."""
    q = len(term.direction)
    precision, information = np.zeros((q, q)), np.zeros(q)
    for (s, t, a), weight in np.ndenumerate(options):
        part, says = of_option(term, s, t, a)
        precision, information = precision + weight * part, information + weight * says
    return precision, information


def of_option(term, s, t, a):
    v, spread = term.direction, term.level_spread[t, a]
    precision = slope_precision(term, t) + np.outer(v, v) / spread
    says = term.slope_information[t, :, 0] + v * term.mean_responses[0] / spread
    return precision, SIGN[s] * says


def prior_of(task, slopes):
    return np.diag([slopes] * (task.n_columns - 1) + [0.05])


def integral(precision, information):
    sign, log_det = np.linalg.slogdet(precision)
    assert sign > 0
    return 0.5 * information @ np.linalg.inv(precision) @ information - 0.5 * log_det


def predictive(task, precision, information, noise):
    """Log density of the target's responses, given what is believed of the coefficients."""
    covariance = np.linalg.inv(precision)
    X = task.design
    spread = X @ covariance @ X.T + noise * np.diag(1 / task.weights[:, 0])
    return multivariate_normal(X @ covariance @ information, spread).logpdf(task.responses[:, 0])


def reference(task, terms, loss, *, joint, seed):
    n, shape = len(terms), (2, 7, 3)
    start = np.ones(shape)
    start[1] = 0.05  # reversed labels, a priori
    log_prior, start = np.log(start), start / start.sum()
    options = np.zeros((n, *shape))
    options[:, 0, -1, -1] = 1.0  # every source dropped
    breadth = task.breadth
    rng = np.random.default_rng(seed)

    def total(but=None):
        parts = [believed_of(terms[j], options[j]) for j in range(n) if j != but]
        q = task.n_columns
        return (
            sum((p for p, _ in parts), np.zeros((q, q))), sum((i for _, i in parts), np.zeros(q)),
        )  # fmt: skip

    for _ in range(3):
        precision, information = total()
        evidence = {}
        for slopes in breadth * np.array([3.0, 10.0, 40.0, 150.0]):
            D = prior_of(task, slopes)
            for noise in loss * np.array([0.5, 0.65, 0.8, 0.95, 1.1]):
                own = integral(precision + D, information) + 0.5 * np.linalg.slogdet(D)[1]
                density = predictive(task, precision + D, information, noise)
                evidence[slopes, noise] = density + joint * own
        slopes, noise = max(evidence, key=evidence.get)
        D = prior_of(task, slopes)
        for k in rng.permutation(n).tolist():
            precision, information = total(but=k)
            log = np.empty(shape)
            for s, t, a in np.ndindex(shape):
                part, says = of_option(terms[k], s, t, a)
                base, pull = precision + D + part, information + says
                own = terms[k].own_evidence[t, a] + integral(base, pull)
                log[s, t, a] = predictive(task, base, pull, noise) + joint * own
            weight = 0.5 * log + log_prior
            weight = np.exp(weight - weight.max())
            options[k] = weight / weight.sum()
        pooled = options.sum(axis=0) + start
        log_prior = np.log(pooled / pooled.sum())
    return options, slopes, noise, total()


def doubt_of(task, options, slopes, noise, precision, information):
    near = options[:, :, :5].sum(axis=(0, 2, 3))
    fewer, both = near.min(), near.sum()
    if both == 0:
        return 0.0
    conflict = min(1.0, 4.0 * fewer / both) * min(1.0, fewer / 0.15)
    base = precision + prior_of(task, slopes)
    advantage = predictive(task, base, information, noise) - predictive(
        task, base, -information, noise
    )
    return 0.5 * conflict / (1.0 + np.exp(0.5 * advantage))


def contradicting(seed, n=12, sizes=(40, 60, 50), signs=(1.0, 1.0, -1.0), truth=0.3, columns=3):
    rng = np.random.default_rng(seed)
    slopes = np.resize([0.7, -0.7, 0.4], columns)
    target = rows(n, truth * slopes, rng=rng)
    sources = [
        rows(size, sign * slopes, rng=rng, level=0.2 * i)
        for i, (size, sign) in enumerate(zip(sizes, signs, strict=True))
    ]
    return target, sources


CASES = {
    "contradicting": contradicting(0),
    "agreeing": contradicting(1, signs=(1.0, 1.0, 1.0), truth=1.0),
    "reversed": contradicting(2, n=25, signs=(-1.0, -1.0, -1.0), truth=1.0),
    "few": contradicting(3, n=6, sizes=(8, 300), signs=(1.0, -1.0), truth=0.1),
    "many columns": contradicting(4, n=15, sizes=(60, 60), signs=(1.0, -1.0), columns=60),
    "a little against": contradicting(5, sizes=(200, 200, 4), truth=0.2),
    "one near": contradicting(7, sizes=(500,), signs=(1.0,), truth=1.0),
    "alone": contradicting(6, sizes=(), signs=()),
}


@pytest.mark.parametrize("joint", [0.0, 0.3])
@pytest.mark.parametrize("case", list(CASES))
def test_the_posterior_is_the_one_of_the_definition(case, joint):
    target, sources = CASES[case]
    task = task_of(target, sources)
    loss = task.loss(control_fit(task).left_out)
    terms = terms_of(task, loss)
    found = believe(task, source_terms(task, loss), loss, joint=joint, seed=1)
    options, slopes, noise, (precision, information) = reference(
        task, terms, loss, joint=joint, seed=1
    )
    assert found.options == pytest.approx(options, abs=1e-7)
    matrix = precision + prior_of(task, slopes) + task.gram[0] / noise
    inverse = np.linalg.inv(matrix)
    coefficients = inverse @ (information + task.moment[0] / noise)
    assert found.candidate.coefficients[0] == pytest.approx(coefficients, abs=1e-7)
    fitted = (task.design @ coefficients)[:, None]
    left = task.without_row(fitted, inverse @ task.design.T / noise, 0)
    assert found.candidate.left_out == pytest.approx(left, abs=1e-7)
    influence = [
        np.trace(inverse @ believed_of(term, weight)[0]) / task.n_columns
        for term, weight in zip(terms, options, strict=True)
    ]
    assert found.candidate.influence == pytest.approx(influence, abs=1e-7)
    expected = doubt_of(task, options, slopes, noise, precision, information)
    assert found.doubt == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("factor", [0.7, 1.2, 1.35, 1.5, 1.8, 2.2])
def test_noise_is_a_share_of_the_controls_loss(factor):
    """Between them these six losses lead to each of the five shares."""
    target, sources = CASES["agreeing"]
    task = task_of(target, sources)
    loss = factor * task.loss(control_fit(task).left_out)
    found = believe(task, source_terms(task, loss), loss, joint=0.0, seed=1)
    options, slopes, noise, (precision, information) = reference(
        task, terms_of(task, loss), loss, joint=0.0, seed=1
    )
    matrix = precision + prior_of(task, slopes) + task.gram[0] / noise
    expected = np.linalg.solve(matrix, information + task.moment[0] / noise)
    assert found.candidate.coefficients[0] == pytest.approx(expected, abs=1e-7)
    assert found.options == pytest.approx(options, abs=1e-7)


def test_a_weight_of_two_is_the_row_given_twice():
    (X, y), sources = CASES["contradicting"]
    copies = np.resize([1, 2, 3], len(y))
    once = task_of((X, y), sources, weights=copies.astype(float))
    often = task_of((np.repeat(X, copies, axis=0), np.repeat(y, copies)), sources)
    one, two = (
        believe(task, source_terms(task, 0.8), 0.8, joint=0.3, seed=1) for task in (once, often)
    )
    assert one.options == pytest.approx(two.options, abs=1e-9)
    assert one.candidate.coefficients == pytest.approx(two.candidate.coefficients, abs=1e-9)
    assert one.doubt == pytest.approx(two.doubt)


def test_a_matrix_that_is_no_precision_is_refused():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        _solve(-np.eye(2), np.ones(2))
    log_det, solved = _solve(np.diag([2.0, 4.0]), np.array([2.0, 2.0]))
    assert (log_det, *solved) == pytest.approx((np.log(8.0), 1.0, 0.5))
