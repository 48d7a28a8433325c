#!/usr/bin/env python3
"""Delivers findings to real receivers on loopback, breaks the way in every manner, and compares what arrives.

Receivers: Tenzir (HTTP Event Collector, _bulk, HTTP, syslog) and the Fluent Bit inside it, rsyslog, syslog-ng, nginx, and Prism,
which holds requests against the description of its API that Datadog publishes. Nothing leaves this machine but the
installation. syslog-ng cannot be installed beside rsyslog: its Debian packages are unpacked into the user's cache folder.
Last line: `N passed, N failed`; exit code 1 if any failed or a receiver was missing.

    tests/receivers/deliver.py PROGRAM      PROGRAM: a built tokentrail
"""

import gzip
import http.server
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import run as hec
from run import TOKEN, Checks, free_port, installed_tenzir

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = [REPOSITORY / "sample-data/quiet", REPOSITORY / "sample-data/staged"]
REGISTER = ["--apps", REPOSITORY / "sample-data/apps.toml"]
SECONDS = 60
KILLS = 50
ROUNDS = 20
EFFORT = ("minutes", "at-a-time", "confirmation-seconds", "remember")
PRISM = "@stoplight/prism-cli@5.14.2"
DATADOG = "datadog-api-client==2.62.0"
DELIVERED, REFUSED, WAITING = 0, 4, 5
# Everything that has a meaning to some format on the way, and what hides.
HOSTILE = 'a|b=c\\d"e\'f,g;h %i$ <b>&amp; \u202eltr\u202c \U0001f469\u200d\U0001f4bb \u00e9\u0085\u2028 ]} {[ #012 \t \x1b[2J \0 two\nlines'


