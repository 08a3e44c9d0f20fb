"""Tables of error rates and power, from a record made by hand."""

from tools.calibration_table import calibration_tables, heavy_tails_table

RULES = {"ours, full": {"helps": 1, "hurts": 0, "covers": 19}}


def row(place, **counts):
    rules = {"ours, full": {**RULES["ours, full"], **counts}}
    return {"learner": "tree", "law": "t3", "n": 60, "place": place, "n_draws": 20, "cpu_s": 30.0,
            "rules": rules, "oracle": {"helps": 12, "hurts": 10}}  # fmt: skip


def test_a_learner_has_its_rates_and_its_power():
    rows = [row("null"), row("helps", helps=6), row("hurts", hurts=5)]
    text = calibration_tables({"rows": rows, "fits": {"ours, full": 65}})
    assert "| tree | ours, full | 20 | 5.0% | 0.0% | 95.0% | 30% of 60% | 25% of 50% |" in text
    assert "| ours, full | 65 | - | 5.0%, 0.0%; 95.0%; 28% |" in text
    assert "3 cells, 60 draws, 2 minutes of CPU" in text


def test_power_stands_beside_its_goal():
    rows = [row("helps", helps=6), row("hurts", hurts=5)]
    for one, quick in zip(rows, ({"helps": 2, "hurts": 0}, {"helps": 0, "hurts": 3}), strict=True):
        one["rules"]["ours, quick"] = quick
    text = calibration_tables({"rows": rows, "fits": {"ours, full": 65, "ours, quick": 20}})
    line = "| tree | ours, full | 40 | 28% | 55% | 12% | 25%: twice the corrected t's | met |"
    assert line in text
    for one in rows:
        one["rules"]["ours, closed form"] = {"helps": 4, "hurts": 4, "covers": 0}
    text = calibration_tables({"rows": rows, "fits": {"ours, closed form": 1, "ours, quick": 20}})
    assert "| 20% | 55% | 12% | 44%: 80% of the oracle's | **missed** |" in text


def test_a_criterion_that_is_missed_is_said():
    made = {"law": "t3", "n": 30, "problems": 6, "helps": 0.0, "hurts": 0.09, "mean_hurts": 0.04,
            "coverage": 0.91}  # fmt: skip
    record = {"rows": [made], "n_draws": 1000, "bound": 0.077, "passed": False}
    assert "| t3 | 30 | 0.0% | 9.0% | 4.0% | 91.0% |" in heavy_tails_table(record)
    assert "**Missed**" in heavy_tails_table(record)
