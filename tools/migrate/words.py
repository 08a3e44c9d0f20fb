"""Options of the command line, keys of audit.toml, and arms as texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.migrate.script import Edit, Script
from transfergap.errors import renames
from transfergap.learners.mitigations.names import mitigation_names

_OPTION = re.compile(
    "(?<![\\w-])(" + "|".join(map(re.escape, renames("option", "transfergap"))) + ")(?![\\w-])"
)
_CAUTION = re.compile(r"(--caution[ =]['\"]?)(\w+)")
_ARM = re.compile(r"""(--arm[ =])(["'])([^"'$]+)\2""")
_KEY = re.compile(r"^(\s*)(" + "|".join(renames("option", "audit.toml")) + r")(\s*=)", re.M)
_PLAIN = {"pooled", "only", "fine-tuned", "co-trained"}


def current_arm(label: str) -> str:
    """Return an arm's label as the text that no name of a source can spoil.

    Examples
    --------
    >>> current_arm("b gated coral"), current_arm("site 2 pooled"), current_arm("safe, target only")
    ('b+gated+coral', 'site 2+pooled', 'safe, target only')
    """
    words = label.split(" ")
    known = {*mitigation_names(), *_PLAIN}
    n_words = 0
    while n_words + 1 < len(words) and words[-1 - n_words] in known:
        n_words += 1
    if n_words == 0 or label.endswith(", target only"):
        return label
    return "+".join([" ".join(words[:-n_words]), *words[-n_words:]])


def current_words(text: str) -> str:
    """Return text of a command line with the options and values of today."""
    options, cautions = renames("option", "transfergap"), renames("value", "caution")
    text = _OPTION.sub(lambda m: options[m[1]], text)
    return _CAUTION.sub(lambda m: m[1] + cautions.get(m[2], m[2]), text)


def current_shell(text: str) -> str:
    """Return a shell script with the options, values and arms of today.

    Examples
    --------
    >>> current_shell('transfergap run t.csv --arm "b coral" --curve')
    'transfergap run t.csv --arm b+coral --learning-curve'
    """
    if "transfergap" not in text:
        return text

    def arm(match: re.Match[str]) -> str:
        now = current_arm(match[3])
        quote = match[2] if " " in now or now == match[3] else ""
        return f"{match[1]}{quote}{now}{quote}"

    return _ARM.sub(arm, current_words(text))


def current_config(text: str) -> str:
    """Return an audit.toml with the keys of today.

    Examples
    --------
    >>> current_config('precision = "quick"')
    'effort = "quick"'
    """
    keys = renames("option", "audit.toml")
    return _KEY.sub(lambda m: f"{m[1]}{keys[m[2]]}{m[3]}", text)


def strings(script: Script) -> Iterator[Edit]:
    """Yield changes of texts that hold options of the command line."""
    if b"transfergap" not in script.data:
        return
    inside: set[ast.AST] = set()
    for node in ast.walk(script.tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(ast.walk(node))
            inside.discard(node)
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node in inside or not (is_text or isinstance(node, ast.JoinedStr)):
            continue
        before = script.text(node)
        after = current_words(before)
        if "[design]" in after:
            after = current_config(after)
        if after != before:
            yield (*script.span(node), after)
