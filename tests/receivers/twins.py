#!/usr/bin/env python3
"""Sends the sample's findings with the vendors' own senders and with ours, and compares what is stored line by line.

Microsoft's `azure-monitor-ingestion`, Datadog's `datadog-api-client` and Splunk's `splunk-logging` send what
`scan --format` wrote; `scan --deliver` sends the same findings. Both go to Tenzir's receivers on loopback. Nothing leaves this
machine but the installation (some 100 MB in the user's cache folder). Last line: `N passed, N failed`.

    tests/receivers/twins.py PROGRAM      PROGRAM: a built tokentrail
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from pathlib import Path

from deliver import DELIVERED, REGISTER, SAMPLE, World, authority, lines, own_ids, until
from run import TOKEN, Checks, free_port, installed_tenzir

PACKAGES = ["azure-monitor-ingestion==1.1.0", "datadog-api-client==2.62.0"]
NODE_MODULE = "splunk-logging@0.11.1"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokentrail"
# What says when a record was made, and so differs between two that are made one after the other.
MADE = {"TimeGenerated"}

AZURE = """
import json, sys
from azure.core.credentials import AccessToken
from azure.monitor.ingestion import LogsIngestionClient

class Given:
    def get_token(self, *scopes, **more):
        return AccessToken("acc3ss", 4102444800)

endpoint, certificate, rows = sys.argv[1:]
rows = [json.loads(line) for line in open(rows).read().split("\\n") if line]
client = LogsIngestionClient(endpoint, Given(), connection_verify=certificate)
client.upload("dcr-0", "Custom-Tokentrail", rows)
"""

DATADOG = """
import json, sys
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding

host, records = sys.argv[1:]
configuration = Configuration(host=host)
configuration.api_key["apiKeyAuth"] = "k3y"
configuration.enable_retry = False
with ApiClient(configuration) as client:
    LogsApi(client).submit_log(content_encoding=ContentEncoding.GZIP, body=json.load(open(records)))
