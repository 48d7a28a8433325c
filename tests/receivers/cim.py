#!/usr/bin/env python3
"""Holds Splunk's events against the data models that Splunk tests add-ons with (PyPI `pytest-splunk-addon`).

Its files say for each model which fields are required, under which condition, which values they take, and which fields
only Splunk itself may fill. Last line: `N passed, N failed`.

    tests/receivers/cim.py PROGRAM      PROGRAM: a built tokentrail
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from deliver import REGISTER, SAMPLE, lines
from run import Checks
from twins import CACHE, installed_python

PACKAGE = "pytest-splunk-addon==7.0.5"
MODELS = {
    "tokentrail:finding": "Alerts",
    "tokentrail:login": "Authentication",
    "tokentrail:api": "Data_Access",
    "tokentrail:change": "Change",
    "tokentrail:oauth": "Change",
}


def package() -> zipfile.ZipFile:
    """The package as a file: it is read, and never run."""
    folder = CACHE / PACKAGE.replace("==", "-")
    if not list(folder.glob("*.whl")):
        print(f"fetching {PACKAGE} into {folder}", file=sys.stderr)
        pip = [installed_python(), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--dest", folder, PACKAGE], check=True, timeout=300)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def model(wheel: zipfile.ZipFile, name: str) -> list[dict]:
    """The fields of a model's own dataset; those of its children are asked of some events only."""
    text = json.loads(wheel.read(f"pytest_splunk_addon/data_models/{name}.json"))
    return text["objects"][0]["fields"]


def holds(condition: str, event: dict) -> bool:
    """Conditions as the files have them: `status=failure`, `src_user=* tag=privileged`. We set no such tag."""
    parts = dict(part.split("=", 1) for part in condition.split())
    return all(key != "tag" and (value == "*" and key in event or event.get(key) == value) for key, value in parts.items())


def faults(event: dict, fields: list[dict], forbidden: set[str]) -> Iterator[str]:
    for field in fields:
        name, value = field["name"], event.get(field["name"])
        asked = field["type"] == "required" or (field["type"] == "conditional" and holds(field["condition"], event))
        if asked and value in (None, "", []):
            yield f"{name} is missing"
        if value is not None and field.get("expected_values") and value not in field["expected_values"]:
            yield f"{name} is {value!r}"
        # `if(like(action,'%\"%'),null(),action)`: a value with a quote counts as none.
        if value is not None and "like(" in (field.get("validity") or "") and '"' in str(value):
            yield f"{name} holds a quote: {value!r}"
    for name in forbidden & set(event):
        yield f"{name} is for Splunk to fill"


def main() -> int:
    program, checks = Path(sys.argv[1]).resolve(), Checks()
    try:
        wheel = package()
        common = json.loads(wheel.read("pytest_splunk_addon/cim_tests/CommonFields.json"))
        forbidden = {field["name"] for field in common["fields"] if field["type"].startswith("not_allowed")}
        checks.check(len(forbidden) > 10, f"fields that only Splunk may fill are read: {len(forbidden)}")
        with tempfile.TemporaryDirectory() as folder:
            wanted = ["--emit", "findings,events", "--format", "splunk", "--out", folder, "-q"]
            subprocess.run([program, "scan", *SAMPLE, *REGISTER, *wanted], check=True, timeout=120)
            written = [line for name in ("findings", "events") for line in lines(Path(folder) / f"{name}.splunk.ndjson")]
        seen: dict[str, int] = {}
        for line in written:
            envelope = json.loads(line)
            fields = model(wheel, MODELS[envelope["sourcetype"]])
            found = list(faults(envelope["event"], fields, forbidden))
            seen[envelope["sourcetype"]] = seen.get(envelope["sourcetype"], 0) + 1
            checks.check(not found, f"{envelope['sourcetype']} {envelope['event']['id']}: {', '.join(found)}")
        checks.check(set(seen) == set(MODELS), f"every kind of event is there: {seen}")
        can_it_fail(wheel, forbidden, checks)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        checks.check(False, f"{type(error).__name__}: {error}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def can_it_fail(wheel: zipfile.ZipFile, forbidden: set[str], checks: Checks) -> None:
    fields = model(wheel, "Alerts")
    good = {field["name"]: "x" for field in fields if field["type"] == "required"} | {"severity": "high", "type": "alert"}
    checks.check(not list(faults(good, fields, forbidden)), "a whole event has no fault")
    for wrong in ({"severity": "fatal"}, {"src": ""}, {min(forbidden): "x"}):
        checks.check(len(list(faults(good | wrong, fields, forbidden))) == 1, f"{wrong} is noticed")
    change = model(wheel, "Change")
    failed = {field["name"]: "x" for field in change if field["type"] == "required"} | {"status": "failure"}
    told = list(faults(failed, change, forbidden))
    checks.check(any(re.match("result is missing", fault) for fault in told), f"a failure without result is noticed: {told}")


if __name__ == "__main__":
    sys.exit(main())
