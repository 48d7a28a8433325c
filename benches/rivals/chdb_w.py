"""W in chDB (ClickHouse in a process): events and tokens into Memory tables, a query a kind."""

from chdb import session

import workload

INPUT = {".parquet": "Parquet", ".ndjson": "JSONEachRow"}

ARGS = workload.arguments(__doc__)
# Read calls are as quick here as the default mapping of the file, and take half the memory.
SETTINGS = f"SETTINGS max_threads = {ARGS.threads}, storage_file_read_method = 'pread'"


def main() -> None:
    database = session.Session()
    database.query(events_table())
    database.query(tokens_table())
    with open(ARGS.out, "wb") as out:
        for query in (new_ips(), spikes(), sessions(), idle_tokens(), new_logins()):
            out.write(database.query(f"{query} {SETTINGS}", "JSONEachRow").bytes())


def source(path: str, columns: tuple[str, ...]) -> str:
    """The table function that reads the needed columns; compression is seen by the file's name."""
    types = ", ".join(
        f"{name} {'Int64' if name == workload.NUMBER else 'String'}" for name in columns
    )
    return f"file('{path}', '{INPUT.get(workload.form(path), 'CSVWithNames')}', '{types}')"


def events_table() -> str:
    columns = (*workload.API, workload.IDENTITY) if ARGS.once else workload.API
    copies = f"LIMIT 1 BY {workload.IDENTITY}" if ARGS.once else ""
    return f"""
        CREATE TABLE events ENGINE = Memory AS
        SELECT
            EventDate AS moment,
            UserId AS user,
            if(ConnectedAppId = '', Application, ConnectedAppId) AS app,
            SourceIp AS ip,
            RowsReturned AS returned,
            SessionKey AS session
        FROM {source(ARGS.api, columns)} {copies} {SETTINGS}"""


def tokens_table() -> str:
    return f"""
        CREATE TABLE tokens ENGINE = Memory AS
        SELECT UserId AS user, AppName AS app, CreatedDate AS created, LastUsedDate AS last_used
        FROM {source(ARGS.oauth, workload.OAUTH)} {SETTINGS}"""


def new_ips() -> str:
    return f"""
        SELECT 'new_ip' AS kind, user, app, ip,
            min(moment) AS first, count() AS events, sum(returned) AS rows
        FROM events WHERE ip != '' GROUP BY user, app, ip HAVING first >= '{ARGS.window_start}'"""


def spikes() -> str:
    """One row of arrays an app: its days, from which the baseline and the outliers are taken."""
    first_day, end_day = ARGS.window_start[:10], ARGS.window_end[:10]
    return f"""
        WITH days AS (
            SELECT app, left(moment, 10) AS day, sum(returned) AS rows
            FROM events GROUP BY app, day
        ), apps AS (
            SELECT app,
                groupArrayIf(rows, day < '{first_day}') AS baseline,
                arrayReduce('quantileExactInclusive(0.5)', baseline) AS median,
                arrayMap(value -> abs(value - median), baseline) AS deviations,
                arrayReduce('quantileExactInclusive(0.5)', deviations) AS mad
            FROM days GROUP BY app HAVING length(baseline) >= {workload.MIN_BASELINE_DAYS}
        )
        SELECT 'spike' AS kind, app, day, rows, median, mad
        FROM days JOIN apps USING (app)
        WHERE day >= '{first_day}' AND day < '{end_day}'
            AND rows > 0 AND rows > median + {workload.MAD_FACTOR} * mad"""


def sessions() -> str:
    """Networks are counted only for the few sessions that used more than one address."""
    return r"""
        SELECT 'session' AS kind, session, count() AS events,
            uniqExactIf(extract(ip, '^(.*)\\.'), ip != '') AS networks
        FROM events
        WHERE session IN (
            SELECT session FROM events WHERE session != ''
            GROUP BY session HAVING min(ip) != max(ip)
        )
        GROUP BY session HAVING networks > 1"""


def idle_tokens() -> str:
    return f"""
        SELECT 'idle' AS kind, user, app, created, last_used
        FROM tokens WHERE last_used != '' AND last_used < '{ARGS.idle_before}'"""


def new_logins() -> str:
    return f"""
        WITH owned AS (
            SELECT user, count() AS tokens, uniqExact(app) AS apps FROM tokens GROUP BY user
        ), logins AS (
            SELECT UserId AS user, SourceIp AS ip, min(LoginTime) AS first
            FROM {source(ARGS.login, workload.LOGIN)}
            GROUP BY user, ip HAVING first >= '{ARGS.window_start}'
        )
        SELECT 'login' AS kind, user, ip, first, tokens, apps FROM logins JOIN owned USING (user)"""


if __name__ == "__main__":
    main()
