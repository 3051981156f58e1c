"""`python -m local.spark_classes`: keep the classes that a Spark session loads as the JVM wants them in memory.

A session that finds them starts with half of the CPU (docs/scale.md). They are those of this JDK and of this virtual
environment's Spark: with others the JVM says so in a line, and loads them one by one.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from pyspark.sql.window import Window

from local.java_options import ARCHIVE, SHORT
from scripts.prerequisites import find_java_home


def main() -> None:
    print("archiving Spark's classes, so that each run starts sooner: half a minute")
    settings = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "JAVA_HOME": str(find_java_home())}
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        command = [sys.executable, "-m", __spec__.name, folder]
        # The session's JVM writes the archive when it ends, after its Python; it holds the pipe until then.
        ended = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        made = Path(folder) / ARCHIVE
        if not made.exists():
            sys.exit(f"Spark cannot run with {settings['JAVA_HOME']}, or that JVM makes no archive:\n{ended.stderr}")
        made.replace(Path(sys.prefix) / ARCHIVE)


def run_session(folder: Path) -> None:
    """What jobs do: files read, typed, joined, put in order and written, and Python called."""
    options = f'{SHORT} "-XX:ArchiveClassesAtExit={folder / ARCHIVE}"'
    builder = SparkSession.builder.master("local[2]").config("spark.driver.extraJavaOptions", options)
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    (folder / "rows.csv").write_text("id,price,day\n1,1.10,2026-11-20\n2,x,2026-11-21\n")
    (folder / "rows.json").write_text('{"id":"1","items":[{"name":"a"}]}\n')
    prices = spark.read.csv(f"{folder}/rows.csv", header=True).withColumn("price", f.col("price").cast("decimal(12,2)"))
    items = spark.read.json(f"{folder}/rows.json").select("id", f.explode("items.name").alias("item"))
    latest = Window.partitionBy("day").orderBy(f.col("price").desc())
    joined = prices.join(items, "id", "left").withColumn("rank", f.row_number().over(latest))
    sums = joined.groupBy("day").agg(f.sum("price").alias("price"), f.countDistinct("item").alias("items"))
    sums.unionByName(sums).dropDuplicates().sort("day").write.parquet(f"{folder}/sums")
    rows = spark.createDataFrame(spark.read.parquet(f"{folder}/sums").collect())
    rows.rdd.mapPartitions(list).count()
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_session(Path(sys.argv[1]))
    else:
        main()
