"""Writes the other forms of the generated CSV files: gz, zst, Parquet, NDJSON, and many small gz.

Needs the peers' Python, for DuckDB and zstandard: `forms.py --csv DIR --form FORM --out DIR`.
"""

import argparse
import csv
import gzip
import io
import itertools
import shutil
from pathlib import Path

CHUNK = 1 << 20
# Exports carry these as numbers wherever the form has numbers; all else stays text.
PARTS = 7_200
NUMBERS = {"ElapsedTime", "RowsProcessed", "RowsReturned", "UseCount"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--form", choices=("gz", "zst", "parquet", "ndjson", "parts"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    writers = {"gz": write_gz, "zst": write_zst, "parts": write_parts}
    write = writers.get(args.form, write_table)
    for source in sorted(args.csv.glob("*.csv")):
        write(source, args.out / target_name(source, args.form))


def target_name(source: Path, form: str) -> str:
    if form == "parts":
        return source.stem
    return f"{source.name}.{form}" if form in ("gz", "zst") else f"{source.stem}.{form}"


def write_gz(source: Path, target: Path) -> None:
    with source.open("rb") as plain, gzip.open(target, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, CHUNK)


def write_parts(source: Path, target: Path) -> None:
    """A folder of PARTS files, each with the header and its share of the records."""
    target.mkdir()
    with source.open(encoding="utf-8", newline="") as plain:
        share = -(-sum(1 for _ in csv.reader(plain)) // PARTS)
        plain.seek(0)
        reader = csv.reader(plain)
        header = next(reader)
        for number in itertools.count():
            records = list(itertools.islice(reader, share))
            if not records:
                break
            text = io.StringIO()
            writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerows([header, *records])
            packed = gzip.compress(text.getvalue().encode(), 6, mtime=0)
            (target / f"{number:05}.csv.gz").write_bytes(packed)


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
