"""Show or write what changes in files written for 0.1.0."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from tools.migrate import migrated


def main() -> int:
    """Show or write what changes; 1 if a file could not be read as what it is called."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    failed = False
    for path in options.files:
        before = path.read_text(encoding="utf-8")
        try:
            after = migrated(before, path.suffix)
        except SyntaxError as error:
            print(f"{path}: not changed, as it is no Python: {error}", file=sys.stderr)
            failed = True
            continue
        if options.write and after != before:
            path.write_text(after, encoding="utf-8")
        lines = (text.splitlines(keepends=True) for text in (before, after))
        sys.stdout.writelines(difflib.unified_diff(*lines, str(path), str(path)))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
