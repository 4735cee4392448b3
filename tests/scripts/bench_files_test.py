"""scripts/bench: report.h in Python, and every shape of Google Benchmark's files."""
import dataclasses
import json
import typing
import unittest

from bench_example import (HEADER, ScriptTest, VERDICTS, aggregate, google, model, point,
                           problems, repetition, report, run, structs)
from bench import json_file, merge
from bench import report as bench_report
from bench.command import Failure


def cpp_type(kind):
    if typing.get_origin(kind) is list:
        return f"std::vector<{cpp_type(typing.get_args(kind)[0])}>"
    if typing.get_origin(kind) is typing.Union:
        return f"std::optional<{cpp_type(typing.get_args(kind)[0])}>"
    return {str: "std::string", float: "double"}.get(kind, kind.__name__)


class HeaderTest(unittest.TestCase):
    """report.h and scripts/bench/report.py say the same."""

    def test_every_struct(self):
        self.assertGreater(len(structs()), 15)
        for name, fields in structs().items():
            with self.subTest(name):
                fields = [(field, {"std::uint64_t": "int", "std::int64_t": "int"}.get(kind, kind))
                          for field, kind in fields]
                found = dataclasses.fields(getattr(bench_report, name))
                self.assertEqual([(field.name, cpp_type(field.type)) for field in found], fields)

    def test_verdicts_and_format(self):
        self.assertEqual({verdict.value for verdict in bench_report.Verdict}, VERDICTS)
        self.assertIn(f"kFormat = {bench_report.FORMAT};", HEADER)

    def test_checks_of_these_tests(self):
        value = {name: value for name, value in report(run(model([point(1, [0.1])]))).items()
                 if name != "format"}
        self.assertEqual(len(problems("BenchReport", value)), 4)  # integers for doubles
        del value["runs"][0]["models"][0]["data"]
        self.assertEqual(problems("BenchReport", value)[-1],
                         "report.runs[0].models[0]: has not the names of ModelReport")


class ReportTest(ScriptTest):
    def read(self, content):
        return merge.load(str(self.folder / self.write("report.json", content)))

    def assert_refused(self, content, message):
        with self.assertRaises(Failure) as caught:
            self.read(content)
        self.assertIn(message, str(caught.exception))
        self.assertEqual(caught.exception.exit_code, 3)

    def test_comes_back(self):
        content = report(run(model([point(1, [0.1, 0.2])], amdahl=None)))
        written = bench_report.to_json(self.read(content))
        self.assertEqual(json.loads(written), content)
        self.assertEqual(bench_report.to_json(self.read(written.encode())), written)

    def test_refuses_other_shapes(self):
        good = report(run(model([point(1, [0.1])])))

        def changed(change):
            content = json.loads(json.dumps(good))
            change(content, content["runs"][0], content["runs"][0]["models"][0])
            return content

        cases = (
            (lambda r, run, model: r.update(format=2), "its format is 2, not 1"),
            (lambda r, run, model: r.update(format=True), "its format is True"),
            (lambda r, run, model: r.update(format=1.0), "its format is 1.0"),
            (lambda r, run, model: r.update(more=1), "unknown name 'more'"),
            (lambda r, run, model: r.pop("suites"), "'suites' is missing"),
            (lambda r, run, model: r.update(runs={}), ".runs: not a list"),
            (lambda r, run, model: r.update(runs=[1]), ".runs[0]: not an object"),
            (lambda r, run, model: run.pop("date"), ".runs[0]: 'date' is missing"),
            (lambda r, run, model: run.update(label=1), ".runs[0].label: not a text"),
            (lambda r, run, model: run.update(label="\ud800"), ".runs[0].label: not a text"),
            (lambda r, run, model: model.update(n_embd=True), ".n_embd: not an integer"),
            (lambda r, run, model: model.update(n_embd=1.0), ".n_embd: not an integer"),
            (lambda r, run, model: model.update(digests_equal=1), ": not true or false"),
            (lambda r, run, model: model.update(amdahl=1), ".amdahl: not an object"),
            (lambda r, run, model: model["strong"][0].update(step_times=[0.1, None]),
             ".runs[0].models[0].strong[0].step_times[1]: not a finite number"),
            (lambda r, run, model: model["strong"][0].update(speedup=float("nan")),
             ".speedup: not a finite number"),
            (lambda r, run, model: model["strong"][0].update(speedup=10**400),
             ".speedup: not a finite number"),
            (lambda r, run, model: r["comparisons"].append(
                {"baseline": "a", "contender": "b", "test": "", "rows": [
                    {"what": "", "baseline_seconds": 1, "contender_seconds": 1, "speedup": 1,
                     "p_value": 1, "verdict": "better"}]}), "not one of faster, slower, noise"),
        )
        for change, message in cases:
            with self.subTest(message):
                self.assert_refused(changed(change), message)

    def test_refuses_other_files(self):
        for content, message in (
                (b"", "not valid JSON"), (b"[]", "not a JSON object"), (b"{}", "neither"),
                (json.dumps(report(run())).encode()[:-5], "not valid JSON"),
                (b'{"format": 1, "format": 1}', "a name is given twice"),
                (b'{"format": 1, "runs": ' + b"[" * 100000, "not valid JSON"),
                (b'{"format": 1' + b"0" * 10000 + b"}", "not valid JSON"),
                (b'{"format": "\xff"}', "not UTF-8 at byte 12"),
                (b"\x00" * 100, "not valid JSON")):
            with self.subTest(message):
                self.assert_refused(content, message)
        for missing in ("none.json", "/dev/zero", str(self.folder)):
            with self.assertRaises(Failure):
                json_file.read(missing)


