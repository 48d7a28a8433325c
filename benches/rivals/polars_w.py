"""W in Polars: lazy scans, all five findings collected together by the streaming engine.

The three findings over events share one scan of the file.
"""

import os

import workload

ARGS = workload.arguments(__doc__)
# Polars reads its number of threads once, when it is imported.
os.environ["POLARS_MAX_THREADS"] = str(ARGS.threads)

import polars as pl  # noqa: E402


def main() -> None:
    # Unless told so, the findings over events do not share their scan: gzip takes twice as long.
    events = events_of(api()).cache()
    tokens = scan(ARGS.oauth, workload.OAUTH)
    findings = [
        new_ips(events),
        spikes(events),
        sessions(events),
        idle_tokens(tokens),
        new_logins(scan(ARGS.login, workload.LOGIN), tokens),
    ]
    with open(ARGS.out, "wb") as out:
        for frame in pl.collect_all(findings, engine="streaming"):
            frame.write_ndjson(out)


def api() -> pl.LazyFrame:
    if not ARGS.once:
        return scan(ARGS.api, workload.API)
    told = scan(ARGS.api, (*workload.API, workload.IDENTITY))
    # Three times as quick as `unique`, in two thirds of the memory.
    return told.filter(pl.col(workload.IDENTITY).is_first_distinct())


def scan(path: str, columns: tuple[str, ...]) -> pl.LazyFrame:
    """The needed columns of a file, by its suffix: text, and the one number W adds up."""
    types = {name: pl.Int64 if name == workload.NUMBER else pl.String for name in columns}
    match workload.form(path):
        case ".parquet":
            return pl.scan_parquet(path).select(columns)
        case ".ndjson":
            return pl.scan_ndjson(path, schema=types)
        case _:
            return pl.scan_csv(path, infer_schema=False, schema_overrides=types).select(columns)


def events_of(api: pl.LazyFrame) -> pl.LazyFrame:
    has_app_id = pl.col("ConnectedAppId") != ""
    app = pl.when(has_app_id).then(pl.col("ConnectedAppId")).otherwise(pl.col("Application"))
    return api.select(
        moment="EventDate",
        user="UserId",
        app=app.fill_null(""),
        ip="SourceIp",
        rows="RowsReturned",
        session="SessionKey",
    )


def kind(name: str) -> pl.Expr:
    return pl.lit(name).alias("kind")


def new_ips(events: pl.LazyFrame) -> pl.LazyFrame:
    return (
        events.filter(pl.col("ip") != "")
        .group_by("user", "app", "ip")
        .agg(pl.col("moment").min().alias("first"), pl.len().alias("events"), pl.col("rows").sum())
        .filter(pl.col("first") >= ARGS.window_start)
        .select(kind("new_ip"), pl.all())
    )


def spikes(events: pl.LazyFrame) -> pl.LazyFrame:
    rows, day = pl.col("rows"), pl.col("day")
    first_day, end_day = ARGS.window_start[:10], ARGS.window_end[:10]
    days = events.group_by("app", pl.col("moment").str.head(10).alias("day")).agg(rows.sum())
    baselines = (
        days.filter(day < first_day)
        .group_by("app")
        .agg(
            rows.median().alias("median"),
            (rows - rows.median()).abs().median().alias("mad"),
            pl.len().alias("known_days"),
        )
        .filter(pl.col("known_days") >= workload.MIN_BASELINE_DAYS)
        .drop("known_days")
    )
    limit = pl.col("median") + workload.MAD_FACTOR * pl.col("mad")
    return (
        days.filter(day >= first_day, day < end_day, rows > 0)
        .join(baselines, on="app")
        .filter(rows > limit)
        .select(kind("spike"), pl.all())
    )


def sessions(events: pl.LazyFrame) -> pl.LazyFrame:
    """Addresses are cut to networks only in the few sessions that used more than one."""
    network = pl.element().str.extract(r"^(.*)\.")
    return (
        events.filter(pl.col("session") != "")
        .group_by("session")
        .agg(pl.col("ip").unique().alias("ips"), pl.len().alias("events"))
        .filter(pl.col("ips").list.len() > 1)
        .with_columns(
            pl.col("ips").list.eval(network.drop_nulls()).list.n_unique().alias("networks")
        )
        .filter(pl.col("networks") > 1)
        .select(kind("session"), "session", "networks", "events")
    )


def idle_tokens(tokens: pl.LazyFrame) -> pl.LazyFrame:
    used = pl.col("LastUsedDate")
    return tokens.filter(used != "", used < ARGS.idle_before).select(
        kind("idle"), user="UserId", app="AppName", created="CreatedDate", last_used="LastUsedDate"
    )


def new_logins(logins: pl.LazyFrame, tokens: pl.LazyFrame) -> pl.LazyFrame:
    first_seen = (
        logins.group_by(pl.col("UserId").alias("user"), pl.col("SourceIp").alias("ip"))
        .agg(pl.col("LoginTime").min().alias("first"))
        .filter(pl.col("first") >= ARGS.window_start)
    )
    owned = tokens.group_by(pl.col("UserId").alias("user")).agg(
        pl.len().alias("tokens"), pl.col("AppName").n_unique().alias("apps")
    )
    return first_seen.join(owned, on="user").select(kind("login"), pl.all())


if __name__ == "__main__":
    main()
