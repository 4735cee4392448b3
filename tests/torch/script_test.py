"""scripts/microgpt_torch.py as a program, and what it refuses to read."""
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import unittest

import torch

from program import CZECH, SCRIPT, ProgramTest
import microgpt_torch
from microgpt_torch import CheckpointError

TINY = ("--n-embd", 2, "--n-head", 1, "--block-size", 2, "--num-steps", 3)


class ScriptTest(ProgramTest):
    def start(self, *arguments, **variables):
        """Exit code, stdout and stderr of the script in a process of its own."""
        done = subprocess.run([sys.executable, str(SCRIPT), *map(str, arguments)],
                              capture_output=True, encoding="utf-8", check=False,
                              env={**os.environ, **variables})
        return done.returncode, done.stdout, done.stderr

    def call(self, *arguments):
        """The same in this process, which spares loading PyTorch."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = microgpt_torch.main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code
        return code, out.getvalue(), err.getvalue()

    def assert_refused(self, result, exit_code, *parts):
        code, out, err = result
        self.assertEqual((code, out, err.count("\n"), err[-1:]), (exit_code, "", 1, "\n"), err)
        for part in parts:
            self.assertIn(str(part), err)

    def loss(self, checkpoint, text):
        code, out, err = self.call(checkpoint, "--text", text)
        self.assertEqual((code, err), (0, ""))
        return float(out.split()[1])


class UseTest(ScriptTest):
    def test_prints_what_eval_prints(self):
        run = self.train("--num-steps", 60)
        for document in ("emma", "o", "constantine"):
            code, out, err = self.start(run, "--text", document)
            self.assertEqual((code, err), (0, ""))
            self.assertRegex(out, r"\Aloss: [0-9]\.[0-9]{6}\nperplexity: [0-9]+\.[0-9]{6}\n\Z")
            self.assertAlmostEqual(float(out.split()[1]), self.evaluate(run, [document]),
                                   delta=3e-6)

    def test_other_alphabets(self):
        run = self.train("--num-steps", 20, text=CZECH)
        self.assertAlmostEqual(self.loss(run, "žlutý 日本"), self.evaluate(run, ["žlutý 日本"]),
                               delta=3e-6)
        _, vocabulary = microgpt_torch.load(run)
        self.assertEqual(vocabulary.decode(vocabulary.encode("malý 😀")), "malý 😀")

    def test_token_ids(self):
        ids = [i * i % 300 for i in range(50)]
        (self.folder / "ids").write_bytes(b"".join(i.to_bytes(2, "little") for i in ids))
        run = self.train("--tokens", self.folder / "ids", "--vocab-size", 300, "--num-steps", 9,
                         "--block-size", 64)
        printed = self.run_program("MICROGPT_EXE", "eval", "--checkpoint", run,
                                   "--tokens", self.folder / "ids")
        self.assertAlmostEqual(self.loss(run, " ".join(map(str, ids))),
                               float(printed.split()[1]), delta=3e-6)
        _, vocabulary = microgpt_torch.load(run)
        self.assertEqual(vocabulary.decode(vocabulary.encode(" 299\n0 ")), "299 0")
        for text in ("5", "300 1", "-1 1", "a b", " "):
            self.assert_refused(self.call(run, "--text", text), 3, "token id")
        vocab = next(run.glob("generation-*2")) / "vocab.json"
        for text in ('{"<ids>": 299}', '{"<ids>": true}', '{"<ids>": 300, "a": 1}'):
            vocab.write_text(text)
            self.assert_refused(self.call(run, "--text", "1 2"), 3, "vocab.json", "<ids>")

    def test_every_way_to_name_a_checkpoint(self):
        run = self.train("--num-steps", 30)
        old, new = sorted(run.glob("generation-*"))
        losses = [self.loss(folder, "emma") for folder in (old, new)]
        self.assertNotEqual(*losses)
        self.assertEqual(self.loss(new / "model.safetensors", "emma"), losses[1])
        # By number, not by spelling, and nothing but generations.
        old.rename(run / "generation-999999")
        new.rename(run / "generation-1000000")
        for name in (".partial-2000000", "generation-2000000x", "generation-3"):
            shutil.copytree(run / "generation-999999", run / name)
        self.assertEqual(self.loss(run, "emma"), losses[1])

    def test_saves_what_the_program_saves(self):
        for flags in (("--n-embd", 12, "--n-layer", 3), ("--n-layer", 0)):
            run = self.train("--num-steps", 5, *flags, name=f"layers{flags[-1]}")
            model, _ = microgpt_torch.load(run)
            microgpt_torch.save(model, self.folder / "saved")
            self.assertEqual((self.folder / "saved").read_bytes(),
                             (run / "generation-000002" / "model.safetensors").read_bytes())

    def test_too_many_positions(self):
        model, _ = microgpt_torch.load(self.train(*TINY))
        with self.assertRaisesRegex(ValueError, "3 positions, block_size is 2"):
            model(torch.zeros(1, 3, dtype=torch.long))


class RefusalTest(ScriptTest):
    def test_usage(self):
        for arguments in ((), ("run",), ("run", "--text"), ("run", "--text", ""),
                          ("run", "--tex", "a"), ("run", "more", "--text", "a")):
            with self.subTest(arguments):
                self.assert_refused(self.call(*arguments), 2, "microgpt_torch: ")
        self.assert_refused(self.start("run"), 2, "--text")

    def test_missing_packages(self):
        for package in ("numpy", "torch"):
            folder = self.folder / package
            folder.mkdir()
            (folder / (package + ".py")).write_text(f"raise ImportError('no {package}')")
            advice = (f"no {package}", "apt-get install python3-numpy python3-torch",
                      "pip install numpy torch")
            self.assert_refused(self.start("run", "--text", "a", PYTHONPATH=str(folder)),
                                2, *advice)
            path = os.pathsep.join((str(folder), str(SCRIPT.parent)))
            done = subprocess.run([sys.executable, "-c", "import microgpt_torch"],
                                  env={**os.environ, "PYTHONPATH": path}, check=False,
                                  capture_output=True, encoding="utf-8")
            self.assertEqual(done.returncode, 1)
            for part in advice:
                self.assertIn(part, done.stderr.splitlines()[-1])

    def test_not_a_checkpoint(self):
        self.assert_refused(self.start(self.folder / "none", "--text", "a"), 3, "none")
        self.assert_refused(self.call(self.folder, "--text", "a"), 3, self.folder, "--out-dir")
        (self.folder / "generation-000001").mkdir()
        self.assert_refused(self.call(self.folder, "--text", "a"), 3, "config.json")

    def test_text_and_weights(self):
        run = self.train(*TINY)
        self.assert_refused(self.call(run, "--text", "aé"), 3, "U+00E9")
        self.assert_refused(self.call(run, "--text", "\udcff"), 3, "U+DCFF")
        model, _ = microgpt_torch.load(run)
        with torch.no_grad():
            model.wte[0, 0] = float("nan")
        microgpt_torch.save(model, run / "generation-000002" / "model.safetensors")
        self.assert_refused(self.call(run, "--text", "a"), 5, "nan")

    def test_missing_files(self):
        generation = self.train(*TINY) / "generation-000002"
        for name in ("model.safetensors", "config.json", "vocab.json"):
            (generation / name).rename(generation / "moved")
            self.assert_refused(self.call(generation, "--text", "a"), 3, generation)
            os.mkfifo(generation / name)
            self.assert_refused(self.call(generation, "--text", "a"), 3, generation / name)
            (generation / name).unlink()
            (generation / "moved").rename(generation / name)
        self.loss(generation, "a")

    def check_edits(self, name, edits):
        """Each edit changes the JSON value of a file, or replaces its text."""
        generation = self.train(*TINY) / "generation-000002"
        path = generation / name
        original = path.read_bytes()
        for edit, *parts in edits:
            with self.subTest(edit):
                if isinstance(edit, dict):
                    text = json.dumps({**json.loads(original), **edit})
                else:
                    text = edit
                path.write_text(text, encoding="utf-8")
                self.assert_refused(self.call(generation, "--text", "a"), 3, path, *parts)
        path.write_bytes(original)
        self.loss(generation, "a")

    def test_config(self):
        self.check_edits("config.json", [
            ("", "JSON"), ("[]", "object"), ("{}", "vocab_size"), ("[" * 100_000, "JSON"),
            ('{"n_embd": 2, "n_embd": 2}', "twice"),
            ({"n_head": 3}, "n_head"), ({"n_head": 0}, "n_head"), ({"n_embd": "2"}, "n_embd"),
            ({"n_layer": -1}, "n_layer"), ({"n_layer": True}, "n_layer"),
            ({"n_positions": 2.5}, "n_positions"), ({"n_inner": 2}, "n_inner"),
            ({"activation_function": "gelu"}, "activation_function"),
            ({"activation_function": ["relu"]}, "activation_function"),
            ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon"),
            ({"tie_word_embeddings": True}, "tie_word_embeddings"),
            ({"model_type": "gpt2"}, "model_type"), ({"bos_token_id": 1}, "bos_token_id")])

    def test_config_of_another_model(self):
        generation = self.train(*TINY) / "generation-000002"
        path = generation / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        for field, value, part in (("n_layer", 2, "9 tensors"), ("n_layer", 10**15, "9 tensors"),
                                   ("n_positions", 10**15, "wpe"), ("n_positions", 1, "wpe")):
            with self.subTest(field, value=value):
                path.write_text(json.dumps({**config, field: value}), encoding="utf-8")
                self.assert_refused(self.call(generation, "--text", "a"), 3,
                                    generation / "model.safetensors", part)

    def test_vocabulary(self):
        self.check_edits("vocab.json", [
            ("{}", "ids"), ("\udcff".encode("utf-8", "surrogateescape").hex(), "JSON"),
            ({"b": 1}, "ids"), ({"b": "2"}, "ids"), ({"b": 2.0}, "ids"), ({"new": 27}, "ids"),
            (json.dumps(dict(zip(["<bos>", "ab", *map(chr, range(200, 225))], range(27)))),
             "single characters"),
            (json.dumps(dict(zip(map(chr, range(200, 227)), range(27)))), "<bos>")])


def split(data):
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8:8 + length]), data[8 + length:]


def join(header, body):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


class SafetensorsTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.generation = self.train(*TINY) / "generation-000002"
        self.path = self.generation / "model.safetensors"
        self.data = self.path.read_bytes()

    def assert_refuses(self, data, *parts):
        self.path.write_bytes(data)
        self.assert_refused(self.call(self.generation, "--text", "a"), 3, self.path, *parts)

    def test_every_length(self):
        for length in range(len(self.data)):
            self.path.write_bytes(self.data[:length])
            with self.assertRaises(CheckpointError, msg=length) as caught:
                microgpt_torch.read_safetensors(self.path)
            self.assertNotIn("\n", str(caught.exception))
        self.assert_refuses(self.data[:-1], "truncated within tensor 'layer0.mlp_fc2'")
        self.assert_refused(self.start(self.generation, "--text", "a"), 3, "truncated")
        self.assert_refuses(self.data[:-500], "truncated within tensor")
        self.assert_refuses(self.data + b"\0", "last 1 bytes")

    def test_flipped_bits_of_the_header(self):
        """Refused, or read as before (the metadata, spaces); nothing else happens."""
        header, body = split(self.data)
        weights = microgpt_torch.load(self.generation)[0].state_dict()
        refused = 0
        for byte in range(len(self.data) - len(body)):
            changed = bytearray(self.data)
            changed[byte] ^= 1 << 3 * byte % 8
            self.path.write_bytes(changed)
            try:
                model, _ = microgpt_torch.load(self.generation)
            except CheckpointError as error:
                self.assertNotIn("\n", str(error))
                refused += 1
                continue
            self.assertTrue(all(torch.equal(values, weights[name])
                                for name, values in model.state_dict().items()), byte)
        self.assertGreater(refused, 0.8 * len(json.dumps(header)))

    def test_one_tensor_wrong(self):
        header, body = split(self.data)
        for changes, part in (
                ({"dtype": "F16"}, "F16"), ({"dtype": 1}, "dtype"), ({"extra": 1}, "no more"),
                ({"shape": [2, 27]}, "shape (2, 27)"), ({"shape": [54]}, "shape"),
                ({"shape": [-27, -2]}, "shape"), ({"shape": [27.0, 2]}, "shape"),
                ({"shape": [2**64, 2]}, "do not fit"), ({"shape": [27, True]}, "shape"),
                ({"data_offsets": [216, 0]}, "do not fit"), ({"data_offsets": [0]}, "data_offsets"),
                ({"data_offsets": [4, 220]}, "overlaps another or leaves a gap")):
            with self.subTest(changes):
                self.assert_refuses(join({**header, "wte": {**header["wte"], **changes}}, body),
                                    "'wte'", part)
        self.assert_refuses(join({**header, "wte": 1}, body), "'wte'")
        far = {**header["wte"], "data_offsets": [2**70, 2**70 + 216]}
        self.assert_refuses(join({**header, "wte": far}, body), "'wpe'", "leaves a gap")

    def test_gap(self):
        header, body = split(self.data)
        begin, end = header["lm_head"]["data_offsets"]
        for name, entry in header.items():
            if name != "__metadata__" and entry["data_offsets"][0] >= begin:
                entry["data_offsets"] = [offset + 4 for offset in entry["data_offsets"]]
        self.assert_refuses(join(header, body[:begin] + bytes(4) + body[begin:]),
                            "'lm_head'", "leaves a gap")
        self.assert_refused(self.start(self.generation, "--text", "a"), 3, "leaves a gap")
        self.assertLess(begin, end)

    def test_wrong_set_of_tensors(self):
        header, body = split(self.data)
        renamed = {("wtf" if name == "wte" else name): entry for name, entry in header.items()}
        self.assert_refuses(join(renamed, body), "'wte' is missing")
        more = {**header, "bias": {"dtype": "F32", "shape": [1, 1],
                                   "data_offsets": [len(body), len(body) + 4]}}
        self.assert_refuses(join(more, body + bytes(4)), "10 tensors")

    def test_broken_headers(self):
        header, body = split(self.data)
        twice = json.dumps(header)[:-1] + ', "wte": ' + json.dumps(header["wte"]) + "}"
        for text, part in ((twice.encode(), "twice"), (b"", "JSON"), (b"[]", "object"),
                           (b'{"a":' * 100_000, "JSON"), (b"{\xff}", "JSON"), (b"null", "object"),
                           (b'{"wte": NaN}', "'wte'"), (b"9" * 10_000, "JSON")):
            with self.subTest(text[:20]):
                self.assert_refuses(join(text, body), part)
        for length in (2**64 - 1, 2**63, len(self.data) - 7):
            self.assert_refuses(length.to_bytes(8, "little") + self.data[8:], "truncated")

    def test_order_of_tensors_is_free(self):
        header, body = split(self.data)
        weights = microgpt_torch.load(self.generation)[0].state_dict()
        self.path.write_bytes(join(dict(reversed(header.items())), body))
        model, _ = microgpt_torch.load(self.generation)
        self.assertEqual(list(model.state_dict()), list(weights))
        self.assertTrue(all(torch.equal(values, weights[name])
                            for name, values in model.state_dict().items()))


if __name__ == "__main__":
    unittest.main()
