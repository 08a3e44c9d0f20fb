"""Counts of wrong claims and of what acting on them gains, from audits with known truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import stats

from transfergap.analysis.decision import Policy

Audit = dict[str, Any]
VERDICT, SAFE = "our verdict", "our safe model, always"
CLAIMS = ("helps", "hurts")


def decision_name(policy: str) -> str:
    return f"our decision, `{policy}`"


def summary(audits: Sequence[Audit], *, fits: dict[str, int], margin: float) -> dict[str, Any]:
    """Return all counts, in whole and by problem."""
    ways = [row(audits, way, margin) | {"fits": n} for way, n in _ways(audits, fits)]
    problems = list(dict.fromkeys(audit["problem"] for audit in audits))
    return {
        "margin": margin,
        "n_audits": len(audits),
        "n_sources": sum(len(audit["rules"]) for audit in audits),
        "cpu_s": sum(audit["cpu_s"] for audit in audits),
        "rows": ways,
        "problems": [
            {"problem": name, **_problem([a for a in audits if a["problem"] == name], margin)}
            for name in problems
        ],
    }


def _ways(audits: Sequence[Audit], fits: dict[str, int]) -> list[tuple[str, list[int]]]:
    # Refits of pairs of folds are made for right-or-wrong losses, not for AUC.
    n_fits = sorted({said["n_fits"] for audit in audits for said in audit["ours"].values()})
    ours = [VERDICT, *(decision_name(policy) for policy in Policy if policy is not Policy.PROVEN)]
    theirs = [(way, [n]) for way, n in fits.items()]
    return [*theirs, *((way, n_fits) for way in ours), (SAFE, n_fits)]


def row(audits: Sequence[Audit], way: str, margin: float) -> dict[str, Any]:
    """Return how often a way claims, is wrong, and what acting on it gives."""
    said = [
        (number, claim, audit["such samples"].get(arm), audit["these rows"].get(arm))
        for number, audit in enumerate(audits)
        for arm, claim in claims(audit, way).items()
    ]
    claimed = [one for one in said if one[1] is not None and one[2] is not None]
    counts: dict[str, Any] = {"way": way, "judged": len(said), "claims": len(claimed)}
    for word in CLAIMS:
        these = [one for one in claimed if one[1] == word]
        counts[f"claims, {word}"] = len(these)
        counts[f"wrong, {word}"] = sum(_is_wrong(*one[1:3]) for one in these)
    counts["wrong"] = counts["wrong, helps"] + counts["wrong, hurts"]
    counts["wrong beyond the margin"] = sum(_is_wrong(*one[1:3], margin) for one in claimed)
    on_these = [one for one in claimed if one[3] is not None]
    counts["wrong on these rows"] = sum(_is_wrong(one[1], one[3]) for one in on_these)
    # Sources of one audit share its rows: the interval is that of as many audits as there are.
    n_units = len({one[0] for one in claimed})
    counts["audits with claims"] = n_units
    counts["interval"] = binomial_interval(counts["wrong"], len(claimed), n_units)
    return counts | acted(audits, way, margin)


def _is_wrong(claim: str, truth: float, beyond: float = 0.0) -> bool:
    return truth < -beyond if claim == "helps" else truth > beyond


def binomial_interval(wrong: int, n: int, n_units: int) -> list[float] | None:
    """Return Clopper and Pearson's 95 % interval of a rate, as if it came from fewer units."""
    if n == 0:
        return None
    k = wrong * n_units / n
    low = stats.beta.ppf(0.025, k, n_units - k + 1) if k > 0 else 0.0
    high = stats.beta.ppf(0.975, k + 1, n_units - k) if k < n_units else 1.0
    return [float(low), float(high)]


def claims(audit: Audit, way: str) -> dict[str, str | None]:
    """Return what a way says of each source pooled; of the decisions, of the arm that they use."""
    if way == VERDICT:
        said = {arm: audit["ours"][arm]["verdict"] for arm in _pooled(audit)}
        return {arm: word if word in CLAIMS else None for arm, word in said.items()}
    if way == SAFE:
        return {"safe": "helps"}
    for policy in Policy:
        if way == decision_name(policy):
            arm = audit["decisions"][policy]
            return {} if arm is None else {arm: "helps"}
    return {f"{source} pooled": rules[way]["claim"] for source, rules in audit["rules"].items()}


def _pooled(audit: Audit) -> list[str]:
    return [name for source in audit["rules"] if (name := f"{source} pooled") in audit["ours"]]


def acted(audits: Sequence[Audit], way: str, margin: float) -> dict[str, Any]:
    """Return the gain of who acts on a way, over all audits."""
    gains = np.array([_gain(audit, used(audit, way)) for audit in audits])
    n_harmed = int((gains < -margin).sum())
    return {
        "used in": sum(used(audit, way) is not None for audit in audits),
        "mean gain": float(gains.mean()),
        "standard error": float(gains.std(ddof=1) / np.sqrt(len(gains))),
        "harmed beyond the margin": n_harmed,
        "harmed, interval": binomial_interval(n_harmed, len(gains), len(gains)),
        "worst": float(gains.min()),
    }


def used(audit: Audit, way: str) -> str | None:
    """Return the arm that is used by who acts on a way; ``None`` for the target alone."""
    helping = [arm for arm, claim in claims(audit, way).items() if claim == "helps"]
    value: Callable[[str], float]
    if way in (VERDICT, SAFE) or way.startswith("our decision"):
        value = lambda arm: audit["ours"][arm]["estimate"]  # noqa: E731
    else:
        value = lambda arm: audit["rules"][arm.removesuffix(" pooled")][way]["value"]  # noqa: E731
    return max(helping, key=value, default=None)


def _gain(audit: Audit, arm: str | None) -> float:
    return 0.0 if arm is None else float(audit["these rows"][arm])


def _problem(audits: Sequence[Audit], margin: float) -> dict[str, Any]:
    truths = [
        audit["such samples"][arm]
        for audit in audits
        for arm in _pooled(audit)
        if arm in audit["such samples"]
    ]
    verdicts = row(audits, VERDICT, margin)
    return {
        "metric": audits[0]["metric"],
        "n_audits": len(audits),
        "sources that gain": int(sum(truth > 0 for truth in truths)),
        "sources": len(truths),
        "mean gain of sources": float(np.mean(truths)),
        "verdicts": verdicts["claims"],
        "verdicts wrong": verdicts["wrong"],
        "decision": acted(audits, decision_name(Policy.EXPECTED), margin),
        "safe": acted(audits, SAFE, margin),
    }
