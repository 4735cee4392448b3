#!/usr/bin/env python3
"""Draws the loss curves of metrics files (needs matplotlib, Debian's
python3-matplotlib):

    build/src/cli/microgpt --metrics run.jsonl ...
    scripts/plot_metrics.py run.jsonl [more.jsonl ...] --output loss.svg

The training loss is averaged over a window of steps; validation losses are points.
The ending of the output's name chooses the format (svg, png, pdf).
"""
import argparse
import json
import pathlib
import sys


def read(path):
    """Training and validation losses as lists of (step, nats)."""
    training, validation = [], []
    with open(path, encoding="utf-8") as file:
        if "config" not in json.loads(next(file, "{}")):
            sys.exit(f"{path}: not a metrics file of microgpt (no configuration in line 1)")
        for line in file:
            if not line.endswith("\n"):
                break  # half a line of a run that was killed
            row = json.loads(line)
            training.append((row["step"], row["loss"]))
            if "val_loss" in row:
                validation.append((row["step"], row["val_loss"]))
    if not training:
        sys.exit(f"{path}: holds no step")
    return training, validation


def smoothed(points, window):
    """Means of the last `window` losses, of fewer at the beginning."""
    total, means = 0.0, []
    for i, (step, loss) in enumerate(points):
        total += loss
        if i >= window:
            total -= points[i - window][1]
        means.append((step, total / min(i + 1, window)))
    return means


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("metrics", nargs="+", help="files of --metrics, or metrics.jsonl of a run")
    parser.add_argument("--output", required=True, help="the picture")
    parser.add_argument("--window", type=int, default=0,
                        help="steps that a training loss is averaged over [1/50 of the run]")
    arguments = parser.parse_args()

    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["svg.hashsalt"] = "microgpt"

    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    for path in arguments.metrics:
        training, validation = read(path)
        window = arguments.window or max(1, len(training) // 50)
        label = "" if len(arguments.metrics) == 1 else pathlib.Path(path).stem + ", "
        drawn, = axes.plot(*zip(*smoothed(training, window)), label=label + "training")
        if validation:
            axes.plot(*zip(*validation), marker="o", linestyle="--", color=drawn.get_color(),
                      alpha=0.7, label=label + "validation")
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(arguments.output, metadata={"Date": None} if
                   arguments.output.endswith(".svg") else None)


if __name__ == "__main__":
    main()
