"""The static baseline: a ranking of models that sees no label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transfergap.errors import ConfigurationError

Prior = Sequence[str] | Mapping[str, float]


def prior_places(prior: Prior | None, names: Sequence[str]) -> dict[str, float]:
    """Return each model's place in the user's ranking, or parameters.

    Raises
    ------
    ConfigurationError
        If a model is missing from it, or it names another.

    Examples
    --------
    >>> prior_places(["b", "a"], ["a", "b"])
    {'b': 1.0, 'a': 2.0}
    """
    if prior is None:
        return {}
    places: dict[str, float]
    if isinstance(prior, Mapping):
        places = {name: float(number) for name, number in prior.items()}
    else:
        places = {name: float(place) for place, name in enumerate(prior, start=1)}
    if set(places) != set(names):
        wrong = sorted(set(places) ^ set(names))
        raise ConfigurationError(
            f"The prior ranking and the models differ in {', '.join(wrong)}.",
            hint="name each model once: a list, best first, or a number of parameters for each",
        )
    return places


def static_pick(prior: Prior | None, places: Mapping[str, float]) -> str | None:
    """Return the first of the ranking, or the largest model."""
    if prior is None:
        return None
    if isinstance(prior, Mapping):
        return max(places, key=lambda name: places[name])
    return next(iter(places))


def prior_text(prior: Prior | None) -> str:
    """Return words for the static baseline; empty without."""
    if prior is None:
        return ""
    return "most parameters" if isinstance(prior, Mapping) else "first of your ranking"
