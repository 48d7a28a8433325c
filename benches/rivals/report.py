"""Turns measured pairs into the published Markdown: ratios, the read limit, machine, versions."""

import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from programs import Cost, Place

Pair = tuple[Cost, Cost]
Pairs = dict[tuple[str, str, str], list[Pair]]
CHUNK = 1 << 20
ASK_VERSIONS = """
import sys, importlib.metadata
for name in sys.argv[1:]:
    print(name, importlib.metadata.version(name))
"""

NAMES = ("form", "peer", "ours")
RATIOS = ("wall ratio", "CPU ratio", "user-CPU ratio", "peak-memory ratio")
VALUES = ("wall s", "CPU s", "peak MiB")
HEADER = (*NAMES, "n", *RATIOS, *VALUES)


def table(pairs: Pairs) -> str:
    """One row for each (form, peer, ours); ratios are peer / ours, medians of pairs [min-max]."""
    lines = [HEADER, ["---"] * len(NAMES) + ["---:"] * (len(HEADER) - len(NAMES))]
    for key, measured in pairs.items():
        ratios = [ratio(measured, of) for of in (wall, cpu, user, peak)]
        values = [both(measured, wall, 2), both(measured, cpu, 2), both(measured, peak, 0)]
        lines.append([*key, str(len(measured)), *ratios, *values])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def wall(cost: Cost) -> float:
    return cost.wall


def cpu(cost: Cost) -> float:
    return cost.cpu


def user(cost: Cost) -> float:
    return cost.user


def peak(cost: Cost) -> float:
    return cost.peak


def ratio(measured: list[Pair], of: Callable[[Cost], float]) -> str:
    # A run too short for the clock of CPU time counts as a thousandth of a second.
    ratios = [max(of(theirs), 0.001) / max(of(our), 0.001) for theirs, our in measured]
    return f"**{statistics.median(ratios):.2f}** [{min(ratios):.2f}-{max(ratios):.2f}]"


def both(measured: list[Pair], of: Callable[[Cost], float], places: int) -> str:
    """The medians of the peer and of ours."""
    theirs, our = (statistics.median(of(pair[side]) for pair in measured) for side in (0, 1))
    return f"{theirs:,.{places}f} / {our:,.{places}f}"


def read_limit(place: Place, walls: dict[str, float]) -> str:
    """How long reading the same bytes takes, and how far from that each of our programs is."""
    size = sum(path.stat().st_size for path in place.files())
    seconds = statistics.median(read_once(place.files()) for _ in range(3))
    line = (
        f"Read limit, {place.form}: {size / 1e9:.3f} GB in {seconds:.3f} s "
        f"({size / 1e9 / seconds:.1f} GB/s; one thread, 1 MiB buffer, warm cache)"
    )
    return line + "".join(f"; {name} {wall / seconds:.1f}x" for name, wall in walls.items())


def read_once(paths: Iterable[Path]) -> float:
    buffer = bytearray(CHUNK)
    start = time.perf_counter()
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return time.perf_counter() - start


def machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    system = f"{platform.system()} {platform.machine()}"
    return f"Machine: {cpu_model()}, {cores} cores, {memory:.0f} GiB, {system}"


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown CPU"


def versions(python: Path, peers: list[str]) -> str:
    """The peers' versions as their own environment states them."""
    asked = subprocess.run([python, "-c", ASK_VERSIONS, *peers], capture_output=True, text=True)
    return ", ".join([f"Versions: Python {platform.python_version()}", *asked.stdout.splitlines()])


def command_line() -> str:
    return "Command: python3 benches/rivals/run.py " + shlex.join(sys.argv[1:])
