"""Dapr's workflow API over HTTP and gRPC (docs/dialects/dapr.md)."""
