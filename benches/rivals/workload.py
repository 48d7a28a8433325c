"""The reference work W: its moments and thresholds, and the command line all its programs share.

Not here: how W is computed; each `*_w.py` does that in its own way.
"""

import argparse
import datetime
import sys
from pathlib import Path
from typing import NoReturn

WINDOW_START = "2025-08-25T00:00:00.000Z"
WINDOW_END = "2025-09-01T00:00:00.000Z"
AS_OF = "2025-09-01T00:00:00.000Z"
IDLE_DAYS = 30
MIN_BASELINE_DAYS = 5
MAD_FACTOR = 6

# The columns W needs of each file; all are text but RowsReturned, a whole number.
API = (
    "EventDate",
    "UserId",
    "Application",
    "ConnectedAppId",
    "SourceIp",
    "RowsReturned",
    "SessionKey",
)
LOGIN = ("UserId", "SourceIp", "LoginTime")
OAUTH = ("UserId", "AppName", "CreatedDate", "LastUsedDate")
NUMBER = "RowsReturned"
# What makes two rows copies of one event; only read where copies are to be told apart.
IDENTITY = "EventIdentifier"

# The suffixes a program may be given; `form` looks for the longest first.
FORMS = (".csv.gz", ".csv.zst", ".csv", ".parquet", ".ndjson")
UNSUPPORTED = 3


def arguments(description: str | None) -> argparse.Namespace:
    """Reads the command line: three inputs, one output, the moments and the number of threads."""
    parser = argparse.ArgumentParser(description=description)
    for name in ("api", "login", "oauth", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--once", action="store_true", help="an API event told twice counts once")
    parser.add_argument("--window-start", default=WINDOW_START)
    parser.add_argument("--window-end", default=WINDOW_END)
    parser.add_argument("--as-of", default=AS_OF)
    args = parser.parse_args()
    for name in ("api", "login", "oauth"):
        setattr(args, name, files(getattr(args, name)))
    args.idle_before = idle_before(args.as_of)
    return args


def files(path: str) -> str:
    """A folder as the pattern of its files, in the same form as one file."""
    return f"{path}/*.csv.gz" if Path(path).is_dir() else path


def idle_before(as_of: str) -> str:
    """The ISO moment before which a token's last use makes it idle."""
    moment = datetime.datetime.strptime(as_of, "%Y-%m-%dT%H:%M:%S.%fZ")
    moment -= datetime.timedelta(days=IDLE_DAYS)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def form(path: str) -> str:
    """The form of a file by its name: one of FORMS."""
    for suffix in FORMS:
        if path.endswith(suffix):
            return suffix
    unsupported(path)


def unsupported(path: str) -> NoReturn:
    """Ends the program with the code that tells the runner to leave this form out."""
    print(f"{Path(sys.argv[0]).name} does not read {Path(path).name}", file=sys.stderr)
    sys.exit(UNSUPPORTED)
