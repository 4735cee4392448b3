#!/usr/bin/env python3
"""Training speed of microgpt beside PyTorch's, for the models of MODELS, or for those of a
report of `microgpt bench`.

    benchmarks/pytorch_baseline.py --microgpt build/src/cli/microgpt [--json FILE]
    benchmarks/pytorch_baseline.py --microgpt build/src/cli/microgpt \\
        --report DIR/report.json [--input FILE] --json torch.json
    scripts/bench_report.py DIR/report.json --pytorch torch.json --report DIR

Both train the same model in fp32, from the same weights, on the same tokens and
batches. That they do is checked: the losses of the first step must agree to 1e-3.
Models of MODELS are given random ids, some far more frequent than others, in documents
that fill the block. Those of a report have the data that they had there, with its batch
sizes and thread counts: the built-in names, or the text that --input names, in the order
of the file. For PyTorch, documents are padded to the longest of their batch; tokens per
second count real tokens, and every one of them weighs the same in the loss.

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

Exit codes: 0 ok, 1 the two cannot be compared, 2 usage, 3 bad input, 4 input/output.
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

from torch_models import MODELS, Inputs, models_of
from torch_trainer import OPTIMIZERS, Job

from bench import command, json_file, text
from bench.command import Failure
from bench.pytorch import TorchMeasurement
from bench.report import TorchReport, from_json

TRAINER = pathlib.Path(__file__).with_name("torch_trainer.py")
LEARNING_RATE = 1e-3
TUNING_STEPS = 4
LOSS_TOLERANCE = 1e-3


class Difference(Failure):
    """The two did not do the same, or one of them nothing."""

    def __init__(self, message):
        super().__init__(message, exit_code=1)


# ---- the two ---------------------------------------------------------------------------

def start(arguments, **options):
    done = subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False, **options)
    if done.returncode != 0:
        raise Difference(f"{arguments[0]} failed ({done.returncode}): "
                         f"{' '.join(done.stderr.split())[-500:]}")
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
             "activation": config.activation, "num-samples": 0, "metrics": metrics}
    start([program, "--quiet", *inputs.flags,
           *(f"--{name}={value}" for name, value in flags.items())])
    header, *lines = map(json.loads, metrics.read_text(encoding="utf-8").splitlines())
    if header["config"]["vocab_size"] != config.vocab_size or \
            [line["tokens"] for line in lines] != [inputs.tokens(i) for i in range(steps)]:
        raise Difference(f"{program} did not train on the documents meant for it")
    return {"losses": [line["loss"] for line in lines],
            "seconds": [line["dt_ms"] / 1e3 for line in lines]}, header


# ---- comparison ------------------------------------------------------------------------

def rates(inputs, run):
    """Tokens per second of every step but the first."""
    return [inputs.tokens(i) / seconds for i, seconds in enumerate(run["seconds"])][1:]


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
            tried[setting] = statistics.median(rates(inputs, run))

    for blas in blas_choices():
        for count in sorted({1, threads}):
            attempt(Setting(blas, count, OPTIMIZERS[0]))
    best = max(tried, key=tried.get)
    for optimizer in OPTIMIZERS:
        if optimizer != "fused" or has_fused_adam():
            attempt(Setting(best.blas, best.threads, optimizer))
    return max(tried, key=tried.get), tried


def summary(model, inputs, runs):
    all_rates = [rate for run in runs for rate in rates(inputs, run)]
    median = statistics.median(all_rates)
    return {"median_tokens_per_second": median, "min_tokens_per_second": min(all_rates),
            "gflops": 6e-9 * model.matrix_parameters() * median, "runs": runs}


def compare(model, threads, options):
    """All that is known of one model, and microgpt's own first line of metrics."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inputs = Inputs(model, folder, max(options.steps, TUNING_STEPS), options.input)
        setting, tried = tune(model, inputs, threads)
        ours, theirs = [], []
        for _ in range(options.repetitions):
            run, header = run_microgpt(options.microgpt, model, inputs, threads,
                                       options.steps, folder)
            ours.append(run)
            theirs.append(run_torch(model, inputs, setting, options.steps))
    differences = [abs(a - b) for a, b in zip(ours[0]["losses"], theirs[0]["losses"])]
    if not differences[0] <= LOSS_TOLERANCE:
        raise Difference(f"{model.title()}: the losses of step 1 differ, "
                         f"{ours[0]['losses'][0]} and {theirs[0]['losses'][0]} in PyTorch")
    ratios = [statistics.median(rates(inputs, a)) / statistics.median(rates(inputs, b))
              for a, b in zip(ours, theirs)]
    return {
        "config": asdict(model.config), "batch_size": model.batch_size,
        "data": model.data, "threads": threads, "torch_setting": asdict(setting),
        "torch_tuning": [{**asdict(key), "tokens_per_second": rate}
                         for key, rate in tried.items()],
        "microgpt": summary(model, inputs, ours), "torch": summary(model, inputs, theirs),
        "ratio": statistics.median(ratios), "ratios": ratios,
        "first_loss_difference": differences[0], "largest_loss_difference": max(differences),
    }, header


