"""Arms too good to be true: a leak is likely."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable


@check("TG108", "too good to be true: look for a leak")
def too_good_to_be_true(evidence: Evidence) -> Iterator[Finding]:
    """Find arms at the ceiling although no source is alone."""
    if not evidence.problem.metric.has_row_values:
        raise NotApplicable(f"nobody knows how good {evidence.problem.metric.title} can get")
    for name, suspect in evidence.too_good.items():
        yield Finding.strong(
            name,
            f"{name} makes {suspect.share:.0%} of a constant's error, the control"
            f" {suspect.control:.0%}, and its best source reaches only {suspect.sources:.0%} on"
            " held-out rows of its own. Such a jump is what a source that holds answers of the"
            " test looks like, so 'helps' is withheld.",
            "Look for the target's rows, or for their labels, in the source: renumbered,"
            " rewritten, or joined from a later table.",
            {"share": suspect.share, "control": suspect.control, "sources": suspect.sources},
        )


@check("TG109", "source rows lie beside target rows")
def rows_beside_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find sources whose rows lie beside target rows."""
    by_source = {pairs.source: pairs for twins in evidence.twins.values() for pairs in twins}
    for source, largest in by_source.items():
        arms = ", ".join(repr(arm) for arm, twins in evidence.twins.items() if largest in twins)
        yield Finding.strong(
            source,
            f"{largest.n_pairs} of {largest.n_rows} target rows have a row of {largest.source}"
            f" within {largest.near:.0%} of the distance to the next ones, with a label to match;"
            f" rows of {largest.source} among themselves let expect {largest.by_chance:.0f}. Copies"
            " with noise, and persons who were measured again, look like that, so no help of"
            f" {arms} is believed.",
            "Find out whether these are the same persons or objects; then pass their names as"
            " groups, or leave such rows out of the source.",
            {"n_pairs": largest.n_pairs, "by_chance": largest.by_chance, "near": largest.near},
        )