"""

SPLUNK = """
const { Logger } = require("splunk-logging");
const [url, token, file] = process.argv.slice(2);
const logger = new Logger({ url, token, maxBatchCount: 0 });
logger.eventFormatter = (message) => message;
for (const line of require("fs").readFileSync(file, "utf8").split("\\n").filter(Boolean)) {
  const { time, host, source, sourcetype, event } = JSON.parse(line);
  logger.send({ message: event, metadata: { time, host, source, sourcetype } });
}
logger.flush((error, response, body) => {
  if (error || body.code !== 0) { console.error(error || body); process.exit(1); }
});
"""


def installed_python() -> Path:
    folder = CACHE / "twins"
    mark = folder / "complete"
    if not mark.exists() or mark.read_text() != "\n".join(PACKAGES):
        print(f"installing {', '.join(PACKAGES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True, timeout=600)
        mark.write_text("\n".join(PACKAGES))
    return folder / "bin/python"


def installed_node_modules() -> Path:
    folder = CACHE / "twins-node"
    mark = folder / "complete"
    if not mark.exists() or mark.read_text() != NODE_MODULE:
        print(f"installing {NODE_MODULE} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text("{}")
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run([*npm, NODE_MODULE], check=True, timeout=600, cwd=folder)
        mark.write_text(NODE_MODULE)
    return folder / "node_modules"


def run_theirs(program: list[object], code: str, folder: Path, *arguments: object, **env: str) -> None:
    script = folder / "theirs"
    script.write_text(code)
    subprocess.run([*program, script, *arguments], check=True, timeout=120, env=dict(os.environ, **env))


def stored(path: Path) -> Counter:
    """What was stored, without what says when it was made, and whatever the order."""
    kept = [{key: value for key, value in json.loads(line).items() if key not in MADE} for line in lines(path)]
    return Counter(json.dumps(record, sort_keys=True) for record in kept)


def compare(theirs: Path, ours: Path, count: int, who: str, checks: Checks) -> None:
    until(lambda: len(lines(theirs)) >= count and len(lines(ours)) >= count)
    checks.check(len(lines(theirs)) == count, f"{who}: theirs stores {len(lines(theirs))} of {count}")
    left, right = stored(theirs), stored(ours)
    different = [text[:300] for text in ((left - right) + (right - left))][:2]
    checks.check(not different, f"{who}: lines differ: {different}")
    # The comparison can fail.
    checks.check(stored(theirs) != stored(ours) + Counter(["{}"]), f"{who}: a line more would be noticed")


def azure(world: World, checks: Checks) -> None:
    certificate, key = authority(world.folder)
    tls = f'tls={{certfile: "{certificate}", keyfile: "{key}"}}'
    path = "/dataCollectionRules/dcr-0/streams/Custom-Tokentrail"
    answers = f'{{"{path}": {{code: 204, content_type: "application/json", body: ""}}}}'
    token = '{\\"expires_in\\":3599,\\"access_token\\":\\"acc3ss\\"}'
    grants = f'{{"/t/oauth2/v2.0/token": {{code: 200, content_type: "application/json", body: "{token}"}}}}'
    ports, files = [free_port() for _ in range(3)], [world.folder / name for name in ("theirs.out", "ours.out", "login.out")]

    def takes(port: int, file: Path, answers: str, reads: str) -> str:
        return f'accept_http "127.0.0.1:{port}", {tls}, responses={answers} {{ {reads} }}\nto_file "{file}" {{ write_ndjson }}\n'

    rows = world.records("sentinel-ndjson", "findings.sentinel.ndjson")
    (world.folder / "rows").write_text("\n".join(rows) + "\n")
    world.destination(
        kind="sentinel", endpoint=f"https://localhost:{ports[1]}", rule="dcr-0", stream="Custom-Tokentrail", tenant="t",
        client_id="a", client_secret_env="SECRET", login_url=f"https://localhost:{ports[2]}", ca_file=str(certificate),
    )  # fmt: skip
    as_rows = "read_json arrays_of_objects=true"
    with (
        world.pipeline(takes(ports[0], files[0], answers, as_rows), ports[0]),
        world.pipeline(takes(ports[1], files[1], answers, as_rows), ports[1]),
        world.pipeline(takes(ports[2], files[2], grants, "read_lines"), ports[2]),
    ):
        run_theirs([installed_python()], AZURE, world.folder, f"https://localhost:{ports[0]}", certificate, world.folder / "rows")
        code, told = world.scan()
        checks.check(code == DELIVERED, f"ours delivers: {code} {told}")
        compare(files[0], files[1], len(rows), "azure-monitor-ingestion", checks)


def datadog(world: World, checks: Checks) -> None:
    answers = '{"/api/v2/logs": {code: 202, content_type: "application/json", body: "{}"}}'
    ports, files = [free_port(), free_port()], [world.folder / name for name in ("theirs.out", "ours.out")]

    def takes(port: int, file: Path) -> str:
        reads = "read_json arrays_of_objects=true"
        return f'accept_http "127.0.0.1:{port}", responses={answers} {{ {reads} }}\nto_file "{file}" {{ write_ndjson }}\n'

    out = world.folder / "records"
    code, told = world.run("scan", *world.exports, *REGISTER, "--format", "datadog,ndjson", "--out", out, "-q")
    checks.check(code == 0, told)
    world.destination(kind="datadog", url=f"http://127.0.0.1:{ports[1]}", api_key_env="SECRET")
    with world.pipeline(takes(ports[0], files[0]), ports[0]), world.pipeline(takes(ports[1], files[1]), ports[1]):
        theirs = [installed_python()]
        run_theirs(theirs, DATADOG, world.folder, f"http://127.0.0.1:{ports[0]}", out / "findings.datadog-0001.json")
        code, told = world.scan()
        checks.check(code == DELIVERED, f"ours delivers: {code} {told}")
        compare(files[0], files[1], len(own_ids(world)), "datadog-api-client", checks)


def splunk(world: World, checks: Checks) -> None:
    ports, files = [free_port(), free_port()], [world.folder / name for name in ("theirs.out", "ours.out")]
    envelopes = world.records("splunk", "findings.splunk.ndjson")
    (world.folder / "envelopes").write_text("\n".join(envelopes) + "\n")
    world.destination(kind="splunk", url=f"http://127.0.0.1:{ports[1]}", token_env="SECRET")
    # Their sender knows no indexed fields.
    only = "\ndrop fields?, receiver?"
    takes = [world.collector(port, file).replace("\nto_file", f"{only}\nto_file") for port, file in zip(ports, files)]
    with world.pipeline(takes[0], ports[0]), world.pipeline(takes[1], ports[1]):
        modules = str(installed_node_modules())
        url = f"http://127.0.0.1:{ports[0]}/services/collector/event"
        run_theirs(["node"], SPLUNK, world.folder, url, TOKEN, world.folder / "envelopes", NODE_PATH=modules)
        code, told = world.scan()
        checks.check(code == DELIVERED, f"ours delivers: {code} {told}")
        compare(files[0], files[1], len(envelopes), "splunk-logging", checks)


def main() -> int:
    program, checks = Path(sys.argv[1]).resolve(), Checks()
    for twin in (azure, datadog, splunk):
        before, began = checks.failed, time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                twin(World(program, installed_tenzir(), Path(folder), SAMPLE), checks)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, AssertionError) as error:
            checks.check(False, f"{twin.__name__}: {type(error).__name__}: {error}")
        word = "ok" if checks.failed == before else "FAILED"
        print(f"{twin.__name__}: {word}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
