"""report.json of `microgpt bench`: src/cli/bench/report.h in Python, the same names, types
and order, which a test watches over."""
import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Optional

from bench import json_file
from bench.command import Failure

FORMAT = 1


@dataclass
class CacheReport:
    level: int
    type: str
    bytes: int
    count: int


@dataclass
class MachineReport:
    cpu: str
    architecture: str
    system: str
    sockets: int
    physical_cores: int
    logical_cpus: int
    threads_per_core: int
    numa_nodes: int
    governor: str
    affinity: str
    cpu_quota: Optional[float]
    memory_bytes: int
    caches: list[CacheReport]


@dataclass
class BuildReport:
    version: str
    commit: str
    compiler: str
    flags: str
    simd: str
    executor: str
    libraries: str


@dataclass
class ProtocolReport:
    repetitions: int
    repetition_seconds: float
    order: str


@dataclass
class CalibrationReport:
    threads: int
    peak_gflops: float
    read_gigabytes_per_second: float


@dataclass
class KernelReport:
    name: str
    shape: str
    gflops: float
    of_peak: float


@dataclass
class SpreadReport:
    median: float
    min: float
    max: float
    first_quartile: float
    third_quartile: float


@dataclass
class PhaseReport:
    forward: float
    loss: float
    backward: float
    reduce: float
    optimizer: float
    idle: float


@dataclass
class PointReport:
    threads: int
    batch_size: int
    num_shards: int
    tokens_per_step: float
    step_times: list[float]
    step_seconds: SpreadReport
    tokens_per_second: SpreadReport
    speedup: float
    efficiency: float
    gflops: float
    of_peak: float
    phases: list[PhaseReport]
    digest: str


@dataclass
class TorchReport:
    version: str
    setting: str
    threads: int
    tokens_per_second: float
    ratio: float


@dataclass
class AmdahlReport:
    serial_seconds: float
    parallel_seconds: float
    serial_fraction: float


@dataclass
class ModelReport:
    n_embd: int
    n_layer: int
    n_head: int
    block_size: int
    vocab_size: int
    activation: str
    data: str
    num_params: int
    steps_per_repetition: int
    strong: list[PointReport]
    weak: list[PointReport]
    digests_equal: bool
    amdahl: Optional[AmdahlReport]
    torch: list[TorchReport]


@dataclass
class RunReport:
    label: str
    date: str
    machine: MachineReport
    build: BuildReport
    protocol: ProtocolReport
    calibration: list[CalibrationReport]
    kernels: list[KernelReport]
    models: list[ModelReport]


@dataclass
class SuiteRow:
    name: str
    seconds: float
    gflops: Optional[float]
    of_peak: Optional[float]
    gigabytes_per_second: Optional[float]
    tokens_per_second: Optional[float]


@dataclass
class SuiteReport:
    label: str
    date: str
    cpu: str
    simd: str
    compiler: str
    rows: list[SuiteRow]


class Verdict(str, Enum):
    FASTER = "faster"
    SLOWER = "slower"
    NOISE = "noise"


@dataclass
class ComparisonRow:
    what: str
    baseline_seconds: float
    contender_seconds: float
    speedup: float
    p_value: float
    verdict: Verdict


@dataclass
class ComparisonReport:
    baseline: str
    contender: str
    test: str
    rows: list[ComparisonRow]


@dataclass
class BenchReport:
    runs: list[RunReport] = field(default_factory=list)
    suites: list[SuiteReport] = field(default_factory=list)
    comparisons: list[ComparisonReport] = field(default_factory=list)


def from_json(value, path):
    value = dict(value)
    found = value.pop("format", None)
    if type(found) is not int or found != FORMAT:
        raise Failure(f"{path}: its format is {str(found)[:40]}, not {FORMAT}")
    return json_file.decode(BenchReport, value, path)


def to_json(report):
    return json.dumps({"format": FORMAT, **asdict(report)}, indent=1, ensure_ascii=False,
                      allow_nan=False) + "\n"
