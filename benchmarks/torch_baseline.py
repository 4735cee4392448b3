#!/usr/bin/env python3
"""Training speed of microgpt beside PyTorch's, for the models of MODELS.

    benchmarks/torch_baseline.py --microgpt build/src/cli/microgpt [--json FILE]

Both train the same model in fp32, from the same weights, on the same tokens and
batches: random ids, some far more frequent than others, in documents that fill the
block. That they do is checked: the losses of the first step must agree to 1e-3.

PyTorch runs eagerly, as fast as torch_trainer.py could be written, in the best of
its settings: it is first tried with each BLAS (Debian's OpenBLAS comes for OpenMP
and for pthreads, packages libopenblas0-*; other builds of PyTorch bring their own),
on one thread and on --threads, then with each kind of Adam. Larger malloc
thresholds did not help it.

Then the two take turns, --repetitions times --steps steps each, in new processes.
The first step of a process is left out: it allocates. Median and min are over all
other steps; the ratio is the median of those of each pair of turns, so that a
machine that gets slower meanwhile does not matter. GFLOP/s counts 6 x parameters
of matrices x tokens.

Needs numpy and PyTorch 1.13 or newer. On Debian run it with /usr/bin/python3 if
another python3 comes first.
"""
import argparse
import datetime
import glob
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass

import torch

from torch_models import MODELS, Inputs
from torch_trainer import OPTIMIZERS, Job

TRAINER = pathlib.Path(__file__).with_name("torch_trainer.py")
LEARNING_RATE = 1e-3
TUNING_STEPS = 4
LOSS_TOLERANCE = 1e-3


class Failure(Exception):
    """One line for the user."""


# ---- the two ---------------------------------------------------------------------------

def start(command, **options):
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    return done.stdout


@dataclass(frozen=True)
class Setting:
    """How PyTorch runs."""
    blas: str  # folder of the library, or "its own"
    threads: int
    optimizer: str

    def environment(self):
        variables = {**os.environ, "OMP_NUM_THREADS": str(self.threads),
                     "OPENBLAS_NUM_THREADS": str(self.threads)}
        if os.path.isdir(self.blas):
            variables["LD_LIBRARY_PATH"] = self.blas
        return variables

    def title(self):
        return (f"{os.path.basename(self.blas)}, threads: {self.threads}, "
                f"{self.optimizer} Adam")


def run_torch(model, inputs, setting, steps):
    job = Job(asdict(model.config), inputs.weights, inputs.documents, model.batch_size, steps,
              steps, LEARNING_RATE, setting.threads, setting.optimizer)
    printed = start([sys.executable, str(TRAINER)], input=json.dumps(asdict(job)),
                    env=setting.environment())
    return json.loads(printed)


def run_microgpt(program, model, inputs, threads, steps, folder):
    """The same for microgpt, and what it says of itself."""
    config, metrics = model.config, folder / "metrics.jsonl"
    flags = {"n-embd": config.n_embd, "n-layer": config.n_layer, "n-head": config.n_head,
             "block-size": config.block_size, "batch-size": model.batch_size,
             "num-steps": steps, "learning-rate": LEARNING_RATE, "threads": threads,
             "num-samples": 0, "metrics": metrics}
    start([program, "--quiet", *inputs.flags,
           *(f"--{name}={value}" for name, value in flags.items())])
    header, *lines = map(json.loads, metrics.read_text(encoding="utf-8").splitlines())
    tokens = model.batch_size * config.block_size
    if header["config"]["vocab_size"] != config.vocab_size or \
            any(line["tokens"] != tokens for line in lines):
        raise Failure(f"{program} did not train on the documents meant for it")
    return {"losses": [line["loss"] for line in lines],
            "seconds": [line["dt_ms"] / 1e3 for line in lines]}, header


# ---- comparison ------------------------------------------------------------------------

def rates(model, run):
    """Tokens per second of every step but the first."""
    tokens = model.batch_size * model.config.block_size
    return [tokens / seconds for seconds in run["seconds"][1:]]


def blas_choices():
    """Folders of Debian's libraries, where PyTorch takes BLAS from the system."""
    found = sorted(glob.glob("/usr/lib/*/openblas-*/libblas.so.3"))
    if "BLAS_INFO=generic" in torch.__config__.show() and found:
        return [os.path.dirname(path) for path in found]
    return ["its own"]


def has_fused_adam():
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.zeros(1)
    try:
        torch.optim.Adam([parameter], fused=True).step()
    except (RuntimeError, TypeError):  # before PyTorch 2.4, on CPUs
        return False
    return True


