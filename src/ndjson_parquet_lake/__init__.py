"""The lake's contract: what each dataset may hold, which tables are made of it, and which rules watch it.

Pure Python 3.11 without third-party imports. The validator, the quality checks and the Spark jobs all read it, so that
none of them can disagree about a column.
"""
