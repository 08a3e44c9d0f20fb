"""transfergap list and explain: names, and pages of findings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfergap.cli._terminal import echo
from transfergap.errors import ConfigurationError

if TYPE_CHECKING:
    from transfergap.learners.mitigations.names import Harm, NetworkHarm

# Read as files: importing the checks takes a second, and a page is asked for on its own.
_SHIPPED = Path(__file__).parents[1] / "analysis" / "checks" / "finding_pages"
_CHECKOUT = Path(__file__).parents[3] / "docs" / "findings"


@cache
def pages() -> dict[str, str]:
    """Return the Markdown page of every finding by code, in order.

    Raises
    ------
    ConfigurationError
        If the installation lacks them.
    """
    for folder in (_SHIPPED, _CHECKOUT):  # an installed wheel; a checkout
        paths = sorted(folder.glob("TG*.md"))
        if paths:
            return {path.stem: path.read_text(encoding="utf-8") for path in paths}
    raise ConfigurationError(
        "The pages of findings are missing from this installation.", hint="reinstall transfergap"
    )


def titles() -> dict[str, str]:
    """Return the title of every finding by code, in order.

    Examples
    --------
    >>> titles()["TG101"]
    'target rows in a source'
    """
    heads = {code: page.splitlines()[0] for code, page in pages().items()}
    return {code: head.removeprefix(f"# {code} ") for code, head in heads.items()}


WIDTH = 88  # columns, as for results
_NAME, _FACT = 2, 11  # columns before a fact's name, and before what it says
_TIED = "\N{NO-BREAK SPACE}"
HOW = (
    "As an arm: --arm SOURCE+NAME, or --arm all+NAME for all sources together. Several names go"
    " around each other, the first outermost: --arm all+gated+coral."
)


def mitigation_lines() -> Iterator[str]:
    """Yield the lines, at most 88 characters wide."""
    from transfergap.errors import MissingExtraError
    from transfergap.learners.mitigations.mitigation import facts_of
    from transfergap.learners.mitigations.names import (
        measured_harm,
        measured_on_networks,
        mitigation_named,
        mitigation_names,
    )

    yield from textwrap.wrap(HOW, WIDTH)
    harm, trained = measured_harm(), measured_on_networks()
    for name in mitigation_names():
        yield ""
        try:
            mitigation = mitigation_named(name)
        except MissingExtraError as error:
            yield name
            yield from _fact("needs", f"what is not installed: {error.hint}")
            continue
        yield f"{name}  ({_python_name(mitigation)})"
        yield from _fact("does", _first_line(mitigation))
        facts = facts_of(mitigation)
        if facts is None:
            yield from _fact("note", "its author states no facts")
            continue
        yield from _fact("assumes", facts.assumes)
        yield from _fact("costs", facts.cost)
        if len(facts.tasks) < 3:
            yield from _fact("labels", " and ".join(facts.tasks) + " only")
        harm_text = _of_networks(trained[name]) if name in trained else _harm_text(harm.get(name))
        yield from _fact("harmed", harm_text)
        yield from _fact("source", facts.source)


def _harm_text(harm: Harm | None) -> str:
    """Return the share of tasks that a mitigation harmed.

    Harm is an end more than a point below the target alone.
    """
    if harm is None:
        return "not measured"
    return (
        f"{harm.natural_share:.0%} (±{harm.natural_error:.0%}) of {harm.natural_tasks} tasks by"
        f" more than a point; {harm.corrupted_share:.0%} (±{harm.corrupted_error:.0%}) of"
        f" {harm.corrupted_tasks} with a third of the sources spoilt"
    )


def _of_networks(harm: NetworkHarm) -> str:
    """Return the share of network problems harmed, with the mean gap."""
    return (
        f"{harm.share:.0%} [{harm.low:.0%}, {harm.high:.0%}] of {harm.problems} problems for"
        f" networks by more than a point; mean gap {harm.mean_gap:+.3f} accuracy"
    )


def _fact(name: str, text: str) -> list[str]:
    whole = re.sub(r" (?=(\S{1,4}|\(\S+\))$)", _TIED, text)  # no line for a last short word
    lines = textwrap.wrap(
        f"{'':{_NAME}}{name:<{_FACT - _NAME}}{whole}",
        WIDTH,
        subsequent_indent=" " * _FACT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_TIED, " ") for line in lines]


def _first_line(mitigation: object) -> str:
    lines = (mitigation.__doc__ or "").strip().splitlines()
    return lines[0].replace("``", "") if lines else ""


def _python_name(mitigation: object) -> str:
    return str(getattr(mitigation, "__name__", type(mitigation).__name__))


KINDS = ("metrics", "arms", "mitigations", "learners", "findings", "datasets")


def list_names(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
) -> None:
    """List metrics, arms, mitigations, learners, findings or data sets.

    Example: transfergap list metrics
    """
    if kind not in KINDS:
        raise ConfigurationError(
            f"There is no list of {kind!r}.", hint=f"known: {', '.join(KINDS)}"
        )
    if kind == "mitigations":
        for line in mitigation_lines():
            echo(line)
        return
    for name, description in _entries(kind):
        echo(f"{name:<22}{description}")


def _entries(kind: str) -> list[tuple[str, str]]:
    if kind == "metrics":
        from transfergap.data.metric import metric_examples, metric_named, metric_names

        return [
            (name, metric_named(name).title) for name in (*metric_names(), *metric_examples())
        ] + [("...", "any scikit-learn scorer name")]
    if kind == "arms":
        return [
            ("b pooled", "target and source b, every row alike; one for each source"),
            ("all pooled", "target and all sources (with several)"),
            (
                "all balanced",
                "all sources together weigh as much as the target; of one, b balanced",
            ),
            ("b coral", "source b by a mitigation: see transfergap list mitigations"),
            ("m fine-tuned", "training goes on from a pretrained model m (in Python)"),
            ("t co-trained", "target and another task t at once, by a network (in Python)"),
            ("safe", "all sources, each as far as the target's rows back it (transfergap fit)"),
            ("b only", "source b alone, for information; no verdict"),
            ("safe, target only", "the safe model without sources, for information; no verdict"),
        ]
    if kind == "findings":
        return list(titles().items())
    import importlib

    module = importlib.import_module(f"transfergap.{kind}")
    names = [n for n in module.__all__ if kind != "datasets" or n.startswith(("load_", "make_"))]
    return [(name, _first_line(getattr(module, name))) for name in names]


def explain(
    code: Annotated[str | None, typer.Argument(help="Code of a finding, such as TG101.")] = None,
) -> None:
    """Explain a finding: its meaning, how it is found, the remedy.

    Example: transfergap explain TG101
    """

    names = titles()
    if code is None:
        for name, title in names.items():
            echo(f"{name}  {title}")
        return
    key = code.upper()
    if key not in names:
        import difflib

        # cutoff .5, by hand: codes are short, and one wrong digit leaves little in common.
        near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
        raise ConfigurationError(
            f"There is no finding with the code {code!r}.",
            hint=f"did you mean {near[0]}?" if near else "`transfergap explain` lists all codes",
        )
    echo(pages()[key].rstrip())
