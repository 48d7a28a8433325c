"""W in pandas: files read by pyarrow's threaded readers into Arrow-backed frames, then group-bys.

pandas' own reader is single-threaded, and its pyarrow engine refuses newlines inside quotes.
"""

import pandas
import pyarrow
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

import workload

ARGS = workload.arguments(__doc__)


def main() -> None:
    pyarrow.set_cpu_count(ARGS.threads)
    events = events_of(api())
    found = [new_ips(events), spikes(events), sessions(events)]
    del events
    tokens = read(ARGS.oauth, workload.OAUTH)
    found += [idle_tokens(tokens), new_logins(read(ARGS.login, workload.LOGIN), tokens)]
    with open(ARGS.out, "w", encoding="utf-8") as out:
        for kind, frame in zip(("new_ip", "spike", "session", "idle", "login"), found, strict=True):
            frame.insert(0, "kind", kind)
            frame.to_json(out, orient="records", lines=True, force_ascii=False)


def api() -> pandas.DataFrame:
    if not ARGS.once:
        return read(ARGS.api, workload.API)
    told = read(ARGS.api, (*workload.API, workload.IDENTITY))
    return told.drop_duplicates(workload.IDENTITY)


def read(path: str, columns: tuple[str, ...]) -> pandas.DataFrame:
    """The needed columns of a file, by its suffix: text, and the one number W adds up."""
    types = {
        name: pyarrow.int64() if name == workload.NUMBER else pyarrow.string() for name in columns
    }
    match workload.form(path):
        case _ if "*" in path:
            workload.unsupported(path)
        case ".parquet":
            table = pyarrow.parquet.read_table(path, columns=list(columns))
        case ".ndjson":
            options = pyarrow.json.ParseOptions(
                explicit_schema=pyarrow.schema(types), unexpected_field_behavior="ignore"
            )
            table = pyarrow.json.read_json(path, parse_options=options)
        case _:
            table = read_csv(path, types)
    return table.to_pandas(types_mapper=pandas.ArrowDtype)


def read_csv(path: str, types: dict[str, pyarrow.DataType]) -> pyarrow.Table:
    return pyarrow.csv.read_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(block_size=4 << 20),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(include_columns=list(types), column_types=types),
    )


def events_of(api: pandas.DataFrame) -> pandas.DataFrame:
    app_id = api["ConnectedAppId"].fillna("")
    return pandas.DataFrame(
        {
            "moment": api["EventDate"],
            "day": api["EventDate"].str.slice(0, 10),
            "user": api["UserId"].fillna(""),
            "app": app_id.where(app_id != "", api["Application"].fillna("")),
            "ip": api["SourceIp"].fillna(""),
            "rows": api["RowsReturned"],
            "session": api["SessionKey"].fillna(""),
        }
    )


def new_ips(events: pandas.DataFrame) -> pandas.DataFrame:
    keys = events[events["ip"] != ""].groupby(["user", "app", "ip"], sort=False)
    found = keys.agg(first=("moment", "min"), events=("moment", "size"), rows=("rows", "sum"))
    return found[found["first"] >= ARGS.window_start].reset_index()


def spikes(events: pandas.DataFrame) -> pandas.DataFrame:
    days = events.groupby(["app", "day"], sort=False)["rows"].sum().reset_index()
    in_window = (days["day"] >= ARGS.window_start[:10]) & (days["day"] < ARGS.window_end[:10])
    known = days[days["day"] < ARGS.window_start[:10]].groupby("app")["rows"]
    baselines = known.agg(
        median="median", mad=lambda rows: (rows - rows.median()).abs().median(), known_days="size"
    )
    baselines = baselines[baselines.pop("known_days") >= workload.MIN_BASELINE_DAYS]
    found = days[in_window & (days["rows"] > 0)].merge(baselines.reset_index(), on="app")
    return found[found["rows"] > found["median"] + workload.MAD_FACTOR * found["mad"]]


def sessions(events: pandas.DataFrame) -> pandas.DataFrame:
    """Networks are counted only for the few sessions that used more than one address."""
    pairs = events.loc[events["session"] != "", ["session", "ip"]].drop_duplicates()
    moved = pairs.loc[pairs.duplicated("session"), "session"].unique()
    theirs = events.loc[events["session"].isin(moved), ["session", "ip"]]
    theirs["network"] = theirs["ip"].str.extract(r"^(?P<network>.*)\.")["network"]
    found = theirs.groupby("session").agg(networks=("network", "nunique"), events=("ip", "size"))
    return found[found["networks"] > 1].reset_index()


def idle_tokens(tokens: pandas.DataFrame) -> pandas.DataFrame:
    used = tokens["LastUsedDate"].fillna("")
    names = {
        "UserId": "user",
        "AppName": "app",
        "CreatedDate": "created",
        "LastUsedDate": "last_used",
    }
    return tokens[(used != "") & (used < ARGS.idle_before)].rename(columns=names)


def new_logins(logins: pandas.DataFrame, tokens: pandas.DataFrame) -> pandas.DataFrame:
    first = logins.groupby(["UserId", "SourceIp"], sort=False)["LoginTime"].min()
    first = first[first >= ARGS.window_start].reset_index()
    theirs = tokens[tokens["UserId"].isin(first["UserId"])].groupby("UserId")
    owned = theirs.agg(tokens=("AppName", "size"), apps=("AppName", "nunique")).reset_index()
    names = {"UserId": "user", "SourceIp": "ip", "LoginTime": "first"}
    return first.merge(owned, on="UserId").rename(columns=names)


if __name__ == "__main__":
    main()
