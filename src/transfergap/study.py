"""A finished audit that shows itself, saves itself, and fits the safe model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfergap.arms import fitted_safe
from transfergap.design import Design
from transfergap.errors import ConfigurationError, IncompleteRunError, RunDirectoryError
from transfergap.ranking import SourceRanking
from transfergap.report import notebook_html, render, result_from_json, save, to_frame
from transfergap.report.numbers import counted
from transfergap.result import AuditResult
from transfergap.run_directory import RESULT, read_design

if TYPE_CHECKING:
    import pandas as pd

    from transfergap.diagnosis import Finding


@dataclass(frozen=True)
class Audit:
    """An audit's result, able to show itself.

    Parameters
    ----------
    result : AuditResult
    run_dir : Path or None
        Where the trials are, if they were kept.
    design : Design or None
        What was run, with its data; ``None`` for audits that were loaded.
    """

    result: AuditResult
    run_dir: Path | None = None
    design: Design | None = field(default=None, repr=False, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Coded findings, strong ones first."""
        return self.result.findings

    def to_frame(self) -> pd.DataFrame:
        """Return one row an arm: score, estimate, low, high, verdict and more."""
        return to_frame(self.result)

    def save(self, path: str | Path) -> Path:
        """Write a report; the suffix decides: .html, .md, .json or .txt.

        Returns
        -------
        Path
            Where it is.
        """
        save(self.result, path)
        return Path(path)

    def fit_safe(self, *, caution: str | float = "balanced") -> Any:
        """Return the model of the arm ``safe``, fitted on all rows of target and sources.

        Parameters
        ----------
        caution : {"balanced", "safe", "strict"} or float

        Returns
        -------
        SafeTransferClassifier or SafeTransferRegressor

        Raises
        ------
        ConfigurationError
            For an audit that was loaded: it has no rows.
        """
        if self.design is None:
            run = "RUN" if self.run_dir is None else self.run_dir
            raise ConfigurationError(
                "This audit was loaded, so it holds no rows to fit on.",
                hint=f"`transfergap fit {run} -o model.skops` reads the files of a run again; in"
                " Python, call audit() again with the same data and run_dir",
            )
        return fitted_safe(self.design, caution=caution)

    def rank_sources(self) -> SourceRanking:
        """Return the sources by the harm that they do, the most harmful first.

        Returns
        -------
        SourceRanking
            Prints itself; ``to_frame()`` has every score with its interval. See
            docs/which_sources.md.

        Raises
        ------
        ConfigurationError
            If there are fewer than two sources, or they could not be ranked.
        """
        if self.result.ranking is not None:
            return self.result.ranking
        n_sources = len(self.result.sources)
        if n_sources < 2:
            raise ConfigurationError(
                f"The audit has {counted(n_sources, 'source')}, and a ranking needs two.",
                hint="add sources; whether one helps or hurts is in the verdicts",
            )
        notes = [note for note in self.result.method_notes if "not ranked" in note]
        raise ConfigurationError(
            notes[0] if notes else "The audit was made before sources were ranked by harm.",
            hint="run the same audit again; stored trials are not repeated",
        )

    def __repr__(self) -> str:
        return render(self.result, "text")

    def _repr_html_(self) -> str:
        return notebook_html(self.result)


def load(run_dir: str | Path) -> Audit:
    """Return the audit of a finished run.

    Raises
    ------
    IncompleteRunError
        If the run was interrupted and not resumed.
    RunDirectoryError
        If the directory is no run.
    """
    path = Path(run_dir) / RESULT
    if not path.exists():
        read_design(run_dir)  # says so if this is no run at all
        raise IncompleteRunError(
            f"{run_dir} is a run that was not finished, so it has no result yet.",
            hint="run the same `transfergap run` again; it goes on where it was stopped",
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunDirectoryError(
            f"{path} cannot be read ({error}).", hint="run the same `transfergap run` again"
        ) from error
    return Audit(result_from_json(text), Path(run_dir))
