"""SQLite as Django knows it, with turns among the threads that write."""
