"""The program of a script process: runs JavaScript, jq and Liquid, one request after the other, until its input ends.

pool.py starts it, with an empty environment. A request and its answer are a line of JSON each. From its first request
on it can open nothing, neither files nor sockets; what takes more memory than it may fails, and what takes longer
than it may ends the process, also within a call that cannot be interrupted, and also when nobody waits any more.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jq
import liquid
import quickjs

GRACE_SECONDS = 1.0
"""By which a program that its engine cannot stop may be late."""
STACK_BYTES = 512 * 1024

Answer = dict[str, Any]

_CONSOLE = """
(room => {
  const lines = [];
  const write = (...values) => {
    const text = values.map(each => typeof each === "object" ? JSON.stringify(each) : String(each)).join(" ");
    if ((room -= text.length + 1) < 0) throw new RangeError("Too much is printed.");
    lines.push(text);
  };
  globalThis.console = {log: write, info: write, warn: write, error: write, debug: write};
  const stringify = JSON.stringify;
  const evaluate = eval;
  let result;
  const run = source => { result = evaluate(source); };
  return [run, () => stringify(result), () => stringify(lines.join("\\n")), () => room < 0];
})
"""
"""Values leave as JSON text: of text itself the binding would keep what stands before a NUL, and of a big number what
a double holds."""


class Failed(Exception):  # noqa: N818 - it is an answer
    def __init__(self, failure: str, message: str = "", printed: str = "") -> None:
        self.answer = {"failure": failure, "message": message, "printed": printed}


def main() -> None:
    _confine(int(sys.argv[1]))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + GRACE_SECONDS)
        text = json.dumps(_answered(request))
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _answered(request: dict[str, Any]) -> Answer:
    run = {"javascript": _javascript, "jq": _jq, "liquid": _liquid}[request["language"]]
    try:
        return run(request)
    except Failed as failed:
        return failed.answer
    except MemoryError:
        return Failed("memory").answer


# --- JavaScript ---


def _javascript(request: dict[str, Any]) -> Answer:
    context = quickjs.Context()
    context.set_memory_limit(request["memory"])
    context.set_max_stack_size(STACK_BYTES)
    context.set_time_limit(request["seconds"])
    source = request["source"]
    if request["data"] is None:
        _refuse_what_is_none(context, source)
        return {}
    tools = context.eval(_CONSOLE)(request["most_printed"])
    run, result, said, is_full = (context.eval(f"(tools => tools[{place}])")(tools) for place in range(4))
    context.set("$", context.parse_json(request["data"]))

    def printed() -> str:
        text = _clean(json.loads(said()))
        if is_full():
            raise Failed("printed_too_much", printed=text)
        return text

    try:
        _complete(run, source)
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        raise _explained(error, printed()) from None
    try:
        text = result()
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        raise _explained(error, printed(), otherwise="not_json") from None
    if text is not None and len(text) > request["most"]:
        raise Failed("result_too_large", printed=printed())
    return {"text": "null" if text is None else text, "printed": printed()}


def _refuse_what_is_none(context: Any, source: str) -> None:
    """Reads the program without running it."""
    try:
        context.eval(f"throw 0;{source}")
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        if _is_body(error):
            _refuse_what_is_none(context, _as_function(source))
        elif str(error).startswith("SyntaxError"):
            raise _explained(error, "") from None


def _complete(run: Callable[[str], None], source: str) -> None:
    """Its result is the value of its last statement, or what it returns."""
    try:
        run(source)
    except quickjs.JSException as error:
        if not _is_body(error):
            raise
        run(_as_function(source))


def _is_body(error: Exception) -> bool:
    return str(error).startswith("SyntaxError: return not in a function")


def _as_function(source: str) -> str:
    return f"(function () {{{source}\n}})()"


def _explained(error: Exception, printed: str, otherwise: str = "raised") -> Failed:
    said, _, stack = str(error).partition("\n")
    if "InternalError: interrupted" in said:
        return Failed("timeout", printed=printed)
    if said == "null" or "out of memory" in said:
        return Failed("memory", printed=printed)
    _, is_told, place = stack.partition("<input>:")
    where = f"Line {place.partition(':')[0]}: " if is_told and otherwise == "raised" else ""
    return Failed("syntax" if said.startswith("SyntaxError") else otherwise, where + said[:2_000], printed)


def _clean(text: str) -> str:
    """As every log takes it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


# --- jq ---


@lru_cache(maxsize=64)
def _compiled(source: str) -> Any:
    try:
        return jq.compile(source)
    except ValueError as error:
        said, _, _ = str(error).partition("\n")
        raise Failed("syntax", said.removeprefix("jq: error: ").rstrip(":")) from None


def _jq(request: dict[str, Any]) -> Answer:
    program = _compiled(request["source"])
    if request["data"] is None:
        return {}
    texts: list[str] = []
    left = request["most"]
    try:
        for value in program.input_text(request["data"]):
            texts.append(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
            left -= len(texts[-1]) + 1
            if left < 0:
                raise Failed("result_too_large")
    except ValueError as error:
        raise Failed("raised", str(error)[:2_000]) from None
    except RecursionError:
        raise Failed("not_json", "It is nested too deeply.") from None
    return {"text": f"[{','.join(texts)}]", "printed": ""}


# --- Liquid ---


def _liquid(request: dict[str, Any]) -> Answer:
    try:
        template = _template(request["source"])
        if request["data"] is None:
            return {"names": _names_in(template)}
        _Liquid.output_stream_limit = request["most"]
        text = json.dumps(template.render(json.loads(request["data"])), ensure_ascii=False)
    except liquid.exceptions.OutputStreamLimitError:
        raise Failed("result_too_large") from None
    except liquid.exceptions.LiquidSyntaxError as error:
        raise Failed("syntax", _said(error)) from None
    except liquid.exceptions.TemplateNotFoundError as error:
        raise Failed("raised", f"There is no template {_said(error)!r} to include.") from None
    except liquid.exceptions.LiquidError as error:
        raise Failed("raised", _said(error)) from None
    except RecursionError:
        raise Failed("raised", "The template is nested too deeply.") from None
    return {"text": text, "printed": ""}


class _Liquid(liquid.Environment):
    loop_iteration_limit = 1_000_000


@lru_cache(maxsize=16)
def _template(source: str) -> Any:
    return _environment.from_string(source)


def _names_in(template: Any) -> list[str]:
    """What it reads from outside. Refuses filters that there are not."""
    found = template.analyze(include_partials=False)
    unknown = sorted(found.filters.keys() - _environment.filters.keys())
    if unknown:
        raise Failed("syntax", f"There is no filter {unknown[0]!r}.")
    return sorted(found.globals)


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0][:2_000]


# Nothing can be included. A path that leads nowhere is an error, but for tests and for `default`.
_environment = _Liquid(undefined=liquid.FalsyStrictUndefined)
_environment.add_filter("json", lambda value: json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    main()
