"""Share of a pretrained model that a network starts from."""

from __future__ import annotations

from collections.abc import Iterator

from transfergap.analysis.checks.check import Evidence, check
from transfergap.analysis.checks.finding import Finding, NotApplicable, Strength
from transfergap.experiment.arms import checkpoint_fits


@check("TG313", "pretrained model partly loaded")
def partly_loaded_model(evidence: Evidence) -> Iterator[Finding]:
    """Find pretrained tensors that the network lacks, or renames."""
    if not any(source.kind == "model" for source in evidence.problem.others.values()):
        raise NotApplicable("no source is a pretrained model")
    for arm in evidence.design.treatments:
        for name, fit in checkpoint_fits(evidence.problem, arm):
            if not fit.missing and not fit.renamed:
                continue
            message = f"In {arm.name}, {fit.says} {name}."
            if fit.renamed:
                message += " Prefixes of names, such as `module.`, were left out to match them."
            # Four names show the pattern; all of them would fill the line.
            if fit.missing:
                message += f" At random start: {', '.join(fit.missing[:4])}"
                message += " and others." if len(fit.missing) > 4 else "."
            yield Finding.of(
                # A new head is usual for other labels; a missing body tensor rarely is wanted.
                Strength.MODERATE if fit.body_share < 1 else Strength.NOTE,
                arm.name,
                message,
                "Make names and shapes of the state dict those of the network, if more of it"
                " is to be used; a head for other labels stays new.",
                {
                    "n_loaded": len(fit.tensors),
                    "n_tensors": fit.n_tensors,
                    "number_share": fit.number_share,
                },
            )
