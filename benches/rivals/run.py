"""Compares tokentrail with DuckDB, Polars, chDB and pandas on the reference work W.

First every program must find the same; then they run in turns (peer, ours, peer, ours ...) and a
table of ratios is printed. README.md beside this file says what W is and how to read the table.
Exit codes: 0 done, 1 findings differ, 2 cannot run.
"""

import argparse
import itertools
import statistics
import sys
from pathlib import Path

import agreement
import growth
import prepare
import programs
import report
from prepare import say
from programs import Place, Program

SMOKE_ROWS = 20_000
FORMS = tuple(prepare.SUFFIX)
LIST = "comma-separated, or none (default: {})"
OURS_HELP = """repeatable, instead of the default two; also NAME,agree=no=COMMAND; may name
{api} {login} {oauth} {out} {dir} {bins} {threads} {as_of}"""
COPIES_HELP = "a fifth of API events and logins is told twice, and has to be counted once"
GROWTH_HELP = """only ours, on CSV of so many rows each, --pairs runs; what a row takes to what it took
in the first (1000000,5000000,20000000)"""


def main() -> int:
    args = arguments()
    try:
        return grow(args) if args.growth else compare(args)
    except (prepare.Unprepared, programs.Failed, agreement.Unreadable, OSError) as error:
        say(f"error: {error}")
        return 2


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    work = prepare.default_work_folder()
    option("--rows", type=int, default=1_000_000, help="events to generate (default: 1,000,000)")
    option("--work", type=Path, default=work, help="where data and peers are kept (%(default)s)")
    option("--pairs", type=int, default=5, help="runs of a pair; 0: compare findings only (5)")
    option(
        "--peers", type=names(programs.PEERS), default=[*programs.PEERS], help=LIST.format("all")
    )
    option("--forms", type=names(FORMS), default=["csv"], help=LIST.format("csv"))
    option("--ours", type=programs.ours, action="append", metavar="NAME=COMMAND", help=OURS_HELP)
    option("--threads", type=int, default=2, help="for every program (default: 2)")
    option("--bins", type=Path, metavar="DIR", help="release folder to use as it is: no cargo")
    rows = {"type": growth.rows, "nargs": "?", "const": [*growth.ROWS], "metavar": "ROWS,..."}
    option("--copies", action="store_true", help=COPIES_HELP)
    option("--growth", help=GROWTH_HELP, **rows)
    option("--smoke", action="store_true", help="quick check against the oracle in plain Python")
    args = parser.parse_args()
    if args.smoke:
        args.rows, args.pairs, args.forms = SMOKE_ROWS, 1, ["csv"]
    if not args.ours:
        args.ours = [programs.ours(text) for text in programs.DEFAULT_OURS]
    return args


def names(known: tuple[str, ...]):
    """An argument type: a comma-separated choice of the known names, or `none`."""

    def parse(text: str) -> list[str]:
        given = [] if text in ("", "none") else text.split(",")
        if unknown := [name for name in given if name not in known]:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(unknown)}; known: {', '.join(known)}"
            )
        return given

    return parse


def grow(args: argparse.Namespace) -> int:
    bins = args.bins.resolve() if args.bins else prepare.binaries()
    growth.measure(args.work.resolve(), bins, args.ours, args)
    return 0


def compare(args: argparse.Namespace) -> int:
    work = args.work.resolve()
    bins = args.bins.resolve() if args.bins else prepare.binaries()
    needs_python = args.peers or args.forms != ["csv"]
    python = prepare.peers_python(work) if needs_python else Path(sys.executable)
    peers = [programs.peer(name, python, args.copies) for name in args.peers]
    outputs = work / "out"
    outputs.mkdir(parents=True, exist_ok=True)
    csv = prepare.csv_folder(work, args.rows, bins)
    csv = prepare.copies_folder(csv) if args.copies else csv

    pairs: report.Pairs = {}
    limits = []
    for form in args.forms:
        folder = prepare.form_folder(csv, form, python)
        place = Place(form, folder, outputs, bins, args.threads)
        able = agreeing(place, peers, args)
        if able is None:
            return 1
        theirs, our = [[one for one in side if one in able] for side in (peers, args.ours)]
        walls = measure(place, theirs, our, args.pairs, pairs)
        limits.append(report.read_limit(place, walls))
    publish(pairs, limits, python, args.peers)
    return 0


def agreeing(place: Place, peers: list[Program], args: argparse.Namespace) -> list[Program] | None:
    """Runs everything once, prints the counts; what reads this form, or None on disagreement."""
    able, outputs = [], {}
    for program in [*([programs.oracle(args.copies)] if args.smoke else []), *peers, *args.ours]:
        say(f"{place.form}: {program.name} finds")
        try:
            programs.run(program, place)
        except programs.Unsupported:
            say(f"{place.form}: {program.name} does not read this form")
            continue
        able.append(program)
        if program.agrees:
            outputs[program.name] = agreement.read(place.output(program))
    print(f"\nFindings, {place.form}, {args.rows:,} events:\n\n{agreement.table(outputs)}\n")
    return able if all_equal(outputs) else None


def all_equal(outputs: dict[str, agreement.Findings]) -> bool:
    """Compares every output with the first, and prints where they differ."""
    (first, reference), *others = outputs.items() or [("", {})]
    equal = True
    for name, found in others:
        if report_lines := agreement.differences(reference, found):
            print(f"{name} (+) differs from {first} (-):", *report_lines, "", sep="\n")
            equal = False
    return equal


def measure(
    place: Place,
    theirs: list[Program],
    ours: list[Program],
    turns: int,
    pairs: report.Pairs,
) -> dict[str, float]:
    """Runs peer, ours, peer, ours ...; adds to the pairs, returns the median wall time of ours."""
    walls: dict[str, list[float]] = {program.name: [] for program in ours}
    for turn, peer, our in itertools.product(range(turns), theirs, ours):
        say(f"{place.form}: pair {turn + 1} of {turns}, {peer.name} and {our.name}")
        pair = programs.run(peer, place), programs.run(our, place)
        pairs.setdefault((place.form, peer.name, our.name), []).append(pair)
        walls[our.name].append(pair[1].wall)
    return {name: statistics.median(taken) for name, taken in walls.items() if taken}


def publish(pairs: report.Pairs, limits: list[str], python: Path, peers: list[str]) -> None:
    if pairs:
        print("Ratios are peer / ours, medians of pairs [min-max]; above 1 ours is better.\n")
        print(report.table(pairs), end="\n\n")
    print(
        *limits, report.machine(), report.versions(python, peers), report.command_line(), sep="  \n"
    )


if __name__ == "__main__":
    sys.exit(main())
