"""scripts/predict_scaling.py: its formulas at points that can be worked out by hand."""
import unittest

from bench_example import ScriptTest, model, point, report, run
import predict_scaling
from predict_scaling import Machine, Step

# No memory bound, no shared documents.
FAST = Machine(cache_bytes=1e12, bandwidth=1e18)


def step(**changes):
    values = {"parameters": 40_000, "layers": 1, "shards": 8, "tokens": 1000.0,
              "documents": 0.8, "reduce": 0.07, "update": 0.1}
    return Step(**{**values, **changes})


class FormulaTest(unittest.TestCase):
    def test_one_thread_is_what_was_measured(self):
        self.assertAlmostEqual(step().seconds(1, FAST), 0.97)
        self.assertAlmostEqual(step().rate(1, FAST), 1000 / 0.97)

    def test_shards_are_handed_out_whole(self):
        long_loops = step(layers=10**9)  # sharing documents never pays
        for threads, rounds in ((2, 4), (3, 3), (5, 2), (8, 1), (64, 1)):
            self.assertAlmostEqual(long_loops.document_seconds(threads, 1), 0.1 * rounds)

    def test_large_models_share_documents(self):
        one = step(shards=1)
        self.assertAlmostEqual(one.document_seconds(100, 1), 0.008 + 28 * 5e-6)
        self.assertAlmostEqual(step(shards=1, layers=10**9).document_seconds(100, 1), 0.8)

    def test_small_models_are_updated_by_one_thread(self):
        self.assertAlmostEqual(step().gradient_seconds(10, FAST, 1), 0.017)
        self.assertAlmostEqual(step(parameters=20_000).gradient_seconds(10, FAST, 1), 0.107)

    def test_memory_bounds_sums_and_update(self):
        slow = Machine(cache_bytes=0, bandwidth=1e6)
        # 8 passes of the update and 3 of each of 7 additions over 160,000 bytes
        self.assertAlmostEqual(step().gradient_seconds(64, slow, 1), 29 * 0.16)
        # What fits into the caches does not go through memory.
        self.assertAlmostEqual(
            step().gradient_seconds(64, Machine(cache_bytes=800_000, bandwidth=1), 1),
            0.17 / 64)

    def test_a_growing_batch_has_more_shards(self):
        self.assertAlmostEqual(step().document_seconds(8, 8), 0.8)
        self.assertAlmostEqual(step().gradient_seconds(8, FAST, 8), (0.07 * 63 / 7 + 0.1) / 8)
        self.assertEqual(step(parameters=2**25, shards=4).shards_of(16), 8)

    def test_two_machines_pay_where_the_formula_says(self):
        found = step()
        network = 1e5
        tokens = predict_scaling.tokens_to_pay(found, FAST, 64, network)
        work = found.documents / found.tokens / 64 * tokens
        fixed = found.gradient_seconds(64, FAST, 64) + 2 * 10e-6
        ring = predict_scaling.ring_seconds(found, network)
        self.assertAlmostEqual((fixed + work) / (fixed + ring + work / 2), 1.5)


class CommandTest(ScriptTest):
    def predict(self, *arguments):
        done = self.start("predict_scaling.py", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_measured_points_stand_beside_predictions(self):
        # 280 tokens/s are measured; on two threads nothing is faster.
        self.write("a.json", report(run(model([point(1, [0.1]), point(2, [0.1])]))))
        printed = self.predict("a.json")
        rows = {line.split("|")[1].strip(): line for line in printed.splitlines()
                if line.startswith("| ")}
        self.assertIn("| 280 | 280 | +0% | 1.0 |", rows["1"])
        self.assertIn("| 280 | +100% |", rows["2"])
        self.assertIn("256", rows)
        self.assertIn("16/1/4/8", rows)
        self.assertIn("memory 10 GB/s", printed)
        # The example has the phases of one thread for both.
        self.assertIn("| 16/1/4/8 | 2 | 1.00 |", printed)
        self.assertIn("memory 200 GB/s", self.predict("a.json", "--bandwidth", "200"))

    def test_what_cannot_be_predicted_is_one_line(self):
        self.write("two.json", report(run(model([point(2, [0.1])]))))
        self.refuse(3, "one thread", "two.json", script="predict_scaling.py")
        self.write("none.json", report())
        self.refuse(3, "none.json", "none.json", script="predict_scaling.py")
        self.write("a.json", report(run(model([point(1, [0.1])]))))
        for flags in (["--bandwidth", "0"], ["--bandwidth", "nan"], ["--machine-threads", "0"]):
            self.refuse(2, flags[0], "a.json", *flags, script="predict_scaling.py")
        self.refuse(3, "missing.json", "missing.json", script="predict_scaling.py")


if __name__ == "__main__":
    unittest.main()
