#!/usr/bin/env python3
"""How a training step would scale to more threads, and to several machines, from the
phases that `microgpt bench` has measured on one thread.

    build/src/cli/microgpt bench --preset sweep --threads 1,2 --report sweep
    scripts/predict_scaling.py sweep/report.json

Prints Markdown: for every model of the first run, tokens/s on 1 to 256 threads, with a
fixed batch and with one that grows with the threads, beside what has been measured. Before
that, what sums and updates cost one thread, and how much longer the work of a step took all
threads together than one alone: what shared caches, memory, clock and machine cost, which
no formula here contains. Last, from how many tokens per step on two machines are 1.5 times
as fast as one.

With S shards, D seconds in which one thread goes through the documents of a step, R in
which it sums gradients and O in which it updates weights, a step of n threads takes

    documents + max((R + O) / n, bytes / bandwidth) + waits

documents is D ceil(S / n) / S, or D / n and 5 us for each loop over a part of a document,
whichever is less: the trainer shares documents among threads where that is faster. A model
of fewer than 30,000 weights is updated by one thread. bytes are those of the sums and of
the update unless all of them fit into the caches of so many cores. waits are 10 us for each
of two loops. A batch that grows with the threads has n S shards, but 8 at most if gradients
are larger than 64 MiB. Several machines add up their gradients in a ring.
"""
import dataclasses
import math
import sys

from bench import command, text
from bench.command import Failure
from bench.merge import load
from bench.report import BenchReport, PhaseReport, RunReport

THREADS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
WAIT_SECONDS = 10e-6
LOOPS = 2
LOOP_SECONDS = 5e-6  # of one loop that all threads share
LOOPS_PER_LAYER = 20
OTHER_LOOPS = 8
LARGE_MODEL = 1 << 24  # weights from which on there are few shards
LARGE_SHARDS = 8
SHARED_UPDATE = 30_000  # weights from which on threads share the update
BYTES = 4
UPDATE_PASSES = 8  # gradient, weight, m, v read; weight, its copy, m, v written
SUM_PASSES = 3  # two terms read, one sum written
PHASES = [field.name for field in dataclasses.fields(PhaseReport)]
WANTED_SPEEDUP = 1.5  # of two machines over one
LATENCY_SECONDS = 20e-6  # of a message between machines
NETWORKS = {"10 Gbit/s": 10e9 / 8, "100 Gbit/s": 100e9 / 8, "400 Gbit/s": 400e9 / 8}


@dataclasses.dataclass(frozen=True)
class Machine:
    cache_bytes: float  # of one core
    bandwidth: float  # of the memory, bytes/s, however many threads read


@dataclasses.dataclass(frozen=True)
class Step:
    """A step on one thread."""
    parameters: int
    layers: int
    shards: int
    tokens: float
    documents: float  # seconds, like what follows
    reduce: float
    update: float

    @staticmethod
    def of(model):
        point = model.strong[0]
        if point.threads != 1 or not point.phases:
            raise Failure(f"{title(model)}: it was not measured on one thread")
        phases = point.phases[0]
        # Phases come from steps of their own: they are scaled to the timed ones. What is in
        # no phase is the encoding of documents for the most part.
        scale = point.step_seconds.median / sum(dataclasses.astuple(phases))
        documents = phases.forward + phases.loss + phases.backward + phases.idle
        return Step(model.num_params, model.n_layer, point.num_shards, point.tokens_per_step,
                    scale * documents, scale * phases.reduce, scale * phases.optimizer)

    def shards_of(self, growth):
        shards = self.shards * growth
        return min(shards, LARGE_SHARDS) if self.parameters > LARGE_MODEL else shards

    def document_seconds(self, threads, growth):
        """A shard for each thread, or all threads for each shard."""
        shards, documents = self.shards_of(growth), self.documents * growth
        loops = shards * (self.layers * LOOPS_PER_LAYER + OTHER_LOOPS)
        return min(documents * math.ceil(shards / threads) / shards,
                   documents / threads + loops * LOOP_SECONDS)

    def least_seconds(self, additions, machine, threads):
        """Of the memory: every thread's part of all sums and of the update."""
        arenas = self.parameters * BYTES
        if arenas * (UPDATE_PASSES - 3) <= machine.cache_bytes * threads:
            return 0
        passes = UPDATE_PASSES + SUM_PASSES * additions
        return passes * arenas / machine.bandwidth

    def gradient_seconds(self, threads, machine, growth):
        """Sums and update."""
        additions = self.shards_of(growth) - 1
        reduce = self.reduce * additions / max(self.shards - 1, 1)
        sharers = threads if self.parameters >= SHARED_UPDATE else 1
        return max(reduce / threads + self.update / sharers,
                   self.least_seconds(additions, machine, threads))

    def seconds(self, threads, machine, growth=1):
        """With a batch of `growth` times as many documents."""
        if threads == 1 and growth == 1:
            return self.documents + self.reduce + self.update
        waits = LOOPS * WAIT_SECONDS if threads > 1 else 0
        return (self.document_seconds(threads, growth) +
                self.gradient_seconds(threads, machine, growth) + waits)

    def rate(self, threads, machine, growth=1):
        return self.tokens * growth / self.seconds(threads, machine, growth)


def title(model):
    return f"{model.n_embd}/{model.n_layer}/{model.n_head}/{model.block_size}"


def machine_of(run, bandwidth):
    found = run.machine
    cores = max(found.physical_cores, 1)
    cache = sum(cache.bytes * cache.count for cache in found.caches
                if cache.type != "Instruction") / cores
    if bandwidth is None:
        bandwidth = max((each.read_gigabytes_per_second for each in run.calibration), default=0)
    if bandwidth <= 0:
        raise Failure("the bandwidth of the memory is not known; give --bandwidth")
    return Machine(cache, bandwidth * 1e9)


