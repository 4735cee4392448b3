#!/usr/bin/env python3
"""Puts benchmarks of several machines, commits and programs into one report, and says
whether one of two is faster.

    build/src/cli/microgpt bench --threads 1,2 --batch-size 64 --repetitions 8 --report before
    build/benchmarks/train_step_benchmark --benchmark_repetitions=8 --benchmark_out=steps.json
    scripts/bench_report.py before/report.json steps.json --report both
    scripts/bench_report.py --compare before/report.json after/report.json [--report both]

An INPUT is report.json of `microgpt bench` or a JSON file of Google Benchmark. The merged
report.json is written to DIR, and `microgpt bench --from` draws report.md and report.html
beside it. Runs, and suites, whose labels are equal become "label", "label (2)" and so on;
a file of Google Benchmark is called as it is without .json.

--compare prints a table in Markdown: for every model and number of threads, or every
benchmark, a Mann-Whitney U test of the repetitions, corrected for the number of rows. Five
repetitions can tell if there are six rows at most, eight if there are a few hundred. With
--report the comparison becomes part of the report, with both files. When digests say that
the results of the two differ, stderr says so.

Repetitions of one process are more alike than two processes of the same program, above
all on a shared machine: one measurement each may call a few percent slower or faster that
are neither. Measure the two in turns and give every turn, --compare a1 b1 --compare a2 b2
and so on, at least four: then the medians of the turns are compared, and the first turn is
what the report holds.

--table prints the speed of all models of the inputs in Markdown.

--pytorch adds what `benchmarks/pytorch_baseline.py --report ... --json FILE` measured.

Exit codes: 0 ok, 2 usage, 3 bad input, 4 input/output, 130 after Ctrl-C; if drawing
fails, that of microgpt.
"""
import os
import pathlib
import shutil
import subprocess
import sys

from bench import command, pytorch, report, text
from bench.command import Failure, say
from bench.comparison import compare
from bench.google_benchmark import GoogleBenchmarkFile
from bench.merge import label, load, merge
from bench.speed_table import source, speed_table

ROOT = pathlib.Path(__file__).resolve().parents[1]


# ---- flags ---------------------------------------------------------------------------

def parse(arguments):
    parser = command.Parser(__doc__)
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="files to merge")
    parser.add_argument("--compare", nargs=2, action="append", default=[],
                        metavar=("BASELINE", "CONTENDER"),
                        help="two files of the same kind; may be repeated for more turns")
    parser.add_argument("--table", action="store_true", help="print the speed of all models")
    parser.add_argument("--pytorch", action="append", default=[], metavar="FILE",
                        help="of pytorch_baseline.py --json; may be repeated")
    parser.add_argument("--label", action="append", default=[], metavar="NAME=FILE",
                        help="call the runs of this file NAME; may be repeated")
    parser.add_argument("--report", metavar="DIR", help="write the report there")
    parser.add_argument("--microgpt", metavar="PATH",
                        help="the program that draws it [that of the build folder, or of PATH]")
    options = parser.parse_args(arguments)
    options.inputs = list(dict.fromkeys(options.inputs + sum(options.compare[:1], [])))
    if not options.inputs:
        parser.error("give an INPUT, or --compare two")
    if not options.report and (options.pytorch or not (options.compare or options.table)):
        parser.error("give --report DIR, the folder of the merged report")
    options.names = dict(parse_label(argument, options.inputs, parser)
                         for argument in options.label)
    return options


def parse_label(argument, inputs, parser):
    name, separator, path = argument.partition("=")
    if not name or not separator:
        parser.error(f"--label: {argument!r} is not NAME=FILE")
    if path not in inputs:
        parser.error(f"--label: {path!r} is none of the files given")
    if any("\ud800" <= character <= "\udfff" for character in name):
        parser.error("--label: the name is not UTF-8")
    return path, name


# ---- drawing -------------------------------------------------------------------------

def find_program(path):
    if path:
        found = shutil.which(path)
        where = path
    else:
        build = pathlib.Path(os.environ.get("MICROGPT_BUILD_DIR", ROOT / "build"))
        where = build / "src/cli/microgpt"
        found = shutil.which(where) or shutil.which("microgpt")
    if not found:
        raise Failure(f"{where}: there is no such program; build it, or say with --microgpt "
                      "where it is", exit_code=2)
    return found


def write_report(merged, folder, program):
    """report.json, and what the program draws of it."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / "report.json", folder / "report.json.part"
    part.write_text(report.to_json(merged), encoding="utf-8")
    part.replace(path)
    done = subprocess.run([program, "bench", "--from", path, "--report", folder],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0:
        code = done.returncode if done.returncode > 0 else 4
        raise Failure(f"{program} cannot draw {path} ({done.returncode}): "
                      f"{' '.join(done.stderr.split())[-500:]}", code)


# ---- comparison ----------------------------------------------------------------------

def print_comparison(comparison):
    print(f"Baseline: {comparison.baseline}. Contender: {comparison.contender}.\n")
    print(text.table(["", "baseline", "contender", "speedup", "p", "verdict"],
                     [[row.what, text.duration(row.baseline_seconds, 4),
                       text.duration(row.contender_seconds, 4), f"{row.speedup:.3f}",
                       f"{row.p_value:.2g}", row.verdict.value] for row in comparison.rows]))
    print(f"{comparison.test}.\n")


def main(arguments):
    options = parse(arguments)
    program = find_program(options.microgpt) if options.report else None
    files = {path: load(path) for path in options.inputs}
    more_turns = [tuple(map(load, paths)) for paths in options.compare[1:]]
    for path, file in files.items():
        if isinstance(file, GoogleBenchmarkFile) and file.failed:
            say(f"{path}: left out, as they failed: {', '.join(file.failed)}")
    label(files, options.names)
    comparisons, notes = [], []
    if options.compare:
        turns = [tuple(files[path] for path in options.compare[0]), *more_turns]
        comparisons, notes = compare([(*turn, " and ".join(paths))
                                      for turn, paths in zip(turns, options.compare)])
    for note in notes:
        say(note)
    if options.report or options.table:
        merged = merge(files.values())
        merged.comparisons += comparisons
        for path in options.pytorch:
            for measurement in pytorch.join(pytorch.read(path), merged.runs):
                say(f"{path}: no model of the report is {measurement.title()}")
    if options.report:
        write_report(merged, options.report, program)
    if options.table:
        for run in merged.runs:
            print(speed_table(run))
            print(source(run))
    for comparison in comparisons:
        print_comparison(comparison)


if __name__ == "__main__":
    sys.exit(command.run(main))
