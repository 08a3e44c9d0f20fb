"""The map that an error proposes can be typed, whatever marks labels hold."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.cli.request.config import request_from
from transfergap.cli.request.label_maps import pairs_of
from transfergap.cli.request.request import problem_from
from transfergap.errors import ConfigurationError, DataError


def written(name, labels, n=60):
    rng = np.random.default_rng(n)
    frame = pd.DataFrame({"age": rng.normal(50, 9, n).round(1), "dose": rng.normal(size=n)})
    frame.assign(y=np.resize(np.array(labels, dtype=object), n)).to_csv(f"{name}.csv", index=False)


def posed(**options):
    request = request_from(Path("t.csv"), {"sources": ["b=b.csv"], "label": "y", **options})
    return problem_from(request)[1]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


PAIRS = [
    (["<=50K", ">50K"], ["50K or less", "above $50K"]),
    (["<=50K", ">50K"], ["a<=50,000", "b>50,000"]),
    (["no, never", "yes, often"], ["n", "y"]),
    (["it's", "isn't"], ["is = it", "is, not"]),
    (["a b", "c*"], ["$HOME", "`x`"]),
    (["a=1", "b=2", "c=3"], ["x=1,2", "y=1,2", "z"]),
    ([0, 1], ["<5", ">=5"]),
    ([f"grade {k}" for k in "abcdefghij"], list(range(10))),
]


@pytest.mark.parametrize(("target", "source"), PAIRS)
def test_the_map_of_an_error_runs_as_it_is_typed(target, source):
    written("t", target)
    written("b", source, 80)
    with pytest.raises(DataError) as caught:
        posed()
    typed = caught.value.hint.split("such as ")[1].split(" (in Python")[0]
    option, value = shlex.split(typed)
    assert option == "--map"
    for label in target:  # three words or more that nothing pairs are left to be filled in
        value = value.replace("?", label, 1) if "?" in value else value
    problem = posed(map=(value,))
    assert len(problem.sources["b"].sample) == 80
    y = problem.sources["b"].sample.y.astype(str)
    assert sorted(set(y)) == sorted(map(str, target))


def test_a_quoted_hint_runs_in_a_shell_line(type_in):
    written("t", ["<=50K", ">50K"])
    written("b", ["up to 50,000", "more = better"], 80)
    line = (
        "run t.csv b.csv --label y --yes --quiet --effort quick --explain none --arm 'b pooled'"
        " -o r"
    )
    code, _, err = type_in(line)
    assert code == 2
    typed = err.split("such as ")[1].split(" (in Python")[0]
    code, _, err = type_in(f"{line} {typed}")
    assert code == 0, err


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("1=0,2=1", (("1", "0"), ("2", "1"))),
        ("1=0,2=", (("1", "0"), ("2", ""))),
        ("<=5.=0,2=1", (("<=5.", "0"), ("2", "1"))),
        ("a,b=0,1=1", (("a,b", "0"), ("1", "1"))),
        (" A,B =0", ((" A,B ", "0"),)),
        ("7=0", ()),
        ("1=5", ()),
    ],
)
def test_a_map_is_parted_where_labels_are(text, pairs):
    assert pairs_of(text, {"1", "2", "<=5.", "a,b"}, {"0", "1"}) == pairs


def test_a_source_of_unknown_labels_is_parted_by_those_of_the_target():
    assert pairs_of("a=b=x,y,c=z", None, {"x,y", "z"}) == (("a=b", "x,y"), ("c", "z"))


def test_a_map_with_two_meanings_is_refused():
    with pytest.raises(ConfigurationError, match="can be read in two ways"):
        pairs_of("a=b=c", {"a", "a=b"}, {"c", "b=c"})


def test_labels_that_are_not_there_are_named_as_before():
    written("t", ["no", "yes"])
    written("b", ["n", "y"], 80)
    with pytest.raises(ConfigurationError, match="no label 'm' to map"):
        posed(map=("b:m=no,y=yes",))
    with pytest.raises(ConfigurationError, match="what is called how"):
        posed(map=("b:n no",))
