"""Where the time of one file goes, from its PUT to the row that can be queried: step by step, on a real local run."""
