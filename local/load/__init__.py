"""Load on the deployed pipeline: files at a rate, faults on a schedule, every record compared at the end."""
