#!/usr/bin/env python3
"""Holds the kits that `tokentrail kit` writes against the makers' own tools, offline, once those are installed.

Splunk's AppInspect takes the add-on in. Microsoft's Kusto language service reads every query of the Sentinel kit, the
models of Microsoft's Python clients read its resources, and duckdb-kql runs its queries on the rows of a scan. Elastic's
own list of ECS says which type each field has. The tools live in a virtual environment and a folder of node modules in the
user's cache folder (about 200 MB). Last line: `N passed, N failed`; exit code 1 if any failed or a tool could not be had.

    tests/receivers/kits.py PROGRAM FOLDER      FOLDER: what a scan wrote with `--format splunk,sentinel`
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from datetime import datetime, timedelta, timezone
from pathlib import Path

PACKAGES = [
    "splunk-appinspect==4.3.1",
    "azure-mgmt-securityinsight==1.0.0",
    "azure-mgmt-monitor==7.0.0",
    "azure-mgmt-applicationinsights==4.1.0",
    "duckdb-kql==1.1.2",
    "duckdb==2.0.0",
]
NODE_MODULES = {"@kusto/language-service-next": "12.4.1", "@elastic/ecs": "9.4.0"}
TABLE = "ASimAlertEventLogs"
# What duckdb-kql cannot run yet; the language service still reads it.
NOT_RUN = ("geo_info_from_ip_address", "make_set_if")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokentrail"
HERE = Path(__file__).resolve().parent


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
    python = installed_python()
    if Path(sys.prefix) != python.parents[1]:
        return subprocess.run([python, __file__, *sys.argv[1:]]).returncode
    program, scan = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    checks = Checks()
    try:
        with tempfile.TemporaryDirectory() as folder:
            kits = {siem: Path(folder) / siem for siem in ("splunk", "sentinel", "elastic")}
            for siem, kit in kits.items():
                subprocess.run([program, "kit", siem, "--out", kit], check=True, stdout=subprocess.DEVNULL)
            check_splunk(kits["splunk"], Path(folder), checks)
            check_sentinel(program, kits["sentinel"], scan, checks)
            check_elastic(kits["elastic"], checks)
            check_facts(kits, scan, checks)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        checks.check(False, f"{type(error).__name__}: {error}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def installed_python() -> Path:
    """The environment of the tools, made on first use; a folder without the mark is an installation that broke off."""
    folder = CACHE / "kits"
    mark = folder / "complete"
    if not mark.exists() or mark.read_text() != "\n".join(PACKAGES):
        print(f"installing {', '.join(PACKAGES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True, timeout=600)
        mark.write_text("\n".join(PACKAGES))
    return folder / "bin/python"


def node_module(name: str) -> Path:
    """A module's folder; all are installed on first use."""
    folder = CACHE / "kits-node"
    mark = folder / "complete"
    wanted = [f"{module}@{version}" for module, version in NODE_MODULES.items()]
    if not mark.exists() or mark.read_text() != "\n".join(wanted):
        print(f"installing {', '.join(wanted)} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text("{}")
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run([*npm, *wanted], check=True, timeout=600, cwd=folder)
        mark.write_text("\n".join(wanted))
    return folder / "node_modules" / name


# ----- Splunk


def check_splunk(kit: Path, scratch: Path, checks: Checks) -> None:
    report = inspected(kit / "TA-tokentrail.tgz", scratch / "report.json")
    bad = {key: report[key] for key in ("error", "failure", "future_failure", "warning") if report[key]}
    checks.check(not bad, f"AppInspect: {bad} {report['told']}")
    checks.check(report["success"] > 50, f"AppInspect looked at little: {report['success']}")
    broken = scratch / "broken.tgz"
    (kit / "TA-tokentrail/local").mkdir()
    (kit / "TA-tokentrail/local/app.conf").write_text("[ui]\nis_visible = false\n")
    with tarfile.open(broken, "w:gz") as archive:
        archive.add(kit / "TA-tokentrail", "TA-tokentrail")
    failures = inspected(broken, scratch / "broken.json")["failure"]
    checks.check(failures > 0, "AppInspect takes an add-on with local settings")


def inspected(package: Path, report: Path) -> dict:
    """The summary of AppInspect, with what it says of checks that did not pass."""
    command = [Path(sys.prefix) / "bin/splunk-appinspect", "inspect", package, "--mode", "precert"]
    options = ["--included-tags", "cloud", "--output-file", report, "--log-level", "CRITICAL"]
    subprocess.run([*command, *options], timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = json.loads(report.read_text())
    found = [check for part in told["reports"] for group in part["groups"] for check in group["checks"]]
    kinds = ("error", "failure", "future_failure", "warning")
    messages = [message["message"] for check in found if check["result"] in kinds for message in check["messages"]]
    return told["summary"] | {"told": messages}


# ----- Sentinel


def check_sentinel(program: Path, kit: Path, scan: Path, checks: Checks) -> None:
    template = json.loads((kit / "azuredeploy.json").read_text())
    resources = [given(resource, template["parameters"]) for resource in template["resources"]]
    rules = [resource for resource in resources if resource["type"].endswith("/alertRules")]
    checks.check(len(rules) == 2, f"{len(rules)} analytics rules")
    queries = {path.stem: path.read_text() for path in sorted((kit / "queries").glob("*.kql"))}
    queries |= {f"rule {number}": rule["properties"]["query"] for number, rule in enumerate(rules)}
    queries |= panels(json.loads((kit / "workbook.json").read_text()))
    collection = next(resource for resource in resources if resource["type"].endswith("/dataCollectionRules"))
    columns = next(iter(collection["properties"]["streamDeclarations"].values()))["columns"]
    check_kql(queries | pivots(program, scan), columns, rules, checks)
    check_models(resources, checks)
    rows = [row for part in sorted(scan.glob("findings.sentinel-*.json")) for row in json.loads(part.read_text())]
    check_answers(queries, columns, rows, checks)


def pivots(program: Path, scan: Path) -> dict[str, str]:
    """What `pivot` says for Sentinel of the scan's findings, and of the same findings with names that mean something."""
    findings = [json.loads(line) for line in (scan / "findings.ndjson").read_text().split("\n") if line]
    for finding in findings:
        for named in filter(None, (finding["subject"].get("app"), finding["subject"].get("user"))):
            named["name"] = 'a" or true | take 1 // \\" \\ \'x\' `y` \u202e { } ] ) ;'
    command = [program, "pivot", HERE.parents[1] / "sample-data", "--search", "kql", "--quiet", "--findings"]
    with tempfile.TemporaryDirectory() as folder:
        hostile = Path(folder) / "findings.ndjson"
        hostile.write_text("\n".join(json.dumps(finding) for finding in findings))
        answers = {"pivot": scan, "pivot, hostile": hostile}
        run = lambda path: subprocess.run([*command, path], capture_output=True, text=True, check=True).stdout
        return {name: run(path) for name, path in answers.items()}


def given(value: object, parameters: dict) -> object:
    """The template with the values that its parameters have by default."""
    if isinstance(value, dict):
        return {key: given(part, parameters) for key, part in value.items()}
    if isinstance(value, list):
        return [given(part, parameters) for part in value]
    match = re.fullmatch(r"\[parameters\('(\w+)'\)\]", value) if isinstance(value, str) else None
    return parameters[match[1]].get("defaultValue", match[1]) if match else value


def panels(workbook: dict) -> dict[str, str]:
    """The queries of a workbook, with a value for the parameter that they take."""
    queries = {}
    for item in workbook["items"]:
        content = item["content"]
        for part in [content, *content.get("parameters", [])]:
            if "query" in part:
                queries[f"workbook {item['name']}"] = part["query"].replace("{App}", "0f" * 32)
    return queries


def check_kql(queries: dict[str, str], columns: list[dict], rules: list[dict], checks: Checks) -> None:
    checks.check(len(queries) >= 13, f"{len(queries)} queries")
    bad = {
        "no such column": f"{TABLE} | project NoSuchColumn",
        "a text in a sum": f"{TABLE} | summarize sum(RuleName)",
        "no such table": "ASimAlertEvents | count",
    }
    schema = "(" + ", ".join(f"{column['name']}:{column['type']}" for column in columns) + ")"
    asked = {"table": TABLE, "schema": schema, "queries": queries | bad}
    command = ["node", HERE / "kql.js", node_module("@kusto/language-service-next")]
    answer = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=120)
    read = json.loads(answer.stdout)
    for name in queries:
        checks.check(not read[name]["diagnostics"], f"{name}: {read[name]['diagnostics']}")
    for name in ("pivot", "pivot, hostile"):
        checks.check(queries[name].count("\n") == 1 and queries[name].startswith('search "'), f"{name} is no one search")
    for name in bad:
        checks.check(bool(read[name]["diagnostics"]), f"the language service takes {name}")
    for number, rule in enumerate(rules):
        named = columns_named(rule["properties"])
        missing = sorted(named - set(read[f"rule {number}"]["columns"]))
        checks.check(len(named) > 10 and not missing, f"rule {number} names columns that its query has not: {missing}")


def columns_named(rule: dict) -> set[str]:
    """The columns that a rule's entities, details and texts are taken from."""
    named = set(rule["customDetails"].values()) | {rule["alertDetailsOverride"]["alertSeverityColumnName"]}
    for mapping in rule["entityMappings"]:
        named |= {field["columnName"] for field in mapping["fieldMappings"]}
    for text in rule["alertDetailsOverride"].values():
        named |= set(re.findall(r"\{\{(\w+)\}\}", text))
    return named


def check_models(resources: list[dict], checks: Checks) -> None:
    """What Microsoft's clients read and write again must be what was there: they leave out what they do not know."""
    import azure.mgmt.applicationinsights._serialization as insights
    import azure.mgmt.applicationinsights.v2022_04_01.models as workbooks
    import azure.mgmt.monitor._utils.serialization as monitor
    import azure.mgmt.monitor.models as collection
    import msrest as security
    import azure.mgmt.securityinsight.models as sentinel

    models = {
        "alertRules": (security, sentinel, "ScheduledAlertRule"),
        "dataCollectionRules": (monitor, collection, "DataCollectionRuleResource"),
        "workbooks": (insights, workbooks, "Workbook"),
    }
    seen = set()
    for resource in resources:
        kind = resource["type"].rsplit("/", 1)[1]
        if kind in models:
            seen.add(kind)
            differs = round_trip(resource, *models[kind])
            checks.check(not differs, f"{kind} {resource['name']}: {differs}")
            wrong = resource | {"properties": resource["properties"] | {"quereyFrequency": "PT1H"}}
            checks.check(bool(round_trip(wrong, *models[kind])), f"{kind}: a misspelt property is not noticed")
    checks.check(seen == models.keys(), f"no resource of {models.keys() - seen}")
    check_words(resources, sentinel, checks)


def round_trip(resource: dict, serialization, models, name: str) -> str:
    known = {key: value for key, value in vars(models).items() if isinstance(value, type)}
    outer = ("type", "apiVersion", "name", "scope", "dependsOn", "condition")
    body = {key: value for key, value in resource.items() if key not in outer}
    read = serialization.Deserializer(known)(name, body)
    written = serialization.Serializer(known).body(read, name)
    # A client's own default is no difference.
    lost = {key: value for key, value in flat(body).items() if flat(written).get(key, missing) != value}
    return f"read as otherwise: {lost}" if lost else ""


missing = object()


def flat(value: object, path: str = "") -> dict[str, object]:
    """Every leaf of a value by its path."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        return {path: value}
    return {key: leaf for name, part in parts for key, leaf in flat(part, f"{path}/{name}").items()}


def check_words(resources: list[dict], models, checks: Checks) -> None:
    """Words from closed lists, which the clients take as texts."""
    lists = {
        "severity": models.AlertSeverity,
        "triggerOperator": models.TriggerOperator,
        "aggregationKind": models.EventGroupingAggregationKind,
        "matchingMethod": models.MatchingMethod,
        "entityType": models.EntityMappingType,
    }
    for resource in resources:
        if not resource["type"].endswith("/alertRules"):
            continue
        leaves = flat(resource["properties"])
        for key, words in lists.items():
            used = [value for path, value in leaves.items() if path.endswith(f"/{key}")]
            wrong = [value for value in used if value not in [word.value for word in words]]
            checks.check(bool(used) and not wrong, f"{key}: {wrong}")


# ----- Sentinel's queries, run


def check_answers(queries: dict[str, str], columns: list[dict], rows: list[dict], checks: Checks) -> None:
    """Runs the queries on a scan's rows, each of which came in twice: three days ago and now."""
    ids = {row["EventUid"] for row in rows}
    checks.check(len(ids) == len(rows) > 50, f"{len(rows)} rows of {len(ids)} findings to ask")
    now = datetime.now(timezone.utc)
    twice = table_of(columns, [(row, now - timedelta(days=3)) for row in rows] + [(row, now) for row in rows])
    once = table_of(columns, [(row, now) for row in rows])
    drift = [row for row in rows if row["AdditionalFields"].get("ConnectedAppName") == "Drift"]
    most = max(rows, key=lambda row: len(row["AdditionalFields"]["Evidence"]))
    # The workbook hands on the chosen app as a hash, the other query asks for an id of the documentation.
    asked = {"0f" * 32: hashlib.sha256(b"Drift").hexdigest(), "7b0f3f62-0000-5000-8000-000000000001": most["EventUid"]}
    for given_name, wanted in asked.items():
        queries = {name: query.replace(given_name, wanted) for name, query in queries.items()}
    high = sum(row["EventOriginalSeverity"] == "high" for row in rows)
    expected = {
        "what-fired": len(rows),
        "trail-of-an-app": len(drift),
        "workbook trail": len(drift),
        "rows-behind-a-finding": len(most["AdditionalFields"]["Evidence"]),
        "rule 0": 0,
        "rule 1": 0,
    }
    run = {name: query for name, query in queries.items() if not any(construct in query for construct in NOT_RUN)}
    checks.check(len(queries) - len(run) <= 3, f"only {len(run)} of {len(queries)} queries can be run")
    for name, query in run.items():
        answer = answered(twice, query)
        if name in expected:
            checks.check(len(answer) == expected[name], f"{name}: {expected[name]} expected, {len(answer)} answered")
        else:
            checks.check(len(answer) > 0, f"{name}: no answer")
    new = len(answered(once, queries["rule 1"]))
    checks.check(new == high > 0, f"the rule for high findings tells {new} of {high} new ones")


def table_of(columns: list[dict], rows: list[tuple[dict, datetime]]):
    import duckdb_kql

    types = {"string": "VARCHAR", "int": "INTEGER", "datetime": "TIMESTAMP", "dynamic": "JSON"}
    connection = duckdb_kql.connect()
    declared = ", ".join(f'"{column["name"]}" {types[column["type"]]}' for column in columns)
    connection.sql(f"CREATE TABLE {TABLE} ({declared}, IngestedAt TIMESTAMP)")
    places = ", ".join("?" * (len(columns) + 1))
    cells = [[cell(row, column) for column in columns] + [at.replace(tzinfo=None)] for row, at in rows]
    connection.executemany(f"INSERT INTO {TABLE} VALUES ({places})", cells)
    return connection


def cell(row: dict, column: dict) -> object:
    """A text that is not there is empty in Kusto."""
    value = row.get(column["name"])
    match column["type"]:
        case "string":
            return value or ""
        case "dynamic":
            return None if value is None else json.dumps(value)
        case "datetime":
            return None if value is None else value.removesuffix("Z").replace("T", " ")
    return value


def answered(connection, query: str) -> list:
    import duckdb_kql

    return duckdb_kql.kql(connection, query.replace("ingestion_time()", "IngestedAt")).fetchall()


# ----- Elastic


def check_elastic(kit: Path, checks: Checks) -> None:
    """Every mapping is the one that ECS gives the field, but for our own."""
    print_fields = "console.log(JSON.stringify(require(process.argv[1]).EcsFlat))"
    answer = subprocess.run(
        ["node", "-e", print_fields, node_module("@elastic/ecs")], capture_output=True, text=True, check=True, timeout=60
    )
    known = json.loads(answer.stdout)
    mappings = json.loads((kit / "component-template.json").read_text())["template"]["mappings"]["properties"]
    fields = mapped(mappings)
    own = [name for name in fields if name.startswith("tokentrail.")]
    checks.check(len(fields) - len(own) > 50, f"{len(fields)} fields")
    for name in fields.keys() - set(own):
        parts = ("type", "ignore_above")
        ours, theirs = ({part: field.get(part) for part in parts} for field in (fields[name], known.get(name, {})))
        checks.check(ours == theirs, f"{name}: {ours}, in ECS {theirs}")


def mapped(properties: dict, path: str = "") -> dict[str, dict]:
    """Every field that has a type, by its name."""
    fields = {}
    for name, mapping in properties.items():
        here = {f"{path}{name}": mapping} if "type" in mapping else mapped(mapping["properties"], f"{path}{name}.")
        fields |= here
    return fields


# ----- All


def check_facts(kits: dict[str, Path], scan: Path, checks: Checks) -> None:
    """Queries ask for facts that findings have: `seen.rows`, `Seen.objects`."""
    lines = (scan / "findings.splunk.ndjson").read_text().splitlines()
    facts = {name for line in lines for name in json.loads(line)["event"]["seen"]}
    suffixes = (".conf", ".xml", ".kql", ".json")
    paths = [path for kit in kits.values() for path in kit.rglob("*") if path.suffix in suffixes]
    named = {fact for path in paths for fact in re.findall(r"\b[sS]een\.(\w+)", path.read_text())}
    checks.check(len(named) >= 2 and named <= facts, f"no finding has the facts {sorted(named - facts)}")


if __name__ == "__main__":
    sys.exit(main())
