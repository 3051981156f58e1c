"""Imports a handler from its zip as Lambda does: unpacked, without bytecode, beside the runtime's boto3."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

from benchmarks.cold_start.budget import ColdStart, Start
from local.emulator import lambda_modules

RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
"""What the Lambda runtime brings. pip has compiled it; the code of a zip is compiled at each start."""
PROGRAM = """
import importlib, json, sys, time
wall, cpu = time.perf_counter(), time.process_time()
importlib.import_module(sys.argv[1] + ".handler")
print(json.dumps({"wall": 1000 * (time.perf_counter() - wall), "cpu": 1000 * (time.process_time() - cpu)}))
"""
SHOWN_MODULES = 8
IMPORT_TIME = "import time:"


def measure(zip_file: Path, python: Path, folder: Path, runs: int) -> ColdStart:
    """Start the function of a zip that often.

    Raises:
        RuntimeError: it cannot be imported; the text is Python's.
    """
    code = folder / zip_file.stem
    with zipfile.ZipFile(zip_file) as archive:
        archive.extractall(code)
    lambda_modules.complete(code)
    runtime = _runtime(python, folder / "runtime")
    # Not counted: the files come from the disk.
    _start(python, code, runtime)
    starts = [Start(**_start(python, code, runtime)) for _ in range(runs)]
    return ColdStart(zip_file.stem, zip_file.stat().st_size, starts)


def slowest_modules(zip_file: Path, python: Path, folder: Path) -> list[tuple[str, float]]:
    """The packages whose modules take longest, in milliseconds of their own, without what they import."""
    process = _run(python, folder / zip_file.stem, folder / "runtime", "-X", "importtime")
    spent: dict[str, float] = {}
    for line in process.stderr.splitlines():
        own, _, module = line.removeprefix(IMPORT_TIME).split("|") if line.startswith(IMPORT_TIME) else ("", "", "")
        if own.strip().isdigit():
            package = module.strip().partition(".")[0]
            spent[package] = spent.get(package, 0.0) + int(own) / 1000
    return sorted(spent.items(), key=lambda one: -one[1])[:SHOWN_MODULES]


def _runtime(python: Path, folder: Path) -> Path:
    if not folder.exists():
        folder.mkdir(parents=True)
        [packages] = (python.parents[1] / "lib").glob("python3*/site-packages")
        for name in RUNTIME_PACKAGES:
            (folder / name).symlink_to(packages / name)
    return folder


def _start(python: Path, code: Path, runtime: Path) -> dict[str, float]:
    answer: dict[str, float] = json.loads(_run(python, code, runtime).stdout.splitlines()[-1])
    return answer


def _run(python: Path, code: Path, runtime: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PYTHONPATH": f"{code}{os.pathsep}{runtime}",
        "PYTHONDONTWRITEBYTECODE": "1",
        # By these Powertools and the X-Ray SDK know that they are on Lambda.
        "LAMBDA_TASK_ROOT": str(code),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "Benchmark",
        "POWERTOOLS_SERVICE_NAME": code.name,
    }
    command = [str(python), "-s", "-S", *options, "-c", PROGRAM, code.name]
    process = subprocess.run(command, env=environment, cwd=code, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"{code.name} cannot be imported from its zip:\n{process.stderr}")
    return process
