"""scripts/plot_metrics.py draws what metrics files say, and refuses others."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXE = pathlib.Path(os.environ["MICROGPT_EXE"]).resolve()
HEADER = json.dumps({"version": "1", "config": {}, "host": {}})


class PlotMetricsTest(unittest.TestCase):
    def setUp(self):
        # pylint: disable-next=consider-using-with
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.at = pathlib.Path(self.folder.name)

    def plot(self, *files):
        return subprocess.run(
            [sys.executable, ROOT / "scripts/plot_metrics.py", *files, "--output", "loss.svg"],
            cwd=self.at, capture_output=True, text=True, check=False)

    def write(self, name, *rows):
        self.at.joinpath(name).write_text(
            "\n".join([HEADER, *(json.dumps(row) for row in rows)]) + "\n", encoding="utf-8")
        return name

    def texts(self):
        return {node.text for node in xml.parse(self.at / "loss.svg").iter()
                if node.tag.endswith("}text")}

    def test_draws_a_run(self):
        subprocess.run([EXE, "--num-steps", "20", "--metrics", "run.jsonl", "--num-samples", "0"],
                       cwd=self.at, check=True, capture_output=True)
        done = self.plot("run.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual({"training", "step", "loss (nats per token)"}, self.texts())
        self.assertNotIn("validation", self.texts())

    def test_draws_validation_and_names_runs(self):
        rows = [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0, "val_loss": 2.5}]
        done = self.plot(self.write("a.jsonl", *rows), self.write("b.jsonl", *rows[:1]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual({"a, training", "a, validation", "b, training"}, self.texts())
        self.assertNotIn("b, validation", self.texts())

    def test_refuses_other_files(self):
        self.at.joinpath("other.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
        self.at.joinpath("empty.jsonl").write_text("", encoding="utf-8")
        for name in ("other.jsonl", "empty.jsonl", self.write("no_steps.jsonl")):
            done = self.plot(name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(name, done.stderr)
            self.assertFalse((self.at / "loss.svg").exists())


if __name__ == "__main__":
    unittest.main()
