#!/usr/bin/env python3
"""Prints Markdown tables from Google Benchmark reports:

    build/benchmarks/train_step_benchmark --benchmark_repetitions=5 \
        --benchmark_report_aggregates_only=true --benchmark_out=steps.json
    scripts/performance_table.py steps.json [more.json ...]

Figures are medians. With --against OTHER.json, a last column gives this
report's speed as a fraction of the other's.
"""
import argparse
import json
import re

STEP_KEYS = ("n_embd", "n_layer", "block", "batch", "threads")


class Report:
    """The medians of one file, by name, and what it was run on."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        self.context = report["context"]
        self.rows = {}
        for row in report["benchmarks"]:
            if row.get("aggregate_name", "median") == "median":
                self.rows[row["run_name"]] = row

    def footer(self):
        context = self.context
        repetitions = max(row.get("repetitions", 1) for row in self.rows.values())
        return (f"{context['cpu']}, {context['simd']}, {context['compiler']}, "
                f"{context['date'][:10]}, peak {context['peak_gflops']} GFLOP/s per core, "
                f"medians of {repetitions}.")


def sizes_of(name):
    return dict(re.findall(r"/(\w+):(\d+)", name))


def kind_of(name):
    return name.split("/")[0].removeprefix("BM_")


def seconds(value):
    """A duration with three digits and a unit."""
    for unit, factor in (("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e12:.3g} ps"


def relative(row, other):
    """Speed of row as a fraction of other's."""
    if other is None:
        return ""
    return f"{other['real_time'] / row['real_time']:.2f}"


def print_table(heads, rows):
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_steps(report, against):
    rows = {tuple(int(sizes_of(name)[key]) for key in STEP_KEYS): row
            for name, row in report.rows.items() if kind_of(name) == "TrainStep"}
    names = {tuple(int(sizes_of(name)[key]) for key in STEP_KEYS): name
             for name in report.rows if kind_of(name) == "TrainStep"}
    if not rows:
        return
    lines = []
    for sizes, row in rows.items():
        one = rows.get(sizes[:-1] + (1,))
        ratio = f"{one['real_time'] / row['real_time']:.2f}" if one else ""
        line = [" / ".join(str(size) for size in sizes[:3]), str(sizes[3]), str(sizes[4]),
                f"{row['s/doc'] * 1e6:.4g}", f"{row['tokens/s']:,.0f}",
                f"{row['GFLOP/s']:.1f}", f"{row['of_peak']:.0%}", ratio]
        if against:
            line.append(relative(row, against.rows.get(names[sizes])))
        lines.append(line)
    heads = ["n_embd / layers / block", "batch", "threads", "µs per document", "tokens/s",
             "GFLOP/s", "of peak", "against one thread"]
    print_table(heads + (["against the other"] if against else []), lines)


def print_products(report, against):
    for kind, title in (("MatMul", "y = x w"), ("MatMulWeightGradient", "dw = dy^T x")):
        rows = {name: row for name, row in report.rows.items() if kind_of(name) == kind}
        lines = []
        shapes = dict.fromkeys((sizes_of(name)["in"], sizes_of(name)["out"]) for name in rows)
        counts = sorted({int(sizes_of(name)["T"]) for name in rows})
        for in_size, out_size in shapes:
            line = [f"{in_size} x {out_size}"]
            for count in counts:
                name = f"BM_{kind}/T:{count}/in:{in_size}/out:{out_size}"
                row = rows[name]
                cell = f"{row['GFLOP/s']:.0f} ({row['of_peak']:.0%})"
                if against:
                    cell += f" {relative(row, against.rows.get(name))}"
                line.append(cell)
            lines.append(line)
        if lines:
            print_table([f"{title}, in x out"] + [f"T = {count}" for count in counts], lines)


def print_others(report, against):
    lines = []
    for name, row in report.rows.items():
        if kind_of(name) in ("TrainStep", "MatMul", "MatMulWeightGradient"):
            continue
        sizes = ", ".join(f"{key} {value}" for key, value in sizes_of(name).items())
        if "GB/s" in row:
            figure = f"{row['GB/s']:.3g} GB/s"
        elif "GFLOP/s" in row:
            figure = f"{row['GFLOP/s']:.1f} GFLOP/s"
        else:
            unit = next(key for key in row if key.startswith("s/"))
            figure = f"{seconds(row[unit])} per {unit[2:]}"
        line = [kind_of(name), sizes, figure]
        if against:
            line.append(relative(row, against.rows.get(name)))
        lines.append(line)
    if lines:
        print_table(["kernel", "sizes", "time or rate"] +
                    (["against the other"] if against else []), lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", nargs="+")
    parser.add_argument("--against")
    arguments = parser.parse_args()
    against = Report(arguments.against) if arguments.against else None
    for path in arguments.reports:
        report = Report(path)
        print_steps(report, against)
        print_products(report, against)
        print_others(report, against)
        print(report.footer() + "\n")


if __name__ == "__main__":
    main()
