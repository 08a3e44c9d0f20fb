"""Results built by hand: the demo of the design, 50 sources, hostile names, only failures."""

from __future__ import annotations

from transfergap.analysis.checks.check import Finding, Strength
from transfergap.analysis.ranking import SourceRank, SourceRanking
from transfergap.analysis.repairs.explanation import Interval
from transfergap.analysis.result import (
    SCHEMA,
    ArmOutcome,
    AuditResult,
    Failure,
    SilentCheck,
    SourceInfo,
    TargetInfo,
)
from transfergap.stats.gap import Gap, Verdict

HELPS, HURTS = Verdict.HELPS, Verdict.HURTS
SAME, OPEN = Verdict.NO_MATERIAL_EFFECT, Verdict.NOT_ENOUGH_EVIDENCE
BLOCK = "leave-two-folds-out jackknife"
HOSTILE = "<script>alert(1)</script>"
VERSIONS = {"python": "3.11.9", "transfergap": "0.1.0", "numpy": "1.26.4", "scikit-learn": "1.6.1"}


def gap(estimate: float, low: float, high: float, *, n_pairs: int = 100) -> Gap:
    """Return a gap whose other numbers fit together well enough to be shown."""
    error = (high - low) / 2 / 1.833
    wide = 1.05 * (high - low) / 2
    leaning = 0.004 if low > 0 or high < 0 else 0.3
    return Gap(
        estimate=estimate,
        low=low,
        high=high,
        error=error,
        df=9.0,
        equivalence_low=estimate - wide,
        equivalence_high=estimate + wide,
        p_helps=leaning if estimate > 0 else 1 - leaning,
        p_hurts=leaning if estimate < 0 else 1 - leaning,
        smallest_margin=abs(estimate) + wide,
        n_pairs=n_pairs,
        method=BLOCK,
        instability=1.2,
    )


def arm(
    name: str,
    sources: tuple[str, ...],
    score: float | None,
    its_gap: Gap | None,
    verdict: Verdict | None,
    *,
    judged: bool = True,
    held_back: bool = False,
    rows: int | None = None,
    failed: int = 0,
) -> ArmOutcome:
    """Return an arm with 65 planned trials."""
    completed = 65 - failed
    return ArmOutcome(
        name, sources, judged, score, its_gap, verdict, held_back, rows, 65, completed, failed
    )


def control(score: float | None = 0.847) -> ArmOutcome:
    """Return the control."""
    return arm("control", (), score, None, None, judged=False)


def result(arms: tuple[ArmOutcome, ...], **changed: object) -> AuditResult:
    """Return a result with these arms, the demo's in all other respects."""
    values: dict[str, object] = {
        "schema": SCHEMA,
        "version": "0.1.0",
        "metric": "accuracy",
        "metric_title": "accuracy",
        "metric_unit": "acc.",
        "margin": 0.02,
        "level": 0.9,
        "effort": "full",
        "seed": 0,
        "learner": "Pipeline(StandardScaler(), LogisticRegression(max_iter=1000))",
        "target": TargetInfo(
            "digits", 100, 64, "multiclass", tuple((str(i), 10) for i in range(10)), None
        ),
        "sources": (
            SourceInfo("more_scans", 400, 400, 0, 0),
            SourceInfo("mnist", 1000, 1003, 3, 0),
            SourceInfo("mnist_cropped", 1000, 1000, 0, 0),
        ),
        "arms": arms,
        "findings": (),
        "silent_checks": (
            SilentCheck("TG102", "repeated rows in the target"),
            SilentCheck("TG104", "shared groups", "no groups were given"),
            SilentCheck("TG301", "degenerate control"),
            SilentCheck("TG302", "failed trials"),
            SilentCheck("TG122", "labels that the target lacks"),
        ),
        "failures": (),
        "smallest_visible_gap": 0.094,
        "method_notes": (
            f"Intervals of 4 arms: {BLOCK}.",
            "4 arms were judged: a claim needs its own interval off zero and a place among the"
            " discoveries at a false discovery rate of 10% in its direction (Benjamini-Hochberg).",
        ),
        "fingerprint": "3f9c0d1e2b7a6554",
        "versions": VERSIONS,
    }
    return AuditResult(**(values | changed))  # type: ignore[arg-type]


