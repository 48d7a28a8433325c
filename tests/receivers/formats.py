#!/usr/bin/env python3
"""Reads what a scan has written with the programs that such formats are for, and compares it with the findings.

OCSF (findings, and events if there are any) by its JSON schema, CEF and LEEF by Tenzir's parsers, ECS by Tenzir's bulk
receiver on loopback, Parquet by pyarrow, STIX by the OASIS validator, library and parser of patterns.
They come from virtual environments that are made once and kept in the user's cache folder. Last line:
`N passed, N failed`; exit code 1 if any failed or a program could not be had.

    tests/receivers/formats.py [FOLDER...]        FOLDER: of `scan --out`; the golden files if none is given
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.error
import urllib.request
import venv
from ipaddress import ip_address
from pathlib import Path

import run

PACKAGES = ["ocsf-json-schema==1.2.0", "jsonschema==4.26.0", "pyarrow==26.0.1"]
# 3.3.1 of the validator comes without its schemas. They need an older jsonschema: an environment of their own.
STIX_PACKAGES = ["stix2-validator==3.2.0", "stix2==3.0.2", "stix2-patterns==2.1.2"]
GOLDEN = Path(__file__).resolve().parents[1] / "it/golden"
CUT = "…[truncated]"
INDEX = "logs-tokentrail.finding-default"

VALIDATE = """
import copy, json, sys
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))
known = {}
def wrong(event):
    profiles = tuple(event["metadata"]["profiles"])
    if profiles not in known:
        schema = schemas.get_class_schema(class_name="detection_finding", profiles=list(profiles))
        known[profiles] = Draft202012Validator(schema)
    return [f"{error.json_path}: {error.message[:300]}" for error in known[profiles].iter_errors(event)]
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
broken = copy.deepcopy(events[0])
broken["severity_id"] = 42
homeless = {key: value for key, value in events[0].items() if key != "finding_info"}
extra = events[0] | {"tokentrail": 1}
empty = events[0] | {"evidences": [{"uid": "1"}]}
wrongs = [wrong(event) for event in (broken, homeless, extra, empty)]
print(json.dumps({"events": [wrong(event) for event in events], "broken": wrongs}))
"""

VALIDATE_EVENTS = """
import json, sys
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))
classes = {3002: "authentication", 6003: "api_activity"}
known = {
    uid: Draft202012Validator(schemas.get_class_schema(class_name=name, profiles=[])) for uid, name in classes.items()
}
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
def wrong(event):
    return [f"{error.json_path}: {error.message[:300]}" for error in known[event["class_uid"]].iter_errors(event)]
first = {uid: next(event for event in events if event["class_uid"] == uid) for uid in classes}
broken = [event | {"severity_id": 42} for event in first.values()]
broken += [event | {"tokentrail": 1} for event in first.values()]
broken += [{key: value for key, value in first[3002].items() if key != "service"}]
broken += [{key: value for key, value in first[6003].items() if key != "src_endpoint"}]
wrongs = {event["metadata"]["uid"]: errors for event in events if (errors := wrong(event))}
uids = [event["metadata"]["uid"] for event in events]
classes_seen = {name: sum(event["class_uid"] == uid for event in events) for uid, name in classes.items()}
told = {"wrong": wrongs, "broken": [wrong(event) for event in broken], "events": len(uids), "ids": len(set(uids))}
print(json.dumps(told | {"classes": classes_seen}))
"""

READ_TABLE = """
import json, sys
import pyarrow.parquet
table = pyarrow.parquet.read_table(sys.argv[1])
types = {field.name: str(field.type) for field in table.schema}
print(json.dumps({"types": types, "rows": table.to_pylist()}, default=lambda time: time.isoformat()))
"""

VALIDATE_STIX = """
import copy, json, sys
import stix2
from stix2patterns.v21.pattern import Pattern
from stix2validator import ValidationOptions, validate_string
options = ValidationOptions(version="2.1")
def judge(bundle):
    results = validate_string(json.dumps(bundle), options)
    results = results if isinstance(results, list) else [results]
    told = [str(error) for one in results for error in one.errors or []]
    told += [] if all(one.is_valid for one in results) else ["not valid"]
    warned = [str(warning) for one in results for warning in one.warnings or []]
    try:
        read = stix2.parse(bundle, version="2.1")
        ids = [(one["id"], one.get("id")) for one in read.objects]
    except Exception as error:
        return told + [f"stix2: {type(error).__name__}: {error}"], warned, {}
    observables = {}
    for one in bundle["objects"]:
        if "created" not in one:
            own = {key: value for key, value in one.items() if key != "id"}
            observables[one["id"]] = stix2.parse(own, version="2.1").id
        if one["type"] == "indicator":
            try:
                tree = Pattern(one["pattern"]).inspect()
                paths = [[kind, list(path), how, value] for kind, said in tree.comparisons.items() for path, how, value in said]
                if len(paths) != 1:
                    told.append(f"{one['id']}: the pattern compares {paths}")
                one["compares"] = paths
            except Exception as error:
                told.append(f"{one['id']}: {type(error).__name__}: {error}")
    return told, warned, observables
