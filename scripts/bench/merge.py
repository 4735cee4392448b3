"""Several files as one report."""
import pathlib

from bench import json_file, report
from bench.command import Failure
from bench.google_benchmark import GoogleBenchmarkFile


def load(path):
    """A BenchReport or a GoogleBenchmarkFile."""
    value = json_file.read(path)
    if "format" in value:
        return report.from_json(value, path)
    if "benchmarks" in value:
        label = pathlib.Path(path).stem.encode("utf-8", "replace").decode("utf-8")
        return GoogleBenchmarkFile(value, path, label)
    raise Failure(f"{path}: neither report.json of microgpt bench nor a file of Google Benchmark")


class Labels:
    """Makes the labels of all runs, or of all suites, differ."""

    def __init__(self):
        self.taken = set()

    def unique(self, label):
        found, count = label, 1
        while found in self.taken:
            count += 1
            found = f"{label} ({count})"
        self.taken.add(found)
        return found


def label(files, names):
    """Gives unique labels to all that is in `files`, a dictionary by path; `names` are those
    that the user wants, by path too."""
    runs, suites = Labels(), Labels()
    for path, file in files.items():
        if isinstance(file, GoogleBenchmarkFile):
            file.label = suites.unique(names.get(path, file.label))
        else:
            label_report(file, names.get(path), runs, suites)


def label_report(file, name, runs, suites):
    renamed = {}
    for items, labels in ((file.suites, suites), (file.runs, runs)):
        for item in items:
            before = item.label
            item.label = labels.unique(name or before)
            renamed[before] = item.label
    for comparison in file.comparisons:
        comparison.baseline = renamed.get(comparison.baseline, comparison.baseline)
        comparison.contender = renamed.get(comparison.contender, comparison.contender)


def merge(files):
    merged = report.BenchReport()
    for file in files:
        if isinstance(file, GoogleBenchmarkFile):
            merged.suites.append(file.suite())
        else:
            merged.runs += file.runs
            merged.suites += file.suites
            merged.comparisons += file.comparisons
    return merged
