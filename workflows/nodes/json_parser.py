"""JSON parser: text that holds JSON, as the value that it means."""

from __future__ import annotations

from wire import strict_json
from workflows.nodes.base import Context, Node, NodeError, Output, Params, Text, setting


class JsonParserSettings(Params):
    text: Text = setting(
        title="Text",
        description="The text that holds JSON, mostly an expression.",
        widget="multiline",
        placeholder="{{ input.body }}",
        min_length=1,
    )


class JsonParser(Node):
    kind = "json_parser"
    title = "JSON parser"
    category = "data"
    description = "Reads text that holds JSON; its output is the value. Text that is no JSON fails the node."
    icon = "braces"
    keywords = ("parse", "read", "decode", "text", "string")
    params = JsonParserSettings
    pure = True

    async def run(self, params: JsonParserSettings, ctx: Context) -> Output:
        try:
            return Output(strict_json.loads(params.text.encode()))
        except strict_json.JsonFault as fault:
            message = f"The text is no JSON: {fault.message}"
            raise NodeError("not_json", message, field="text", retryable=False) from None
