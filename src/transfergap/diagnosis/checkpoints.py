"""How much of a pretrained model the network really starts from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transfergap.arms import checkpoint_fits
from transfergap.diagnosis.check import Evidence
from transfergap.diagnosis.finding import Finding, NotApplicable, Strength


@dataclass(frozen=True)
class PartlyLoadedModel:
    """Tensors of a pretrained model that do not fit the network, or fit under other names."""

    code: str = "TG313"
    title: str = "pretrained model partly loaded"

    def examine(self, evidence: Evidence) -> Iterator[Finding] | NotApplicable:
        """Yield a finding for each arm whose network does not start from all of its model."""
        if not any(other.kind == "model" for other in evidence.problem.others.values()):
            return NotApplicable("no source is a pretrained model")
        return self._arms(evidence)

    def _arms(self, evidence: Evidence) -> Iterator[Finding]:
        for arm in evidence.design.treatments:
            for name, fit in checkpoint_fits(evidence.problem, arm):
                if not fit.missing and not fit.renamed:
                    continue
                says = f"In {arm.name}, {fit.says} {name}."
                if fit.renamed:
                    says += " Prefixes of names, such as `module.`, were left out to match them."
                if fit.missing:
                    says += f" At random start: {', '.join(fit.missing[:4])}"
                    says += " and others." if len(fit.missing) > 4 else "."
                yield Finding(
                    self.code,
                    self.title,
                    arm.name,
                    Strength.MODERATE if fit.body_share < 1 else Strength.NOTE,
                    says,
                    "Make names and shapes of the state dict those of the network, if more of it"
                    " is to be used; a head for other labels stays new.",
                    {
                        "n_loaded": len(fit.tensors),
                        "n_tensors": fit.n_tensors,
                        "number_share": fit.number_share,
                    },
                )