def demo() -> AuditResult:
    """Return the mock of the design, with `all balanced` where it has the safe model."""
    arms = (
        control(),
        arm("more_scans pooled", ("more_scans",), 0.932, gap(0.085, 0.021, 0.149), HELPS),
        arm("mnist pooled", ("mnist",), 0.667, gap(-0.180, -0.298, -0.062), HURTS),
        arm(
            "mnist_cropped pooled",
            ("mnist_cropped",),
            0.807,
            gap(-0.040, -0.215, 0.135),
            OPEN,
            rows=600,
        ),
        arm(
            "all balanced",
            ("more_scans", "mnist", "mnist_cropped"),
            0.929,
            gap(0.082, 0.020, 0.144),
            HELPS,
        ),
        arm(
            "mnist only", ("mnist",), 0.402, gap(-0.445, -0.520, -0.370), None, judged=False
        ),
    )  # fmt: skip
    findings = (
        Finding(
            "TG601",
            "preprocessing differs",
            "mnist",
            Strength.STRONG,
            "Rows of mnist leave a margin of two pixels; the scans fill the frame.",
            "Crop mnist to the digit, as the scans are.",
            {"margin_pixels": 2.0},
            repair_gap=0.140,
        ),
        Finding(
            "TG201",
            "inputs differ",
            "mnist",
            Strength.MODERATE,
            "A model tells rows of mnist from target rows with AUC 1.00 [0.99, 1.00]. By itself"
            " this is no evidence of harm: sources that are easy to tell apart help as often as"
            " they hurt.",
            "Look for columns measured or coded differently.",
            {"auc": 1.0, "low": 0.99, "high": 1.0},
        ),
        Finding(
            "TG101",
            "target rows in a source",
            "mnist",
            Strength.STRONG,
            "3 of 1003 rows of mnist equal rows of the target. They were removed before training:"
            " left in, they would have shown the answers of the test.",
            "Find out how the same rows came into both files; near copies may remain.",
            {"n_removed": 3.0, "n_given": 1003.0},
        ),
        Finding(
            "TG202",
            "label shares differ",
            "more_scans",
            Strength.NOTE,
            "7 is 18 % of more_scans and 10 % of the target (chi-square p = 0.004). An association,"
            " not yet a cause.",
            "Try a learner with class weights.",
            {"total_variation": 0.11, "p_value": 0.004},
        ),
    )
    return result(arms, findings=findings)


def ranking(names: list[str], gaps: list[Gap]) -> SourceRanking:
    """Return a ranking of sources by the gaps of their arms."""
    order = sorted(range(len(names)), key=lambda k: gaps[k].estimate)

    def ranked(place: int, k: int) -> SourceRank:
        own = gaps[k]
        pooled = Interval(own.estimate, own.low, own.high)
        linear = Interval(0.8 * own.estimate, 0.8 * own.low, 0.8 * own.high)
        return SourceRank(
            names[k], Interval(place, max(place - 2.5, 1), min(place + 3.5, len(names))),
            linear, Interval(-0.1, -0.2, 0.0), linear, linear, 0.1 - 0.002 * place, pooled,
            Interval(-0.1 - 0.001 * k, -0.15, -0.05), 130,
        )  # fmt: skip

    sources = tuple(ranked(place, k) for place, k in enumerate(order, start=1))
    return SourceRanking(sources, 0.9, 256, exact=False)


def many(n_sources: int = 50) -> AuditResult:
    """Return an audit of many sources with long names."""
    names = [
        f"university_hospital_of_the_{['north', 'south', 'east', 'west'][i % 4]}ern_region"
        f"_department_of_internal_medicine_{i:02d}"
        for i in range(n_sources)
    ]
    arms, alone, findings = [control(0.812)], [], []
    for i, name in enumerate(names):
        centre, half = 0.03 * ((i * 7) % 13 - 6) / 6, 0.012 + 0.004 * (i % 9)
        half = 0.4 if i == 17 else half
        low, high = centre - half, centre + half
        if low > -0.02 and high < 0.02:
            verdict = SAME
        elif low > 0.003:
            verdict = HELPS
        elif high < -0.003:
            verdict = HURTS
        else:
            verdict = OPEN
        held = verdict is OPEN and not low <= 0 <= high
        rows = None if verdict is not OPEN else 900 + 100 * i
        arms.append(
            arm(
                f"{name} pooled",
                (name,),
                0.812 + centre,
                gap(centre, low, high, n_pairs=412),
                verdict,
                held_back=held,
                rows=rows,
            )
        )
        alone.append(
            arm(
                f"{name} only",
                (name,),
                0.70,
                gap(-0.1 - 0.001 * i, -0.15, -0.05),
                None,
                judged=False,
            )
        )
        findings.append(
            Finding(
                "TG201",
                "inputs differ",
                name,
                Strength.MODERATE if verdict is HURTS else Strength.NOTE,
                f"A model tells rows of {name} from target rows with AUC 0.9{i % 10} [0.88, 0.99]."
                " By itself this is no evidence of harm.",
                "Look for columns measured or coded differently.",
                {"auc": 0.9},
            )
        )
    arms.append(arm("all balanced", tuple(names), 0.830, gap(0.018, 0.007, 0.029), HELPS))
    return result(
        (*arms, *alone),
        metric="roc_auc",
        metric_title="ROC AUC",
        metric_unit="AUC",
        target=TargetInfo("readmission", 412, 38, "binary", (("0", 342), ("1", 70)), 388),
        sources=tuple(SourceInfo(name, 1500, 1500, 0, 0) for name in names),
        findings=tuple(findings),
        smallest_visible_gap=0.024,
        ranking=ranking(names, [one.gap for one in arms if len(one.sources) == 1 and one.gap]),
    )


