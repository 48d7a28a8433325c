"""How our programs grow with the number of events: the same command on ever more rows, no peers."""

import argparse
import statistics
from pathlib import Path

import prepare
import programs
import report
from prepare import say
from programs import Cost, Place, Program

ROWS = (1_000_000, 5_000_000, 20_000_000)
HEADER = (
    "ours",
    "rows",
    "GB",
    "n",
    "wall s",
    "CPU s",
    "peak MiB",
    "wall a row",
    "CPU a row",
    "peak a row",
)
OF = (report.wall, report.cpu, report.peak)


def rows(text: str) -> list[int]:
    """An argument type: comma-separated numbers of rows, at least two."""
    try:
        counts = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        counts = []
    if len(counts) < 2 or min(counts) < 1:
        raise argparse.ArgumentTypeError(f"expected ROWS,ROWS[,ROWS...], got {text!r}")
    return counts


def measure(work: Path, bins: Path, ours: list[Program], args: argparse.Namespace) -> None:
    """Runs ours on CSV of each number of rows, and prints medians and what a row takes."""
    outputs = work / "out"
    outputs.mkdir(parents=True, exist_ok=True)
    folders = [(count, prepare.csv_folder(work, count, bins)) for count in args.growth]
    measured: dict[Program, dict[int, list[Cost]]] = {program: {} for program in ours}
    sizes = {}
    for count, folder in folders:
        place = Place("csv", folder, outputs, bins, args.threads)
        sizes[count] = sum(path.stat().st_size for path in place.inputs())
        report.read_once(place.inputs())
        for turn in range(max(args.pairs, 1)):
            for program in ours:
                say(f"{count:,} rows: run {turn + 1} of {max(args.pairs, 1)}, {program.name}")
                measured[program].setdefault(count, []).append(programs.run(program, place))
    print(table(measured, sizes), "", sep="\n")
    print(report.machine(), report.command_line(), sep="  \n")


def table(measured: dict[Program, dict[int, list[Cost]]], sizes: dict[int, int]) -> str:
    """One line for each program and number of rows; ratios are a row's share here to that in the first."""
    lines = [HEADER, ["---"] + ["---:"] * (len(HEADER) - 1)]
    for program, of_rows in measured.items():
        first: tuple[float, ...] = ()
        for count, costs in of_rows.items():
            values = tuple(statistics.median(of(cost) for cost in costs) for of in OF)
            shares = tuple(value / count for value in values)
            first = first or shares
            # What is too short for the clock has no ratio.
            ratios = [f"{own / then:.2f}x" if then else "-" for own, then in zip(shares, first)]
            wall, cpu, peak = values
            size, runs = f"{sizes[count] / 1e9:.2f}", str(len(costs))
            costs_text = [f"{wall:,.2f}", f"{cpu:,.2f}", f"{peak:,.0f}"]
            lines.append([program.name, f"{count:,}", size, runs, *costs_text, *ratios])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
