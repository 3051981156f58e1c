"""The embedded AWS: one server on this machine, the pipeline's demo, and the tools around them."""
