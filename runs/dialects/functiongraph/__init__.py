"""FunctionGraph's flow API: flows are workflows on our canvas, executions are runs (docs/dialects/functiongraph.md)."""
