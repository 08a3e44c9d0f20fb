"""Why an arm hurts: causes tested by repairing them and measuring the gap again."""

from transfergap.explaining.choice import Explain, explain_named
from transfergap.explaining.explanation import Explanation, RepairOutcome
from transfergap.explaining.second_look import SecondLook
from transfergap.explaining.suspects import most_fits

__all__ = [
    "Explain",
    "Explanation",
    "RepairOutcome",
    "SecondLook",
    "explain_named",
    "most_fits",
]
