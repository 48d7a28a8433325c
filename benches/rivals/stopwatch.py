"""Runs one command; prints as JSON its exit code, wall, user and system seconds and peak MiB.

A program of its own because a child's peak memory starts at that of the process that spawned it:
this one stays at a few MiB whatever the runner holds. Usage: stopwatch.py STDOUT COMMAND...
"""

import json
import os
import sys
import time


def main() -> None:
    stdout, command = sys.argv[1], sys.argv[2:]
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, write, 0o644),
    ]
    start = time.perf_counter()
    try:
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    except OSError as error:
        sys.exit(str(error))
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    # Linux counts KiB, macOS bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    cost = {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        "peak": usage.ru_maxrss / unit,
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
