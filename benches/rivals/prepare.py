"""What a comparison needs first: the peers' Python, our binaries, the data in every form.

Everything is made once and kept in the work folder; nothing is made half: folders get their final
name when they are complete.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import copies

HERE = Path(__file__).resolve().parent
MANIFEST = HERE.parent.parent / "Cargo.toml"
REQUIREMENTS = HERE / "requirements.txt"
SUFFIX = {
    "csv": ".csv",
    "gz": ".csv.gz",
    "zst": ".csv.zst",
    "parquet": ".parquet",
    "ndjson": ".ndjson",
    # Folders of small gzip files.
    "parts": "",
}


class Unprepared(Exception):
    """A step failed; the text says which, and what the failing program said."""


def default_work_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "tokentrail" / "rivals"


def peers_python(work: Path) -> Path:
    """The interpreter of a virtual environment that holds exactly the pinned peers."""
    folder = work / "venv"
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not (installed.exists() and installed.read_text() == wanted):
        say(f"installing the peers into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        step("make a virtual environment", [sys.executable, "-m", "venv", str(folder)])
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        step("install the peers", install)
        installed.write_text(wanted)
    return python


def binaries() -> Path:
    """Builds the release binaries with cargo and returns the folder they are in."""
    say("building the release binaries")
    cargo = ["cargo", "build", "--release", "--locked", "--manifest-path", str(MANIFEST)]
    targets = ["--bin", "tokentrail", "--example", "generate", "--example", "tokentrail-w"]
    step("build the release binaries", cargo + targets)
    query = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    metadata = step("ask cargo for its folder", [*query, "--manifest-path", str(MANIFEST)])
    return Path(json.loads(metadata)["target_directory"]) / "release"


def csv_folder(work: Path, rows: int, bins: Path) -> Path:
    """The folder of generated CSV files with that many events."""

    def generate(folder: Path) -> None:
        program = str(bins / "examples" / "generate")
        arguments = ["bench", "--rows", str(rows), "--out", str(folder)]
        step("generate the data", [program, *arguments])

    return complete(work / f"rows-{rows}" / "csv", generate)


def copies_folder(csv: Path) -> Path:
    """The same, with a fifth of events and logins told twice."""
    folder = csv.parent.with_name(f"{csv.parent.name}-copies")
    return complete(folder / "csv", partial(copies.write, csv))


def form_folder(csv: Path, form: str, python: Path) -> Path:
    """The folder of the same data in another form."""

    def convert(folder: Path) -> None:
        script = str(HERE / "forms.py")
        arguments = ["--csv", str(csv), "--form", form, "--out", str(folder)]
        step(f"write the {form} files", [str(python), script, *arguments])

    return csv if form == "csv" else complete(csv.parent / form, convert)


def complete(folder: Path, fill) -> Path:
    """Fills a folder under another name and renames it, unless it is there already."""
    if not folder.exists():
        say(f"writing {folder}")
        unfinished = folder.with_suffix(".partial")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        fill(unfinished)
        unfinished.rename(folder)
    return folder


def step(what: str, command: list[str]) -> str:
    """Runs a command that must succeed and returns what it printed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise Unprepared(f"cannot {what}: {error}") from error
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-20:])
        raise Unprepared(f"cannot {what}: {' '.join(command)} ended with {done.returncode}\n{last}")
    return done.stdout


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
