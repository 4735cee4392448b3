"""Tests of scripts/record_terminal.py: what a shell prints, as the last picture of the
drawing shows it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "record_terminal.py"
SVG = "{http://www.w3.org/2000/svg}"


class RecordTerminalTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.output = pathlib.Path(folder.name) / "out.svg"

    def record(self, shell, *flags, code=0):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--output", str(self.output), *flags, "--", "sh", "-c",
             shell], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return ElementTree.parse(self.output).getroot()

    def last_picture(self, root):
        """Its lines, from the texts below where the film rests."""
        height = int(root.get("height"))
        texts = [(int(text.get("y")), "".join(text.itertext()))
                 for text in root.iter(f"{SVG}text")]
        begin = max(y for y, _ in texts) // height * height
        return [text for y, text in sorted(texts) if y >= begin]

    def test_lines_are_shown_in_order(self):
        self.assertEqual(self.last_picture(self.record("echo one; echo two")), ["one", "two"])

    def test_a_rewritten_line_shows_its_last_text(self):
        root = self.record(r"printf 'step 1000\rstep 2\033[K\n'")
        self.assertEqual(self.last_picture(root), ["step 2"])

    def test_long_outputs_scroll(self):
        root = self.record("seq 40", "--rows", "5")
        self.assertEqual(self.last_picture(root), ["37", "38", "39", "40"])

    def test_long_lines_wrap(self):
        root = self.record("printf abcdefgh", "--columns", "5")
        self.assertEqual(self.last_picture(root), ["abcde", "fgh"])

    def test_colours_and_markup(self):
        root = self.record(r"printf '\033[1;32m<a&b>\033[0m plain'")
        self.assertEqual(self.last_picture(root), ["<a&b> plain"])
        span = next(root.iter(f"{SVG}tspan"))
        self.assertEqual((span.text, span.get("font-weight")), ("<a&b>", "bold"))
        self.assertTrue(span.get("fill").startswith("#"))

    def test_later_pictures_follow_earlier_ones(self):
        root = self.record("echo one; sleep 0.5; echo two")
        texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
        self.assertEqual(texts, ["one", "one", "two"])

    def test_the_prompt_stays_on_top(self):
        root = self.record("seq 9", "--rows", "3", "--prompt", "$ seq 9")
        self.assertEqual(self.last_picture(root), ["$ seq 9", "8", "9"])

    def test_the_exit_code_is_the_command_s(self):
        self.assertEqual(self.last_picture(self.record("echo no; exit 3", code=3)), ["no"])

    def test_a_command_that_is_missing(self):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), "--output", str(self.output), "--", "no-such-command"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 127)


if __name__ == "__main__":
    unittest.main()
