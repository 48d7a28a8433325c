"""Writes the other forms of the generated CSV files: gz, zst, Parquet and NDJSON.

Needs the peers' Python, for DuckDB and zstandard: `forms.py --csv DIR --form FORM --out DIR`.
"""

import argparse
import gzip
import shutil
from pathlib import Path

CHUNK = 1 << 20
# Exports carry these as numbers wherever the form has numbers; all else stays text.
NUMBERS = {"ElapsedTime", "RowsProcessed", "RowsReturned", "UseCount"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--form", choices=("gz", "zst", "parquet", "ndjson"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    write = {"gz": write_gz, "zst": write_zst}.get(args.form, write_table)
    for source in sorted(args.csv.glob("*.csv")):
        write(source, args.out / target_name(source, args.form))


def target_name(source: Path, form: str) -> str:
    return f"{source.name}.{form}" if form in ("gz", "zst") else f"{source.stem}.{form}"


def write_gz(source: Path, target: Path) -> None:
    with source.open("rb") as plain, gzip.open(target, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, CHUNK)


def write_zst(source: Path, target: Path) -> None:
    import zstandard

    with source.open("rb") as plain, target.open("wb") as packed:
        zstandard.ZstdCompressor(level=3).copy_stream(plain, packed)


def write_table(source: Path, target: Path) -> None:
    import duckdb

    read = f"""read_csv('{source}', all_varchar = true, header = true,
        delim = ',', quote = '"', escape = '"')"""
    database = duckdb.connect()
    names = [row[0] for row in database.execute(f"DESCRIBE FROM {read}").fetchall()]
    typed = ", ".join(
        f'CAST("{name}" AS BIGINT) AS "{name}"' if name in NUMBERS else f'"{name}"'
        for name in names
    )
    options = "FORMAT parquet, COMPRESSION zstd" if target.suffix == ".parquet" else "FORMAT json"
    database.execute(f"COPY (SELECT {typed} FROM {read}) TO '{target}' ({options})")


if __name__ == "__main__":
    main()
