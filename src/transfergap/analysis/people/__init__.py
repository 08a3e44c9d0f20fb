"""Learning curves of people: groups, measures of transfer, verdicts."""

from transfergap.analysis.people.assessing import assess_people
from transfergap.analysis.people.measurement import Measurement
from transfergap.analysis.people.measures import PEOPLE_METRICS, judge_people
from transfergap.analysis.people.table import Columns, Trainees, trainees_of

__all__ = [
    "PEOPLE_METRICS",
    "Columns",
    "Measurement",
    "Trainees",
    "assess_people",
    "judge_people",
    "trainees_of",
]
