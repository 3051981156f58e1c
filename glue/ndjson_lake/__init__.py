"""The lake's Spark jobs: raw files become typed tables, sessions, and the curated tables.

    session, arguments, job     what a script does, what it is given, and how a run goes
    bucket, seam, publishing    the objects of the lake, how Spark reads and writes them, how partitions become visible
    reading, checking, pii, typed_rows    raw lines -> typed rows and rejects, by the dataset's declaration
    transactions, products, reviews, clickstream, sessions, curated    what the tables' columns are
    partitions                  the tables as they are read back and as they are stored
    etl, merge                  the four jobs
"""
