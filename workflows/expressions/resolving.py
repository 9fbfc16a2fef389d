"""From compiled settings and the data at hand to the settings that a node runs with."""

from typing import Any

from workflows.expressions.compiling import CompiledParameters
from workflows.expressions.limits import DEFAULT_LIMITS, Limits
from workflows.expressions.parts import Building
from workflows.expressions.scope import Scope


async def resolve(compiled: CompiledParameters, scope: Scope, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The settings with every expression replaced by its value. Raises ExpressionError for the first that fails.

    All expressions that need the sandbox go there together; without any it is not touched.
    """
    if compiled.program is None:
        return resolve_now(compiled, scope, limits)
    _refuse_faulty(compiled)
    results = await compiled.program.run(scope, limits)
    return compiled.parts.build(Building(scope, results, limits.text_chars))


def resolve_now(compiled: CompiledParameters, scope: Scope, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The same without waiting, for settings that do not need the sandbox (`compiled.needs_sandbox`)."""
    _refuse_faulty(compiled)
    return compiled.parts.build(Building(scope, (), limits.text_chars))


def _refuse_faulty(compiled: CompiledParameters) -> None:
    if compiled.errors:
        raise compiled.errors[0]
