"""JVM options of the short Spark sessions on this machine: a run of seconds, on small data."""

import sys
from pathlib import Path

ARCHIVE = "spark-classes.jsa"
# A run is too short for the better compiler and for parallel collection: 3.8 s of CPU a start, not 6.6.
SHORT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def java_options(environment: Path = Path(sys.prefix)) -> str:
    """For `spark.driver.extraJavaOptions`, with the archive of classes that `make setup` put into the environment.

    Without it, or after a change of the JDK or of Spark, a session starts all the same, and takes longer to.
    """
    archive = environment / ARCHIVE
    return f'{SHORT} "-XX:SharedArchiveFile={archive}"' if archive.exists() else SHORT
