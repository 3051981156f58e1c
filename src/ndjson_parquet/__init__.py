"""The domain of the pipeline: rules without I/O, and thin adapters to AWS."""
