"""Altostrat's own words under `/workflows` (docs/dialects/altostrat.md)."""
