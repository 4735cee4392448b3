"""scripts/bench_report.py merges, labels, compares, and says what is wrong in one line."""
import os
import random
import signal
import subprocess
import unittest

from bench_example import (PYTHON, ROOT, SCRIPTS, ScriptTest, aggregate, google, model, point,
                           repetition, report, run)
from bench import merge
from bench.command import Failure
from bench.comparison import compare


def noisy(seconds, count, seed):
    numbers = random.Random(seed)
    return [seconds * numbers.uniform(0.97, 1.03) for _ in range(count)]


def measured(seconds, count, seed, **changes):
    """A report with one point on one thread."""
    return report(run(model([point(1, noisy(seconds, count, seed), **changes)])))


class TableTest(ScriptTest):
    def test_every_model_and_number_of_threads(self):
        self.write("a.json", report(run(model([point(1, [0.1]), point(2, [0.1])]),
                                        model([point(1, [0.1])], n_embd=32))))
        done = self.start("bench_report.py", "a.json", "--table")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        self.assertEqual(len(rows), 1 + 3)
        self.assertEqual(rows[2], "| 16 / 1 / 4 / 8 | 4,064 | 4 | 2 | 100,000 | 280 | 1.00 |  |")
        self.assertTrue(rows[3].startswith("| 32 / 1 / 4 / 8 |"))
        self.assertIn("AMD EPYC, 2 cores, avx2, gcc, microgpt 1.2.3, 2026-11-25", done.stdout)
        self.assertIn("digests identical", done.stdout)

    def test_digests_that_differ_are_said(self):
        self.write("a.json", report(run(model([point(1, [0.1])], digests_equal=False))))
        self.assertIn("DIFFERENT", self.start("bench_report.py", "a.json", "--table").stdout)


class MergeTest(ScriptTest):
    def test_runs_suites_and_comparisons(self):
        comparison = {"baseline": "machine", "contender": "other", "test": "by eye", "rows": []}
        suite = {"label": "steps", "date": "", "cpu": "", "simd": "", "compiler": "", "rows": []}
        self.write("a.json", report(run(model([point(1, [0.1])]))))
        self.write("b.json", report(run(), run(label="other"), suites=[suite],
                                    comparisons=[comparison]))
        self.write("steps.json", google(repetition("BM_A", 1.0), aggregate("median", "BM_A", 2)))
        merged, errors = self.draw("a.json", "steps.json", "b.json")
        self.assertEqual(errors, "")
        self.assertEqual([run["label"] for run in merged["runs"]],
                         ["machine", "machine (2)", "other"])
        self.assertEqual([suite["label"] for suite in merged["suites"]], ["steps", "steps (2)"])
        self.assertEqual(merged["suites"][0]["rows"][0]["seconds"], 2e-9)
        self.assertEqual(merged["comparisons"][0]["baseline"], "machine (2)")
        again, _ = self.draw("out/report.json", "a.json")
        self.assertEqual([run["label"] for run in again["runs"]],
                         ["machine", "machine (2)", "other", "machine (3)"])

    def test_labels_of_the_user(self):
        self.write("a.json", report(run(), run()))
        self.write("b=c.json", google(repetition("BM_A", 1.0)))
        merged, _ = self.draw("a.json", "b=c.json", "--label", "before=a.json",
                              "--label", "žluť=b=c.json")
        self.assertEqual([run["label"] for run in merged["runs"]], ["before", "before (2)"])
        self.assertEqual(merged["suites"][0]["label"], "žluť")

    def test_says_what_failed(self):
        self.write("a.json", google(repetition("BM_A", 1.0),
                                    {"name": "BM_B", "error_occurred": True}))
        _, errors = self.draw("a.json")
        self.assertEqual(errors, "a.json: left out, as they failed: B\n")


