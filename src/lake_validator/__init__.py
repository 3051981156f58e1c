"""A day's raw files -> which of them the jobs may read, and why not the others."""
