"""Golden texts: terminal, Markdown and JSON of fixed results.

`python -m tests.report.test_golden` writes them anew; look at the difference before keeping it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report import results

from transfergap.report import render, result_to_json
from transfergap.report.console.screen import render_terminal

GOLDEN = Path(__file__).with_name("golden")
NEXT = "transfergap report runs/demo-heart -o demo.html"
PLACES = ("open runs/x/report.html", "transfergap show runs/x --why", "--all")


def texts() -> dict[str, str]:
    demo = results.demo()
    return {
        "demo.txt": render_terminal(demo, color=False, detail="all", next_line=NEXT),
        "demo_ascii.txt": render_terminal(demo, ascii=True, color=False, places=PLACES),
        "many.txt": render(results.many()),
        "empty.txt": render(results.empty()),
        "house_prices.txt": render(results.house_prices()),
        "hostile.txt": render(results.hostile()),
        "demo_brief.txt": render_terminal(demo, color=False, places=PLACES),
        "many_brief.txt": render_terminal(results.many(), color=False, places=PLACES),
        "empty_brief.txt": render_terminal(results.empty(), color=False, places=PLACES),
        "hostile_brief.txt": render_terminal(results.hostile(), color=False, places=PLACES),
        "demo.md": render(demo, "markdown"),
        "hostile.md": render(results.hostile(), "markdown"),
        "demo.github.txt": render(demo, "github"),
        "empty.json": result_to_json(results.empty()),
        "house_prices.json": result_to_json(results.house_prices()),
    }


@pytest.mark.parametrize("name", texts())
def test_text_is_as_it_was_looked_at(name: str) -> None:
    assert texts()[name] == (GOLDEN / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    for name, text in texts().items():
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")
