"""Measurements beside the alternative, each one command."""
