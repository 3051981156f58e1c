"""How many files a second the whole control plane carries here, from PUT to `completed`; only Spark is left out."""
