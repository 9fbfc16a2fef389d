"""The room is pure: nothing in it knows Django, the database or the engine."""

import ast
import sys
from pathlib import Path

import pytest

import workflows.expressions

FOLDER = Path(workflows.expressions.__file__).parent
ALLOWED = {"wire.strict_json", "wire", "jsonpath", "pydantic_monty"}
ONE_MODULE_ONLY = {"pydantic_monty": "sandbox.py", "jsonpath": "query.py"}


@pytest.mark.parametrize("module", sorted(path.name for path in FOLDER.glob("*.py")))
def test_a_module_imports_only_what_the_room_may(module: str) -> None:
    for node in ast.walk(ast.parse((FOLDER / module).read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            head = name.split(".")[0]
            is_ours = name == "workflows" or name.startswith("workflows.expressions")
            assert is_ours or head in sys.stdlib_module_names or name in ALLOWED or head in ONE_MODULE_ONLY, name
            assert ONE_MODULE_ONLY.get(head, module) == module
