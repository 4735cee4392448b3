"""What the tests of this folder share: the program, its checkpoints, the script."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "microgpt_torch.py"
sys.path.insert(0, str(SCRIPT.parent))

CZECH = "".join(f"{adjective} {noun}\n"
                for adjective in ("žlutý", "ďábelský", "malý 😀", "úžasný")
                for noun in ("kůň", "pes", "řeřicha", "čaj", "日本", "é"))
PHRASES = "".join(f"{verb} a {size} {thing} for the {person} who lives in the old town\n"
                  for verb in ("carry", "build", "find", "paint")
                  for size in ("large", "very small", "good")
                  for thing in ("box", "house", "quilt")
                  for person in ("jackdaw", "queen", "man"))


class ProgramTest(unittest.TestCase):
    """Every test works in an empty folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_program(self, variable, *arguments):
        """stdout of the program that the environment names; it must succeed."""
        command = [os.environ[variable], *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, encoding="utf-8",
                              check=False)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        return done.stdout

    def train(self, *flags, text="", name="run"):
        """The output folder of a run on `text`, or on the built-in names."""
        data = ("--input", self.write(name + ".txt", text)) if text else ()
        self.run_program("MICROGPT_EXE", "--quiet", "--num-samples", 0, "--out-dir", name,
                         *data, *flags)
        return self.folder / name

    def evaluate(self, checkpoint, documents):
        """The loss that microgpt prints."""
        path = self.write("evaluated.txt", "".join(document + "\n" for document in documents))
        printed = self.run_program("MICROGPT_EXE", "eval", "--checkpoint", checkpoint,
                                   "--input", path)
        self.assertRegex(printed, r"\Aloss: [0-9]+\.[0-9]{6}\n")
        return float(printed.split()[1])
