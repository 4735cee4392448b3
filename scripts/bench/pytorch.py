"""What benchmarks/pytorch_baseline.py measured beside microgpt, for its report."""
from dataclasses import dataclass

from bench import json_file
from bench.command import Failure
from bench.report import TorchReport


@dataclass
class TorchMeasurement:
    """An item of `torch_reports` of a file of pytorch_baseline.py."""
    cpu: str
    n_embd: int
    n_layer: int
    n_head: int
    block_size: int
    vocab_size: int
    activation: str
    data: str
    batch_size: int
    report: TorchReport

    def title(self):
        return (f"{self.n_embd} / {self.n_layer} / {self.n_head} / {self.block_size}, "
                f"V {self.vocab_size}, {self.activation}, {self.data}, batch {self.batch_size}")

    def is_of(self, model):
        names = ("n_embd", "n_layer", "n_head", "block_size", "vocab_size", "activation", "data")
        return (all(getattr(self, name) == getattr(model, name) for name in names) and
                any(point.batch_size == self.batch_size for point in model.strong))


def read(path):
    value = json_file.read(path).get("torch_reports")
    if value is None:
        raise Failure(f"{path}: no file of pytorch_baseline.py ('torch_reports' is missing)")
    return json_file.decode(list[TorchMeasurement], value, f"{path}.torch_reports")


def join(measurements, runs):
    """Puts them beside the models of the same configuration; where the runs are of
    several CPUs, beside those of the CPU that was measured. Returns those that found no
    model."""
    several = len({run.machine.cpu for run in runs}) > 1
    alone = []
    for measurement in measurements:
        models = [model for run in runs if not several or run.machine.cpu == measurement.cpu
                  for model in run.models if measurement.is_of(model)]
        for model in models:
            put(measurement.report, model.torch)
        if not models:
            alone.append(measurement)
    return alone


def put(report, reports):
    """A later measurement of the same setting replaces the earlier."""
    def key(other):
        return other.version, other.setting, other.threads

    reports[:] = [other for other in reports if key(other) != key(report)] + [report]
