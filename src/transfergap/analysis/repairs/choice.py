"""Choice of the arms to explain."""

from __future__ import annotations

from enum import StrEnum

from transfergap.errors import ConfigurationError


class Explain(StrEnum):
    """Arms that get a second look."""

    NONE = "none"
    HARMFUL = "harmful"
    ALL = "all"


def explain_named(name: str | Explain) -> Explain:
    """Return which arms to explain.

    Raises
    ------
    ConfigurationError
        For an unknown name.

    Examples
    --------
    >>> explain_named("all")
    <Explain.ALL: 'all'>
    """
    try:
        return Explain(name)
    except ValueError:
        valid_names = ", ".join(str(choice) for choice in Explain)
        raise ConfigurationError(
            f"There is no choice {name!r} of arms to explain.", hint=f"known: {valid_names}"
        ) from None
