"""`python -m bench [NAME…]`: these benchmarks or all, each in a process of its own, and their tables into docs/benchmarks.md."""

import argparse
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import bench
from bench.table import Benchmark, Report, Row, markdown, show

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_HEAD: Final = """# Benchmarks

Written by `make bench`; each table is one benchmark against its named peers in the same run, on the same machine. A peer
marked “measured elsewhere” was not run here: its number is given for scale only. A ratio above 1 is in our favour.
"""


def names() -> list[str]:
    """Modules of this package that offer a benchmark."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    return [
        name
        for name in found
        if isinstance(getattr(importlib.import_module(f"bench.{name}"), "BENCHMARK", None), Benchmark)
    ]


def run(name: str, *, quick: bool) -> Report | None:
    """Run one benchmark; None if it could not be finished."""
    command = [sys.executable, "-m", f"bench.{name}", "--json", *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode().splitlines()
    if not lines:
        return None
    document: dict[str, Any] = json.loads(lines[-1])
    document["rows"] = [Row(**row) for row in document["rows"]]
    return Report(**document)


def page(old: str, reports: list[Report]) -> str:
    """The text of docs/benchmarks.md with these tables renewed and the others of `old` as they are, in order of their titles."""
    sections = {section.partition("\n")[0]: section for section in re.split(r"^(?=## )", old, flags=re.MULTILINE)[1:]}
    for report in reports:
        text = f"{markdown(report)}- Measured {_machine(report)}.\n"
        sections[text.partition("\n")[0]] = text
    return "\n".join([_HEAD, *(sections[title].rstrip() + "\n" for title in sorted(sections))])


def _machine(report: Report) -> str:
    known = report.machine
    libraries = ", ".join(f"{name} {version}" for name, version in known["libraries"].items())
    return (
        f"on {known['date']}, {known['cpus']} CPUs ({known['system']}, load {known['load']:.1f} at the start), Python "
        f"{known['python']}, {libraries}; the disk makes {known['commits_per_second']} durable 1 KB commits a second"
    )


def main() -> int:
    """Status 1 if a benchmark could not be finished. A quick run writes no page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short windows, and docs/benchmarks.md is left alone")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, whose tables alone are renewed")
    given = parser.parse_args()
    known = names()
    if unknown := sorted(set(given.names) - set(known)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    reports: list[Report] = []
    failed: list[str] = []
    for name in given.names or known:
        report = run(name, quick=given.quick)
        if report is None:
            failed.append(name)
            continue
        show(report)
        reports.append(report)
    if failed:
        print("failed:", ", ".join(failed), file=sys.stderr)
    if reports and not given.quick:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8") if given.names else "", reports), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