class GoogleBenchmarkTest(ScriptTest):
    def read(self, content, name="steps.json"):
        return merge.load(str(self.folder / self.write(name, content)))

    def test_single_run(self):
        suite = self.read(google(repetition("BM_Read/KiB:16", 200.0, **{"GB/s": 80.5}),
                                 repetition("BM_Step/real_time", 3, "ms"))).suite()
        self.assertEqual((suite.label, suite.date, suite.cpu, suite.simd, suite.compiler),
                         ("steps", "2026-11-25T16:41:05Z", "AMD EPYC", "avx2", "gcc 12.2.0"))
        read, step = suite.rows
        self.assertEqual((read.name, read.gigabytes_per_second, read.gflops),
                         ("Read/KiB:16", 80.5, None))
        self.assertAlmostEqual(read.seconds, 2e-7)
        self.assertEqual((step.name, step.seconds), ("Step", 0.003))

    def test_repetitions_without_aggregates(self):
        times = (5, 1, 3)
        file = self.read(google(*(repetition("BM_A", t, "us", **{"GFLOP/s": 10 / t})
                                  for t in times)))
        self.assertEqual(file.samples(), {"A": [t * 1e-6 for t in times]})
        row = file.suite().rows[0]
        self.assertEqual((row.seconds, row.gflops), (3e-6, 10 / 3))

    def test_repetitions_with_aggregates(self):
        file = self.read(google(
            repetition("BM_A", 1.0), repetition("BM_A", 2.0), aggregate("mean", "BM_A", 9.0),
            aggregate("median", "BM_A", 1.5, of_peak=0.5), aggregate("stddev", "BM_A", 0.7)))
        self.assertEqual(len(file.samples()["A"]), 2)
        row = file.suite().rows[0]
        self.assertAlmostEqual(row.seconds, 1.5e-9)
        self.assertEqual(row.of_peak, 0.5)

    def test_rates_that_overflow_are_unknown(self):
        file = self.read(google(*[repetition("BM_A", 1.0, of_peak=1e308)] * 2))
        self.assertIsNone(file.suite().rows[0].of_peak)

    def test_aggregates_only(self):
        file = self.read(google(
            aggregate("mean", "BM_A", 9.0), aggregate("median", "BM_A", 1, "s"),
            aggregate("cv", "BM_A", 0.1, allocs=float("nan"))))
        self.assertEqual(file.samples(), {"A": [1.0]})
        self.assertEqual(len(file.suite().rows), 1)

    def test_programs_of_others(self):
        """No custom context, no run_name, a failed benchmark, complexity."""
        old = {"name": "BM_Old", "iterations": 1, "real_time": 4, "cpu_time": 4}
        failed = {"name": "BM_Bad", "run_name": "BM_Bad", "error_occurred": True,
                  "error_message": "no"}
        big_o = {"name": "BM_Old_BigO", "run_name": "BM_Old", "aggregate_name": "BigO",
                 "cpu_coefficient": 1, "big_o": "N", "time_unit": "ns"}
        file = self.read({"context": {"date": "yesterday"}, "benchmarks": [old, failed, big_o]})
        suite = file.suite()
        self.assertEqual((suite.date, suite.cpu, suite.simd), ("yesterday", "", ""))
        self.assertEqual([row.name for row in suite.rows], ["Old"])
        self.assertEqual(file.failed, ["Bad"])

    def test_refuses_other_shapes(self):
        for content, message in (
                (google(), "no benchmark"), (google({"error_occurred": True}), "no name"),
                ({"context": 1, "benchmarks": []}, "'context' is not an object"),
                ({"context": {}, "benchmarks": {}}, "'benchmarks' is not a list"),
                (google(1), "benchmarks[0]: not an object"),
                (google(repetition(1, 2)), "has no name"),
                (google(repetition("A", "2")), "'real_time' is not"),
                (google(repetition("A", float("nan"))), "'real_time' is not"),
                (google(repetition("A", 0)), "'real_time' is not"),
                (google(repetition("A", 10**400)), "'real_time' is not"),
                (google(repetition("A", 1e300)), "'real_time' is not"),
                (google(repetition("A", 5e-324)), "'real_time' is not"),
                (google(repetition("A", 1, "weeks")), "'time_unit' is 'weeks'"),
                (google(repetition("A", 1, [])), "'time_unit' is '[]'"),
                (google(repetition("A", 1), cpu=7), ".context.cpu: not a text")):
            with self.subTest(message), self.assertRaises(Failure) as caught:
                self.read(content).suite()
            self.assertIn(message, str(caught.exception))


