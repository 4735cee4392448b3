#!/usr/bin/env python3
"""Prints the README's speed table from a run of the train_step benchmark:

    build/benchmarks/train_step_benchmark --benchmark_repetitions=5 \
        --benchmark_report_aggregates_only=true --benchmark_out=speed.json
    scripts/speed_table.py speed.json
"""
import json
import re
import sys

KEYS = ("n_embd", "n_layer", "block", "batch", "threads")


def medians(report):
    """{(n_embd, ..., threads): row} of the medians."""
    rows = {}
    for row in report["benchmarks"]:
        if row.get("aggregate_name") == "median":
            sizes = dict(re.findall(r"(\w+):(\d+)", row["run_name"]))
            rows[tuple(int(sizes[key]) for key in KEYS)] = row
    return rows


def main(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    rows = medians(report)
    print("| n_embd / layers / block | batch | threads | µs per document | tokens/s "
          "| against one thread |")
    print("|---|---|---|---|---|---|")
    for sizes, row in rows.items():
        one = rows[sizes[:-1] + (1,)]
        ratio = one["s/doc"] / row["s/doc"]
        print(f"| {sizes[0]} / {sizes[1]} / {sizes[2]} | {sizes[3]} | {sizes[4]} "
              f"| {row['s/doc'] * 1e6:.1f} | {row['tokens/s']:,.0f} | {ratio:.2f} |")
    context = report["context"]
    print(f"\n{context['date'][:10]}, {context['num_cpus']} CPUs, SIMD target "
          f"{next(iter(rows.values()))['label']}, medians of "
          f"{next(iter(rows.values()))['repetitions']} runs.")


if __name__ == "__main__":
    main(sys.argv[1])
