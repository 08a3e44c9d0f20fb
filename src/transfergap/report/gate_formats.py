"""Rulings of the gate for CI: text, JSON, annotations, JUnit and SARIF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.gate import ArmRuling, GateOutcome, Ruling, SubgroupRuling
from transfergap.analysis.result import AuditResult
from transfergap.errors import ConfigurationError
from transfergap.report.markdown import Level, annotation
from transfergap.report.wording.names import named, one_line, printable

GATE_FORMATS = ("text", "json", "github", "junit", "sarif")
Unsettled = Literal["fail", "warn", "pass"]
_MARKS: dict[Ruling, str] = {"passes": "✓", "harm": "✗", "unsettled": "?"}
_LEVELS: dict[Ruling, Level] = {"passes": "notice", "harm": "error", "unsettled": "warning"}
_STRENGTH_LEVELS = {Strength.STRONG: "warning", Strength.MODERATE: "note", Strength.NOTE: "note"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_INCOMPLETE = "The run is incomplete; run the same `transfergap run` again."
_RULES: dict[Ruling, str] = {"harm": "gate-harm", "unsettled": "gate-unsettled"}
_PASSES = "gate-passes"
_RULE_TEXTS = {
    "gate-harm": "An arm harms the target by more than is allowed.",
    "gate-unsettled": "Whether an arm harms the target by more than is allowed cannot be told.",
    _PASSES: "An arm harms the target by no more than is allowed.",
    "gate-incomplete": "The run lacks trials, so nothing of it passes.",
}


@dataclass(frozen=True)
class GateReport:
    """Outcome of a gate, with further facts for its formats.

    Parameters
    ----------
    outcome : GateOutcome
    result : AuditResult
    unsettled : {"fail", "warn", "pass"}
        Whether lacking evidence fails the gate.
    place : str
        Path of the result's file, which code hosts show findings at.
    """

    outcome: GateOutcome
    result: AuditResult
    unsettled: Unsettled = "fail"
    place: str = "result.json"

    @property
    def rulings(self) -> tuple[ArmRuling | SubgroupRuling, ...]:
        """Return the rulings on arms, then those on subgroups."""
        return (*self.outcome.rulings, *self.outcome.subgroup_rulings)

    def fails(self, ruling: Ruling) -> bool:
        """Return whether a ruling fails the gate."""
        return ruling == "harm" or (ruling == "unsettled" and self.unsettled == "fail")


def render_gate(report: GateReport, format: str = "text") -> str:
    """Return the rulings in a format, without a newline at the end.

    Raises
    ------
    ConfigurationError
        For another format than text, json, github, junit or sarif.
    """
    if format == "text":
        return "\n".join(f"{_MARKS[r.ruling]} {r.says}" for r in report.rulings)
    if format == "json":
        return json.dumps(report.outcome.as_dict(), indent=2)
    if format == "github":
        return "\n".join(
            annotation(_LEVELS[r.ruling], "transfergap check", r.says) for r in report.rulings
        )
    if format == "junit":
        return junit(report)
    if format == "sarif":
        return json.dumps(sarif(report), indent=2)
    raise ConfigurationError(
        f"There is no format called {format!r}.", hint=f"known: {', '.join(GATE_FORMATS)}"
    )


def junit(report: GateReport) -> str:
    """Return the rulings as JUnit's XML, with a test an arm.

    A test fails where the exit code says so: what is not settled fails, or is skipped with
    ``--unsettled warn`` and ``pass``.
    """
    from xml.etree import ElementTree as Xml

    outcome, suite_name = report.outcome, f"transfergap check {named(report.result.target.name)}"
    n_failures = sum(report.fails(ruling.ruling) for ruling in report.rulings)
    n_skipped = sum(r.ruling == "unsettled" and not report.fails(r.ruling) for r in report.rulings)
    counts = {
        "tests": str(1 + len(report.rulings) + len(outcome.not_judged)),
        "failures": str(n_failures),
        "errors": str(int(not outcome.complete)),
        "skipped": str(n_skipped + len(outcome.not_judged)),
        "time": "0",
    }
    # Jenkins' schema knows no skipped tests of all suites together.
    totals = {name: count for name, count in counts.items() if name != "skipped"}
    suites = Xml.Element("testsuites", {"name": "transfergap", **totals})
    suite = Xml.SubElement(suites, "testsuite", {"name": suite_name, **counts})
    properties = Xml.SubElement(suite, "properties")
    for name, value in _settings(report).items():
        Xml.SubElement(properties, "property", {"name": name, "value": printable(value)})
    run = Xml.SubElement(suite, "testcase", _test(suite_name, "the run is complete"))
    if not outcome.complete:
        Xml.SubElement(run, "error", {"message": _INCOMPLETE, "type": "incomplete"})
    for ruling in report.rulings:
        case = Xml.SubElement(suite, "testcase", _test(suite_name, _subject(ruling)))
        _tell(case, report, ruling)
    for subgroup in outcome.not_judged:
        case = Xml.SubElement(suite, "testcase", _test(suite_name, one_line(subgroup)))
        Xml.SubElement(case, "skipped", {"message": "too few rows to be judged"})
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suites, encoding="unicode")


def _tell(case: Any, report: GateReport, ruling: ArmRuling | SubgroupRuling) -> None:
    from xml.etree import ElementTree as Xml

    text = printable(ruling.says)
    if report.fails(ruling.ruling):
        failure = Xml.SubElement(case, "failure", {"message": text, "type": ruling.ruling})
        failure.text = text
    elif ruling.ruling == "unsettled":
        Xml.SubElement(case, "skipped", {"message": text})
    else:
        Xml.SubElement(case, "system-out").text = text


def _test(suite: str, name: str) -> dict[str, str]:
    return {"classname": suite, "name": printable(name), "time": "0"}


def _subject(ruling: ArmRuling | SubgroupRuling) -> str:
    name = named(ruling.arm)
    return f"{name}, {one_line(ruling.subgroup)}" if isinstance(ruling, SubgroupRuling) else name


def _settings(report: GateReport) -> dict[str, str]:
    result, below = report.result, report.outcome.max_subgroup_harm
    texts = {
        "metric": one_line(result.metric_title),
        "max_harm": f"{report.outcome.max_harm:g}",
        "margin": f"{result.margin:g}",
        "unsettled": report.unsettled,
        "fingerprint": result.fingerprint,
        "transfergap": result.version,
    }
    return texts if below is None else texts | {"max_subgroup_harm": f"{below:g}"}


def sarif(report: GateReport) -> dict[str, Any]:
    """Return rulings and findings as a log of SARIF 2.1.0.

    Arms are rules of the gate; findings have the rules of their codes. All are located at the
    result's file, since rows of data have no line of code.
    """
    results = [_sarif_ruling(report, ruling) for ruling in report.rulings]
    if not report.outcome.complete:
        results.append(_sarif_result(report, "gate-incomplete", "error", _INCOMPLETE, "run"))
    results += [
        _sarif_result(
            report,
            finding.code,
            _STRENGTH_LEVELS[finding.strength],
            f"{one_line(finding.says)} {one_line(finding.fix)}".strip(),
            finding.subject,
        )
        for finding in report.result.findings
    ]
    ids = dict.fromkeys(entry["ruleId"] for entry in results)
    titles = {f.code: f for f in report.result.findings}
    driver = {
        "name": "transfergap",
        "semanticVersion": report.result.version,
        "rules": [_sarif_rule(identifier, titles.get(identifier)) for identifier in ids],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.outcome.complete}],
        "properties": _settings(report),
        "results": results,
        "columnKind": "utf16CodeUnits",
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_ruling(report: GateReport, ruling: ArmRuling | SubgroupRuling) -> dict[str, Any]:
    kind = ruling.ruling
    if kind == "passes":
        entry = _sarif_result(report, _PASSES, "none", ruling.says, _subject(ruling))
        return entry | {"kind": "pass"}
    level = "error" if report.fails(kind) else "warning"
    return _sarif_result(report, _RULES[kind], level, ruling.says, _subject(ruling))


def _sarif_result(
    report: GateReport, rule: str, level: str, text: str, subject: str
) -> dict[str, Any]:
    name = named(subject)
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": report.place},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": name, "fullyQualifiedName": f"{rule}/{name}"}],
    }
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": printable(text)},
        "locations": [place],
        # The subject, not the words: numbers change with every run, the matter does not.
        "partialFingerprints": {"subject/v1": f"{rule}/{name}"},
    }


def _sarif_rule(identifier: str, finding: Finding | None) -> dict[str, Any]:
    text = _RULE_TEXTS[identifier] if finding is None else one_line(finding.title)
    rule: dict[str, Any] = {"id": identifier, "shortDescription": {"text": text}}
    if finding is not None:
        rule["help"] = {"text": f"transfergap explain {identifier}"}
    return rule
