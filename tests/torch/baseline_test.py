"""benchmarks/pytorch_baseline.py: its fast PyTorch model is the program's, and its
report is complete. What it measures here means nothing."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import unittest

import numpy as np
import torch

from program import CZECH, ProgramTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(ROOT / "tests/scripts")]
import bench_example  # noqa: E402
import microgpt_torch  # noqa: E402
import pytorch_baseline  # noqa: E402
import torch_corpus  # noqa: E402
import torch_models  # noqa: E402
import torch_trainer  # noqa: E402
from bench import pytorch  # noqa: E402
from bench import report as bench_report  # noqa: E402
from bench.command import Failure  # noqa: E402

STEPS = 3


class BaselineTest(ProgramTest):
    """What the script prints and writes."""

    def start(self, program, *arguments):
        path = self.folder / "torch.json"
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "pytorch_baseline.py"), "--microgpt", program,
             "--repetitions", "2", "--steps", str(STEPS), "--json", str(path), *arguments],
            cwd=self.folder, capture_output=True, encoding="utf-8", check=False)
        return done, path

    def check_model(self, model):
        self.assertEqual(len(model["ratios"]), 2)
        tried = [setting["tokens_per_second"] for setting in model["torch_tuning"]]
        self.assertGreaterEqual(len(tried), 2)  # kinds of Adam
        self.assertIn({**model["torch_setting"], "tokens_per_second": max(tried)},
                      model["torch_tuning"])
        for side in ("microgpt", "torch"):
            numbers = model[side]
            self.assertGreater(numbers["gflops"], 0)
            self.assertGreater(numbers["min_tokens_per_second"], 0)
            self.assertLessEqual(numbers["min_tokens_per_second"],
                                 numbers["median_tokens_per_second"])
            self.assertEqual([len(run["seconds"]) for run in numbers["runs"]], [STEPS] * 2)
        # In fp32; a wrong batch, mask or rate would show at once.
        self.assertLess(model["first_loss_difference"], 1e-5)
        self.assertLess(model["largest_loss_difference"], 1e-4)


class ModelsTest(BaselineTest):
    def start(self, program, *arguments):
        return super().start(program, "--models", "tiny", "tiny-tokens", "--threads", "1",
                             *arguments)

    def test_is_complete(self):
        done, path = self.start(os.environ["MICROGPT_EXE"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| 16 / 1 / 4 / 8, V = 65, batch 4 |", done.stdout)
        report = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual({"date", "host", "models", "repetitions", "steps", "torch_reports",
                          "versions"}, set(report))
        self.assertEqual(report["versions"]["torch"], torch.__version__)
        self.assertTrue(report["host"]["cpu"])
        self.assertEqual(list(report["models"]), ["tiny", "tiny-tokens"])
        for model in report["models"].values():
            with self.subTest(model["config"]):
                self.check_model(model)
                losses = model["torch"]["runs"][0]["losses"]
                self.assertLess(losses[-1], losses[0])
                self.assertEqual(model["threads"], 1)

    def test_says_why_the_program_failed(self):
        done, path = self.start("/bin/false")
        self.assertEqual(done.returncode, 1)
        self.assertIn("pytorch_baseline.py: /bin/false failed (1)", done.stderr)
        self.assertFalse(path.exists())


class ReportTest(BaselineTest):
    """--report: what bench_report.py puts beside the models of microgpt bench."""

    def start_report(self, *models, arguments=()):
        self.report = bench_example.report(bench_example.run(*models))
        self.write("report.json", json.dumps(self.report))
        return self.start(os.environ["MICROGPT_EXE"], "--report", "report.json", *arguments)

    def check(self, *models, arguments=()):
        """Of every measurement: the model it belongs to."""
        done, path = self.start_report(*models, arguments=arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for result in json.loads(path.read_text(encoding="utf-8"))["models"].values():
            with self.subTest(result["config"]):
                self.check_model(result)
        report = bench_report.from_json(self.report, "")
        self.assertEqual(pytorch.join(pytorch.read(str(path)), report.runs), [])
        return done.stdout, report.runs[0].models

    def test_built_in_names(self):
        points = [bench_example.point(threads, [0.1]) for threads in (1, 2)]
        self.write("input.txt", "not to be read\n")
        printed, models = self.check(bench_example.model(points))
        self.assertIn("| 16 / 1 / 4 / 8, V = 27, batch 4, built-in names, lines, 2 threads |",
                      printed)
        self.assertEqual([measured.threads for measured in models[0].torch], [1, 2])
        for measured in models[0].torch:
            self.assertEqual(measured.version, torch.__version__)
            self.assertGreater(measured.tokens_per_second, 0)
            self.assertGreater(measured.ratio, 0)

    def test_texts(self):
        text = "\ufeff" + CZECH.replace("\n", "\r\n") + "\r\n\nkonec"
        path = self.write("own.txt", text)
        characters = set(CZECH + "konec")
        # Three batches are more documents than there are lines: they begin again.
        point = bench_example.point(1, [0.1], batch_size=9)
        self.assertLess(len(CZECH.splitlines()) + 1, 3 * 9)
        self.check(bench_example.model([point], data="own.txt, lines", block_size=20,
                                       vocab_size=len(characters)),
                   bench_example.model([point], data="own.txt, text", activation="relu",
                                       vocab_size=len(characters) + 1),
                   arguments=("--input", str(path)))

    def test_refuses_what_it_cannot_measure(self):
        point = bench_example.point(1, [0.1])
        self.write("own.txt", "abc\n")
        own = {"data": "own.txt, lines"}
        for code, message, changes, *arguments in (
                (2, "say with --input where that text is", own),
                (3, "own.txt has 4 tokens", own, "--input", "own.txt"),
                (3, "only whole lines and texts", {"data": "ids.bin, tokens"}),
                (3, "no such file", {}, "--report", "none.json"),
                (4, "none.txt: No such file", own, "--input", "none.txt"),
                (2, "models and threads of its own", {}, "--threads", "2")):
            with self.subTest(message):
                done, path = self.start_report(bench_example.model([point], **changes),
                                               arguments=arguments)
                self.assertEqual(done.returncode, code)
                self.assertIn(message, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertFalse(path.exists())


class CorpusTest(ProgramTest):
    def documents(self, text, mode, block_size, count=100):
        path = self.folder / "text.txt"
        path.write_bytes(text.encode())
        corpus = torch_corpus.Corpus(f"text.txt, {mode}", str(path))
        return corpus.documents(block_size, count).tolist()

    def test_lines(self):
        pad = torch_trainer.NO_TARGET
        self.assertEqual(self.documents("\ufeffba\r\n\nc\n\r\nabcab", "lines", 4),
                         [[0, 2, 1, 0, pad], [0, 3, 0, pad, pad], [0, 1, 2, 3, 1]])
        self.assertEqual(self.documents("a\nb\nc\n", "lines", 4, count=2),
                         [[0, 1, 0], [0, 2, 0]])
        self.assertEqual(self.documents("b\r", "lines", 4), [[0, 2, 1, 0]])

    def test_text(self):
        pad = torch_trainer.NO_TARGET
        self.assertEqual(self.documents("a\r\nb", "text", 2), [[0, 2, 1], [1, 3, 0]])
        self.assertEqual(self.documents("ab", "text", 2), [[0, 1, 2], [2, 0, pad]])

    def test_refuses_others(self):
        for text, mode in (("\n\r\n", "lines"), ("", "text"), ("a", "chunks")):
            with self.assertRaises(Failure):
                self.documents(text, mode, 4)

    def test_built_in_names(self):
        corpus = torch_corpus.Corpus("built-in names, lines", None)
        self.assertEqual((corpus.vocab_size(), len(corpus.sequences)), (27, 12003))


class FastModelTest(unittest.TestCase):
    """Against the readable model, in float64, with weights that are not special."""

    CONFIG = microgpt_torch.Config(vocab_size=11, block_size=6, n_embd=8, n_layer=2, n_head=2)

    def setUp(self):
        torch.manual_seed(1)
        self.slow = microgpt_torch.Microgpt(self.CONFIG).double()
        for tensor in self.slow.parameters():
            torch.nn.init.normal_(tensor, std=0.5)
        arrays = {name: tensor.detach().numpy() for name, tensor in self.slow.named_parameters()}
        self.fast = torch_trainer.FastModel(self.CONFIG, arrays)
        self.fast.mask = self.fast.mask.double()
        self.tokens = torch.randint(self.CONFIG.vocab_size, (3, 7))

    def assert_same(self, found, wanted):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)

    def fused(self, tensors):
        """Of the readable model, under the names of the fast one."""
        tensors = dict(tensors)
        for i in range(self.CONFIG.n_layer):
            parts = [tensors.pop(f"layer{i}.attn_w{x}") for x in "qkv"]
            tensors[f"layer{i}.attn_wqkv"] = torch.cat(parts)
        return tensors

    def test_loss_and_gradients(self):
        inputs, targets = self.tokens[:, :-1], self.tokens[:, 1:]
        wanted, found = self.slow.loss(inputs, targets), self.fast.loss(inputs, targets)
        self.assert_same(found, wanted)
        wanted.backward()
        found.backward()
        gradients = self.fused((name, tensor.grad)
                               for name, tensor in self.slow.named_parameters())
        self.assertEqual(set(gradients), set(self.fast.weights))
        for name, tensor in self.fast.weights.items():
            self.assert_same(tensor.grad, gradients[name])

    def test_shorter_documents(self):
        """Every target weighs the same, and padding nothing."""
        pad = torch_trainer.NO_TARGET
        documents = torch.tensor([[0, 3, 2, 0, pad], [0, 5, 0, pad, pad], [0, 1, 2, 3, 4]])
        for rows in ([0, 1], [1, 2]):
            batches = torch_trainer.Batches(documents[rows], 2)
            inputs, targets = batches.batch(3)
            encoded = [[token for token in row.tolist() if token != pad]
                       for row in documents[rows]]
            tokens, wanted = microgpt_torch.make_batch(encoded, 6)
            self.assertEqual(targets.tolist(), wanted.tolist())
            self.assert_same(self.fast.loss(inputs, targets), self.slow.loss(tokens, wanted))

    def test_relu(self):
        config = dataclasses.replace(self.CONFIG, activation="relu")
        slow = microgpt_torch.Microgpt(config).double()
        slow.load_state_dict(self.slow.state_dict())
        arrays = {name: tensor.detach().numpy() for name, tensor in slow.named_parameters()}
        fast = torch_trainer.FastModel(config, arrays)
        fast.mask = fast.mask.double()
        inputs, targets = self.tokens[:, :-1], self.tokens[:, 1:]
        self.assert_same(fast.loss(inputs, targets), slow.loss(inputs, targets))

    def test_every_kind_of_adam_takes_the_same_steps(self):
        trained = {}
        kinds = [kind for kind in torch_trainer.OPTIMIZERS
                 if kind != "fused" or pytorch_baseline.has_fused_adam()]
        for kind in kinds:
            self.setUp()
            job = torch_trainer.Job({}, "", "", 3, 2, 4, 0.01, 1, kind)
            optimizer = torch_trainer.Optimizer(job, self.fast.weights)
            for step in range(2):
                loss = self.fast.loss(self.tokens[:, :-1], self.tokens[:, 1:])
                optimizer.clear()
                loss.backward()
                optimizer.step(step)
            trained[kind] = self.fast.weights
        for name, tensor in trained["foreach"].items():
            self.assertGreater((tensor - self.fused(self.slow.named_parameters())[name])
                               .abs().max().item(), 1e-3)
            for kind in kinds:
                self.assert_same(trained[kind][name], tensor)


class DocumentsTest(ProgramTest):
    """What PyTorch is given is what the files hold."""

    def test_lines(self):
        model = torch_models.MODELS["tiny"]
        documents, _ = torch_models.write_lines(model, self.folder)
        lines = (self.folder / "lines.txt").read_text(encoding="utf-8").splitlines()
        self.assertEqual(sorted(set("".join(lines))), [chr(33 + i) for i in range(64)])
        self.assertEqual([[0] + [ord(c) - 32 for c in line] for line in lines],
                         documents.tolist())

    def test_token_windows(self):
        model = torch_models.make_model(8, 1, 1, 16, 2, vocab_size=200)
        documents, flags = torch_models.write_tokens(model, self.folder)
        ids = np.fromfile(flags[1], "<u2")
        self.assertEqual(len(np.unique(ids)), 200)
        self.assertEqual(len(ids), 16 * 16 + 1)
        for i, window in enumerate(documents):
            self.assertEqual(window.tolist(), ids[16 * i:16 * i + 17].tolist())


if __name__ == "__main__":
    unittest.main()
