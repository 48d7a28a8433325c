"""W in DuckDB: what is needed of the events into a temporary table, then one COPY of all lines."""

import argparse

import duckdb

import workload

# Stating the dialect spares DuckDB a wrong guess; quoted empty fields become NULL.
CSV = """all_varchar = true, header = true, delim = ',', quote = '"', escape = '"'"""


def main() -> None:
    args = workload.arguments(__doc__)
    settings = {"threads": args.threads, "preserve_insertion_order": False}
    database = duckdb.connect(config=settings)
    database.execute(events_table(args.api, args.once))
    database.execute(tokens_table(args.oauth))
    database.execute(findings(args))


def source(path: str, columns: tuple[str, ...]) -> str:
    """The table function that reads the file, by its suffix."""
    match workload.form(path):
        case ".parquet":
            return f"read_parquet('{path}')"
        case ".ndjson":
            number = workload.NUMBER
            types = {name: "BIGINT" if name == number else "VARCHAR" for name in columns}
            return f"read_ndjson('{path}', columns = {types})"
        case _:
            return f"read_csv('{path}', {CSV})"


def events_table(path: str, once: bool) -> str:
    """Of copies any one is kept, by a window: as quick as groups or DISTINCT, in less memory."""
    copies = f"QUALIFY row_number() OVER (PARTITION BY {workload.IDENTITY}) = 1" if once else ""
    columns = (*workload.API, workload.IDENTITY) if once else workload.API
    return f"""
        CREATE TEMP TABLE events AS
        SELECT
            EventDate AS moment,
            UserId AS user,
            coalesce(nullif(ConnectedAppId, ''), Application, '') AS app,
            SourceIp AS ip,
            RowsReturned::BIGINT AS rows,
            SessionKey AS session
        FROM {source(path, columns)} {copies}"""


def tokens_table(path: str) -> str:
    return f"""
        CREATE TEMP TABLE tokens AS
        SELECT UserId AS user, AppName AS app, CreatedDate AS created, LastUsedDate AS last_used
        FROM {source(path, workload.OAUTH)}"""


def findings(args: argparse.Namespace) -> str:
    """One statement, a JSON line a finding: the CSV writer without quoting writes plain lines."""
    queries = (
        new_ips(args.window_start),
        spikes(args.window_start[:10], args.window_end[:10]),
        sessions(),
        idle_tokens(args.idle_before),
        new_logins(args.login, args.window_start),
    )
    lines = " UNION ALL ".join(
        f"SELECT to_json(line)::VARCHAR FROM ({query}) line" for query in queries
    )
    return f"""
        COPY ({lines}) TO '{args.out}'
        (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"""


def new_ips(start: str) -> str:
    return f"""
        SELECT 'new_ip' AS kind, user, app, ip,
            min(moment) AS first, count(*) AS events, coalesce(sum(rows), 0) AS rows
        FROM events WHERE ip <> '' GROUP BY user, app, ip HAVING first >= '{start}'"""


def spikes(first_day: str, end_day: str) -> str:
    return f"""
        WITH days AS (
            SELECT app, left(moment, 10) AS day, coalesce(sum(rows), 0) AS rows
            FROM events GROUP BY ALL
        ), baselines AS (
            SELECT app, median(rows::DOUBLE) AS median, mad(rows::DOUBLE) AS mad
            FROM days WHERE day < '{first_day}'
            GROUP BY app HAVING count(*) >= {workload.MIN_BASELINE_DAYS}
        )
        SELECT 'spike' AS kind, app, day, rows, median, mad
        FROM days JOIN baselines USING (app)
        WHERE day >= '{first_day}' AND day < '{end_day}'
            AND rows > 0 AND rows > median + {workload.MAD_FACTOR} * mad"""


def sessions() -> str:
    """Networks are counted only for the few sessions that used more than one address."""
    return """
        WITH moved AS (
            SELECT session FROM events WHERE session <> ''
            GROUP BY session HAVING min(ip) <> max(ip)
        )
        SELECT 'session' AS kind, session, count(*) AS events,
            count(DISTINCT array_to_string(string_split(ip, '.')[:3], '.')) AS networks
        FROM events SEMI JOIN moved USING (session)
        GROUP BY session HAVING networks > 1"""


def idle_tokens(before: str) -> str:
    return f"""
        SELECT 'idle' AS kind, user, app, created, last_used
        FROM tokens WHERE last_used <> '' AND last_used < '{before}'"""


def new_logins(path: str, start: str) -> str:
    return f"""
        WITH logins AS (
            SELECT UserId AS user, SourceIp AS ip, min(LoginTime) AS first
            FROM {source(path, workload.LOGIN)}
            GROUP BY ALL HAVING first >= '{start}'
        ), owned AS (
            SELECT user, count(*) AS tokens, count(DISTINCT app) AS apps
            FROM tokens SEMI JOIN logins USING (user) GROUP BY user
        )
        SELECT 'login' AS kind, user, ip, first, tokens, apps FROM logins JOIN owned USING (user)"""


if __name__ == "__main__":
    main()