def torch_report(result, header):
    """For scripts/bench_report.py."""
    config = result["config"]
    measured = TorchReport(torch.__version__, Setting(**result["torch_setting"]).title(),
                           result["threads"], result["torch"]["median_tokens_per_second"],
                           result["ratio"])
    return TorchMeasurement(cpu=header["host"]["cpu"], **config, data=result["data"],
                            batch_size=result["batch_size"], report=measured)


# ---- command line ----------------------------------------------------------------------

HEADS = ("n_embd / layers / heads / block", "microgpt, tokens/s, median (min)", "GFLOP/s",
         "PyTorch, tokens/s, median (min)", "GFLOP/s", "ratio", "PyTorch's best setting")


def row(title, result):
    cells = [title]
    for side in ("microgpt", "torch"):
        numbers = result[side]
        cells += [f"{numbers['median_tokens_per_second']:,.0f} "
                  f"({numbers['min_tokens_per_second']:,.0f})", f"{numbers['gflops']:.3g}"]
    return cells + [f"{result['ratio']:.2f}", Setting(**result["torch_setting"]).title()]


def parse(arguments):
    def at_least(low):
        def convert(text):
            if int(text) < low:
                raise argparse.ArgumentTypeError(f"must be at least {low}")
            return int(text)
        return convert

    parser = command.Parser(__doc__)
    parser.add_argument("--microgpt", required=True, metavar="PATH", help="the program")
    parser.add_argument("--models", nargs="+", choices=MODELS, metavar="NAME",
                        help=f"of {', '.join(MODELS)} [all but the tiny ones]")
    parser.add_argument("--threads", type=at_least(1), metavar="N", help="[2]")
    parser.add_argument("--report", metavar="FILE",
                        help="models and threads of this report.json instead")
    parser.add_argument("--input", metavar="FILE",
                        help="the text that the report's models were trained on")
    parser.add_argument("--repetitions", type=at_least(1), default=5, metavar="N", help="[5]")
    parser.add_argument("--steps", type=at_least(2), default=8, metavar="N",
                        help="of a repetition [8]")
    parser.add_argument("--json", metavar="FILE", help="also write all numbers there")
    options = parser.parse_args(arguments)
    if options.report and (options.models or options.threads):
        parser.error("--report has models and threads of its own")
    if options.input and not options.report:
        parser.error("--input is the text of a --report")
    return options


def wanted(options):
    """Name, model and number of threads of all that is measured."""
    if options.report:
        models = models_of(from_json(json_file.read(options.report), options.report))
        if not models:
            raise Failure(f"{options.report}: holds no model")
        return [(f"{model.title()}, {threads} threads", model, threads)
                for model, threads in models]
    names = options.models or [name for name in MODELS if not name.startswith("tiny")]
    return [(name, MODELS[name], options.threads or 2) for name in names]


def main(arguments):
    options = parse(arguments)
    results, torch_reports = {}, []
    jobs = wanted(options)
    print(text.table(HEADS, []), end="", flush=True)
    for name, model, threads in jobs:
        results[name], header = compare(model, threads, options)
        torch_reports.append(asdict(torch_report(results[name], header)))
        title = name if options.report else model.title()
        print(text.line(row(title, results[name])), flush=True)
    date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    threads = "" if options.report else f"{options.threads or 2} threads, "
    print(f"\n{header['host']['cpu']}, {threads}{header['host']['simd']}, "
          f"microgpt {header['version']} ({header['host']['compiler']}), "
          f"PyTorch {torch.__version__}, {date[:10]}.")
    if options.json:
        versions = {"microgpt": header["version"], "torch": torch.__version__,
                    "python": platform.python_version(), "system": platform.platform()}
        report = {"date": date, "repetitions": options.repetitions, "steps": options.steps,
                  "models": results, "torch_reports": torch_reports, "host": header["host"],
                  "versions": versions}
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n",
                                              encoding="utf-8")


if __name__ == "__main__":
    sys.exit(command.run(main))
