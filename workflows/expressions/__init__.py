"""Expressions in a node's settings: `{{ nodes.fetch.body.items[0].id }}`. docs/expressions.md describes them.

    compile_parameters   once per version of a workflow: mistakes, references, what needs the sandbox
    resolve, resolve_now once per start of a node: the settings with values in place of expressions
    close_sandbox        when the process ends

This room is pure: no Django, no database, and no file, network or clock of ours.
"""

from workflows.expressions.code import Code, CodeError
from workflows.expressions.compiling import CompiledParameters, compile_parameters, references
from workflows.expressions.errors import ExpressionError, Position
from workflows.expressions.limits import DEFAULT_LIMITS, MAX_PRINTED, Limits
from workflows.expressions.resolving import resolve, resolve_now
from workflows.expressions.sandbox import close_sandbox, run_code
from workflows.expressions.scope import Scope

__all__ = [
    "DEFAULT_LIMITS",
    "MAX_PRINTED",
    "Code",
    "CodeError",
    "CompiledParameters",
    "ExpressionError",
    "Limits",
    "Position",
    "Scope",
    "close_sandbox",
    "compile_parameters",
    "references",
    "resolve",
    "resolve_now",
    "run_code",
]
