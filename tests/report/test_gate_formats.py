"""What the gate hands to CI: it is what the exit code says, and valid where there is a schema."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from tests.report import results

from transfergap.analysis.gate import gate
from transfergap.errors import ConfigurationError
from transfergap.report.gate_formats import GATE_FORMATS, GateReport, junit, render_gate, sarif

JUDGED = {name: make for name, make in results.ALL.items() if name != "empty"}
EACH = pytest.mark.parametrize("make", JUDGED.values(), ids=JUDGED)
# The schema that Jenkins' xUnit plugin checks files of JUnit by (junit-10.xsd): attributes that an
# element must have, those that it may have, and its children.
JUNIT = {
    "testsuites": ((), ("name", "time", "tests", "failures", "errors"), ("testsuite",)),
    "testsuite": (
        ("name", "tests", "failures", "errors"),
        ("group", "time", "skipped", "timestamp", "hostname", "id", "package", "file"),
        ("testsuite", "properties", "testcase", "system-out", "system-err"),
    ),
    "properties": ((), (), ("property",)),
    "property": (("name", "value"), (), ()),
    "testcase": (
        ("name",),
        ("time", "classname", "group"),
        ("skipped", "error", "failure", "system-out", "system-err"),
    ),
    "failure": ((), ("type", "message"), ()),
    "error": ((), ("type", "message"), ()),
    "skipped": ((), ("type", "message"), ()),
    "system-out": ((), (), ()),
}


def report_of(result, **options):
    return GateReport(gate(result), result, **options)


def check_junit(element):
    required, optional, children = JUNIT[element.tag]
    assert set(required) <= set(element.attrib) <= {*required, *optional}, element.tag
    assert {child.tag for child in element} <= set(children), element.tag
    for child in element:
        check_junit(child)


@EACH
@pytest.mark.parametrize("unsettled", ["fail", "warn", "pass"])
def test_junit_fits_its_schema_and_counts_what_it_holds(make, unsettled):
    root = Xml.fromstring(junit(report_of(make(), unsettled=unsettled)).encode())
    check_junit(root)
    (suite,) = root
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == len(list(suite.iter(tag)))
    assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))


def test_junit_fails_where_the_exit_code_does():
    demo = results.demo()
    told = {
        unsettled: Xml.fromstring(junit(report_of(demo, unsettled=unsettled)).encode())
        for unsettled in ("fail", "warn", "pass")
    }

    def failing(root):
        return {case.attrib["name"] for case in root.iter("testcase") if len(list(case.iter())) > 1
                and case.find("failure") is not None}  # fmt: skip

    assert failing(told["fail"]) == {"mnist pooled", "mnist_cropped pooled"}
    assert failing(told["warn"]) == failing(told["pass"]) == {"mnist pooled"}
    assert len(list(told["pass"].iter("skipped"))) == 1


def test_a_run_that_is_not_complete_is_an_error():
    demo = results.demo()
    outcome = replace(gate(demo), complete=False)
    root = Xml.fromstring(junit(GateReport(outcome, demo)).encode())
    (error,) = root.iter("error")
    assert error.attrib["type"] == "incomplete"
    log = sarif(GateReport(outcome, demo))["runs"][0]
    assert log["invocations"] == [{"executionSuccessful": False}]
    assert "gate-incomplete" in {entry["ruleId"] for entry in log["results"]}


def check_sarif(log):
    """Assert what SARIF 2.1.0 asks of the parts that are used here (sections 3.13 to 3.49)."""
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        ids = [rule["id"] for rule in driver["rules"]]
        assert driver["name"] and len(ids) == len(set(ids))
        assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
        for entry in run["results"]:
            assert entry["ruleId"] in ids and entry["message"]["text"]
            assert entry["level"] in ("none", "note", "warning", "error")
            # Section 3.27.10: another kind than "fail" has the level "none".
            assert (entry.get("kind", "fail") == "fail") == (entry["level"] != "none")
            (place,) = entry["locations"]
            physical = place["physicalLocation"]
            assert physical["region"]["startLine"] >= 1
            uri = physical["artifactLocation"]["uri"]
            assert " " not in uri and "\\" not in uri
            assert entry["partialFingerprints"]


@EACH
def test_sarif_is_what_the_standard_asks_for(make):
    check_sarif(json.loads(render_gate(report_of(make()), "sarif")))


def test_sarif_has_rulings_and_findings():
    demo = results.demo()
    (run,) = sarif(report_of(demo, place="runs/x/result.json"))["runs"]
    levels = [(entry["ruleId"], entry["level"]) for entry in run["results"]]
    assert levels[:4] == [
        ("gate-passes", "none"), ("gate-harm", "error"), ("gate-unsettled", "error"),
        ("gate-passes", "none"),
    ]  # fmt: skip
    assert [rule for rule, _ in levels[4:]] == [finding.code for finding in demo.findings]
    place = run["results"][1]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "runs/x/result.json"
    assert place["logicalLocations"][0]["name"] == "mnist pooled"
    passing = sarif(report_of(demo, unsettled="warn"))["runs"][0]["results"][2]
    assert (passing["ruleId"], passing["level"]) == ("gate-unsettled", "warning")


def test_fingerprints_do_not_change_with_the_numbers():
    demo = results.demo()
    arm = replace(demo.arms[2], gap=results.gap(-0.2, -0.3, -0.1))
    changed = replace(demo, arms=(*demo.arms[:2], arm, *demo.arms[3:]))
    marks = [
        [entry["partialFingerprints"] for entry in sarif(report_of(r))["runs"][0]["results"]]
        for r in (demo, changed)
    ]
    assert marks[0] == marks[1]


def test_text_json_and_annotations_are_as_before():
    report = report_of(results.demo())
    assert render_gate(report).splitlines()[1].startswith("✗ mnist pooled hurts by 0.180")
    assert json.loads(render_gate(report, "json"))["ruling"] == "harm"
    lines = render_gate(report, "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::notice", "::error", "::warning", "::notice",
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="no format called 'yaml'"):
        render_gate(report, "yaml")


@pytest.mark.parametrize("format", GATE_FORMATS)
def test_no_format_lets_control_characters_through(format):
    demo = results.demo()
    evil = "b\x1b[31m\x00\u202e pooled"
    arms = (demo.arms[0], replace(demo.arms[1], arm=evil))
    text = render_gate(report_of(replace(demo, arms=arms)), format)
    if format != "text" and format != "github":  # the command line cleans those
        assert not set(text) & set("\x1b\x00\u202e")
