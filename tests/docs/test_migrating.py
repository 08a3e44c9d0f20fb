"""The guide lists every name that changed."""

from pathlib import Path

from tools.render_docs import migrating_page

from transfergap.errors import RENAMES

GUIDE = Path(__file__).parents[2] / "docs" / "migrating.md"


def test_the_guide_has_every_rename():
    text = GUIDE.read_text(encoding="utf-8")
    assert migrating_page(text) == text, "run: make pages"
    for rename in RENAMES:
        assert rename.before in text and rename.after in text