class PytorchTest(ScriptTest):
    MEASURED = {"version": "2.1", "setting": "foreach Adam", "threads": 1,
                "tokens_per_second": 100.5, "ratio": 2}

    def measurement(self, **changes):
        return {"cpu": "AMD EPYC", "n_embd": 16, "n_layer": 1, "n_head": 4, "block_size": 8,
                "vocab_size": 27, "activation": "relu2", "data": "built-in names, lines",
                "batch_size": 4, "report": self.MEASURED, **changes}

    def test_joins(self):
        self.write("a.json", report(run(model([point(1, [0.1])]), model([], n_embd=32)),
                                    run(model([point(1, [0.1])]), cpu="other")))
        self.write("torch.json", {"torch_reports": [
            self.measurement(), self.measurement(n_embd=32), self.measurement(batch_size=5),
            self.measurement(report={**self.MEASURED, "ratio": 3.0})], "more": 1})
        merged, errors = self.draw("a.json", "--pytorch", "torch.json")
        first, second = merged["runs"]
        self.assertEqual(first["models"][0]["torch"], [{**self.MEASURED, "ratio": 3}])
        self.assertEqual(first["models"][1]["torch"], [])
        self.assertEqual(second["models"][0]["torch"], [])  # of another CPU
        self.assertEqual(errors.splitlines(), [
            "torch.json: no model of the report is 32 / 1 / 4 / 8, V 27, relu2, built-in names, "
            "lines, batch 4",
            "torch.json: no model of the report is 16 / 1 / 4 / 8, V 27, relu2, built-in names, "
            "lines, batch 5"])

    def test_refuses_other_files(self):
        self.write("a.json", report(run()))
        self.write("other.json", {})
        self.write("bad.json", {"torch_reports": [self.measurement(data=None)]})
        for name, message in (("other.json", "'torch_reports' is missing"),
                              ("bad.json", "bad.json.torch_reports[0].data: not a text")):
            self.refuse(3, message, "a.json", "--pytorch", name, "--report", "out",
                        "--microgpt", self.stub)


