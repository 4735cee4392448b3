"""Pages of real runs, checked by check_run_page.py; and the check itself, by pages with
a number that is wrong."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import check_run_page

EXE = os.environ["MICROGPT_EXE"]


class RunPageTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name) / "a run"

    def train(self, *flags):
        subprocess.run([EXE, "--quiet", "--num-samples", "3", "--out-dir", str(self.folder),
                        *flags], check=True, capture_output=True, cwd=self.temporary.name,
                       timeout=120)

    def check(self):
        return check_run_page.main(self.folder)

    def test_every_step(self):
        self.train("--num-steps", "400")
        self.assertEqual(self.check(), 0)

    def test_means_of_steps(self):
        self.train("--num-steps", "2500", "--grad-clip", "1", "--val-split", "0.1",
                   "--eval-every", "100")
        self.assertEqual(self.check(), 0)

    def test_a_loss_that_falls_by_orders_of_magnitude(self):
        corpus = pathlib.Path(self.temporary.name) / "corpus"
        corpus.write_text("abcdefgh\n", encoding="utf-8")
        self.train("--input", str(corpus), "--num-steps", "12", "--val-input", str(corpus),
                   "--eval-every", "3", "--n-embd", "32")
        page = (self.folder / "report.html").read_text("utf-8")
        self.assertTrue("(logarithmic)" in page)
        self.assertEqual(self.check(), 0)

    def test_wrong_pages_are_noticed(self):
        self.train("--num-steps", "30")
        page = self.folder / "report.html"
        right = page.read_text("utf-8")
        metrics = self.folder / "metrics.jsonl"
        lines = metrics.read_text("utf-8")
        for pattern, wrong in (("30 of 30", "31 of 30"), (r"<td>oneTBB|<td>std::thread", "<td>x"),
                               ("<body>", "<body><script/>"), (r'class="line" d="M', r"\g<0>9")):
            page.write_text(re.sub(pattern, wrong, right, count=1), "utf-8")
            self.assertNotEqual(page.read_text("utf-8"), right)
            self.assertEqual(self.check(), 1, pattern)
        page.write_text(right, "utf-8")
        metrics.write_text(re.sub(r'"step":9,"loss":[\d.]+', '"step":9,"loss":1.5', lines), "utf-8")
        self.assertEqual(self.check(), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
