"""Files of Google Benchmark's --benchmark_out, with or without repetitions and aggregates."""
import datetime
import statistics
from dataclasses import dataclass

from bench import json_file
from bench.command import Failure
from bench.report import SuiteReport, SuiteRow

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass
class Row:
    name: str
    seconds: float  # real time of an iteration
    counters: dict  # every finite number of the row, by name
    repetitions: int


class GoogleBenchmarkFile:
    """Rows by short name: without the BM_ in front and the /real_time at the end."""

    def __init__(self, value, path, label):
        self.path = path
        self.label = label
        self.context = value.get("context")
        if not isinstance(self.context, dict):
            raise Failure(f"{path}: 'context' is not an object")
        self.failed = []  # names of benchmarks that say that they failed
        self.repetitions = {}  # name: rows, in the order of the file
        aggregates = {}  # name: median
        self.read_rows(value["benchmarks"], aggregates)
        self.medians = {name: aggregates.get(name) or median_row(rows)
                        for name, rows in self.repetitions.items()}
        if not self.medians:
            raise Failure(f"{path}: holds no benchmark that succeeded")

    def read_rows(self, values, aggregates):
        if not isinstance(values, list):
            raise Failure(f"{self.path}: 'benchmarks' is not a list")
        for i, value in enumerate(values):
            where = f"{self.path}.benchmarks[{i}]"
            if not isinstance(value, dict):
                raise Failure(f"{where}: not an object")
            aggregate = value.get("aggregate_name")
            if value.get("error_occurred") or value.get("skipped"):
                self.failed.append(short_name(value, where))
            elif aggregate is None:
                row = read_row(value, where)
                self.repetitions.setdefault(row.name, []).append(row)
            elif aggregate == "median":
                row = read_row(value, where)
                self.repetitions.setdefault(row.name, [])
                aggregates[row.name] = row

    def samples(self):
        """Seconds of every repetition by name; where there are only aggregates, their
        median."""
        return {name: [row.seconds for row in rows or [self.medians[name]]]
                for name, rows in self.repetitions.items()}

    def context_text(self, name):
        """Empty where unknown."""
        value = self.context.get(name, "")
        if not json_file.is_text(value):
            raise Failure(f"{self.path}.context.{name}: not a text")
        return value

    def suite(self):
        return SuiteReport(self.label, in_utc(self.context_text("date")),
                           *map(self.context_text, ("cpu", "simd", "compiler")),
                           list(map(suite_row, self.medians.values())))


def short_name(value, where):
    name = value.get("run_name", value.get("name"))
    if not json_file.is_text(name):
        raise Failure(f"{where}: has no name")
    return name.removeprefix("BM_").removesuffix("/real_time")


def read_row(value, where):
    unit = value.get("time_unit", "ns")
    if not isinstance(unit, str) or unit not in SECONDS:
        raise Failure(f"{where}: 'time_unit' is {str(unit)[:40]!r}")
    time = json_file.finite(value.get("real_time"))
    if time is None or not json_file.is_duration(time * SECONDS[unit]):
        raise Failure(f"{where}: 'real_time' is not a positive number, or an absurd one")
    counters = {name: json_file.finite(number) for name, number in value.items()}
    counters = {name: number for name, number in counters.items() if number is not None}
    return Row(short_name(value, where), time * SECONDS[unit], counters,
               int(counters.get("repetitions", 1)))


def median_row(rows):
    names = [name for name in rows[0].counters if all(name in row.counters for row in rows)]
    return Row(rows[0].name, statistics.median(row.seconds for row in rows),
               {name: statistics.median(row.counters[name] for row in rows) for name in names},
               len(rows))


def suite_row(row):
    rates = (json_file.finite(row.counters.get(name))  # a median may overflow
             for name in ("GFLOP/s", "of_peak", "GB/s", "tokens/s"))
    return SuiteRow(row.name, row.seconds, *rates)


def in_utc(date):
    """As the dates of microgpt; what cannot be read stays as it is."""
    try:
        time = datetime.datetime.fromisoformat(date)
        return time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return date