class ComparisonTest(ScriptTest):
    def compare(self, baseline, contender, *arguments):
        self.write("baseline.json", baseline)
        self.write("contender.json", contender)
        done = self.start("bench_report.py", "--compare", "baseline.json", "contender.json",
                          *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def turns(self, *turns):
        """The comparison of pairs of contents."""
        files = [(merge.load(self.folder / self.write("a.json", a)),
                  merge.load(self.folder / self.write("b.json", b)), "the two") for a, b in turns]
        (comparison,), _ = compare(files)
        return comparison

    def verdicts(self, *turns):
        return [row.verdict.value for row in self.turns(*turns).rows]

    def test_finds_a_real_difference(self):
        slow, fast = measured(1.2, 8, 1), measured(1.0, 8, 2)
        self.assertEqual(self.verdicts((slow, fast)), ["faster"])
        self.assertEqual(self.verdicts((fast, slow)), ["slower"])

    def test_calls_noise_noise(self):
        for seed in range(5):
            self.assertEqual(self.verdicts((measured(1, 8, seed), measured(1, 8, 100 + seed))),
                             ["noise"])
        # Significant, but of no interest.
        a = report(run(model([point(1, [1.0 + i * 1e-6 for i in range(8)])])))
        b = report(run(model([point(1, [1.005 + i * 1e-6 for i in range(8)])])))
        self.assertEqual(self.verdicts((a, b)), ["noise"])

    def test_three_repetitions_are_too_few(self):
        done = self.compare(measured(2, 3, 1), measured(1, 3, 2))
        self.assertIn("| 0.1 | noise |", done.stdout)
        self.assertIn("as 3 repetitions against 3 reach p = 0.1 at best; 4 on each side would do",
                      done.stdout)
        # Against many on the other side too, where p alone would do.
        self.assertEqual(self.verdicts((measured(2, 3, 1), measured(1, 8, 2))), ["noise"])
        self.assertEqual(self.verdicts((measured(2, 4, 1), measured(1, 4, 2))), ["faster"])

    def test_corrects_for_many_rows(self):
        def rows(seconds, count):
            return report(run(model([point(n, noisy(seconds, count, n)) for n in range(1, 11)])))

        done = self.compare(rows(2, 5), rows(1, 5))
        self.assertEqual(done.stdout.count("| 0.079 | noise |"), 10)
        self.assertIn("10 of 10 rows can be nothing but noise", done.stdout)
        self.assertIn("6 on each side would do", done.stdout)
        self.assertEqual(self.verdicts((rows(2, 6), rows(1, 6))), ["faster"] * 10)

    def test_table_of_runs(self):
        other = "my.txt, lines"
        done = self.compare(
            report(run(model([point(1, [0.1] * 4), point(2, [0.06] * 4)],
                             [point(1, [0.1] * 4), point(2, [0.2] * 4)]),
                       model([point(1, [0.1] * 4)], data=other), model([point(1, [1])], n_embd=4))),
            report(run(model([point(1, [0.05] * 4), point(4, [0.06] * 4)],
                             [point(1, [0.05] * 4), point(2, [0.2] * 4)]),
                       model([point(1, [0.1] * 4)], data=other), label="a|b")),
            "--label", "before=baseline.json")
        self.assertIn("Baseline: before. Contender: a|b.\n", done.stdout)
        title = "16 / 1 / 4 / 8, V 27, batch 4"
        self.assertIn(f"| {title}, strong, 1 thread, relu2, built-in names, lines | 100 ms | 50 ms "
                      "| 2.000 | 0.086 | noise |\n"
                      f"| {title}, weak, 2 threads | 200 ms | 200 ms | 1.000 | 1 | noise |\n"
                      f"| {title}, strong, 1 thread, relu2, {other} | 100 ms | 100 ms | 1.000 "
                      "| 1 | noise |\n", done.stdout)
        self.assertEqual(done.stderr.splitlines(), [
            "only in the baseline, not compared: 2 rows",
            "only in the contender, not compared: 1 rows"])

    def test_turns(self):
        """Medians of turns are compared: two measurements that differ are no finding."""
        faster, slower = (1.2, 1), (1, 1.2)

        def turns(*seconds):
            return [(measured(a, 8, 2 * i), measured(b, 8, 2 * i + 1))
                    for i, (a, b) in enumerate(seconds)]

        self.assertEqual(self.verdicts(*turns(faster)), ["faster"])
        self.assertEqual(self.verdicts(*turns(*[faster, slower] * 2)), ["noise"])
        self.assertEqual(self.verdicts(*turns(*[faster] * 4)), ["faster"])
        few = self.turns(*turns(*[faster] * 2))
        self.assertAlmostEqual(few.rows[0].p_value, 1 / 3)
        self.assertIn("of the medians of 2 turns;", few.test)
        self.assertIn("as 2 turns against 2 reach p = 0.33 at best; 4 on each side would do",
                      few.test)
        with self.assertRaisesRegex(Failure, "every turn must have as many runs"):
            self.turns(*turns(faster), [report(*[run(model([point(1, [1])]))] * 2)] * 2)

    def test_turns_on_the_command_line(self):
        for name, seconds in (("a", 1.2), ("b", 1.0), ("c", 1.2), ("d", 1.0)):
            self.write(name, measured(seconds, 8, ord(name)))
        merged, _ = self.draw("--compare", "a", "b", "--compare", "c", "d")
        self.assertEqual(len(merged["runs"]), 2)
        self.assertIn("of the medians of 2 turns;", merged["comparisons"][0]["test"])

    def test_files_of_google_benchmark(self):
        def file(seconds, seed):
            return google(*(repetition("BM_A/real_time", time, "ms")
                            for time in noisy(seconds, 8, seed)),
                          *(repetition("BM_B", time) for time in noisy(5, 8, 10 + seed)),
                          aggregate("median", "BM_B", 5))

        self.assertEqual(self.verdicts((file(1.2, 1), file(1, 2))), ["faster", "noise"])

    def test_aggregates_only_are_noise(self):
        done = self.compare(google(aggregate("median", "BM_A", 5)),
                            google(aggregate("median", "BM_A", 1), cpu="other"))
        self.assertIn("| A | 5 ns | 1 ns | 5.000 | 1 | noise |", done.stdout)
        self.assertIn("More repetitions are needed", done.stdout)
        self.assertEqual(done.stderr, "baseline and contender ran on different CPUs: 'AMD EPYC', "
                         "'other'\n")

    def test_points_out_other_results(self):
        done = self.compare(measured(1, 8, 1, digest="abc"), measured(1, 8, 2, digest="def"))
        self.assertEqual(done.stderr, "RESULTS CHANGED: 16 / 1 / 4 / 8, V 27, batch 4, strong, "
                         "1 thread: digest abc, then def\n")
        done = self.compare(measured(1, 8, 1, digest="abc"), measured(1, 7, 2, digest="def"))
        self.assertEqual(done.stderr, "digests of 1 points say nothing: they took other numbers "
                         "of steps\n")
        self.assertEqual(self.compare(measured(1, 8, 1), measured(1, 8, 2)).stderr, "")

    def test_becomes_part_of_the_report(self):
        self.write("a.json", measured(1.2, 8, 1))
        self.write("b.json", measured(1, 8, 2))
        self.write("more.json", report(run(label="more")))
        merged, _ = self.draw("more.json", "--compare", "a.json", "b.json")
        self.assertEqual([run["label"] for run in merged["runs"]],
                         ["more", "machine", "machine (2)"])
        comparison, = merged["comparisons"]
        self.assertEqual((comparison["baseline"], comparison["contender"]),
                         ("machine", "machine (2)"))
        row, = comparison["rows"]
        self.assertEqual(row["verdict"], "faster")
        self.assertAlmostEqual(row["speedup"], row["baseline_seconds"] / row["contender_seconds"])
        self.assertLess(row["p_value"], 0.001)
        self.assertIn("; p is corrected for 1 row (Holm-Bonferroni)", comparison["test"])

    def test_refuses_what_cannot_be_compared(self):
        good = measured(1, 8, 1)
        for contender, message in (
                (google(repetition("BM_A", 1.0)), "compare two of a kind"),
                (report(run(), run()), "1 and 2 runs"), (report(), "1 and 0 runs"),
                (report(run(model([point(1, [0.0] * 8)]))), "not positive"),
                (report(run(model([point(1, [])]))), "times are missing"),
                (report(run(model([point(1, [1e308] * 8)]))), "or absurd"),
                (measured(1, 8, 1, batch_size=5), "no row in common")):
            with self.subTest(message), self.assertRaisesRegex(Failure, message):
                self.turns((good, contender))
        self.write("good.json", good)
        self.write("empty.json", report())
        self.refuse(3, "good.json and empty.json: 1 and 0 runs", "--compare", "good.json",
                    "empty.json")


class EndTest(ScriptTest):
    """One line on stderr and the exit code, whatever happens."""

    def test_usage(self):
        self.write("a.json", report(run()))
        for message, *arguments in (
                ("give an INPUT",), ("give --report DIR", "a.json"),
                ("--bad", "a.json", "--bad"), ("expected 2", "--compare", "a.json"),
                ("is not NAME=FILE", "a.json", "--report", "out", "--label", "a"),
                ("is none of the files", "a.json", "--report", "out", "--label", "a=b.json"),
                ("no such program", "a.json", "--report", "out", "--microgpt", "none"),
                ("give --report DIR", "--compare", "a.json", "a.json", "--pytorch", "a.json")):
            with self.subTest(message):
                self.refuse(2, message, *arguments)

    def test_finds_the_program(self):
        self.write("a.json", report(run()))
        arguments = "bench_report.py", "a.json", "--report", "out"
        environment = {"MICROGPT_BUILD_DIR": str(self.folder), "PATH": str(self.folder)}
        done = self.start(*arguments, env={**os.environ, **environment,
                                           "PATH": f"{self.folder}:/bin:/usr/bin"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.start(*arguments, env={**environment, "PATH": ""})
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no such program; build it", done.stderr)

    def test_input_and_output(self):
        self.write("a.json", report(run()))
        self.write("file", b"")
        drawing = "a.json", "--microgpt", self.stub, "--report"
        self.refuse(4, "file", *drawing, "file")
        self.write("fail", b"")
        self.refuse(5, "cannot draw out/report.json (5): the stub fails", *drawing, "out")
        self.stub.write_bytes(b"\x7fELF")
        self.refuse(4, "Exec format error", *drawing, "out")

    def test_full_and_closed_outputs(self):
        self.write("a.json", measured(1, 4, 1))
        command = [*PYTHON, SCRIPTS / "bench_report.py", "--compare", "a.json", "a.json"]
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(command, cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                  encoding="utf-8", check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (4, "bench_report.py: No space left on device\n"))
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(command, cwd=self.folder, stdout=writer, stderr=subprocess.PIPE,
                              encoding="utf-8", check=False)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))

    def test_interrupt(self):
        self.write("a.json", report(run()))
        self.stub.write_text("#!/bin/sh\nkill -INT $PPID\nexec sleep 10\n", encoding="utf-8")
        done = self.start("bench_report.py", "a.json", "--report", "out", "--microgpt", self.stub)
        self.assertEqual((done.returncode, done.stderr), (130, ""))

    def test_help_is_the_head(self):
        done = self.start("bench_report.py", "--help")
        self.assertIn("says\nwhether one of two is faster", done.stdout)
        self.assertTrue(os.access(ROOT / "scripts/bench_report.py", os.X_OK))


if __name__ == "__main__":
    unittest.main()
