"""What the tests of scripts/bench share: examples of files, and report.h as it is."""
import functools
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))

HEADER = (ROOT / "src/cli/bench/report.h").read_text(encoding="utf-8")
STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^  ([\w:<>]+) (\w+)(?: = [^;]+)?;", re.MULTILINE)
VERDICTS = {name.lower() for name in
            re.findall(r"k(\w+)", re.search(r"enum class Verdict \{(.*?)\}", HEADER)[1])}


@functools.cache
def structs():
    """Fields of every struct of report.h: name and C++ type, in order."""
    return {name: [(field, kind) for kind, field in FIELD.findall(body)]
            for name, body in STRUCT.findall(HEADER)}


def problems(kind, value, where="report"):
    """Where `value` is not what ParseReport takes for the C++ type `kind`."""
    inner = re.fullmatch(r"std::(vector|optional)<(.*)>", kind)
    if inner and inner[1] == "optional":
        return [] if value is None else problems(inner[2], value, where)
    if inner:
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [problem for i, item in enumerate(value)
                for problem in problems(inner[2], item, f"{where}[{i}]")]
    if kind in structs():
        fields = structs()[kind]
        if not isinstance(value, dict) or list(value) != [name for name, _ in fields]:
            return [f"{where}: has not the names of {kind}"]
        return [problem for name, field_kind in fields
                for problem in problems(field_kind, value[name], f"{where}.{name}")]
    if kind == "Verdict":
        return [] if value in VERDICTS else [f"{where}: no verdict"]
    python = {"std::string": str, "double": float, "bool": bool}.get(kind, int)
    return [] if type(value) is python else [f"{where}: no {kind}"]


# ---- examples ------------------------------------------------------------------------

def spread(median):
    return {"median": median, "min": median, "max": median, "first_quartile": median,
            "third_quartile": median}


def point(threads, step_times, batch_size=4, digest="abc"):
    return {"threads": threads, "batch_size": batch_size, "num_shards": batch_size,
            "tokens_per_step": 28.0,
            "step_times": step_times, "step_seconds": spread(0.1),
            "tokens_per_second": spread(280.0), "speedup": 1.0, "efficiency": 1,
            "gflops": 0.5, "of_peak": 0.0,
            "phases": [{"forward": 0.1, "loss": 0, "backward": 0.2, "reduce": 0, "optimizer": 0.0,
                        "idle": 0.0}], "digest": digest}


def model(strong, weak=(), **changes):
    return {"n_embd": 16, "n_layer": 1, "n_head": 4, "block_size": 8, "vocab_size": 27,
            "activation": "relu2", "data": "built-in names, lines", "num_params": 4064,
            "steps_per_repetition": 10, "strong": list(strong), "weak": list(weak),
            "digests_equal": True,
            "amdahl": {"serial_seconds": 0.01, "parallel_seconds": 0.1, "serial_fraction": 0.1},
            "torch": [], **changes}


def run(*models, label="machine", cpu="AMD EPYC"):
    return {"label": label, "date": "2026-11-25T17:00:00Z",
            "machine": {"cpu": cpu, "architecture": "x86_64", "system": "Linux", "sockets": 1,
                        "physical_cores": 2, "logical_cpus": 2, "threads_per_core": 1,
                        "numa_nodes": 1, "governor": "", "affinity": "0-1", "cpu_quota": None,
                        "memory_bytes": 2**40,
                        "caches": [{"level": 1, "type": "Data", "bytes": 32768, "count": 2}]},
            "build": {"version": "1.2.3", "commit": "", "compiler": "gcc", "flags": "-O3",
                      "simd": "avx2", "executor": "oneTBB", "libraries": "Highway 1"},
            "protocol": {"repetitions": 8, "repetition_seconds": 0.5, "order": "In turns."},
            "calibration": [{"threads": 1, "peak_gflops": 98.5, "read_gigabytes_per_second": 10}],
            "kernels": [{"name": "MatMul", "shape": "T 64", "gflops": 80.5, "of_peak": 0.8}],
            "models": list(models)}


def report(*runs, suites=(), comparisons=()):
    return {"format": 1, "runs": list(runs), "suites": list(suites),
            "comparisons": list(comparisons)}


CONTEXT = {"date": "2026-11-25T18:41:05+02:00", "host_name": "vm", "cpu": "AMD EPYC",
           "compiler": "gcc 12.2.0", "microgpt": "1.2.3", "peak_gflops": "98.1", "simd": "avx2"}


def repetition(name, real_time, unit="ns", **counters):
    return {"name": name, "run_name": name, "run_type": "iteration", "repetitions": 5,
            "iterations": 100, "real_time": real_time, "cpu_time": 1.0, "time_unit": unit,
            **counters}


def aggregate(kind, name, real_time, unit="ns", **counters):
    return {**repetition(name, real_time, unit, **counters), "name": f"{name}_{kind}",
            "run_type": "aggregate", "aggregate_name": kind}


def google(*rows, **context):
    return {"context": {**CONTEXT, **context}, "benchmarks": list(rows)}


# ---- running the scripts -------------------------------------------------------------

# Compiled once for all tests, and not into the source tree.
CACHE = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
PYTHON = [sys.executable, "-S", "-X", f"pycache_prefix={CACHE.name}"]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Draws nothing: says what it was called with, and copies the JSON.
STUB = """#!/bin/sh
printf '%s\\n' "$@" >"{folder}/arguments"
[ ! -e "{folder}/fail" ] || {{ echo "the stub fails" >&2; exit 5; }}
cp "$3" "{folder}/drawn.json"
"""


class ScriptTest(unittest.TestCase):
    """Every test works in an empty folder with a stub of the program."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.stub = self.folder / "microgpt"
        self.stub.write_text(STUB.format(folder=self.folder), encoding="utf-8")
        self.stub.chmod(self.stub.stat().st_mode | stat.S_IXUSR)

    def write(self, name, content):
        """A file of JSON, or of the bytes given; returns its name."""
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        (self.folder / name).write_bytes(content)
        return name

    def start(self, script, *arguments, **options):
        return subprocess.run(
            [*PYTHON, SCRIPTS / script, *arguments], cwd=self.folder,
            capture_output=True, encoding="utf-8", check=False, **options)

    def draw(self, *arguments):
        """The merged report, and stderr; the report must be one that microgpt reads."""
        done = self.start("bench_report.py", *arguments, "--report", "out", "--microgpt",
                          self.stub)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "arguments").read_text(encoding="utf-8").split(),
                         ["bench", "--from", "out/report.json", "--report", "out"])
        text = (self.folder / "drawn.json").read_text(encoding="utf-8")
        self.assertTrue(text.endswith("}\n"))
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()], ["report.json"])
        value = json.loads(text)
        merged = {name: value[name] for name in value if name != "format"}
        self.assertEqual(value["format"], 1)
        self.assertEqual(problems("BenchReport", merged), [])
        return value, done.stderr

    def refuse(self, code, message, *arguments, script="bench_report.py"):
        """One line on stderr, nothing on stdout."""
        done = self.start(script, *arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
