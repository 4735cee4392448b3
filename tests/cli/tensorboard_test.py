"""Event files of --tensorboard, read by a parser of our own that shares nothing with
the program, and by protoc where it is installed: framing, checksums, and the numbers
of --metrics."""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

EXE = os.environ["MICROGPT_EXE"]
PROTOC = os.environ.get("PROTOC_EXE", "")
FLAGS = ["--num-samples", "0", "--quiet", "--batch-size", "2"]
TAGS = {"loss/train": "loss", "loss/validation": "val_loss",
        "optimizer/learning_rate": "lr", "optimizer/grad_norm": "grad_norm",
        "speed/tokens_per_second": "tok_per_s"}


def crc32c(data):
    """Bit by bit, from the polynomial x^32 + x^28 + x^27 + ... (Castagnoli)."""
    polynomial = int("".join("1" if power in
                             {28, 27, 26, 25, 23, 22, 20, 19, 18, 14, 13, 11, 10, 9, 8, 6, 0}
                             else "0" for power in range(32)), 2)
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    while data:
        length, length_crc = struct.unpack_from("<QI", data)
        event = data[12:12 + length]
        event_crc, = struct.unpack_from("<I", data, 12 + length)
        assert len(event) == length
        assert length_crc == masked(data[:8]), "checksum of a length"
        assert event_crc == masked(event), "checksum of an event"
        yield event
        data = data[16 + length:]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Pairs of number and value: int, bytes, or the bytes of fixed numbers."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = (varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at))
            value = data[at:at + size]
            assert len(value) == size
            at += size
        yield key >> 3, value


def read_events(path):
    """Dicts: wall_time, step, and version, start or scalars."""
    for record in records(path.read_bytes()):
        found = dict(fields(record))
        event = {"wall_time": struct.unpack("<d", found.pop(1))[0], "step": found.pop(2, 0)}
        if 3 in found:
            event["version"] = found.pop(3).decode()
        if 7 in found:
            event["start"] = dict(fields(found.pop(7))) == {1: 1}
        event["scalars"] = {}
        for number, value in fields(found.pop(5, b"")):
            assert number == 1
            scalar = dict(fields(value))
            event["scalars"][scalar.pop(1).decode()] = struct.unpack("<f", scalar.pop(2))[0]
            assert not scalar
        assert not found, found
        yield event


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class TensorboardTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        (self.folder / "corpus").write_text("anna\nbob\ncleo\ndora\nemil\nfay\n")

    def train(self, *flags, code=0):
        result = subprocess.run([EXE, *FLAGS, *flags], cwd=self.folder, text=True,
                                capture_output=True, timeout=120, check=False)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def files(self, folder="tb"):
        return sorted((self.folder / folder).iterdir())

    def check_steps(self, events, rows):
        self.assertEqual([event["step"] for event in events], [row["step"] for row in rows])
        for event, row in zip(events, rows):
            expected = {tag: row[key] for tag, key in TAGS.items() if key in row}
            self.assertEqual(event["scalars"].keys(), expected.keys())
            for tag, value in expected.items():
                if tag.startswith("speed/"):
                    self.assertTrue(math.isclose(event["scalars"][tag], value, rel_tol=1e-3))
                else:
                    self.assertEqual(event["scalars"][tag], float32(value))

    def rows(self, name="m"):
        lines = (self.folder / name).read_text().splitlines()
        return [json.loads(line) for line in lines[1:]]

    def test_numbers_are_those_of_the_metrics(self):
        self.train("--input", "corpus", "--num-steps", "40", "--grad-clip", "1", "--val-split",
                   "0.3", "--eval-every", "7", "--metrics", "m", "--tensorboard", "tb")
        path, = self.files()
        self.assertRegex(path.name, r"^events\.out\.tfevents\.\d{10}\..+$")
        first, *events = read_events(path)
        self.assertEqual(first["version"], "brain.Event:2")
        self.check_steps(events, self.rows())
        times = [event["wall_time"] for event in events]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 1.6e9)
        self.assertLess(abs(times[-1] - path.stat().st_mtime), 60)

    def test_nothing_that_is_not_measured(self):
        self.train("--input", "corpus", "--num-steps", "3", "--metrics", "m",
                   "--tensorboard", "tb")
        self.check_steps(list(read_events(self.files()[0]))[1:], self.rows())

    def test_a_resumed_run_adds_a_file(self):
        self.train("--input", "corpus", "--num-steps", "30", "--out-dir", "run", "--save-every",
                   "7", "--tensorboard", "tb")
        self.train("--resume", "run/generation-000005", "--tensorboard", "tb")
        _, second = self.files()
        version, start, *events = read_events(second)
        self.assertEqual(version["version"], "brain.Event:2")
        self.assertTrue(start["start"])
        self.assertEqual(start["step"], 29)
        self.check_steps(events, self.rows("run/metrics.jsonl")[28:])

    def test_runs_in_the_same_second(self):
        for _ in range(3):
            self.train("--input", "corpus", "--num-steps", "1", "--tensorboard", "tb")
        self.assertEqual(len(self.files()), 3)

    def test_folders_that_cannot_be_used(self):
        (self.folder / "file").write_text("")
        for bad in ("gone/deeper", "file", "file/below"):
            result = self.train("--input", "corpus", "--tensorboard", bad, code=4)
            self.assertIn(bad, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)
            self.assertEqual(result.stdout, "")
        self.train("--tensorboard", "", code=2)

    def test_length_of_a_large_step(self):
        """Varints of several bytes."""
        self.train("--input", "corpus", "--num-steps", "300", "--tensorboard", "tb")
        self.assertEqual(list(read_events(self.files()[0]))[-1]["step"], 300)

    @unittest.skipUnless(PROTOC, "protoc is not installed")
    def test_protoc_reads_every_event(self):
        self.train("--input", "corpus", "--num-steps", "5", "--tensorboard", "tb")
        texts = [subprocess.run([PROTOC, "--decode_raw"], input=record, check=True,
                                capture_output=True).stdout.decode()
                 for record in records(self.files()[0].read_bytes())]
        self.assertIn('3: "brain.Event:2"', texts[0])
        self.assertEqual(len(texts), 6)
        for text in texts[1:]:
            self.assertIn('1: "loss/train"', text)


if __name__ == "__main__":
    sys.exit(unittest.main())