# ---- tables --------------------------------------------------------------------------

def cells(point, rate):
    """What was measured, and how far off the prediction is."""
    if point is None:
        return ["", ""]
    measured = point.tokens_per_second.median
    return [f"{measured:,.0f}", f"{rate / measured - 1:+.0%}"]


def print_costs(models):
    print("One thread, parts of a step:\n")
    rows = []
    for model in models:
        point = model.strong[0]
        whole = seconds_of(point, *PHASES)
        reduce, update = seconds_of(point, "reduce"), seconds_of(point, "optimizer")
        additions = model.num_params * max(point.num_shards - 1, 1)
        rows.append([title(model), f"{model.num_params:,}", str(point.num_shards),
                     f"{1 - (reduce + update) / whole:.1%}", f"{reduce / whole:.1%}",
                     f"{reduce / additions * 1e9:.2f}", f"{update / whole:.1%}",
                     f"{update / model.num_params * 1e9:.1f}"])
    print(text.table(["model", "parameters", "shards", "documents", "sums",
                      "ns per weight and addition", "update", "ns per weight"], rows))


def seconds_of(point, *phases):
    """Of all threads together."""
    return sum(getattr(thread, phase) for thread in point.phases for phase in phases)


def print_work(models):
    print("Work of a step, all threads together over one thread alone:\n")
    rows = []
    for model in models:
        one, many = model.strong[0], model.strong[-1]
        if many is one or not many.phases:
            continue
        documents = ("forward", "loss", "backward")
        ratios = [seconds_of(many, *phases) / max(seconds_of(one, *phases), 1e-12)
                  for phases in (documents, ("reduce", "optimizer"))]
        everything = seconds_of(many, *PHASES)
        rows.append([title(model), str(many.threads), *(f"{ratio:.2f}" for ratio in ratios),
                     f"{seconds_of(many, 'idle') / everything:.0%}", f"{many.speedup:.2f}"])
    print(text.table(["model", "threads", "documents", "sums and update", "idle", "speedup"],
                     rows))


def print_model(model, step, machine, threads):
    print(f"{title(model)}, {model.num_params:,} parameters, batch "
          f"{model.strong[0].batch_size}, {step.shards} shards:\n")
    strong = {point.threads: point for point in model.strong}
    weak = {point.threads: point for point in model.weak}
    rows = []
    for count in sorted({*threads, *strong, *weak}):
        fixed, grown = step.rate(count, machine), step.rate(count, machine, count)
        rows.append([str(count), f"{fixed:,.0f}", *cells(strong.get(count), fixed),
                     f"{fixed / step.rate(1, machine):.1f}", f"{grown:,.0f}",
                     *cells(weak.get(count), grown),
                     f"{grown / step.rate(1, machine) / count:.0%}"])
    print(text.table(["threads", "fixed batch, tokens/s", "measured", "off by", "speedup",
                      "growing batch, tokens/s", "measured", "off by", "efficiency"], rows))


def ring_seconds(step, network):
    """Two machines: each sends its gradients once, in two halves."""
    return step.parameters * BYTES / network + 2 * LATENCY_SECONDS


def tokens_to_pay(step, machine, threads, network):
    """Per step, from which on two machines are WANTED_SPEEDUP times as fast."""
    per_token = step.documents / step.tokens / threads
    fixed = step.gradient_seconds(threads, machine, threads) + LOOPS * WAIT_SECONDS
    ring = ring_seconds(step, network)
    # fixed + x = w (fixed + ring + x / 2), x being the seconds of all documents
    return ((WANTED_SPEEDUP - 1) * fixed + WANTED_SPEEDUP * ring) / (
        (1 - WANTED_SPEEDUP / 2) * per_token)


def print_machines(steps, machine, threads):
    print(f"Tokens per step from which two machines of {threads} threads are "
          f"{WANTED_SPEEDUP} times as fast as one:\n")
    rows = []
    for model, step in steps:
        rows.append([title(model), f"{model.num_params:,}"] +
                    [f"{tokens_to_pay(step, machine, threads, network):,.0f}"
                     for network in NETWORKS.values()])
    print(text.table(["model", "parameters", *NETWORKS], rows))


# ---- command line --------------------------------------------------------------------

def parse(arguments):
    parser = command.Parser(__doc__)
    parser.add_argument("report", metavar="REPORT.json")
    parser.add_argument("--bandwidth", type=float, metavar="GB/s",
                        help="of the memory of the larger machine [the largest measured]")
    parser.add_argument("--machine-threads", type=int, default=64, metavar="N",
                        help="of each of several machines [64]")
    options = parser.parse_args(arguments)
    if options.bandwidth is not None and not 0 < options.bandwidth < math.inf:
        parser.error("--bandwidth must be above 0")
    if options.machine_threads < 1:
        parser.error("--machine-threads must be at least 1")
    return options


def first_run(path) -> RunReport:
    found = load(path)
    if not isinstance(found, BenchReport) or not found.runs or not found.runs[0].models:
        raise Failure(f"{path}: no report.json of microgpt bench with a measured model")
    return found.runs[0]


def main(arguments):
    options = parse(arguments)
    run = first_run(options.report)
    machine = machine_of(run, options.bandwidth)
    steps = [(model, Step.of(model)) for model in run.models]
    print(f"From one thread of: {run.label}, {run.date[:10]}; memory "
          f"{machine.bandwidth / 1e9:.4g} GB/s.\n")
    print_costs(run.models)
    print_work(run.models)
    for model, step in steps:
        print_model(model, step, machine, THREADS)
    print_machines(steps, machine, options.machine_threads)


if __name__ == "__main__":
    sys.exit(command.run(main))
