# The developer's whole interface. `make run` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin

lock:
	$(BIN)/uv pip compile --universal --generate-hashes --no-header -q pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header -q --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

.PHONY: lock
