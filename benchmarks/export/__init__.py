"""The export beside what people would pick instead: `make bench-export`."""
