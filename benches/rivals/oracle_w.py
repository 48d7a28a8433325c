"""W in plain Python: slow, independent of every engine, made to be read. CSV only.

This is the meaning of W; the runner's `--smoke` holds every other program to it.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import median

import workload

Finding = dict[str, object]


def main() -> None:
    args = workload.arguments(__doc__)
    api, logins, tokens = (list(records(path)) for path in (args.api, args.login, args.oauth))
    if args.once:
        api = list({event[workload.IDENTITY]: event for event in api}.values())
    with open(args.out, "w", encoding="utf-8") as out:
        for found in (
            new_ips(api, args.window_start),
            spikes(api, args.window_start, args.window_end),
            sessions(api),
            idle_tokens(tokens, args.idle_before),
            new_logins(logins, tokens, args.window_start),
        ):
            out.writelines(json.dumps(finding, ensure_ascii=False) + "\n" for finding in found)


def records(path: str) -> Iterator[dict[str, str]]:
    if workload.form(path) != ".csv":
        workload.unsupported(path)
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def app_of(event: dict[str, str]) -> str:
    return event["ConnectedAppId"] or event["Application"]


def rows_of(event: dict[str, str]) -> int:
    return int(float(event["RowsReturned"] or 0))


def new_ips(api: list[dict[str, str]], start: str) -> Iterator[Finding]:
    seen = defaultdict(list)
    for event in api:
        if event["SourceIp"]:
            seen[event["UserId"], app_of(event), event["SourceIp"]].append(event)
    for (user, app, address), events in seen.items():
        first = min(event["EventDate"] for event in events)
        if first >= start:
            key: Finding = {"kind": "new_ip", "user": user, "app": app, "ip": address}
            yield key | {"first": first, "events": len(events), "rows": sum(map(rows_of, events))}


def spikes(api: list[dict[str, str]], start: str, end: str) -> Iterator[Finding]:
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for event in api:
        days[app_of(event)][event["EventDate"][:10]] += rows_of(event)
    for app, rows_by_day in days.items():
        baseline = [rows for day, rows in rows_by_day.items() if day < start[:10]]
        if len(baseline) < workload.MIN_BASELINE_DAYS:
            continue
        middle = median(baseline)
        spread = median(abs(rows - middle) for rows in baseline)
        for day, rows in rows_by_day.items():
            in_window = start[:10] <= day < end[:10]
            if in_window and rows > 0 and rows > middle + workload.MAD_FACTOR * spread:
                key: Finding = {"kind": "spike", "app": app, "day": day}
                yield key | {"rows": rows, "median": middle, "mad": spread}


def sessions(api: list[dict[str, str]]) -> Iterator[Finding]:
    addresses = defaultdict(list)
    for event in api:
        if event["SessionKey"]:
            addresses[event["SessionKey"]].append(event["SourceIp"])
    for session, used in addresses.items():
        networks = {address.rpartition(".")[0] for address in used if address}
        if len(networks) > 1:
            counts: Finding = {"networks": len(networks), "events": len(used)}
            yield {"kind": "session", "session": session} | counts


def idle_tokens(tokens: list[dict[str, str]], before: str) -> Iterator[Finding]:
    for token in tokens:
        if token["LastUsedDate"] and token["LastUsedDate"] < before:
            key: Finding = {"kind": "idle", "user": token["UserId"], "app": token["AppName"]}
            yield key | {"created": token["CreatedDate"], "last_used": token["LastUsedDate"]}


def new_logins(
    logins: list[dict[str, str]], tokens: list[dict[str, str]], start: str
) -> Iterator[Finding]:
    apps = defaultdict(list)
    for token in tokens:
        apps[token["UserId"]].append(token["AppName"])
    first: dict[tuple[str, str], str] = {}
    for login in logins:
        pair = login["UserId"], login["SourceIp"]
        first[pair] = min(first.get(pair, login["LoginTime"]), login["LoginTime"])
    for (user, address), moment in first.items():
        if moment >= start and user in apps:
            key: Finding = {"kind": "login", "user": user, "ip": address, "first": moment}
            yield key | {"tokens": len(apps[user]), "apps": len(set(apps[user]))}


if __name__ == "__main__":
    main()