class World:
    """The program, a folder for one scenario, and what it is to say."""

    def __init__(self, program: Path, tenzir: Path, folder: Path, exports: list[Path]) -> None:
        self.program, self.tenzir, self.folder, self.exports = program, tenzir, folder, exports

    def destination(self, **keys: object) -> None:
        """The one destination, everything included, patient for a few seconds."""
        keys = {"name": "there", "least-severity": "info"} | {key.replace("_", "-"): keys[key] for key in keys}
        effort = {key: keys.pop(key) for key in EFFORT if key in keys}
        told = [f"{key} = {json.dumps(value)}" for key, value in ({"minutes": 0.3} | effort).items()]
        told += ["[[destination]]"] + [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        (self.folder / "deliver.toml").write_text("\n".join(told))

    def start(self, *arguments: object, token: str = TOKEN, **more: object) -> subprocess.Popen:
        command = [self.program, *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.folder, env={"SECRET": token}, text=True, **pipes, **more)

    def run(self, *arguments: object, **more: object) -> tuple[int, str]:
        running = self.start(*arguments, **more)
        out, err = running.communicate(timeout=SECONDS * 2)
        return running.returncode, out + err

    def scan(self, **more: object) -> tuple[int, str]:
        return self.run("scan", *self.exports, *REGISTER, "--deliver", "deliver.toml", "-q", **more)

    def deliver(self, *what: object, **more: object) -> tuple[int, str]:
        return self.run("deliver", *what, **more)

    def records(self, form: str, file: str) -> list[str]:
        """The lines that `scan --format` writes."""
        out = self.folder / "records"
        code, told = self.run("scan", *self.exports, *REGISTER, "--format", form, "--out", out, "-q")
        assert code == 0, told
        return (out / file).read_text().splitlines()

    def waiting(self) -> int:
        _, told = self.deliver("status", "--json")
        return json.loads(told)["waiting"]

    @contextmanager
    def pipeline(self, text: str, port: int) -> Iterator[subprocess.Popen]:
        """A pipeline of Tenzir's that listens."""
        path = self.folder / f"{port}.tql"
        path.write_text(text)
        with open(self.folder / "tenzir.log", "ab") as log:
            server = subprocess.Popen([self.tenzir, "-f", path], stdout=log, stderr=log, cwd=self.folder)
        try:
            listens(port, server)
            yield server
        finally:
            end(server)

    def collector(self, port: int, stored: Path, more: str = "") -> str:
        return f'accept_splunk "127.0.0.1:{port}", hec_token="{TOKEN}"{more}\nto_file "{stored}", append=true {{ write_ndjson }}\n'


def listens(port: int, server: subprocess.Popen) -> None:
    import socket

    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise OSError(f"a receiver ended at once with code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise OSError("a receiver does not listen")


def end(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def lines(path: Path) -> list[str]:
    # Not splitlines: records may hold U+2028.
    return [line for line in path.read_text().split("\n")[:-1] if line] if path.exists() else []


def ids(path: Path) -> Counter:
    return Counter(json.loads(line)["event"]["id"] for line in lines(path))


def own_ids(world: World) -> set[str]:
    return {json.loads(line)["id"] for line in world.records("ndjson", "findings.ndjson")}


# Scenarios. Each has a folder of its own.


def collector_takes_all(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET", index="security")
    envelopes = [json.loads(line) for line in world.records("splunk", "findings.splunk.ndjson")]
    with world.pipeline(world.collector(port, stored), port):
        checks.check(world.scan()[0] == DELIVERED, "a scan delivers")
        until(lambda: len(lines(stored)) >= len(envelopes))
        hec.compare(envelopes, [json.loads(line) for line in lines(stored)], checks)
        indexes = {json.loads(line).get("index") for line in lines(stored)}
        checks.check(indexes == {"security"}, f"the index is set: {indexes}")
        checks.check(world.scan()[0] == DELIVERED, "the same scan again")
        time.sleep(1)
        checks.check(len(lines(stored)) == len(envelopes), "the same scan again sends nothing")


def wrong_token(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET")
    with world.pipeline(world.collector(port, stored), port):
        began = time.monotonic()
        code, told = world.scan(token="wr0ng-t0ken")
        checks.check(code == WAITING and time.monotonic() - began < 15, f"it stops at once: {code} {told}")
        everything = told + "".join(path.read_text() for path in world.folder.rglob("*") if path.is_file())
        checks.check("wr0ng-t0ken" not in everything, "the token is nowhere")
        checks.check(world.deliver()[0] == DELIVERED, "with the right token all goes")
        checks.check(until(lambda: set(ids(stored)) == own_ids(world)), "and arrives")


def receiver_dies(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    keys = {"kind": "splunk", "url": f"http://127.0.0.1:{port}", "token_env": "SECRET", "batch_bytes": 3000}
    world.destination(**keys, minutes=0)
    checks.check(world.scan()[0] == WAITING, "nobody is there: all waits")
    world.destination(**keys, minutes=1, at_a_time=1)
    pipeline, spool, full = world.collector(port, stored), world.folder / "spool", world.folder / "full"
    shutil.copytree(spool, full)
    expected = own_ids(world)
    with world.pipeline(pipeline, port) as server:
        for _ in range(ROUNDS):
            shutil.rmtree(spool)
            shutil.copytree(full, spool)
            running = stopped_midway(world, spool / "there/delivered.tsv")
            if midway := 0 < len(lines(spool / "there/delivered.tsv")) < len(expected):
                break
            running.kill()
            running.communicate()
        checks.check(midway, "it is stopped when some records are taken and others are not")
        server.kill()
        server.wait()
    running.send_signal(signal.SIGCONT)
    time.sleep(1)
    checks.check(running.poll() is None, "it waits for the receiver")
    with world.pipeline(pipeline, port):
        running.communicate(timeout=SECONDS * 2)
        checks.check(running.returncode == DELIVERED, "it goes on when the receiver is back")
        # What the killed receiver had taken and not yet written is lost to the receiver, not to us: 200 was said.
        delivered = {line.split("\t")[0] for line in lines(spool / "there/delivered.tsv")}
        checks.check(delivered == expected, "each record was taken once at least")


def stopped_midway(world: World, noted: Path) -> subprocess.Popen:
    """`deliver`, stopped (not ended) as soon as it has noted that something was taken."""
    running = world.start("deliver")
    while running.poll() is None and not (noted.exists() and noted.stat().st_size):
        pass
    running.send_signal(signal.SIGSTOP)
    return running


def killed_at_any_moment(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    keys = {"kind": "splunk", "url": f"http://127.0.0.1:{port}", "token_env": "SECRET", "batch_bytes": 3000}
    world.destination(**keys, minutes=0)
    world.scan()
    world.destination(**keys, at_a_time=2)
    spool, full = world.folder / "spool", world.folder / "full"
    shutil.copytree(spool, full)
    chance, killed, rounds, expected = random.Random(7), 0, 0, own_ids(world)
    with world.pipeline(world.collector(port, stored), port):
        began = time.monotonic()
        checks.check(world.deliver()[0] == DELIVERED, "undisturbed all is delivered")
        usual = time.monotonic() - began
        while killed < KILLS and rounds < 4 * KILLS:
            rounds += 1
            shutil.rmtree(spool)
            shutil.copytree(full, spool)
            running = world.start("deliver")
            time.sleep(chance.uniform(0.0, usual))
            running.kill()
            running.communicate()
            killed += running.returncode == -9
            checks.check(world.deliver()[0] == DELIVERED, "what was left is delivered")
            delivered = {line.split("\t")[0] for line in lines(spool / "there/delivered.tsv")}
            checks.check(delivered == expected and world.waiting() == 0, f"round {rounds}: all is noted")
        checks.check(killed == KILLS, f"it was killed {killed} times")
        # Once undisturbed, and once or more in each round.
        whole = lambda: set(ids(stored)) == expected and min(ids(stored).values()) > rounds  # noqa: E731
        checks.check(until(whole), "nothing is lost in any round")
        alike: dict[str, set[str]] = {}
        for line in lines(stored):
            event = json.loads(line)["event"]
            alike.setdefault(event["id"], set()).add(json.dumps(event, sort_keys=True))
        checks.check(all(len(told) == 1 for told in alike.values()), "what came twice is the same")
        twice = sum(ids(stored).values()) - len(expected) * (rounds + 1)
        print(f"killed {killed} times in {rounds} rounds of {len(expected)} findings: {twice} came twice", file=sys.stderr)


def scan_killed(world: World, checks: Checks) -> None:
    """A scan that dies leaves nothing or whole files in the spool; the next one delivers everything."""
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET", batch_bytes=3000)
    chance = random.Random(11)
    with world.pipeline(world.collector(port, stored), port):
        for _ in range(10):
            running = world.start("scan", *world.exports, *REGISTER, "--deliver", "deliver.toml", "-q")
            time.sleep(chance.uniform(0.1, 0.6))
            running.kill()
            running.communicate()
        checks.check(world.scan()[0] == DELIVERED, "the next scan delivers")
        checks.check(until(lambda: set(ids(stored)) == own_ids(world)), "everything")


def forgotten(world: World, checks: Checks) -> None:
    """What was delivered long ago is given up, whenever the program is killed over it, and what is still found is not."""
    world.destination(kind="file", path="stored", remember="30 days")
    checks.check(world.scan()[0] == DELIVERED, "a scan delivers")
    sent, noted = lines(world.folder / "stored"), world.folder / "spool/there/delivered.tsv"
    today, own = int(time.time()) // 86_400, lines(noted)
    old = [f"{uuid.uuid5(uuid.NAMESPACE_URL, str(number))}\t{number:016x}\t{today - 31}" for number in range(150_000)]
    kept = [f"{uuid.uuid5(uuid.NAMESPACE_URL, str(-number))}\t{number:016x}\t{today - 30}" for number in range(1, 100_001)]
    before = "".join(f"{line}\n" for line in [*old, *kept, *own])
    after = sorted([*kept, *own])
    everything = len(old) + len(kept) + len(own)
    noted.write_text(before)
    began = time.monotonic()
    _, told = world.deliver("status", "--json")
    usual, standing = time.monotonic() - began, json.loads(told)
    checks.check(standing["delivered"] == everything, f"what is given up is counted: {told}")
    checks.check(lines(noted) == [f"forgotten\t{len(old)}\t{today}", *after], "and its lines are gone")
    chance, ends, aside = random.Random(5), Counter(), noted.parent / ".delivered"
    for round_ in range(40):
        noted.write_text(before)
        running = world.start("deliver", "status", "--json")
        if round_ % 2:
            time.sleep(chance.uniform(0.0, usual))
        else:
            # While it writes: at random it is hardly ever met there.
            while not aside.exists() and running.poll() is None:
                pass
            time.sleep(chance.uniform(0.0, usual / 8))
        running.kill()
        running.communicate()
        found, is_midway = noted.read_text(), aside.exists()
        ends["midway" if is_midway else "before" if found == before else "after"] += 1
        is_whole = found == before or found.splitlines()[1:] == after
        checks.check(is_whole, f"round {round_}: the file is the old one or the new one")
        checks.check(json.loads(world.deliver("status", "--json")[1]) == standing, f"round {round_}: it says the same")
    checks.check(ends["midway"] > 0, f"some kills are between: {dict(ends)}")
    checks.check(world.scan()[0] == DELIVERED and lines(world.folder / "stored") == sent, "nothing is sent again")
    print(f"killed 40 times over {everything} lines: {dict(ends)}", file=sys.stderr)


def too_large(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET", gzip=False)
    sizes = sorted(len(line.encode()) for line in world.records("splunk", "findings.splunk.ndjson"))
    limit = sizes[-2] + 10
    with world.pipeline(world.collector(port, stored, f", max_request_size={limit}"), port):
        code, told = world.scan()
        checks.check(code == REFUSED, f"the largest record is refused, all others go: {code} {told}")
        checks.check(until(lambda: len(ids(stored)) == len(sizes) - 1), "all others arrive")
        dead = [json.loads(line) for line in world.deliver("dead")[1].splitlines()]
        checks.check(len(dead) == 1 and dead[0]["status"] == 413, f"it is put aside with the answer: {len(dead)}")
        checks.check(json.loads(dead[0]["record"])["event"]["id"] == dead[0]["id"], "it is put aside whole")
    with world.pipeline(world.collector(port, stored), port):
        checks.check(world.deliver("retry")[0] == DELIVERED, "retry sends it where it is taken")
        checks.check(until(lambda: len(ids(stored)) == len(sizes)), "it arrives")


def never_confirmed(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(
        kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET", ack=True, batch_bytes=50_000, confirmation_seconds=1
    )
    with world.pipeline(world.collector(port, stored, ", ack=true, max_pending_acks=2"), port):
        code, told = world.scan()
        count = len(own_ids(world))
        checks.check(code == WAITING, f"what is not acknowledged is not delivered: {code}")
        checks.check("code 9" in told, f"503, server is busy, is met: {told}")
        checks.check(world.waiting() == count, "all of it waits")


class Acknowledging(http.server.BaseHTTPRequestHandler):
    """A collector that acknowledges, which no receiver at hand does: each number once, when it is asked for the second time.
    Its first answer is 503 with Retry-After; its second takes the batch while its queues are nearly full (code 24)."""

    taken: list[str] = []
    asked: Counter = Counter()
    requests = 0
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        channel = self.headers.get("X-Splunk-Request-Channel", "")
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", channel):
            self.answer(400, {"text": "Data channel is missing", "code": 10})
        elif "/ack" in self.path:
            told = {}
            for number in json.loads(body)["acks"]:
                self.asked[number] += 1
                told[str(number)] = self.asked[number] == 2
            self.answer(200, {"acks": told})
        else:
            cls = type(self)
            cls.requests += 1
            if cls.requests == 1:
                self.answer(503, {"text": "Server is busy", "code": 9, "invalid-event-number": 0}, {"Retry-After": "1"})
                return
            decoder, text = json.JSONDecoder(), body.decode()
            while text.strip():
                envelope, end_of_it = decoder.raw_decode(text.lstrip())
                text = text.lstrip()[end_of_it:]
                cls.taken.append(envelope["event"]["id"])
            code = 24 if cls.requests == 2 else 0
            self.answer(200, {"text": "", "code": code, "ackId": 3756319535275602 + cls.requests})

    def answer(self, status: int, body: dict, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(text))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


def acknowledged(world: World, checks: Checks) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Acknowledging)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        world.destination(kind="splunk", url=url, token_env="SECRET", ack=True, batch_bytes=30_000, at_a_time=2)
        code, told = world.scan()
        checks.check(code == DELIVERED and world.waiting() == 0, f"what is acknowledged is delivered: {code} {told}")
        taken = Counter(Acknowledging.taken)
        checks.check(set(taken) == own_ids(world) and set(taken.values()) == {1}, "each record was taken once")
        checks.check(min(Acknowledging.asked.values()) == 2, "no number is asked for again when it was confirmed")
    finally:
        server.shutdown()


def throttled(world: World, checks: Checks) -> None:
    """nginx before the collector: 429 with Retry-After, and 413 by its own limit, both without JSON."""
    port, proxy, stored = free_port(), free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{proxy}", token_env="SECRET", gzip=False, minutes=1)
    (world.folder / "nginx.conf").write_text(
        f"""daemon off; user root; pid {world.folder}/nginx.pid; error_log {world.folder}/nginx.err;
        events {{}} http {{ access_log off; client_max_body_size 64k;
        client_body_temp_path {world.folder}/body; proxy_temp_path {world.folder}/proxy;
        fastcgi_temp_path {world.folder}/fastcgi; uwsgi_temp_path {world.folder}/uwsgi; scgi_temp_path {world.folder}/scgi;
        limit_req_zone $binary_remote_addr zone=z:1m rate=2r/s; limit_req_status 429; error_page 429 = @later;
        server {{ listen 127.0.0.1:{proxy};
        location / {{ limit_req zone=z; proxy_pass http://127.0.0.1:{port}; }}
        location @later {{ add_header Retry-After 1 always; return 429 'later'; }} }} }}"""
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin") or "nginx"
    with world.pipeline(world.collector(port, stored), port):
        server = subprocess.Popen([nginx, "-c", world.folder / "nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            listens(proxy, server)
            code, told = world.run("scan", *world.exports, *REGISTER, "--deliver", "deliver.toml")
            checks.check(code == DELIVERED and "status 429" in told, f"it waits as it is told to: {code} {told[-500:]}")
            checks.check(until(lambda: set(ids(stored)) == own_ids(world)), "everything arrives")
        finally:
            end(server)


def unknown_authority(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    certificate, key = authority(world.folder)
    tls = f', tls={{certfile: "{certificate}", keyfile: "{key}"}}'
    keys = {"kind": "splunk", "url": f"https://localhost:{port}", "token_env": "SECRET"}
    with world.pipeline(world.collector(port, stored, tls), port):
        world.destination(**keys, minutes=0.05)
        code, told = world.scan()
        checks.check(code == WAITING and not lines(stored), f"who is not trusted gets nothing: {code}")
        checks.check("certificate" in told or "UnknownIssuer" in told or "tls" in told.lower(), f"and it says why: {told}")
        world.destination(**keys, ca_file=str(certificate))
        checks.check(world.deliver()[0] == DELIVERED, "a private authority is trusted when it is named")
        checks.check(until(lambda: set(ids(stored)) == own_ids(world)), "everything arrives")


def authority(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "tls.crt", folder / "tls.key"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    files = ["-keyout", key, "-out", certificate]
    subprocess.run([*command.split(), *names, *files], check=True, stderr=subprocess.DEVNULL)
    return certificate, key


def fluent_bit(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    options = f'{{listen: "127.0.0.1", port: "{port}", splunk_token: "{TOKEN}"}}'
    pipeline = f'from_fluent_bit "splunk", options={options}\nto_file "{stored}" {{ write_ndjson }}\n'
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET")
    with world.pipeline(pipeline, port):
        code, told = world.scan(token="wr0ng")
        checks.check(code == WAITING and "unauthorized" in told, f"an answer that is no JSON is understood: {code} {told}")
        checks.check(world.deliver()[0] == DELIVERED, "a second collector takes all")
        expected = own_ids(world)
        arrived = lambda: "".join(lines(stored))  # noqa: E731
        checks.check(until(lambda: all(one in arrived() for one in expected)), "everything arrives")


def bulk(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="elastic", url=f"http://127.0.0.1:{port}", api_key_env="SECRET")
    pipeline = f'accept_opensearch "127.0.0.1:{port}", keep_actions=true\nto_file "{stored}" {{ write_ndjson }}\n'
    written = [json.loads(line) for line in world.records("ecs", "findings.ecs.ndjson")]
    with world.pipeline(pipeline, port):
        code, told = world.scan()
        checks.check(code == DELIVERED, f"_bulk takes all: {code} {told}")
        checks.check(until(lambda: len(lines(stored)) >= len(written)), f"{len(lines(stored))} of {len(written)} lines arrive")
        arrived = [json.loads(line) for line in lines(stored)]
        sent = [line["create"]["_id"] for line in written if "create" in line]
        actions = [line["create"]["_id"] for line in arrived if line.get("create")]
        checks.check(sorted(actions) == sorted(sent), "each document goes by its finding's id")
        documents = {line["event"]["id"]: line for line in arrived if line.get("event")}
        for document in (line for line in written if "event" in line):
            # Made later than the file was written.
            document["event"].pop("created", None)
            there = documents.get(document["event"]["id"], {"event": {}})
            there["event"].pop("created", None)
            wrong = list(hec.differences(document, {key: there.get(key) for key in document}, ""))
            checks.check(not wrong, f"{document['event']['id']}: {'; '.join(wrong)[:500]}")


def sentinel(world: World, checks: Checks) -> None:
    port, login, stored, logins = free_port(), free_port(), world.folder / "stored", world.folder / "logins"
    certificate, key = authority(world.folder)
    tls = f'tls={{certfile: "{certificate}", keyfile: "{key}"}}'
    path = "/dataCollectionRules/dcr-0/streams/Custom-Tokentrail"
    ingestion = (
        f'accept_http "127.0.0.1:{port}", {tls}, responses={{"{path}": {{code: 204, content_type: "application/json", body: ""}}}}'
        f' {{ read_json arrays_of_objects=true }}\nto_file "{stored}" {{ write_ndjson }}\n'
    )
    token = '{\\"token_type\\":\\"Bearer\\",\\"expires_in\\":3599,\\"access_token\\":\\"acc3ss\\"}'
    granting = (
        f'accept_http "127.0.0.1:{login}", {tls}, responses={{"/tenant-0/oauth2/v2.0/token": '
        f'{{code: 200, content_type: "application/json", body: "{token}"}}}} {{ read_lines }}\nto_file "{logins}" {{ write_ndjson }}\n'
    )
    world.destination(
        kind="sentinel", endpoint=f"https://localhost:{port}", rule="dcr-0", stream="Custom-Tokentrail", tenant="tenant-0",
        client_id="app-0", client_secret_env="SECRET", login_url=f"https://localhost:{login}", ca_file=str(certificate),
    )  # fmt: skip
    rows = [json.loads(line) for line in world.records("sentinel-ndjson", "findings.sentinel.ndjson")]
    with world.pipeline(ingestion, port), world.pipeline(granting, login):
        code, told = world.scan(token="s3cret/+")
        checks.check(code == DELIVERED, f"Logs Ingestion takes all: {code} {told}")
        checks.check(until(lambda: len(lines(stored)) >= len(rows)), f"{len(lines(stored))} of {len(rows)} rows arrive")
        asked = "".join(lines(logins))
        checks.check("client_secret=s3cret%2F%2B" in asked, f"the secret goes to the login alone, as a form: {asked}")
        arrived = {row["EventUid"]: row for row in map(json.loads, lines(stored))}
        for row in rows:
            there = arrived.get(row["EventUid"], {})
            made = there.get("TimeGenerated", "")
            checks.check(made > row["TimeGenerated"], f"a row is dated when it was made: {made}")
            expected = {key: value for key, value in row.items() if key != "TimeGenerated"}
            wrong = list(hec.differences(expected, {key: there.get(key) for key in expected}, ""))
            checks.check(not wrong, f"{row['EventUid']}: {'; '.join(wrong)[:500]}")


def datadog(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    answers = '{"/api/v2/logs": {code: 202, content_type: "application/json", body: "{}"}}'
    pipeline = (
        f'accept_http "127.0.0.1:{port}", responses={answers} {{ read_json arrays_of_objects=true }}\n'
        f'to_file "{stored}" {{ write_ndjson }}\n'
    )
    world.destination(kind="datadog", url=f"http://127.0.0.1:{port}", api_key_env="SECRET")
    with world.pipeline(pipeline, port):
        code, told = world.scan()
        checks.check(code == DELIVERED, f"the intake takes all: {code} {told}")
        expected = own_ids(world)
        checks.check(until(lambda: len(lines(stored)) >= len(expected)), "every log arrives")
        checks.check({json.loads(line)["finding_id"] for line in lines(stored)} == expected, "each with its finding's id")


def datadog_contract(world: World, checks: Checks) -> None:
    """Prism answers as Datadog's own OpenAPI document says, and refuses what that does not allow."""
    port = free_port()
    program, document = installed_prism(), datadog_logs(installed_datadog_document())
    (world.folder / "datadog.yaml").write_text(document)
    command = ["node", program, "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), world.folder / "datadog.yaml"]
    with open(world.folder / "prism.log", "wb") as log:
        prism = subprocess.Popen(command, stdout=log, stderr=log, cwd=world.folder)
    try:
        listens(port, prism)
        url, key = f"http://127.0.0.1:{port}", {"DD-API-KEY": "k", "Content-Type": "application/json"}
        faults = [([{"ddsource": "x"}], key), ([{"message": 7}], key), ({"message": "x"}, key), ([{"message": "x"}], {})]
        faults.append(([{"message": "x"}], key | {"Content-Encoding": "brotli"}))
        refused = [status(f"{url}/api/v2/logs", body, headers) for body, headers in faults]
        checks.check(refused == [400, 400, 400, 401, 400], f"Prism minds what is wrong: {refused}")
        checks.check(status(f"{url}/api/v2/logs", [{"message": "x"}], key) == 202, "and takes what is right")
        checks.check(status(f"{url}/api/v2/log", [{"message": "x"}], key) == 404, "at its place")
        # Prism does not unpack requests.
        world.destination(kind="datadog", url=url, api_key_env="SECRET", gzip=False)
        code, told = world.scan()
        checks.check(code == DELIVERED, f"what is sent is as Datadog describes it: {code} {told}")
    finally:
        end(prism)


def status(url: str, body: object, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"} | headers)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def datadog_logs(document: Path) -> str:
    """The part of a document of nine megabytes that is about taking logs: one path, and what it refers to."""
    text = "\n" + document.read_text(encoding="utf-8")
    paths = text[text.index("\npaths:\n") :]
    logs = re.search(r"\n  /api/v2/logs:\n(?:    .*\n|\n)+", paths)
    assert logs, "the document has no /api/v2/logs"
    components = text[text.index("\ncomponents:\n") : text.index("\npaths:\n")]
    kinds = {part.split(":")[0].strip(): f"\n{part}\n" for part in re.split(r"\n(?=  \w+:\n)", components)}
    wanted, done = {("securitySchemes", name) for name in ("apiKeyAuth",)}, {}
    wanted |= set(re.findall(r"#/components/(\w+)/(\w+)", logs[0]))
    while wanted - done.keys():
        kind, name = next(iter(wanted - done.keys()))
        found = re.search(rf"\n    {name}:\n(?:     .*\n|\n)+", kinds[kind])
        assert found, f"the document has no {kind} {name}"
        done[kind, name] = found[0]
        wanted |= set(re.findall(r"#/components/(\w+)/(\w+)", found[0]))
    parts = [f"  {kind}:" + "".join(done[one] for one in sorted(done) if one[0] == kind) for kind in sorted({k for k, _ in done})]
    head = 'openapi: 3.0.0\ninfo: {title: logs, version: "1"}\nservers: [{url: /}]\n'
    return head + "components:\n" + "\n".join(parts) + "\npaths:" + logs[0]


def installed_prism() -> Path:
    folder, mark = cache(f"prism-{PRISM.split('@')[-1]}")
    if not mark.exists():
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix", folder, PRISM]
        subprocess.run(npm, check=True, timeout=600, cwd=folder)
        mark.touch()
    return folder / "node_modules/@stoplight/prism-cli/dist/index.js"


def installed_datadog_document() -> Path:
    """Of Datadog's packages, the source of the one for Python has the document along."""
    name, release = DATADOG.split("==")
    folder, mark = cache(f"datadog-{release}")
    if not mark.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--no-binary", name, "-d", folder, DATADOG], check=True, timeout=600)
        member = f"{name.replace('-', '_')}-{release}/.generator/schemas/v2/openapi.yaml"
        with tarfile.open(next(folder.glob("*.tar.gz"))) as source, source.extractfile(member) as document:
            (folder / "openapi.yaml").write_bytes(document.read())
        mark.touch()
    return folder / "openapi.yaml"


def cache(name: str) -> tuple[Path, Path]:
    """A folder for what is installed, and the mark that it is whole; without it the folder is begun anew."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokentrail" / name
    mark = folder / "complete"
    if not mark.exists():
        print(f"installing {name} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    return folder, mark


def server(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    pipeline = f'accept_http "127.0.0.1:{port}" {{ read_ndjson }}\nto_file "{stored}" {{ write_ndjson }}\n'
    world.destination(kind="http", url=f"http://127.0.0.1:{port}/in", header_value_env="SECRET")
    with world.pipeline(pipeline, port):
        checks.check(world.scan()[0] == DELIVERED, "any server takes lines of JSON")
        expected = own_ids(world)
        checks.check(until(lambda: {json.loads(line)["id"] for line in lines(stored)} == expected), "everything arrives")


def syslog(world: World, checks: Checks) -> None:
    """rsyslog over TLS, and Tenzir over TCP: each message is a line of CEF, whole."""
    port, stored = free_port(), world.folder / "rsyslog"
    certificate, key = authority(world.folder)
    (world.folder / "rsyslog.conf").write_text(
        f"""global(workDirectory="{world.folder}" maxMessageSize="512k" defaultNetstreamDriverCAFile="{certificate}"
            defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
        module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
        template(name="line" type="string" string="%app-name%\\t%pri%\\t%msg%\\n")
        ruleset(name="all") {{ action(type="omfile" file="{stored}" template="line") }}
        input(type="imtcp" port="{port}" address="127.0.0.1" ruleset="all")
        """
    )
    rsyslog = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin") or "rsyslogd"
    expected = Counter(map(undated, world.records("cef", "findings.cef")))
    receiver = subprocess.Popen(
        [rsyslog, "-n", "-i", world.folder / "rsyslog.pid", "-f", world.folder / "rsyslog.conf"], stderr=subprocess.DEVNULL
    )
    try:
        listens(port, receiver)
        world.destination(kind="syslog", address=f"localhost:{port}", format="cef", ca_file=str(certificate), facility=20)
        code, told = world.scan()
        checks.check(code == DELIVERED, f"rsyslog takes all by TLS: {code} {told}")
        checks.check(until(lambda: len(lines(stored)) >= sum(expected.values())), f"{len(lines(stored))} lines arrive")
        parts = [line.split("\t", 2) for line in lines(stored)]
        checks.check(all(part[:2] == ["tokentrail", "165"] for part in parts), "from local4 at notice")
        arrived = Counter(undated(part[-1]) for part in parts)
        wrong = [text[:300] for text in ((arrived - expected) + (expected - arrived))][:4]
        checks.check(not wrong, f"each message is the record: {wrong}")
    finally:
        end(receiver)
    port, stored = free_port(), world.folder / "tenzir"
    shutil.rmtree(world.folder / "spool")
    world.destination(kind="syslog", address=f"127.0.0.1:{port}", format="ndjson", tls=False)
    pipeline = (
        f'accept_tcp "127.0.0.1:{port}" {{ read_syslog octet_counting=true }}\nto_file "{stored}" {{ write_ndjson }}\n'
    )
    with world.pipeline(pipeline, port):
        checks.check(world.scan()[0] == DELIVERED, "a second receiver takes all by TCP")
        told = own_ids(world)
        found = lambda: set(re.findall(r'\\"id\\":\\"([0-9a-f-]{36})\\"', "".join(lines(stored))))  # noqa: E731
        checks.check(until(lambda: told <= found()), "everything arrives")


def syslog_ng(world: World, checks: Checks) -> None:
    """A second receiver of syslog over TLS reads the frames: each field of each message, and the record as its text."""
    port, stored = free_port(), world.folder / "syslog-ng"
    certificate, key = authority(world.folder)
    modules = "".join(f"@module {name}\n" for name in ("afsocket", "affile", "syslogformat", "json-plugin", "basicfuncs"))
    tls = f'tls(key-file("{key}") cert-file("{certificate}") peer-verify(optional-untrusted))'
    (world.folder / "syslog-ng.conf").write_text(
        f"""@version: 3.38
{modules}options {{ log-msg-size(1048576); keep-hostname(yes); }};
source s {{ syslog(ip("127.0.0.1") port({port}) transport("tls") {tls}); }};
destination d {{ file("{stored}" template("$(format-json --scope rfc5424 --pair STAMP=$S_ISODATE)\\n") frac-digits(3)); }};
log {{ source(s); destination(d); }};
"""
    )
    root = installed_syslog_ng()
    places = [root / "usr/lib/x86_64-linux-gnu", root / "lib/x86_64-linux-gnu", root / "usr/lib/syslog-ng"]
    paths = [f"--{name}={world.folder}/ng.{name}" for name in ("persist-file", "pidfile", "control")]
    modules_path = next((root / "usr/lib/syslog-ng").glob("3.*"))
    command = [root / "usr/sbin/syslog-ng", "-F", "-f", world.folder / "syslog-ng.conf", f"--module-path={modules_path}", "--no-caps"]
    records = {"cef": "findings.cef", "ndjson": "findings.ndjson"}
    expected = {form: Counter(map(undated, world.records(form, file))) for form, file in records.items()}
    with open(world.folder / "ng.log", "wb") as log:
        library = {"LD_LIBRARY_PATH": ":".join(map(str, places))}
        receiver = subprocess.Popen([*command, *paths], stdout=log, stderr=log, env=library)
    try:
        listens(port, receiver)
        for form in records:
            shutil.rmtree(world.folder / "spool", ignore_errors=True)
            before = len(lines(stored))
            world.destination(
                kind="syslog", address=f"localhost:{port}", format=form, ca_file=str(certificate), hostname="here.example"
            )
            code, told = world.scan()
            checks.check(code == DELIVERED, f"syslog-ng takes all of {form} by TLS: {code} {told}")
            count = sum(expected[form].values())
            checks.check(until(lambda: len(lines(stored)) >= before + count), f"{len(lines(stored)) - before} of {count} arrive")
            messages = [json.loads(line) for line in lines(stored)[before:]]
            head = {"PROGRAM": "tokentrail", "PRIORITY": "notice", "FACILITY": "local4", "MSGID": "finding", "HOST": "here.example"}
            wrong = [message for message in messages if any(message.get(key) != value for key, value in head.items())]
            checks.check(not wrong, f"the head is ours: {wrong[:1]}")
            stamps = {message.get("STAMP", "") for message in messages}
            checks.check(all(re.match(r"20\d\d-\d\d-\d\dT", stamp) for stamp in stamps), f"it is dated: {stamps}")
            arrived = Counter(undated(message["MESSAGE"]) for message in messages)
            wrong = [text[:300] for text in ((arrived - expected[form]) + (expected[form] - arrived))][:4]
            checks.check(not wrong, f"each message is the record: {wrong}")
    finally:
        end(receiver)


def undated(text: str) -> str:
    """A line of CEF without when it was made, which is another time."""
    return re.sub(r"\brt=\d+ ", "", text.lstrip(" "))


def installed_syslog_ng() -> Path:
    """A folder with syslog-ng and its libraries as Debian has them, unpacked on first use."""
    folder, mark = cache("syslog-ng")
    if not mark.exists():
        names = ["syslog-ng-core", "libivykis0", "libnet1", "libpcre3", "libwrap0"]
        told = subprocess.run(["apt-get", "download", *names], cwd=folder, capture_output=True, text=True, timeout=300)
        packages = sorted(folder.glob("*.deb"))
        if told.returncode or len(packages) != len(names):
            raise OSError(f"syslog-ng cannot be had (apt-get update?): {told.stderr.strip()[-500:]}")
        for package in packages:
            subprocess.run(["dpkg", "-x", package, folder / "root"], check=True, timeout=60)
        mark.touch()
    return folder / "root"


def files(world: World, checks: Checks) -> None:
    world.destination(kind="file", path="out/findings.ndjson", rotate_bytes=60_000, keep=50)
    (world.folder / "out").mkdir()
    checks.check(world.scan()[0] == DELIVERED, "a file takes all")
    written = sorted((world.folder / "out").iterdir())
    checks.check(len(written) > 1 or sum(path.stat().st_size for path in written) < 60_000, f"it is begun anew: {written}")
    found = [json.loads(line)["id"] for path in written for line in lines(path)]
    checks.check(len(found) == len(set(found)) and set(found) == own_ids(world), "every line is there once")


def disk_full(world: World, checks: Checks) -> None:
    port, stored = free_port(), world.folder / "stored"
    world.destination(kind="splunk", url=f"http://127.0.0.1:{port}", token_env="SECRET")

    def small_files() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with world.pipeline(world.collector(port, stored), port):
        code, told = world.scan(preexec_fn=small_files)
        checks.check(code == 2 and "spool" in told, f"a spool that cannot be written is an error: {code} {told}")
        checks.check(not lines(stored), "and nothing is sent that is not safe")
        checks.check(world.scan()[0] == DELIVERED, "with room again all goes")
        checks.check(until(lambda: set(ids(stored)) == own_ids(world)), "everything arrives")


def hostile_text(world: World, checks: Checks) -> None:
    """A name that means something to every format on the way, and one of 100 KB."""
    rows = ["Id,AppName,UserId,CreatedDate,LastUsedDate,UseCount"]
    for number, name in enumerate([HOSTILE, "x" * 100_000, HOSTILE * 900]):
        cell = '"' + name.replace('"', '""') + '"'
        rows.append(f"0CQTr00000000{number:05},{cell},005Tr0000000000{number:03},2023-01-01T00:00:00Z,2024-01-01T00:00:00Z,7")
    rows.append("0CQTr00000000099,Other,005Tr0000000000099,2026-01-01T00:00:00Z,2026-03-01T00:00:00Z,7")
    (world.folder / "OauthToken.csv").write_text("\n".join(rows) + "\n")
    world.exports = [world.folder / "OauthToken.csv"]
    collector_takes_all(world, checks)
    named = {json.loads(line)["event"]["app"][:40] for line in lines(world.folder / "stored")}
    checks.check(any(HOSTILE[:30] in name for name in named), f"the name is as it was: {named}")
    shutil.rmtree(world.folder / "spool")
    syslog(world, checks)
    shutil.rmtree(world.folder / "spool")
    syslog_ng(world, checks)


SCENARIOS = [
    collector_takes_all, wrong_token, receiver_dies, killed_at_any_moment, scan_killed, forgotten, too_large, never_confirmed, acknowledged,
    throttled, unknown_authority, fluent_bit, bulk, sentinel, datadog, datadog_contract, server, syslog, syslog_ng, files, disk_full, hostile_text,
]  # fmt: skip


def main() -> int:
    program, only = Path(sys.argv[1]).resolve(), sys.argv[2:]
    checks = Checks()
    for scenario in SCENARIOS:
        if only and scenario.__name__ not in only:
            continue
        before, began = checks.failed, time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                scenario(World(program, installed_tenzir(), Path(folder), SAMPLE), checks)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, AssertionError) as error:
            checks.check(False, f"{scenario.__name__}: {type(error).__name__}: {error}")
        word = "ok" if checks.failed == before else "FAILED"
        print(f"{scenario.__name__}: {word}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