bundle = json.load(open(sys.argv[1], encoding="utf-8"))
def broken(kind, key, value):
    other = copy.deepcopy(bundle)
    found = [one for one in other["objects"] if one["type"] == kind]
    if not found:
        return None
    found[0].pop(key) if value is None else found[0].update({key: value})
    return [f"{kind}.{key}", judge(other)[0]]
planted = [
    broken("identity", "name", None), broken("observed-data", "number_observed", 0),
    broken("observed-data", "object_refs", []), broken("observed-data", "first_observed", "2999-01-01T00:00:00.000Z"),
    broken("note", "content", None), broken("note", "created", "2026-03-02 00:00"),
    broken("indicator", "pattern", "[ipv4-addr:value = 'a' b']"), broken("indicator", "valid_from", None),
    broken("sighting", "sighting_of_ref", "ipv4-addr--a0895f10-d89d-56ad-a4a4-dc873ee08b8c"),
    broken("relationship", "target_ref", None), broken("attack-pattern", "id", "attack-pattern--7"),
]
errors, warnings, observables = judge(bundle)
print(json.dumps({"errors": errors, "warnings": warnings, "observables": observables, "planted": [one for one in planted if one],
    "objects": bundle["objects"]}))
"""


def main() -> int:
    checks = run.Checks()
    try:
        tenzir, python = run.installed_tenzir(), installed_python("formats", PACKAGES)
        stix_python = installed_python("stix", STIX_PACKAGES)
        for folder in [Path(argument) for argument in sys.argv[1:]] or [GOLDEN]:
            findings = lines(folder / "findings.ndjson")
            checks.check(len(findings) > 0, f"{folder}: no findings to compare")
            check_ocsf(python, folder, findings, checks)
            check_parquet(python, folder, findings, checks)
            check_cef(tenzir, folder, findings, checks)
            check_leef(tenzir, folder, findings, checks)
            check_ecs(tenzir, folder, findings, checks)
            check_events(python, folder, checks)
            check_stix(stix_python, folder, findings, checks)
        check_hostile_stix(stix_python, checks)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
        checks.check(False, f"{type(error).__name__}: {error}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def installed_python(name: str, packages: list[str]) -> Path:
    """Python with the packages, installed on first use; a folder without the mark is an installation that broke off."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "tokentrail" / "-".join([name, *(package.split("==")[1] for package in packages)])
    mark = folder / "complete"
    if not mark.exists():
        print(f"installing {', '.join(packages)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(pip, check=True, timeout=600)
        mark.touch()
    return folder / "bin/python"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def told(*command: object) -> str:
    return subprocess.run(command, check=True, timeout=300, capture_output=True, text=True).stdout


def check_ocsf(python: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    path = folder / "findings.ocsf.ndjson"
    events = lines(path)
    check_ids("OCSF", [event["metadata"]["uid"] for event in events], findings, checks)
    answer = json.loads(told(python, "-c", VALIDATE, path))
    for event, wrong in zip(events, answer["events"], strict=True):
        checks.check(not wrong, f"OCSF: {event['metadata']['uid']}: {'; '.join(wrong)}")
    for number, wrong in enumerate(answer["broken"]):
        checks.check(bool(wrong), f"OCSF: the schema takes broken event {number}")
    for event, finding in zip(events, findings):
        read = (event["message"], event["count"], event["start_time"], event["end_time"], event["risk_score"])
        times = (millis(finding["first"]), millis(finding["last"]))
        right = (finding["sentence"], finding["count"], *times, finding["score"]["total"])
        checks.check(read == right, f"OCSF: {finding['id']}: {read}")
        for observable in event.get("observables", []):
            is_there = at(event, observable["name"]) == observable["value"]
            checks.check(is_there, f"OCSF: {event['metadata']['uid']}: {observable['name']} points at nothing")


def check_events(python: Path, folder: Path, checks: run.Checks) -> None:
    """The file of `scan --emit events`; a folder without it was written without."""
    path = folder / "events.ocsf.ndjson"
    if not path.exists():
        return
    answer = json.loads(told(python, "-c", VALIDATE_EVENTS, path))
    for uid, wrong in answer["wrong"].items():
        checks.check(False, f"OCSF event: {uid}: {'; '.join(wrong)}")
    for number, wrong in enumerate(answer["broken"]):
        checks.check(bool(wrong), f"OCSF event: the schema takes broken event {number}")
    for name, count in answer["classes"].items():
        checks.check(count > 0, f"OCSF event: none of the class {name}")
    checks.check(answer["events"] == answer["ids"], "OCSF event: ids are not unique")


def check_stix(python: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    answer = validated_stix(python, folder / "findings.stix.json", checks)
    of = {one["id"]: one for one in answer["objects"]}
    notes = {one["external_references"][0]["external_id"]: one for one in of.values() if one["type"] == "note"}
    check_ids("STIX", sorted(notes), sorted(findings, key=lambda finding: finding["id"]), checks)
    for finding in findings:
        note = notes.get(finding["id"], {"object_refs": []})
        said = (note.get("abstract"), note.get("content"), note.get("labels"))
        content = " ".join(text for text in (finding["sentence"], finding["next_step"]) if text)
        right = (finding["title"], content, [finding["severity"], finding["detector"]])
        checks.check(said == right, f"STIX: {finding['id']}: {said}")
        observed = [of[ref] for ref in note["object_refs"] if of[ref]["type"] == "observed-data"]
        about = [of[ref] for one in observed for ref in one["object_refs"]]
        for one in observed:
            read = (one["number_observed"], millis(one["first_observed"]), millis(one["last_observed"]))
            expected = (max(finding["count"], 1), millis(finding["first"]), millis(finding["last"]))
            checks.check(read == expected, f"STIX: {finding['id']}: {read}")
        subject = finding["subject"]
        if version(finding):
            address = str(ip_address(subject["address"]))
            checks.check(address in [one.get("value") for one in about], f"STIX: {finding['id']}: no {address}")
        if user := {key: value for key, value in (subject["user"] or {}).items() if value}:
            accounts = [(one.get("user_id"), one.get("account_login")) for one in about if one["type"] == "user-account"]
            checks.check(accounts == [(user.get("id"), user.get("name"))], f"STIX: {finding['id']}: {accounts}")
    for one in of.values():
        for kind, path, how, value in one.get("compares", []):
            read = (one["name"], "=") if path == ["value"] else (None, "=")
            checks.check(how == "=" and read[0] in (None, value.strip("'")), f"STIX: {one['name']}: {kind} {path} {how} {value}")
            is_routed = path != ["value"] or not (ip_address(one["name"]).is_loopback or one["name"].startswith(("10.", "192.168.")))
            checks.check(is_routed, f"STIX: {one['name']} is nobody else's")


def check_hostile_stix(python: Path, checks: run.Checks) -> None:
    """User agents that are made to break out of a pattern: each stays the one value that it compares."""
    objects = validated_stix(python, GOLDEN / "hostile.stix.json", checks)["objects"]
    compared = [one["compares"] for one in objects if one["type"] == "indicator"]
    header = ["extensions", "http-request-ext", "request_header", "User-Agent"]
    for said in compared:
        checks.check(len(said) == 1 and said[0][:3] == ["network-traffic", header, "="], f"STIX: {said}")
    checks.check(len(compared) == 6, f"STIX: {len(compared)} hostile patterns")


def validated_stix(python: Path, path: Path, checks: run.Checks) -> dict:
    answer = json.loads(told(python, "-c", VALIDATE_STIX, path))
    checks.check(not answer["errors"], f"STIX: {path.name}: {'; '.join(answer['errors'])[:1000]}")
    # Ids are of version 5, so that they stay: the standard asks for version 4 and allows others.
    others = [warning for warning in answer["warnings"] if "{103}" not in warning]
    checks.check(not others, f"STIX: {path.name}: {'; '.join(others)[:1000]}")
    checks.check(len(answer["planted"]) >= 8, f"STIX: {path.name}: {len(answer['planted'])} faults planted")
    for place, wrong in answer["planted"]:
        checks.check(bool(wrong), f"STIX: {path.name}: nobody minds a wrong {place}")
    for own, computed in answer["observables"].items():
        checks.check(own == computed, f"STIX: {own} should be {computed}")
    return answer


def at(event: object, path: str) -> object:
    """What a path such as `evidences[0].actor.user.uid` points at, if anything."""
    for step in re.findall(r"\w+", path):
        try:
            event = event[int(step)] if isinstance(event, list) else event[step]
        except (LookupError, TypeError, ValueError):
            return None
    return event


def check_parquet(python: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    table = json.loads(told(python, "-c", READ_TABLE, folder / "findings.parquet"))
    for column, kind in {"first": "timestamp[us, tz=UTC]", "score": "int64", "org": "string"}.items():
        checks.check(table["types"][column] == kind, f"Parquet: {column} is {table['types'][column]}")
    for column in ("techniques", "seen", "evidence"):
        checks.check(table["types"][column].startswith("list<"), f"Parquet: {column} is {table['types'][column]}")
    check_ids("Parquet", [row["finding_id"] for row in table["rows"]], findings, checks)
    for row, finding in zip(table["rows"], findings):
        subject = finding["subject"]
        expected = {key: finding[key] for key in ("severity", "detector", "title", "sentence", "techniques")}
        expected |= {"score": finding["score"]["total"], "events": finding["count"], "org": subject["org"]}
        expected |= {"address": subject["address"], "evidence_total": finding["evidence_total"]}
        expected["app_name"] = (subject["app"] or {}).get("name")
        expected["seen"] = [f"{fact['name']}: {fact['value']}" for fact in finding["seen"]]
        wrong = [key for key, value in expected.items() if row[key] != value]
        wrong += [key for key in ("first", "last") if not same(finding[key], row[key].replace("+00:00", "Z"))]
        checks.check(not wrong, f"Parquet: {finding['id']}: {', '.join(wrong)}")


def check_cef(tenzir: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    events = parsed(tenzir, folder / "findings.cef", "read_cef")
    check_ids("CEF", [event["extension"]["externalId"] for event in events], findings, checks)
    severities = {"info": "1", "low": "3", "medium": "6", "high": "8", "critical": "10"}
    for event, finding in zip(events, findings):
        subject, address = finding["subject"], version(finding)
        expected = common(finding) | {
            "rt": event["extension"]["rt"],
            "start": millis(finding["first"]),
            "end": millis(finding["last"]),
            "cnt": finding["count"],
            "externalId": finding["id"],
            "cat": ",".join(finding["techniques"]),
            "msg": finding["sentence"],
            "reason": finding["next_step"],
            "src": subject["address"] if address == 4 else None,
            "c6a2": subject["address"] if address == 6 else None,
            "shost": subject["address"] if address is None else None,
            "suid": (subject["user"] or {}).get("id"),
            "suser": (subject["user"] or {}).get("name"),
            "sourceServiceName": (subject["app"] or {}).get("name"),
            "deviceExternalId": subject["org"],
            "cs1": (subject["app"] or {}).get("id"),
            "cs2": subject["session"],
            "cs3": subject["token"],
            "cs4": subject["assertion"],
            "cn1": finding["score"]["total"],
            "cn3": finding["evidence_total"],
        }
        header = (event["signature_id"], event["name"], event["severity"])
        right = (finding["detector"], finding["title"], severities[finding["severity"]])
        checks.check(header == right, f"CEF: {finding['id']}: {header}")
        check_pairs("CEF", finding["id"], expected, event["extension"], checks)


def check_leef(tenzir: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    events = parsed(tenzir, folder / "findings.leef", "read_leef")
    check_ids("LEEF", [event["attributes"]["findingId"] for event in events], findings, checks)
    severities = {"info": 1, "low": 3, "medium": 5, "high": 8, "critical": 10}
    for event, finding in zip(events, findings):
        subject, user = finding["subject"], finding["subject"]["user"] or {}
        expected = {
            "devTime": millis(finding["last"]),
            "sev": severities[finding["severity"]],
            "src": subject["address"] if version(finding) else None,
            "source": subject["address"],
            "usrName": user.get("name") or user.get("id"),
            "accountName": subject["org"],
            "severity": finding["severity"],
            "title": finding["title"],
            "sentence": finding["sentence"],
            "nextStep": finding["next_step"],
            "firstTime": finding["first"],
            "lastTime": finding["last"],
            "events": finding["count"],
            "appName": (subject["app"] or {}).get("name"),
            "session": subject["session"],
            "tokenReference": subject["token"],
            "techniques": ", ".join(finding["techniques"]),
        }
        is_right = event["event_class_id"] == finding["detector"]
        checks.check(is_right, f"LEEF: {finding['id']}: {event['event_class_id']}")
        check_pairs("LEEF", finding["id"], expected, event["attributes"], checks)


def common(finding: dict) -> dict:
    """The first row of the evidence, as CEF has it."""
    row = finding["evidence"][0] if finding["evidence"] else {}
    keys = {"fname": "export", "fileHash": "sha256", "flexNumber1": "record", "flexString1": "event_id"}
    return {key: row.get(name) for key, name in keys.items()}


def parsed(tenzir: Path, path: Path, reader: str) -> list[dict]:
    told_lines = told(tenzir, f'from_file "{path.resolve()}" {{ {reader} }}\nwrite_ndjson').splitlines()
    return [json.loads(line) for line in told_lines if line]


def check_pairs(name: str, finding: str, expected: dict, pairs: dict, checks: run.Checks) -> None:
    for key, value in expected.items():
        read = pairs.get(key)
        is_right = read in (None, "") if value in (None, "") else says(read, str(value))
        checks.check(is_right, f"{name}: {finding}: {key}: {value!r} was read as {read!r}")


def says(read: object, text: str) -> bool:
    """Whether the reader has got a text, which is shown, cut, and stripped; it makes numbers and times of some."""
    shown = "".join(f"\\u{{{ord(c):x}}}" if is_hidden(c) else c for c in text).replace("|", "¦").strip()
    read = str(read).strip()
    # LEEF has no escape, yet this reader takes two backslashes for one; its quotes are written as others.
    leef = shown.replace("'", "’").replace('"', "”").replace("\\\\", "\\")
    for right in (shown, leef):
        if read == right or read.endswith(CUT) and right.startswith(read.removesuffix(CUT)):
            return True
    return same(read, text)


def is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")


def same(left: str, right: str) -> bool:
    return run.same_time(run.seconds(left), run.seconds(right))


def millis(text: str) -> int:
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return round(run.seconds(f"{seconds}Z")) * 1000 + int(fraction[:3].ljust(3, "0"))


def version(finding: dict) -> int | None:
    try:
        return ip_address(finding["subject"]["address"] or "").version
    except ValueError:
        return None


def check_ecs(tenzir: Path, folder: Path, findings: list[dict], checks: run.Checks) -> None:
    """Sends the file in requests of some findings, and compares what the receiver stores with what was sent."""
    sent = (folder / "findings.ecs.ndjson").read_bytes().splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as scratch:
        stored, pipeline, port = Path(scratch) / "stored", Path(scratch) / "bulk.tql", run.free_port()
        pipeline.write_text(
            f'accept_opensearch "127.0.0.1:{port}", keep_actions=true\nto_file "{stored}" {{ write_ndjson }}\n'
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen([tenzir, "-f", pipeline], cwd=scratch, **quiet)
        try:
            for start in range(0, len(sent), 100):
                answer = json.loads(post(f"http://127.0.0.1:{port}/_bulk", b"".join(sent[start : start + 100])))
                checks.check(answer.get("errors") is False, f"ECS: {json.dumps(answer)[:300]}")
            records = run.arrived(stored, len(sent))
        finally:
            server.terminate()
            server.wait(timeout=10)
    actions = [record["create"] for record in records if "create" in record]
    documents = {record["event"]["id"]: record for record in records if "event" in record}
    checks.check({action["_index"] for action in actions} == {INDEX}, "ECS: another index")
    check_ids("ECS", [action["_id"] for action in actions], findings, checks)
    for line, finding in zip(sent[1::2], findings):
        document = json.loads(line)
        name = document["event"]["id"]
        own = document["tokentrail"]
        read = (document["message"], document["@timestamp"], document["event"]["start"], own["events"], own["evidence"])
        right = tuple(finding[key] for key in ("sentence", "last", "first", "count", "evidence"))
        checks.check(read == right, f"ECS: {name}: {read}")
        wrong = list(run.differences(stated(document), stated(documents.get(name)), name))
        checks.check(not wrong, f"ECS: {'; '.join(wrong)}")


def post(url: str, body: bytes) -> bytes:
    """The answer, once the receiver is up."""
    deadline = time.monotonic() + run.START_SECONDS
    while True:
        try:
            request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/x-ndjson"})
            with urllib.request.urlopen(request, timeout=run.REQUEST_SECONDS) as answer:
                return answer.read()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def stated(value: object) -> object:
    """Without nulls and empty objects, which a receiver need not keep."""
    if isinstance(value, dict):
        values = {key: stated(value) for key, value in value.items()}
        return {key: value for key, value in values.items() if value not in (None, {})}
    return [stated(item) for item in value] if isinstance(value, list) else value


def check_ids(name: str, read: list, findings: list[dict], checks: run.Checks) -> None:
    is_right = read == [finding["id"] for finding in findings]
    checks.check(is_right, f"{name}: {len(read)} ids read, which are not those of the {len(findings)} findings")


if __name__ == "__main__":
    sys.exit(main())
