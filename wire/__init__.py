"""The lowest room: what every door needs (ids, strict JSON, problems, limits, paging, the outbound guard)."""
