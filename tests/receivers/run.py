#!/usr/bin/env python3
"""Sends a file of Splunk envelopes to a real HTTP Event Collector and compares what arrives.

The collector is Tenzir's, on loopback, from a virtual environment that is made once and kept in the user's cache folder
(about 600 MB). Nothing leaves this machine but the installation. Last line: `N passed, N failed`; exit code 1 if any
failed or the receiver could not be had.

    tests/receivers/run.py [FILE]        FILE: what `--format splunk` wrote; the golden file if none is given
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

TENZIR = "tenzir==6.20.0"
TOKEN = "00000000-0000-0000-0000-000000000001"
BATCH_BYTES = 900_000
START_SECONDS = 60
ARRIVAL_SECONDS = 30
REQUEST_SECONDS = 10
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
GOLDEN = Path(__file__).resolve().parents[1] / "it/golden/findings.splunk.ndjson"


class Checks:
    """Counts what held and says what did not."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def check(self, holds: bool, what: str) -> None:
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}")


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN
    checks = Checks()
    try:
        lines = path.read_bytes().splitlines(keepends=True)
        tenzir = installed_tenzir()
        with tempfile.TemporaryDirectory() as folder:
            exchange(tenzir, Path(folder), lines, checks)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        checks.check(False, f"{type(error).__name__}: {error}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def installed_tenzir() -> Path:
    """The receiver's program, installed on first use; a folder without the mark is an installation that broke off."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "tokentrail" / TENZIR.replace("==", "-")
    mark = folder / "complete"
    if not mark.exists():
        print(f"installing {TENZIR} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TENZIR]
        subprocess.run(pip, check=True, timeout=600)
        mark.touch()
    return folder / "bin/tenzir"


def exchange(tenzir: Path, folder: Path, lines: list[bytes], checks: Checks) -> None:
    """Starts the receiver, sends everything, and compares; the receiver is ended whatever happens."""
    stored = folder / "stored.ndjson"
    port = free_port()
    pipeline = folder / "hec.tql"
    pipeline.write_text(
        f'accept_splunk "127.0.0.1:{port}", hec_token="{TOKEN}"\nto_file "{stored}" {{ write_ndjson }}\n'
    )
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen([tenzir, "-f", pipeline], stdout=log, stderr=log, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}/services/collector"
        wait_until_healthy(url, server)
        check_refusals(url, checks)
        for number, batch in enumerate(batches(lines), start=1):
            check_answer(post(f"{url}/event", batch), (200, 0), f"batch {number}", checks)
        records = arrived(stored, len(lines))
        compare([json.loads(line) for line in lines], records, checks)
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise TimeoutError(f"ended at once with code {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"not up after {START_SECONDS} seconds")


def check_refusals(url: str, checks: Checks) -> None:
    """A receiver that took everything would prove nothing."""
    good = b'{"event":"x"}'
    check_answer(post(f"{url}/event", good, token="wrong"), (403, 4), "wrong token", checks)
    check_answer(post(f"{url}/event", good[:-1]), (400, 6), "broken JSON", checks)
    nested = b'{"event":"x","fields":{"a":{"b":"c"}}}'
    check_answer(post(f"{url}/event", nested), (400, 15), "nested indexed field", checks)


def check_answer(answer: tuple[int, bytes], expected: tuple[int, int], what: str, checks: Checks) -> None:
    status, body = answer
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError):
        code = None
    checks.check((status, code) == expected, f"{what}: expected {expected}, got {status} {body[:200]!r}")


def post(url: str, body: bytes, token: str = TOKEN) -> tuple[int, bytes]:
    headers = {"Authorization": f"Splunk {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def batches(lines: list[bytes]) -> Iterator[bytes]:
    """Whole lines, as many as fit into a request."""
    batch = b""
    for line in lines:
        if batch and len(batch) + len(line) > BATCH_BYTES:
            yield batch
            batch = b""
        batch += line
    if batch:
        yield batch


def arrived(stored: Path, count: int) -> list[dict]:
    """The stored records, once there are enough of them or no more time."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    complete: list[bytes] = []
    while time.monotonic() < deadline and len(complete) < count:
        time.sleep(0.2)
        if stored.exists():
            complete = [line for line in stored.read_bytes().split(b"\n")[:-1] if line]
    return [json.loads(line) for line in complete]


def compare(sent: list[dict], stored: list[dict], checks: Checks) -> None:
    checks.check(len(sent) == len(stored), f"{len(sent)} sent, {len(stored)} stored")
    by_id = {record["event"]["id"]: record for record in stored}
    checks.check(len(by_id) == len(stored), "a finding was stored twice")
    for envelope in sent:
        name = envelope["event"]["id"]
        record = by_id.get(name, {})
        for key in ("host", "source", "sourcetype", "event", "fields"):
            wrong = list(differences(envelope[key], record.get(key), key))
            checks.check(not wrong, f"{name}: {'; '.join(wrong)}")
        is_same = same_time(envelope["time"], seconds(record.get("time")))
        checks.check(is_same, f"{name}: time: sent {envelope['time']}, stored {record.get('time')}")


def differences(sent: object, stored: object, path: str) -> Iterator[str]:
    """Where two values differ. The receiver turns texts that are times into times, so those are compared as such."""
    if isinstance(sent, dict) and isinstance(stored, dict) and sent.keys() == stored.keys():
        for key in sent:
            yield from differences(sent[key], stored[key], f"{path}.{key}")
    elif isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        for index, (left, right) in enumerate(zip(sent, stored)):
            yield from differences(left, right, f"{path}[{index}]")
    elif sent != stored and not same_time(seconds(sent), seconds(stored)):
        yield f"{path}: sent {json.dumps(sent)[:500]}, stored {json.dumps(stored)[:500]}"


def seconds(text: object) -> float | None:
    """Seconds since 1970 of a time in RFC 3339 with `Z`, which may have more digits than Python reads, or of a date."""
    if isinstance(text, str) and DATE.fullmatch(text):
        text += "T00:00:00Z"
    match = RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    whole = datetime.fromisoformat(match[1]).replace(tzinfo=timezone.utc)
    return whole.timestamp() + float(match[2] or 0)


def same_time(sent: float | None, stored: float | None) -> bool:
    """Within a microsecond: the receiver reads `time` as a binary fraction."""
    rounding = 2.5e-7
    return sent is not None and stored is not None and abs(sent - stored) <= 1e-6 + rounding


if __name__ == "__main__":
    sys.exit(main())
