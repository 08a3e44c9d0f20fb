"""The page in headless Chromium: no request leaves it, and nothing is logged to the console."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.report import results

from transfergap.report import notebook_html
from transfergap.report.html import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
# What Chromium asks for on its own account, whatever page is open.
BROWSERS_OWN = re.compile(r"^https?://([a-z0-9.-]+\.)?(google|googleapis|gvt1|gstatic)\.com[:/]")
PHONE = 390


@dataclass(frozen=True)
class Visit:
    """What opening a page did."""

    dom: str
    addresses: frozenset[str]
    console: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of the page."""
        return re.sub(r"<[^>]*>", "", self.dom)


def visit(page: str, folder: Path, *options: str) -> Visit:
    """Open a page and note what it asks for and what it logs."""
    file, log = folder / "page.html", folder / "net.json"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-extensions", "--disable-default-apps",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr", f"--log-net-log={log}", *options, "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    # Chromium may end before the last bracket of its log is written.
    recorded = log.read_text(encoding="utf-8", errors="replace")
    found = {json.loads(match) for match in re.findall(r'"url":("(?:[^"\\]|\\.)*")', recorded)}
    addresses = {a for a in found if a != file.as_uri() and not a.startswith("data:")}
    console = tuple(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    mine = frozenset(a for a in addresses if not BROWSERS_OWN.match(a))
    return Visit(done.stdout, mine, console)


@pytest.mark.parametrize("make", [results.demo, results.hostile], ids=["demo", "hostile"])
def test_no_request_leaves_the_page_and_the_console_is_silent(make, tmp_path: Path) -> None:
    seen = visit(render_html(make(), made_on="23 Nov 2026"), tmp_path)
    assert seen.addresses == frozenset()
    assert seen.console == ()


def test_the_check_itself_would_see_a_request_and_a_console_error(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><img src="http://page.invalid/x.png"><script>console.error("x")</script>'
    seen = visit(page, tmp_path)
    assert "http://page.invalid/x.png" in seen.addresses
    assert seen.console


def test_the_verdict_is_on_the_page(tmp_path: Path) -> None:
    text = visit(render_html(results.demo()), tmp_path).text
    assert "mnist hurts digits, more_scans helps it." in text


def test_hostile_names_run_nothing(tmp_path: Path) -> None:
    seen = visit(render_html(results.hostile()), tmp_path)
    assert "<script" not in seen.dom.replace("&lt;script", "")
    assert "<img" not in seen.dom


@pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)
def test_nothing_is_wider_than_a_phone(make, tmp_path: Path) -> None:
    # A frame has the width of a phone, which a window of headless Chromium cannot have. The script
    # is the test's own; the page forbids its own to run.
    page = render_html(make()).replace("<details>", "<details open>")
    (tmp_path / "inner.html").write_text(page, encoding="utf-8")
    outer = (
        f'<!DOCTYPE html><iframe src="inner.html" style="border:0;width:{PHONE}px;height:800px">'
        "</iframe><output></output><script>onload=()=>{const d=frames[0].document;"
        "document.querySelector('output').textContent="
        "'width '+d.documentElement.scrollWidth}</script>"
    )
    seen = visit(outer, tmp_path, "--allow-file-access-from-files")
    width = re.search(r"width (\d+)</output>", seen.dom)
    assert width is not None
    assert int(width[1]) <= PHONE


def test_a_card_and_the_styles_of_a_notebook_leave_each_other_alone(tmp_path: Path) -> None:
    head = (
        "<!DOCTYPE html><style>h1{color:rgb(1,2,3)}td{text-align:right}</style><h1 id=own>own</h1>"
    )
    tail = (
        "<output></output><script>document.querySelector('output').textContent="
        "getComputedStyle(document.getElementById('own')).color+"
        "getComputedStyle(document.body).backgroundColor+"
        "document.querySelectorAll('td,.mark').length</script>"
    )
    seen = visit(head + notebook_html(results.demo()) + tail, tmp_path)
    assert "<output>rgb(1, 2, 3)rgba(0, 0, 0, 0)0</output>" in seen.dom
    assert seen.addresses == frozenset()