class TableTest(ScriptTest):
    def table(self, *arguments):
        done = self.start("performance_table.py", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_tables(self):
        name = "BM_TrainStep/n_embd:16/n_layer:1/block:8/batch:4/threads:"
        rates = {"s/doc": 2e-6, "tokens/s": 1e6, "GFLOP/s": 20.25, "of_peak": 0.25}
        rows = [repetition(name + "1/real_time", 8.0, "us", **rates),
                repetition(name + "2/real_time", 5.0, "us", **rates),
                repetition("BM_MatMul/T:7/in:16/out:48", 3.0, **rates),
                repetition("BM_MatMul/T:28/in:16/out:16", 3.0, **rates),
                repetition("BM_Adam/weights:4096", 3.0, **{"s/weight": 2.5e-10}),
                repetition("BM_Copy/KiB:16", 3.0, **{"GB/s": 90.5}),
                repetition("Other", 3.0)]
        self.write("a.json", google(*rows))
        printed = self.table("a.json")
        for line in ("| 16 / 1 / 8 | 4 | 2 | 2 | 1,000,000 | 20.2 | 25% | 1.60 |",
                     "| 16 x 48 | 20 (25%) |  |", "| Adam | weights 4096 | 250 ps per weight |",
                     "| Copy | KiB 16 | 90.5 GB/s |", "| Other |  | 3 ns |",
                     "AMD EPYC, avx2, gcc 12.2.0, 2026-11-25, peak 98.1 GFLOP/s per core, "
                     "medians of 1."):
            self.assertIn(line + "\n", printed)
        self.assertIn("| 250 ps per weight | 1.00 |", self.table("a.json", "--against", "a.json"))

    def test_refuses_other_files(self):
        self.write("report.json", report())
        self.write("steps.json", google(
            repetition("BM_TrainStep/n_embd:1/n_layer:1/block:8/batch:4/threads:1", 8.0)))
        for code, message, *arguments in (
                (3, "not a file of Google Benchmark", "report.json"),
                (3, "has no 's/doc'", "steps.json"), (3, "no such file", "none.json"),
                (2, "see --help"), (2, "see --help", "steps.json", "--again")):
            self.refuse(code, message, *arguments, script="performance_table.py")


if __name__ == "__main__":
    unittest.main()
