"""The lake's Spark jobs: raw files become typed tables, sessions, and the curated tables.

arguments, job      what a run is given, and how it goes: stage, count, publish, report
bucket, seam        the objects of the lake, and how Spark reads and writes them
reading, checking, pii, typed_rows    raw lines -> typed rows and rejects, by the declaration of the dataset
transactions, products, clickstream, sessions, reviews, curated    what each table's columns are
"""
