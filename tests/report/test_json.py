"""JSON: stable, and read back to an equal result."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from tests.report import results

from transfergap.errors import RunDirectoryError
from transfergap.report import result_from_json, result_to_json

EACH = pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)


@EACH
def test_reading_gives_back_what_was_written(make) -> None:
    text = result_to_json(make())
    assert result_from_json(text) == make()
    assert result_to_json(result_from_json(text)) == text


def test_keys_come_in_the_order_of_the_design() -> None:
    record = json.loads(result_to_json(results.demo()))
    assert list(record)[:5] == ["schema", "version", "target", "metric", "metric_title"]
    first = ["arm", "sources", "estimate", "low", "high", "level", "pairs", "method", "verdict"]
    assert list(record["gaps"][0])[:10] == [*first, "smallest_margin"]
    assert record["trials"] == {"planned": 390, "completed": 390, "failed": 0}
    assert record["target"] == "digits"


def test_numbers_of_numpy_are_numbers() -> None:
    told = results.demo()
    finding = replace(told.findings[0], evidence={"n": np.int64(3), "share": np.float64(0.1)})
    again = result_from_json(result_to_json(replace(told, findings=(finding,))))
    assert again.findings[0].evidence == {"n": 3, "share": 0.1}


def test_infinity_is_kept_and_nan_is_refused() -> None:
    told = results.demo()
    finding = replace(told.findings[0], evidence={"ratio": math.inf, "least": -math.inf})
    again = result_from_json(result_to_json(replace(told, findings=(finding,))))
    assert again.findings[0].evidence == {"ratio": math.inf, "least": -math.inf}
    with pytest.raises(ValueError, match="JSON compliant"):
        result_to_json(replace(told, margin=math.nan))


def test_text_is_ascii_whatever_the_names() -> None:
    told = replace(results.demo(), learner="Köln \ud800")
    assert result_to_json(told).isascii()
    assert result_from_json(result_to_json(told)) == told


def _without(*path: str) -> str:
    record = json.loads(result_to_json(results.demo()))
    inner = record
    for key in path[:-1]:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    del inner[path[-1]]
    return json.dumps(record)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[1, 2]",
        "null",
        "{}",
        '{"schema": "transfergap/result/2"}',
        '{"schema": "transfergap/result/1"}',
        '{"schema": ["transfergap/result/1"]}',
        "[" * 100_000,
        _without("margin"),
        _without("gaps", "0", "low"),
        _without("arms", "1", "trials"),
        result_to_json(results.demo()).replace('"verdict": "helps"', '"verdict": "maybe"'),
        result_to_json(results.demo()).replace('"margin": 0.02', '"margin": "0.02"'),
        result_to_json(results.demo()).replace('"margin": 0.02', '"margin": NaN'),
        result_to_json(results.demo()).replace('"judged": true', '"judged": 1'),
        result_to_json(results.demo())[:500],
    ],
    ids=range(17),
)
def test_anything_else_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(RunDirectoryError) as caught:
        result_from_json(text)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_results_from_before_there_were_rankings_are_read() -> None:
    record = json.loads(result_to_json(results.demo()))
    del record["ranking"]
    assert result_from_json(json.dumps(record)) == results.demo()
