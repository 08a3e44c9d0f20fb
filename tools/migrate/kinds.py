"""What calls and variables of a script are, as far as it can be read off."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.migrate.script import Script
from transfergap.errors import RENAMES
from transfergap.learners import mitigations

_RETURNS = {
    "audit": "Audit",
    "audit_agents": "Audit",
    "audit_curves": "Audit",
    "load_audit": "Audit",
    "run_design": "Audit",
    "assess_trials": "AuditResult",
    "assess_scores": "AuditResult",
    "make_design": "Design",
    "Design": "Design",
    "ModelSource": "ModelSource",
    "TaskSource": "TaskSource",
    "SafeTransferClassifier": "SafeTransferBase",
    "SafeTransferRegressor": "SafeTransferBase",
    "load_model": "SafeTransferBase",
    "EstimatorLearner": "Learner",
    "FunctionLearner": "Learner",
    "SafeLearner": "Learner",
    "Network": "Learner",
    "FineTuned": "Learner",
    "CoTrained": "Learner",
    **dict.fromkeys(mitigations.__all__, "Learner"),
}
_METHODS = {
    ("SafeTransferBase", "fit"): "SafeTransferBase",
    ("SafeTransferBase", "set_params"): "SafeTransferBase",
    ("Audit", "fit_safe"): "SafeTransferBase",
}
_ATTRIBUTES = {("Audit", "result"): "AuditResult", ("Audit", "design"): "Design"}
# Methods whose arguments changed; their names are ours alone.
_OWN_METHODS = {"expected_gap", "draw_target", "fit_safe"}
_PLACES = {r.place for r in RENAMES if r.kind == "argument"} | _OWN_METHODS | set(_RETURNS)


class Kinds:
    """The kinds of a script's variables, by what is assigned to them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._assigned: dict[str, list[ast.expr]] = {}
        self._functions: dict[str, ast.FunctionDef | ast.Lambda] = {}
        self._busy: set[str] = set()
        for node in ast.walk(script.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self._assign(node.target, node.value)
            elif isinstance(node, ast.FunctionDef):
                self._functions[node.name] = node

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._assigned.setdefault(target.id, []).append(value)
            if isinstance(value, ast.Lambda):
                self._functions[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for name, part in zip(target.elts, value.elts):
                self._assign(name, part)

    def called(self, function: ast.expr) -> str:
        """Return the name in the list of renames of a function or class that is called."""
        origin = self.script.dotted(function)
        name = origin.rpartition(".")[2]
        if origin.startswith("transfergap") and name in _PLACES:
            return name
        if isinstance(function, ast.Attribute) and function.attr in _OWN_METHODS:
            return function.attr
        if isinstance(function, ast.Attribute) and function.attr == "set_params":
            return "set_params" if self.of(function.value) == "SafeTransferBase" else ""
        if isinstance(function, ast.Name):
            return self._handed_to(function.id)
        return ""

    def _handed_to(self, name: str) -> str:
        """Return what a function of the script hands its own keywords to."""
        function = self._functions.get(name)
        own = None if function is None else function.args.kwarg
        if function is None or own is None or name in self._busy:
            return ""
        self._busy.add(name)
        try:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and any(
                    k.arg is None and own.arg in _names(k.value) for k in node.keywords
                ):
                    return self.called(node.func)
            return ""
        finally:
            self._busy.discard(name)

    def hands_on(self, call: ast.Call) -> Iterator[str]:
        """Yield names of options that a call hands on inside a dictionary."""
        for keyword in call.keywords:
            if keyword.arg is None and isinstance(keyword.value, ast.Dict):
                for key, value in zip(keyword.value.keys, keyword.value.values):
                    if key is None and isinstance(value, ast.Name):
                        yield value.id

    def gathered(self, value: ast.expr) -> Iterator[ast.Dict | ast.Call]:
        """Yield the dictionaries, written as such or by ``dict(...)``, that a value may be."""
        if isinstance(value, ast.Dict) or _is_dict_call(value):
            yield value  # type: ignore[misc]
        elif isinstance(value, ast.BinOp):
            yield from self.gathered(value.left)
            yield from self.gathered(value.right)
        elif isinstance(value, ast.Name):
            for assigned in self._assigned.get(value.id, []):
                if isinstance(assigned, ast.Dict) or _is_dict_call(assigned):
                    yield assigned  # type: ignore[misc]

    def of(self, node: ast.expr) -> str:
        """Return the kind of an expression, or nothing where it cannot be read off."""
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Attribute):
            return _ATTRIBUTES.get((self.of(node.value), node.attr), "")
        if not isinstance(node, ast.Name) or node.id in self._busy:
            return ""
        self._busy.add(node.id)
        try:
            kinds = {self.of(value) for value in self._assigned.get(node.id, [])}
            return kinds.pop() if len(kinds) == 1 else ""
        finally:
            self._busy.discard(node.id)

    def _of_call(self, node: ast.Call) -> str:
        origin = self.script.dotted(node.func)
        if origin.startswith("transfergap"):
            return _RETURNS.get(origin.rpartition(".")[2], "")
        if isinstance(node.func, ast.Attribute):
            kind = self.of(node.func.value)
            if node.func.attr == "fit_safe":
                return "SafeTransferBase"
            return _METHODS.get((kind, node.func.attr), "")
        function = self._functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None:
            return ""
        returned = (
            [function.body]
            if isinstance(function, ast.Lambda)
            else [r.value for r in ast.walk(function) if isinstance(r, ast.Return) and r.value]
        )
        kinds = {self.of(value) for value in returned}
        return kinds.pop() if len(kinds) == 1 else ""


def _is_dict_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
