"""JavaScript, jq and Liquid that somebody wrote, run in processes of their own under hard limits.

    run_script       the result, and what was printed
    syntax_fault     what is wrong with a program, before it ever runs
    template_names   what a Liquid template reads

What runs there has no file, network or environment, and cannot hold up or take down the process that asks.
"""

from workflows.scripts.pool import Language, ScriptError, run_script, syntax_fault, template_names

__all__ = ["Language", "ScriptError", "run_script", "syntax_fault", "template_names"]
