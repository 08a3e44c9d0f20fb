"""The documentation site: built strictly, opened in a browser, and as real as it says."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
import threading
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tools.site_pages import PUBLIC, findings_index, promises_table, public_names, reference_page
from tools.typed_blocks import BLOCK, commands_of, with_typed_blocks

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TYPED = [
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if BLOCK.search(path.read_text(encoding="utf-8"))
]
# The cheapest of those pages, as a sample; `make slow` has all.
SAMPLES = ("docs/people.md",)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The built site; a link, an anchor or a name that leads nowhere stops the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir"]
    done = subprocess.run([*command, str(folder)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_reference_has_every_public_name(site):
    page = unescape((site / "reference.html").read_text(encoding="utf-8"))
    headings = re.findall(r'<h3 id="([^"]+)"', page)
    for module in PUBLIC:
        for name in public_names(module):
            assert any(h.split(".")[-1] == name for h in headings), (module, name)


def test_no_role_of_sphinx_is_shown(site):
    for page in site.rglob("*.html"):
        assert not re.search(r":(class|func|meth|mod):\s*<code>", page.read_text("utf-8")), page


def test_the_search_knows_findings_and_names(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = " ".join(doc["title"] + doc["text"] for doc in index["docs"])
    assert "labels look reversed" in texts and "SafeTransferClassifier" in texts


def test_no_page_asks_for_anything_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loads = re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]+)"', text)
        assert [load for load in loads if "canonical" not in load] == [], page


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_site_opens_in_a_browser_and_searches(site, tmp_path):
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = subprocess.run(
            [
                str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                f"--user-data-dir={tmp_path}", "--virtual-time-budget=4000", "--dump-dom",
                f"http://127.0.0.1:{server.server_port}/index.html",
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
    assert "Does other data help your model, or hurt it?" in done.stdout
    assert "md-search__input" in done.stdout


def test_made_pages_are_as_they_would_be_made_now():
    docs = ROOT / "docs"
    assert (docs / "reference.md").read_text(encoding="utf-8") == reference_page()
    assert (docs / "findings" / "index.md").read_text(encoding="utf-8") == findings_index()
    assert promises_table() in (docs / "promises.md").read_text(encoding="utf-8")


def test_every_picture_of_the_docs_is_there_and_has_words():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text):
            assert words and (page.parent / target).is_file(), (page, target)


def test_typed_blocks_hold_commands_and_what_they_print():
    for page in TYPED:
        for match in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
            assert commands_of(match["body"]), page
            assert "Traceback" not in match["body"] and "error:" not in match["body"], page


@pytest.mark.parametrize(
    "page",
    [pytest.param(p, marks=[] if p in SAMPLES else [pytest.mark.slow]) for p in TYPED],
)
def test_what_pages_show_is_what_commands_print(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert with_typed_blocks(text) == text
