"""Equal findings: reads the lines that programs wrote, in one shape, and compares them."""

import hashlib
import json
from collections import Counter
from pathlib import Path

KINDS = ("new_ip", "spike", "session", "idle", "login")
SHOWN = 3

Findings = dict[str, Counter[str]]


class Unreadable(Exception):
    """An output is not NDJSON of findings; the text says where."""


def read(path: Path) -> Findings:
    """The canonical lines of one program's output by kind, each with how often it occurs."""
    found: Findings = {}
    with path.open(encoding="utf-8") as lines:
        for count, line in enumerate(lines, start=1):
            try:
                finding = json.loads(line)
                kind = found.setdefault(finding["kind"], Counter())
            except (ValueError, TypeError, KeyError) as error:
                raise Unreadable(f"{path}, line {count}: not a finding: {error!r}") from error
            kind[canonical(finding)] += 1
    return found


def canonical(finding: dict[str, object]) -> str:
    """One spelling of a finding: sorted keys, whole numbers as integers, others to six places.

    A field that is null, empty or zero is left out: engines differ in how they say "nothing".
    """
    kept = {key: number(value) for key, value in finding.items()}
    kept = {key: value for key, value in kept.items() if value not in (None, "", 0)}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def number(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 6)
    return value


def digest(lines: Counter[str]) -> str:
    """A short hash that does not depend on the order of the lines."""
    text = "\n".join(sorted(lines.elements()))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def table(outputs: dict[str, Findings]) -> str:
    """Counts and hashes by kind, one row a program."""
    rows = [["program", *KINDS], ["---"] + ["---:"] * len(KINDS)]
    for name, found in outputs.items():
        kinds = [found.get(kind, Counter()) for kind in KINDS]
        rows.append([name, *(f"{lines.total():,} `{digest(lines)}`" for lines in kinds)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def differences(reference: Findings, other: Findings) -> list[str]:
    """The first lines that only one of the two has, by kind; empty when they agree."""
    report = []
    for kind in sorted(reference.keys() | other.keys()):
        expected, given = reference.get(kind, Counter()), other.get(kind, Counter())
        for sign, only in (("-", expected - given), ("+", given - expected)):
            if only:
                report.append(f"  {kind}: {only.total():,} line(s) {sign}")
                report += [f"    {sign} {line}" for line in sorted(only)[:SHOWN]]
    return report