def hostile() -> AuditResult:
    """Return a result whose every name tries to break out of its format."""
    name = HOSTILE + "[bold red]x[/] | `$\\alpha$` @octocat\x1b[31m\n::error::y http\u202e://z"
    arms = (
        control(),
        arm(f"{name} pooled", (name,), 0.9, gap(0.085, 0.021, 0.149), HELPS),
        arm(f"{HOSTILE}{{{{ 7*7 }}}}", (name, "b"), 0.6, gap(-0.18, -0.298, -0.062), HURTS),
        arm("'\"><img onerror=alert(2)>", ("",), 0.8, gap(-0.04, -0.215, 0.135), OPEN, failed=5),
    )
    finding = Finding(
        "TG105", HOSTILE, name, Strength.STRONG, f"In {name}, column {HOSTILE} tells.", HOSTILE
    )
    return result(
        arms,
        learner=HOSTILE,
        metric_title=f"acc {HOSTILE}",
        metric_unit=HOSTILE,
        target=TargetInfo(HOSTILE, 100, 3, "binary", ((HOSTILE, 50), ("]]>", 50)), 7),
        sources=(SourceInfo(name, 10, 10, 0, 0), SourceInfo("", 1, 1, 0, 0)),
        findings=(finding, Finding("TG203", "t", "]]>", Strength.MODERATE, HOSTILE, "")),
        failures=(Failure(name, f"ValueError: {HOSTILE}\n%0A", 5, "fold:0:1"),),
        silent_checks=(SilentCheck("TG104", HOSTILE, HOSTILE),),
        method_notes=(HOSTILE,),
        versions={HOSTILE: HOSTILE},
    )


def empty() -> AuditResult:
    """Return a result in which nothing could be judged."""
    arms = (
        ArmOutcome("control", (), False, None, None, None, False, None, 65, 1, 3),
        ArmOutcome("b pooled", ("b",), True, None, None, None, False, None, 65, 0, 65),
        ArmOutcome("b only", ("b",), False, None, None, None, False, None, 65, 0, 0),
    )
    return result(
        arms,
        target=TargetInfo("t", None, None, "imported", (), None),
        sources=(),
        failures=(Failure("b pooled", "MemoryError", 65, "fold:0:0"),),
        silent_checks=(),
        smallest_visible_gap=None,
        method_notes=(),
        fingerprint="",
        versions={},
    )


def house_prices() -> AuditResult:
    """Return a regression in large units, with one arm that makes no material difference."""
    arms = (
        control(41234.5),
        arm("b pooled", ("b",), 40100.2, gap(1134.3, 310.0, 1958.6), HELPS),
        arm("c pooled", ("c",), 41250.0, gap(-15.5, -160.0, 129.0), SAME),
        arm("d pooled", ("d",), 40900.0, gap(334.5, 12.0, 657.0), OPEN, held_back=True, rows=950),
    )
    return result(
        arms,
        metric="rmse",
        metric_title="RMSE",
        metric_unit="RMSE",
        margin=500.0,
        target=TargetInfo("prices", 800, 12, "regression", (), None),
        sources=(),
        smallest_visible_gap=420.0,
    )


ALL = {
    "demo": demo,
    "many": many,
    "hostile": hostile,
    "empty": empty,
    "house_prices": house_prices,
}