def tune(model, inputs, threads):
    """The fastest setting, and tokens per second of all that were tried."""
    tried = {}

    def attempt(setting):
        if setting not in tried:
            run = run_torch(model, inputs, setting, TUNING_STEPS)
            tried[setting] = statistics.median(rates(model, run))

    for blas in blas_choices():
        for count in sorted({1, threads}):
            attempt(Setting(blas, count, OPTIMIZERS[0]))
    best = max(tried, key=tried.get)
    for optimizer in OPTIMIZERS:
        if optimizer != "fused" or has_fused_adam():
            attempt(Setting(best.blas, best.threads, optimizer))
    return max(tried, key=tried.get), tried


def summary(model, runs):
    all_rates = [rate for run in runs for rate in rates(model, run)]
    median = statistics.median(all_rates)
    return {"median_tokens_per_second": median, "min_tokens_per_second": min(all_rates),
            "gflops": 6e-9 * model.matrix_parameters() * median, "runs": runs}


def compare(model, options):
    """All that is known of one model, and microgpt's own first line of metrics."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inputs = Inputs(model, folder)
        setting, tried = tune(model, inputs, options.threads)
        ours, theirs = [], []
        for _ in range(options.repetitions):
            run, header = run_microgpt(options.microgpt, model, inputs, options.threads,
                                       options.steps, folder)
            ours.append(run)
            theirs.append(run_torch(model, inputs, setting, options.steps))
    differences = [abs(a - b) for a, b in zip(ours[0]["losses"], theirs[0]["losses"])]
    if not differences[0] <= LOSS_TOLERANCE:
        raise Failure(f"{model.title()}: the losses of step 1 differ, {ours[0]['losses'][0]} and "
                      f"{theirs[0]['losses'][0]} in PyTorch")
    ratios = [statistics.median(rates(model, a)) / statistics.median(rates(model, b))
              for a, b in zip(ours, theirs)]
    return {
        "config": asdict(model.config), "batch_size": model.batch_size,
        "torch_setting": asdict(setting),
        "torch_tuning": [{**asdict(key), "tokens_per_second": rate}
                         for key, rate in tried.items()],
        "microgpt": summary(model, ours), "torch": summary(model, theirs),
        "ratio": statistics.median(ratios), "ratios": ratios,
        "first_loss_difference": differences[0], "largest_loss_difference": max(differences),
    }, header


def row(model, result):
    cells = [model.title()]
    for side in ("microgpt", "torch"):
        numbers = result[side]
        cells += [f"{numbers['median_tokens_per_second']:,.0f} "
                  f"({numbers['min_tokens_per_second']:,.0f})", f"{numbers['gflops']:.3g}"]
    cells += [f"{result['ratio']:.2f}", Setting(**result["torch_setting"]).title()]
    return "| " + " | ".join(cells) + " |"


def parse(arguments):
    def at_least(low):
        def convert(text):
            if int(text) < low:
                raise argparse.ArgumentTypeError(f"must be at least {low}")
            return int(text)
        return convert

    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--microgpt", required=True, metavar="PATH", help="the program")
    parser.add_argument("--models", nargs="+", choices=MODELS, metavar="NAME",
                        default=[name for name in MODELS if not name.startswith("tiny")],
                        help=f"of {', '.join(MODELS)} [all but the tiny ones]")
    parser.add_argument("--threads", type=at_least(1), default=2, metavar="N", help="[2]")
    parser.add_argument("--repetitions", type=at_least(1), default=5, metavar="N", help="[5]")
    parser.add_argument("--steps", type=at_least(2), default=8, metavar="N",
                        help="of a repetition [8]")
    parser.add_argument("--json", metavar="FILE", help="also write all numbers there")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    report = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "threads": options.threads, "repetitions": options.repetitions,
              "steps": options.steps, "models": {}}
    print("| n_embd / layers / heads / block | microgpt, tokens/s, median (min) | GFLOP/s "
          "| PyTorch, tokens/s, median (min) | GFLOP/s | ratio | PyTorch's best setting |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for name in options.models:
        model = MODELS[name]
        report["models"][name], header = compare(model, options)
        print(row(model, report["models"][name]), flush=True)
    report["host"] = header["host"]
    report["versions"] = {"microgpt": header["version"], "torch": torch.__version__,
                          "python": platform.python_version(), "system": platform.platform()}
    print(f"\n{header['host']['cpu']}, {options.threads} threads, {header['host']['simd']}, "
          f"microgpt {header['version']} ({header['host']['compiler']}), "
          f"PyTorch {torch.__version__}, {report['date'][:10]}.")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n",
                                              encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        print(f"torch_baseline: {error}", file=sys.stderr)
        sys.exit(1)
