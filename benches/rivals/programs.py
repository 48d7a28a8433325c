"""The programs that are compared: how each is called, and one measured run of it."""

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import workload
from prepare import HERE, SUFFIX

PEERS = ("duckdb", "polars", "chdb", "pandas")
DEFAULT_OURS = (
    "w={bins}/examples/tokentrail-w"
    " --api {api} --login {login} --oauth {oauth} --out {out} --threads {threads}",
    "scan,agree=no={bins}/tokentrail scan {dir} --as-of {as_of}",
)
OURS = re.compile(r"(?P<name>[\w.-]+)(?P<exempt>,agree=no)?=(?P<command>.+)", re.DOTALL)
FILES = "--api {api} --login {login} --oauth {oauth} --out {out}"


class Failed(Exception):
    """A program ended badly; the text names it and carries what it said."""


class Unsupported(Failed):
    """A program says that it does not read this form of the files."""


@dataclass(frozen=True)
class Program:
    """A command template. Only a peer may decline a form, only ours may have other findings."""

    name: str
    command: str
    peer: bool = False
    agrees: bool = True


@dataclass(frozen=True)
class Place:
    """Where one form's files are, where outputs go, and what else a template may name."""

    form: str
    folder: Path
    outputs: Path
    bins: Path
    threads: int

    def inputs(self) -> list[Path]:
        return [self.folder / f"{name}{SUFFIX[self.form]}" for name in ("api", "login", "oauth")]

    def files(self) -> list[Path]:
        """What the inputs consist of."""
        parts = [sorted(path.iterdir()) if path.is_dir() else [path] for path in self.inputs()]
        return [file for files in parts for file in files]

    def output(self, program: Program) -> Path:
        return self.outputs / f"{program.name}.{self.form}.out"

    def words(self, program: Program) -> list[str]:
        """The command line of a program here. Words are split first, so paths may hold spaces."""
        api, login, oauth = self.inputs()
        values = {
            "api": api,
            "login": login,
            "oauth": oauth,
            "out": self.output(program),
            "dir": self.folder,
            "bins": self.bins,
            "threads": self.threads,
            "window_start": workload.WINDOW_START,
            "window_end": workload.WINDOW_END,
            "as_of": workload.AS_OF,
        }
        try:
            return [word.format_map(values) for word in shlex.split(program.command)]
        except (KeyError, ValueError, IndexError) as error:
            raise Failed(f"{program.name}: bad command {program.command!r}: {error}") from error


@dataclass(frozen=True)
class Cost:
    """What one run cost: seconds and MiB."""

    wall: float
    user: float
    system: float
    peak: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def peer(name: str, python: Path, copies: bool) -> Program:
    """Ours counts an event once wherever it is told twice; peers do where the data has copies."""
    script = shlex.join([str(python), str(HERE / f"{name}_w.py")])
    once = " --once" if copies else ""
    return Program(name, f"{script} {FILES} --threads {{threads}}{once}", peer=True)


def oracle(copies: bool) -> Program:
    return peer("oracle", Path(sys.executable), copies)


def ours(text: str) -> Program:
    """Reads NAME=COMMAND or NAME,agree=no=COMMAND."""
    match = OURS.fullmatch(text)
    if not match or match["name"] in (*PEERS, "oracle"):
        raise argparse.ArgumentTypeError(f"expected NEW_NAME[,agree=no]=COMMAND, got {text!r}")
    return Program(match["name"], match["command"], agrees=match["exempt"] is None)


def run(program: Program, place: Place) -> Cost:
    """Runs a program once and measures it.

    A command that does not name {out} writes its findings to standard output, which is kept there.
    """
    output = place.output(program)
    shutil.rmtree(output) if output.is_dir() else output.unlink(missing_ok=True)
    stdout = "/dev/null" if "{out}" in program.command else str(output)
    stopwatch = [sys.executable, "-I", "-S", str(HERE / "stopwatch.py"), stdout]
    words = place.words(program)
    done = subprocess.run([*stopwatch, *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{program.name}: cannot run {words[0]}\n{last_lines(done.stderr)}")
    cost = json.loads(done.stdout)
    code = cost.pop("code")
    if code == workload.UNSUPPORTED and program.peer:
        raise Unsupported(f"{program.name} does not read {place.form}")
    if code != 0:
        raise Failed(
            f"{program.name}: {shlex.join(words)} ended with {code}\n{last_lines(done.stderr)}"
        )
    return Cost(**cost)


def last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
