"""Programs that use the vendors' real clients. Each is run as a process of its own, as a user would run it."""
