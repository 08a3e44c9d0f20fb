"""What a run tells while it goes on: first verdicts first, and none before its trials are there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

from transfergap import audit, make_problem
from transfergap.analysis.assessment import assess_trials
from transfergap.analysis.first_look import ArmLook, FirstLook, FirstLooks
from transfergap.auditing.audit import make_design, run_design
from transfergap.experiment.runner import batches, run_trials
from transfergap.experiment.stages import stages
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import attempt
from transfergap.learners.progress import LogProgress
from transfergap.report import result_to_json
from transfergap.report.console.first_look import look_lines
from transfergap.report.console.trial_progress import TrialProgress
from transfergap.stats import PairedEstimate
from transfergap.stats.gap import Verdict, gap_from, judge

CLAIMS = (Verdict.HELPS, Verdict.HURTS)


def rows(rng, n, sign=1):
    X = rng.normal(size=(n, 3))
    return X, (sign * X[:, 0] + 0.5 * rng.normal(size=n) > 0).astype(int)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    sources = {"b": rows(rng, 90), "c": rows(rng, 90, -1), "d": rows(rng, 90, -1)}
    return (*rows(rng, 60), sources)


def design_of(data, **options):
    X, y, sources = data
    problem = make_problem(X, y, sources=sources)
    return make_design(LogisticRegression(), problem, **options)


def looks_of(design, store=None):
    looks, store = [], TrialStore() if store is None else store
    collected = FirstLooks(design, store.trials())

    def on_trial(trial):
        look = collected.add(trial)
        if look is not None:
            looks.append(look)

    run_trials(design, store, on_trial=on_trial)
    return looks


def test_arms_of_one_source_come_first_then_safe_then_what_is_for_information(data):
    design = design_of(data)
    order = [cell.arm for batch in batches(design) for cell in batch]
    assert set(order[:80]) == {"control", "b pooled", "c pooled", "d pooled"}
    last_judged = max(i for i, arm in enumerate(order) if arm in ("all pooled", "all balanced"))
    assert last_judged < order.index("safe") < order.index("b only")
    assert sorted(order) == sorted(cell.arm for cell in design.cells())
    assert [name for stage in stages(design) for name in stage if name == "control"] == ["control"]


def test_every_cell_is_planned_with_the_seed_of_the_design(data):
    design = design_of(data, effort="quick")
    cells = [cell for batch in batches(design) for cell in batch]
    assert {cell.id: cell.seed for cell in cells} == {c.id: c.seed for c in design.cells()}


def test_the_order_of_execution_changes_no_byte(data):
    design = design_of(data, arms=["b pooled", "safe"], effort="quick")
    forth, back = TrialStore(), TrialStore()
    for store, order in ((forth, 1), (back, -1)):
        for batch in list(batches(design))[::order]:
            for trial in attempt(design, batch):
                store.add(trial)
    one, other = (result_to_json(assess_trials(design, s.trials())) for s in (forth, back))
    assert one == other


def test_no_verdict_before_all_trials_of_an_arm(data):
    looks = looks_of(design_of(data, arms=[*(f"{name} pooled" for name in "bcd"), "all balanced"]))
    for arm in (arm for look in looks for arm in look.arms):
        assert arm.is_complete or arm.verdict is None
    first = looks[0]
    assert [arm.n_trials for arm in first.arms] == [4, 4, 4]
    assert all(arm.gap is not None and arm.verdict is None for arm in first.arms)
    assert looks[0].stage == ("b pooled", "c pooled", "d pooled") and not first.is_complete
    assert [look.is_complete for look in looks if look.stage == first.stage].count(True) == 1


def test_claims_of_a_look_stand_in_the_result(data):
    design = design_of(data, arms=["b pooled", "c pooled", "d pooled", "safe"])
    looks = looks_of(design)
    claims = {arm.arm: arm.verdict for look in looks for arm in look.arms if arm.verdict in CLAIMS}
    assert {claims["c pooled"], claims["d pooled"]} == {Verdict.HURTS}
    result = run_design(design, explain="none").result
    last = {arm.arm: arm.gap for look in looks for arm in look.arms if arm.is_complete}
    final = {arm.arm: arm.gap for arm in result.arms if arm.arm in last}
    assert "safe" in last  # judged by the control inside its own fits
    assert {name: (gap.estimate, gap.low) for name, gap in last.items()} == {
        name: (gap.estimate, gap.low) for name, gap in final.items()
    }
    assert claims.items() <= {arm.arm: arm.verdict for arm in result.arms}.items()


@given(
    st.lists(st.floats(-4, 4), min_size=1, max_size=6),
    st.lists(st.floats(-4, 4), min_size=1, max_size=6),
)
def test_a_claim_beside_arms_to_come_stands_whatever_they_bring(complete, later):
    gaps = [gap_from(PairedEstimate(t, 1.0, 9, 1.0, 9, 20, "drawn")) for t in (*complete, *later)]
    early = judge(gaps[: len(complete)], 0.1, n_more=len(later))
    final = judge(gaps, 0.1)
    assert all(now is end for now, end in zip(early, final, strict=False) if now in CLAIMS)


def test_looks_at_a_resumed_run_count_what_was_stored(data):
    design = design_of(data, arms=["b pooled", "c pooled"])
    store = TrialStore()
    for batch in list(batches(design))[:40]:
        for trial in attempt(design, batch):
            store.add(trial)
    looks = looks_of(design, store)
    assert looks[0].arms[0].n_trials > 10 and looks[-1].is_complete


def test_a_run_that_was_complete_has_no_looks(data):
    design = design_of(data, arms=["b pooled"])
    store = TrialStore()
    assert looks_of(design, store)
    assert looks_of(design, store) == []


def test_closed_forms_have_their_verdict_after_one_look():
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(50, 3)), rng.normal(size=(80, 3))
    problem = make_problem(X, X[:, 0], sources={"b": (Z, -Z[:, 0])}, metric="r2")
    looks = looks_of(make_design(Ridge(), problem, arms=["b pooled"]))
    assert looks[-1].arms[0].verdict is Verdict.HURTS


def test_looks_say_that_they_are_no_result(data):
    looks = looks_of(design_of(data, arms=["b pooled", "c pooled"]))
    head, *arms = look_lines(looks[0])
    assert head.startswith("first look, 4 of 20 trials (so far; no verdict")
    assert len(arms) == 2 and not any("helps" in arm or "hurts" in arm for arm in arms)
    head, *arms = look_lines(looks[-1])
    assert head.startswith("first look, 20 of 20 trials (so far;") and "withdraw" in head
    assert any(arm.endswith("hurts, so far") for arm in arms)
    assert all(len(line) <= 88 for look in looks for line in look_lines(look))


def test_many_arms_and_long_names_stay_within_a_screen():
    names = [f"{'n' * 100} {k} pooled" for k in range(40)]
    look = FirstLook(tuple(ArmLook(n, 4, 20, None) for n in names), tuple(names), 0.01)
    lines = look_lines(look)
    assert lines[-1] == "  and 32 more arms" and all(len(line) <= 88 for line in lines)


def test_python_users_see_looks_where_they_ask(data, capsys):
    X, y, sources = data
    options = {
        "sources": sources,
        "arms": ["b pooled", "c pooled", "all balanced"],
        "explain": "none",
    }
    shown = audit(LogisticRegression(), X, y, verbose=1, **options)
    error = capsys.readouterr().err
    assert error.count("first look") == 2 and "hurts, so far" in error
    assert shown.result == audit(LogisticRegression(), X, y, **options).result


def test_a_log_has_the_last_look_of_a_stage():
    lines = []
    progress = TrialProgress(LogProgress(40, writer=lines.append))
    for n_trials in (4, 6, 9, 20):
        arm = ArmLook("b pooled", n_trials, 20, None)
        progress.look(FirstLook((arm,), ("b pooled",), 0.01))
    assert len([line for line in lines if "first look" in line]) == 1
