"""Result of an audit that shows and saves itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transfergap.analysis.decision import Decision, decide
from transfergap.analysis.ranking import SourceRanking
from transfergap.analysis.repairs import Explanation
from transfergap.analysis.result import ArmOutcome, AuditResult, TargetInfo
from transfergap.analysis.subgroups import Subgroups
from transfergap.analysis.training_curves import TrainingCurves
from transfergap.errors import ConfigurationError, UnknownArmError
from transfergap.experiment.arm import label_among
from transfergap.experiment.design import Arm
from transfergap.report import notebook_html, save, to_frame
from transfergap.report.card import Findings
from transfergap.report.figures.gap_plot import plot_gaps
from transfergap.report.trackers import Tracker, log_result
from transfergap.report.wording.numbers import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from transfergap.analysis.checks import Finding


@dataclass(frozen=True)
class AuditReport:
    """An audit's result, able to show itself.

    It is what audits of agents and of people return; :class:`transfergap.Audit` adds what is fitted
    on rows.

    Parameters
    ----------
    result : AuditResult
    run_dir : Path or None
        Where the trials are, if they were kept.
    """

    result: AuditResult
    run_dir: Path | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Coded findings, strong ones first; a table in a notebook."""
        return Findings(self.result.findings)

    @property
    def arms(self) -> tuple[ArmOutcome, ...]:
        """Outcome of each arm, the control first."""
        return self.result.arms

    @property
    def target(self) -> TargetInfo:
        """The target as it was audited."""
        return self.result.target

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """Explanations of the arms that hurt, by repairs."""
        return self.result.explanations

    @property
    def subgroups(self) -> Subgroups | None:
        """Gaps of subgroups; ``None`` where none were looked at."""
        return self.result.subgroups

    @property
    def training_curves(self) -> TrainingCurves | None:
        """Learning curves of agents; ``None`` for anything else."""
        return self.result.training_curves

    def decide(self, policy: str = "expected") -> Decision:
        """Return the action that a policy advises, also where nothing is settled.

        Parameters
        ----------
        policy : {"expected", "cautious", "proven"}
            The arm with the largest expected gain whose chance of costing more than the margin is
            at most 15 % (``"cautious"``: 5 %), or only what was shown to help.

        Raises
        ------
        ConfigurationError
            For any other policy.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from transfergap import audit
        >>> from transfergap.datasets import make_shift
        >>> shift = make_shift(n_target=60, shift=0.2, random_state=0)
        >>> result = audit(Ridge(), shift.X, shift.y, sources=shift.sources, metric="r2")
        >>> result.decide().use
        'safe'
        """
        return decide(self.result, policy)

    def __getitem__(self, arm: str | Arm) -> ArmOutcome:
        """Return the outcome of an arm: its score, gap and verdict.

        Parameters
        ----------
        arm : str or Arm
            ``"b pooled"``, or ``"b+pooled"``.

        Raises
        ------
        UnknownArmError
            A ``KeyError`` that names the nearest arm.

        Examples
        --------
        >>> from sklearn.linear_model import Ridge
        >>> from transfergap import audit
        >>> from transfergap.datasets import make_shift
        >>> shift = make_shift(n_target=40, shift=3.0, random_state=1)
        >>> audited = audit(Ridge(), shift.X, shift.y, sources=shift.sources, metric="r2")
        >>> audited["source pooled"].verdict.value
        'hurts'
        """
        by_name = {outcome.arm: outcome for outcome in self.arms}
        name = label_among(arm, by_name)
        if name not in by_name:
            near = difflib.get_close_matches(str(name), by_name, n=1)
            raise UnknownArmError(
                f"The audit has no arm called {name!r}.",
                hint=f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(by_name)}",
            )
        return by_name[name]

    def __contains__(self, arm: object) -> bool:
        by_name = [outcome.arm for outcome in self.arms]
        return isinstance(arm, str | Arm) and label_among(arm, by_name) in by_name

    def __iter__(self) -> Iterator[str]:
        return (outcome.arm for outcome in self.arms)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def summary(self) -> str:
        """Return the result on one screen, as a terminal shows it."""
        from transfergap.report.console.screen import render_terminal

        return render_terminal(self.result, color=False).rstrip("\n")

    def plot(self, *, ax: Axes | None = None, arms: Sequence[str | Arm] | None = None) -> Axes:
        """Draw the gaps with their intervals; the band is the margin.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            New ones, in a new figure, if not given.
        arms : sequence of str or Arm, optional
            Default: the judged ones.

        Returns
        -------
        matplotlib.axes.Axes
            To change titles and limits; ``ax.figure.savefig("gaps.pdf")`` writes a file.
        """
        chosen = None if arms is None else [self[arm] for arm in arms]
        return plot_gaps(self.result, ax=ax, arms=chosen)

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

    def log(self, to: str | Tracker) -> None:
        """Log settings, numbers and page with an experiment tracker.

        Parameters
        ----------
        to : {"mlflow", "wandb"} or object with ``log_metrics(dict)``
            The run that is active, or one made for this audit. An object may also have
            ``log_params(dict)`` and ``log_artifact(path)``, which copies the file at once.

        Raises
        ------
        MissingExtraError
            If the library is not installed; ``transfergap[mlflow]`` and ``[wandb]`` bring it.
        ConfigurationError
            For another name, or an object without ``log_metrics``.
        """
        log_result(self.result, to)

    def rank_sources(self) -> SourceRanking:
        """Return the sources by harm, the most harmful first.

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
        return self.summary()

    def _repr_html_(self) -> str:
        return notebook_html(self.result)
