"""How much may be said of keeping runs, by the server's settings and by a workflow's own."""

MOST_RUN_DAYS = 3_650
MOST_RUNS_KEPT = 10**7
