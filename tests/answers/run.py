#!/usr/bin/env python3
"""Computes the answers of the responder's commands a second time, in SQL over the same files, and compares.

DuckDB reads the exports of both staged thefts as they are and counts for itself; nothing of tokentrail's is used. Needs a
virtual environment with DuckDB, which is made in the user's cache folder. Last line: `N passed, N failed`; exit code 1 if any
failed.

    tests/answers/run.py PROGRAM
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from ipaddress import ip_network
from pathlib import Path

PACKAGE = "duckdb==2.0.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokentrail" / f"answers-{PACKAGE[8:]}"
ROOT = Path(__file__).resolve().parent.parent.parent

CALL_COLUMNS = "EventDate, UserId, Application, ConnectedAppId, Operation, QueriedEntities, Query, RowsReturned, SourceIp, UserAgent, SessionKey"

# Each theft: its exports, how they become two tables of text, the app's two names, the thief's addresses and the moment of
# the revocation.
THEFTS = [
    {
        "name": "Klue",
        "app": "Klue Battlecards",
        "files": ["sample-klue/api", "sample-klue/logins", "sample-klue/tokens", "sample-klue/setup"],
        "register": "sample-klue/apps.toml",
        "calls": [f"SELECT {CALL_COLUMNS} FROM read_csv('sample-klue/api/ApiEvent.csv.gz', all_varchar = true)"],
        "logins": [
            "SELECT UserId, LoginTime, Application, SourceIp, Status FROM"
            " read_csv('sample-klue/logins/LoginHistory.csv', all_varchar = true)"
        ],
        "tokens": "read_csv('sample-klue/tokens/OauthToken.csv', all_varchar = true)",
        "changes": "read_csv('sample-klue/setup/SetupAuditTrail.csv', all_varchar = true)",
        "thief": "138.226.246.94",
        "since": "2026-06-12T00:00:00Z",
        "revoked": "2026-06-13T15:32:00Z",
        "stopped": "tried-and-refused",
    },
    {
        "name": "Drift",
        "app": "Drift",
        "files": [
            "sample-data/staged/api/ApiEvent-drift.csv",
            "sample-data/quiet/api/ApiEvent-2025-08b.ndjson.zst",
            "sample-data/staged/logins/LoginHistory-drift.csv",
            "sample-data/quiet/logins/LoginHistory-2025-08.json",
            "sample-data/quiet/tokens/OauthToken.json",
            "sample-data/quiet/setup/SetupAuditTrail.csv",
        ],
        "register": "sample-data/apps.toml",
        "calls": [
            f"SELECT {CALL_COLUMNS.replace('EventDate', 'EventDate', 1)} FROM"
            " read_csv('sample-data/staged/api/ApiEvent-drift.csv', all_varchar = true)",
            "SELECT EventDate::VARCHAR, UserId, Application, ConnectedAppId, Operation, QueriedEntities, Query,"
            " RowsReturned::VARCHAR, SourceIp, UserAgent, SessionKey FROM"
            " read_json('sample-data/quiet/api/ApiEvent-2025-08b.ndjson.zst', format = 'newline_delimited')",
        ],
        "logins": [
            "SELECT UserId, LoginTime, Application, SourceIp, Status FROM"
            " read_csv('sample-data/staged/logins/LoginHistory-drift.csv', all_varchar = true)",
            "SELECT r.UserId, r.LoginTime::VARCHAR, r.Application, r.SourceIp, r.Status FROM (SELECT unnest(records) AS r FROM"
            " read_json('sample-data/quiet/logins/LoginHistory-2025-08.json', maximum_object_size = 100000000))",
        ],
        "tokens": "(SELECT r.AppName AS AppName, r.UserId AS UserId, r.LastUsedDate::VARCHAR AS LastUsedDate FROM (SELECT"
        " unnest(result.records) AS r FROM read_json('sample-data/quiet/tokens/OauthToken.json', maximum_object_size = 100000000)))",
        "changes": "read_csv('sample-data/quiet/setup/SetupAuditTrail.csv', all_varchar = true)",
        "thief": "208.68.36.90",
        "since": "2025-08-12T00:00:00Z",
        "revoked": "2025-08-17T12:00:00Z",
        "stopped": "nothing-in-covered-hours",
    },
]

passed = failed = 0


def main():
    if Path(sys.prefix) != CACHE:
        python = environment()
        os.execv(python, [python, __file__, *sys.argv[1:]])
    os.chdir(ROOT)
    for theft in THEFTS:
        Theft(sys.argv[1], theft).check()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def environment():
    python = CACHE / "bin" / "python"
    if not (CACHE / "ready").exists():
        venv.create(CACHE, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", PACKAGE]
        subprocess.run(pip, check=True)
        (CACHE / "ready").touch()
    return str(python)


def equal(what, said, counted):
    global passed, failed
    if said == counted:
        passed += 1
        return
    failed += 1
    print(f"FAILED {what}\n  said    {said}\n  counted {counted}")


class Theft:
    def __init__(self, program, theft):
        import duckdb

        self.program, self.theft = program, theft
        self.sql = duckdb.connect()
        self.sql.execute("SET TimeZone = 'UTC'")
        self.table("calls", " UNION ALL ".join(theft["calls"]))
        self.table("logins", " UNION ALL ".join(theft["logins"]))
        app = theft["app"].replace("'", "''")
        ids = self.sql.execute(f"SELECT DISTINCT ConnectedAppId FROM calls WHERE Application = '{app}' AND ConnectedAppId <> ''")
        ids = ", ".join(f"'{row[0]}'" for row in ids.fetchall()) or "''"
        self.is_app = f"(Application = '{app}' OR ConnectedAppId IN ({ids}))"
        self.sql.execute(
            f"""CREATE TABLE deeds AS
            SELECT epoch_ms(EventDate::TIMESTAMPTZ) AS t, SourceIp AS ip, UserAgent AS agent, UserId AS who, {self.is_app} AS ours, false AS login,
                   coalesce(RowsReturned, '0')::DOUBLE::BIGINT AS rows, Operation AS operation, QueriedEntities AS object,
                   Query AS query, SessionKey AS session, false AS refused FROM calls
            UNION ALL SELECT epoch_ms(LoginTime::TIMESTAMPTZ), SourceIp, NULL, UserId, Application = '{app}', true, 0, NULL, NULL, NULL, NULL,
                   Status <> 'Success' FROM logins"""
        )

    def table(self, name, query):
        self.sql.execute(f"CREATE TABLE {name} AS {query}")

    def counted(self, query):
        return self.sql.execute(query).fetchall()

    def said(self, *arguments, lines=False):
        command = [self.program, *arguments, *self.theft["files"], "--apps", self.theft["register"], "--json", "--quiet"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1):
            raise SystemExit(f"{command}: {run.stderr}")
        return [json.loads(line) for line in run.stdout.splitlines()] if lines else json.loads(run.stdout)

    def check(self):
        self.coverage()
        self.investigation()
        self.address()
        self.timeline()
        self.impact()
        self.sweep()
        self.changes()
        self.containment()
        self.plan()
        self.report()

    def name(self, what):
        return f"{self.theft['name']}: {what}"

    def coverage(self):
        covered = {log["event_type"]: log for log in self.said("coverage")["covered"]}
        for log, table in (("ApiEvent", "calls"), ("LoginHistory", "logins")):
            equal(self.name(f"rows of {log}"), covered[log]["used"], self.counted(f"SELECT count(*) FROM {table}")[0][0])

    def part(self, profile, name):
        values = [part["values"] for part in profile["parts"] if part["name"] == name]
        return {seen["value"]: seen for seen in (values[0] if values else [])}

    def investigation(self):
        profile = self.said("investigate", "app", self.theft["app"])
        addresses = self.part(profile, "addresses")
        counted = self.counted("SELECT ip, count(*), sum(rows), min(t), max(t) FROM deeds WHERE ours GROUP BY ip")
        said = {(ip, seen["events"], seen["rows"], millis(seen["first"]), millis(seen["last"])) for ip, seen in addresses.items()}
        equal(self.name("addresses of the app"), said, {(ip, n, rows, first, last) for ip, n, rows, first, last in counted})
        sessions = self.part(profile, "sessions")
        counted = self.counted("SELECT session, count(*), sum(rows) FROM deeds WHERE ours AND NOT login GROUP BY session")
        equal(self.name("sessions of the app"), {(key, seen["events"], seen["rows"]) for key, seen in sessions.items()}, set(counted))
        tokens = self.counted(f"SELECT count(*) FROM {self.theft['tokens']} WHERE AppName = '{self.theft['app']}'")[0][0]
        equal(self.name("tokens of the app"), len(self.part(profile, "tokens")), tokens)

    def address(self):
        profile = self.said("investigate", "ip", self.theft["thief"])
        equal(
            self.name("users at the thief's address"),
            {seen["id"] or value for value, seen in self.part(profile, "users").items()},
            {row[0] for row in self.counted(f"SELECT DISTINCT who FROM deeds WHERE ip = '{self.theft['thief']}'")},
        )
        clients = self.part(profile, "clients")
        counted = self.counted(f"SELECT agent, count(*) FROM deeds WHERE ip = '{self.theft['thief']}' AND NOT login GROUP BY agent")
        said = {(agent, seen["events"]) for agent, seen in clients.items() if agent != "Unknown"}
        equal(self.name("clients at the thief's address"), said, set(counted))

    def timeline(self):
        thief = f"ip = '{self.theft['thief']}'"
        full = self.said("timeline", "--ip", self.theft["thief"], "--full", lines=True)
        equal(self.name("times at the thief's address"), [millis(line["datetime"]) for line in full],
              [row[0] for row in self.counted(f"SELECT t FROM deeds WHERE {thief} ORDER BY t")])
        folded = self.said("timeline", "--ip", self.theft["thief"], lines=True)
        equal(self.name("events of the folded timeline"), sum(line["count"] for line in folded), len(full))
        equal(self.name("rows of the folded timeline"), sum(line["rows"] or 0 for line in folded),
              self.counted(f"SELECT coalesce(sum(rows), 0) FROM deeds WHERE {thief}")[0][0])

    def impact(self):
        since = f"t >= epoch_ms('{self.theft['since']}'::TIMESTAMPTZ)"
        impact = self.said("impact", "--app", self.theft["app"], "--since", self.theft["since"])
        said = {(o["object"], o["least"], o["most"], o["calls"], o["readings"]) for o in impact["objects"]}
        # A reading is a query and the pages after it, by session and object.
        counted = self.counted(
            f"""WITH taken AS (
                SELECT *, count(*) FILTER (operation <> 'QueryMore') OVER (PARTITION BY session, object ORDER BY t, operation) AS reading
                FROM deeds WHERE ours AND NOT login AND {since} AND query NOT ILIKE 'SELECT COUNT()%'
            ), readings AS (SELECT object, session, reading, sum(rows) AS rows, count(*) AS calls FROM taken GROUP BY ALL)
            SELECT object, max(rows), sum(rows), sum(calls), count(*) FROM readings GROUP BY object"""
        )
        equal(self.name("rows, calls and readings by object"), said, {tuple(row) for row in counted})

    def sweep(self):
        swept = self.said("ioc", "sweep")
        equal(self.name("verdict of the sweep"), swept["verdict"], "hit")
        for hit in swept["hits"]:
            column = {"address": "ip", "user-agent": "agent"}[hit["kind"]]
            value = hit["value"].replace("'", "''").replace("*", "%")
            counted = self.counted(f"SELECT count(*), min(t), max(t) FROM deeds WHERE {column} ILIKE '{value}'")[0]
            equal(self.name(f"hits of {hit['value']}"), (hit["events"], millis(hit["first"]), millis(hit["last"])), counted)

    def changes(self):
        told = [change for change in self.said("changes", lines=True) if change["code"]]
        counted = self.counted(f"SELECT epoch_ms(CreatedDate::TIMESTAMPTZ), Action FROM {self.theft['changes']}")
        equal(self.name("setup changes"), sorted((millis(change["time"]), change["code"]) for change in told), sorted(counted))

    def containment(self):
        found = self.said("verify-containment", "--ip", self.theft["thief"], "--since", self.theft["revoked"])
        equal(self.name("whether it stopped"), found["verdict"], self.theft["stopped"])
        after = f"ip = '{self.theft['thief']}' AND t > epoch_ms('{self.theft['revoked']}'::TIMESTAMPTZ)"
        counted = self.counted(f"SELECT count(*) FILTER (NOT refused), count(*) FILTER (refused) FROM deeds WHERE {after}")[0]
        equal(self.name("deeds after it"), (sum(way["done"] for way in found["after"]), sum(way["refused"] for way in found["after"])), counted)

    def plan(self):
        plan = self.said("revoke-plan", "--app", self.theft["app"], "--ip", self.theft["thief"])
        tokens = self.counted(f"SELECT count(*) FROM {self.theft['tokens']} WHERE AppName = '{self.theft['app']}'")[0][0]
        equal(self.name("tokens to revoke"), sum(step["action"] == "revoke-token" for step in plan["steps"]), tokens)
        block = next(step for step in plan["steps"] if step["action"] == "block-app")
        counted = self.counted(f"SELECT DISTINCT ip FROM deeds WHERE ours AND ip <> '{self.theft['thief']}'")
        equal(self.name("where the app comes from, without the thief"), set(block["stops"]["addresses"]), {row[0] for row in counted})
        events = self.counted(f"SELECT count(*) FROM deeds WHERE ours AND ip <> '{self.theft['thief']}'")[0][0]
        span = self.counted("SELECT min(t), max(t) FROM deeds")[0]
        days = (millis(plan["as_of"]) - span[0]) // 86_400_000 + 1
        equal(self.name("events a day that stop"), block["stops"]["events_a_day"], round(events * 10 / days) / 10)


    def report(self):
        """What a report says of the app: foreign networks, what was taken from there, and who met which address."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.json"
            command = [self.program, "report", *self.theft["files"], "--apps", self.theft["register"], "--quiet"]
            subprocess.run([*command, "--since", self.theft["since"], "--app", self.theft["app"], "--out", out], check=True)
            report = json.loads(out.read_text())
        story = report["stories"][0]
        equal(self.name("the report's word"), report["verdict"]["sign"], "of-abuse")
        foreign = [f"{ip_network(network).network_address.exploded.rsplit('.', 1)[0]}.%" for network in story["foreign"]]
        theirs = "(" + " OR ".join(f"ip LIKE '{pattern}'" for pattern in foreign) + ")"
        window = f"t >= epoch_ms('{self.theft['since']}'::TIMESTAMPTZ)"
        equal(self.name("the thief is foreign"), self.counted(f"SELECT count(*) > 0 FROM deeds WHERE {theirs} AND ip = '{self.theft['thief']}'"), [(True,)])
        equal(self.name("the owner is not"), self.counted(f"SELECT count(*) FROM deeds WHERE ours AND {theirs} AND t < epoch_ms('{self.theft['since']}'::TIMESTAMPTZ)"), [(0,)])
        said = {(o["object"], o["most"], o["calls"]) for o in story["impact"]["objects"]}
        counted = self.counted(f"SELECT object, sum(rows), count(*) FROM deeds WHERE {theirs} AND ours AND NOT login AND {window} AND query NOT ILIKE 'SELECT COUNT()%' GROUP BY object")
        equal(self.name("the report's objects"), said, {tuple(row) for row in counted})
        said = {(met["address"], met["is_foreign"], met["events"], met["rows"]) for met in story["met"]}
        counted = self.counted(f"SELECT ip, {theirs}, count(*), sum(rows) FROM deeds WHERE (ours OR {theirs}) AND {window} GROUP BY ALL")
        equal(self.name("the report's addresses"), said, {tuple(row) for row in counted})
        said = {(lane["label"], lane["total"]) for lane in story["objects"]["lanes"]}
        equal(self.name("rows in the report's figure"), said, {(o["object"], o["most"]) for o in story["impact"]["objects"] if o["most"]})
        tokens = self.counted(f"SELECT count(*) FROM {self.theft['tokens']} WHERE AppName = '{self.theft['app']}'")[0][0]
        equal(self.name("the report's tokens"), sum(len(app["tokens"]) for app in report["live"]), tokens)


def millis(text):
    from datetime import datetime

    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000 + 0.5)


if __name__ == "__main__":
    main()
