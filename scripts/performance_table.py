#!/usr/bin/env python3
"""Prints Markdown tables from files of Google Benchmark:

    build/benchmarks/train_step_benchmark --benchmark_repetitions=5 \\
        --benchmark_report_aggregates_only=true --benchmark_out=steps.json
    scripts/performance_table.py steps.json [more.json ...]

Figures are medians. With --against OTHER.json, a last column gives this
report's speed as a fraction of the other's.
"""
import re
import sys

from bench import command, json_file, text
from bench.command import Failure
from bench.google_benchmark import GoogleBenchmarkFile

STEP_KEYS = ("n_embd", "n_layer", "block", "batch", "threads")


class Report:
    """The medians of one file, by name, and what it was run on."""

    def __init__(self, path):
        value = json_file.read(path)
        if "benchmarks" not in value:
            raise Failure(f"{path}: not a file of Google Benchmark")
        self.file = GoogleBenchmarkFile(value, path, path)
        self.rows = self.file.medians

    def number(self, row, counter):
        if counter not in row.counters:
            raise Failure(f"{self.file.path}: {row.name} has no {counter!r}")
        return row.counters[counter]

    def footer(self):
        cpu, simd, compiler, date, peak = (
            self.file.context_text(name) or "unknown"
            for name in ("cpu", "simd", "compiler", "date", "peak_gflops"))
        repetitions = max(row.repetitions for row in self.rows.values())
        return (f"{cpu}, {simd}, {compiler}, {date[:10]}, peak {peak} GFLOP/s per core, "
                f"medians of {repetitions}.")


def sizes_of(name):
    return dict(re.findall(r"/(\w+):(\d+)", name))


def kind_of(name):
    return name.split("/")[0]


def step_sizes(name):
    """Of STEP_KEYS; nothing for other benchmarks."""
    sizes = sizes_of(name)
    if kind_of(name) != "TrainStep" or not set(STEP_KEYS) <= sizes.keys():
        return None
    return tuple(int(sizes[key]) for key in STEP_KEYS)


def relative(row, against):
    """Speed of row as a fraction of the other report's."""
    other = against.rows.get(row.name)
    return f"{other.seconds / row.seconds:.2f}" if other else ""


def print_steps(report, against):
    rows = {step_sizes(name): row for name, row in report.rows.items() if step_sizes(name)}
    lines = []
    for sizes, row in rows.items():
        one = rows.get(sizes[:-1] + (1,))
        ratio = f"{one.seconds / row.seconds:.2f}" if one else ""
        line = [" / ".join(str(size) for size in sizes[:3]), str(sizes[3]), str(sizes[4]),
                f"{report.number(row, 's/doc') * 1e6:.4g}",
                f"{report.number(row, 'tokens/s'):,.0f}",
                f"{report.number(row, 'GFLOP/s'):.1f}",
                f"{report.number(row, 'of_peak'):.0%}", ratio]
        if against:
            line.append(relative(row, against))
        lines.append(line)
    heads = ["n_embd / layers / block", "batch", "threads", "µs per document", "tokens/s",
             "GFLOP/s", "of peak", "against one thread"]
    if lines:
        print(text.table(heads + (["against the other"] if against else []), lines))


def product_cell(report, row, against):
    if not row:
        return ""
    cell = f"{report.number(row, 'GFLOP/s'):.0f} ({report.number(row, 'of_peak'):.0%})"
    return f"{cell} {relative(row, against)}" if against else cell


def print_products(report, against):
    for kind, title in (("MatMul", "y = x w"), ("MatMulWeightGradient", "dw = dy^T x")):
        rows = {}  # by in, out and T
        for name, row in report.rows.items():
            sizes = sizes_of(name)
            if kind_of(name) == kind and {"in", "out", "T"} <= sizes.keys():
                rows[sizes["in"], sizes["out"], int(sizes["T"])] = row
        counts = sorted({count for _, _, count in rows})
        lines = [[f"{in_size} x {out_size}",
                  *(product_cell(report, rows.get((in_size, out_size, count)), against)
                    for count in counts)]
                 for in_size, out_size in dict.fromkeys(key[:2] for key in rows)]
        if lines:
            print(text.table([f"{title}, in x out"] + [f"T = {count}" for count in counts],
                             lines))


def figure_of(row):
    if "GB/s" in row.counters:
        return f"{row.counters['GB/s']:.3g} GB/s"
    if "GFLOP/s" in row.counters:
        return f"{row.counters['GFLOP/s']:.1f} GFLOP/s"
    for unit, seconds in row.counters.items():
        if unit.startswith("s/"):
            return f"{text.duration(seconds)} per {unit[2:]}"
    return text.duration(row.seconds)


def print_others(report, against):
    lines = []
    for name, row in report.rows.items():
        if kind_of(name) in ("TrainStep", "MatMul", "MatMulWeightGradient"):
            continue
        sizes = ", ".join(f"{key} {value}" for key, value in sizes_of(name).items())
        line = [kind_of(name), sizes, figure_of(row)]
        if against:
            line.append(relative(row, against))
        lines.append(line)
    if lines:
        print(text.table(["kernel", "sizes", "time or rate"] +
                         (["against the other"] if against else []), lines))


def main(arguments):
    parser = command.Parser(__doc__)
    parser.add_argument("reports", nargs="+", metavar="FILE")
    parser.add_argument("--against", metavar="FILE")
    options = parser.parse_args(arguments)
    against = Report(options.against) if options.against else None
    for path in options.reports:
        report = Report(path)
        print_steps(report, against)
        print_products(report, against)
        print_others(report, against)
        print(report.footer() + "\n")


if __name__ == "__main__":
    sys.exit(command.run(main))
