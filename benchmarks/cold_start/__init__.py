"""What a cold start of each function costs: the import of its handler from the built zip, and the zip's size."""
