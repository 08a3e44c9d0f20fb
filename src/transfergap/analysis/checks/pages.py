"""The pages that explain findings, shipped with the package and read offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from transfergap.errors import ConfigurationError

_SHIPPED = Path(__file__).with_name("finding_pages")
_CHECKOUT = Path(__file__).parents[4] / "docs" / "findings"


def titles() -> dict[str, str]:
    """Return the title of every finding by code, in order."""
    from transfergap.analysis.checks import CHECKS, TRAINING_CHECKS

    title_of = {check.code: check.title for check in CHECKS}
    title_of |= {check.code: check.title for check in TRAINING_CHECKS}
    return dict(sorted(title_of.items()))


@cache
def page_of(code: str) -> str:
    """Return the Markdown page of a finding.

    Raises
    ------
    ConfigurationError
        If the installation lacks it.
    """
    for folder in (_SHIPPED, _CHECKOUT):  # an installed wheel; a checkout
        path = folder / f"{code}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise ConfigurationError(
        f"The page of {code} is missing from this installation.", hint="reinstall transfergap"
    )
