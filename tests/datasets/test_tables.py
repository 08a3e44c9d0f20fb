"""Flights and claims: tables with a domain column."""

from __future__ import annotations

import pytest

from transfergap.datasets import load_claims, load_flights, load_heart


def test_flights_have_a_thousand_rows_for_each_of_seven_source_carriers() -> None:
    data = load_flights("WN")
    assert list(data.sources) == ["AA", "B6", "DL", "EV", "MQ", "UA", "US"]
    assert {len(y) for _, y in data.sources.values()} == {1000}
    assert data.X.shape == (200, 13)


def test_a_flight_has_no_column_that_is_known_only_after_departure() -> None:
    known = {"month", "day", "weekday", "hour", "origin", "distance"}
    weather = {"temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"}
    assert set(load_flights().X.columns) == known | weather


@pytest.mark.parametrize("carrier", ["AA", "EV", "US"])
def test_late_flights_are_a_minority(carrier: str) -> None:
    assert 0.1 < load_flights(carrier, n_target=None).y.mean() < 0.4


def test_claims_hold_every_row_of_both_states() -> None:
    michigan, kentucky = load_claims(n_target=None), load_claims("kentucky", n_target=None)
    assert len(michigan.y) == len(kentucky.sources["michigan"][1]) == 1524
    assert len(kentucky.y) == len(michigan.sources["kentucky"][1]) == 5626


def test_share_of_claims_longer_than_four_weeks_is_that_of_the_published_data() -> None:
    data = load_claims(n_target=None)
    assert data.y.mean() == pytest.approx(0.517717, abs=1e-6)
    assert data.sources["kentucky"][1].mean() == pytest.approx(0.437256, abs=1e-6)


def test_a_claim_carries_no_duration_and_no_benefit() -> None:
    described = "highearn male married hosp age prewage totmed indust injtype"
    assert list(load_claims().X.columns) == described.split()


def test_rows_of_a_small_target_are_numbered_from_zero() -> None:
    assert load_claims(n_target=5).X.index.tolist() == [0, 1, 2, 3, 4]


def test_hospitals_have_the_rows_and_diagnoses_that_were_published() -> None:
    data = load_heart()
    assert {name: (len(y), int(y.sum())) for name, (_, y) in data.sources.items()} == {
        "hungary": (294, 106), "switzerland": (123, 115), "long_beach": (200, 149),
    }  # fmt: skip
    assert (len(data.y), int(data.y.sum())) == (303, 139)


def test_hungary_writes_nine_where_the_others_write_nothing() -> None:
    data = load_heart()
    assert int((data.sources["hungary"][0] == -9).to_numpy().sum()) == 781
    assert not (data.X == -9).to_numpy().any()
    assert int(data.X.isna().to_numpy().sum()) == 6
    assert data.sources["switzerland"][0]["chol"].isna().all()
