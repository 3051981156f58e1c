"""The end of an execution -> the status of each of its files."""
