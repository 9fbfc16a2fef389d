"""Conductor's REST API for workflows that are drawn here (docs/dialects/conductor.md)."""
