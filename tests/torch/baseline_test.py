"""benchmarks/torch_baseline.py: its fast PyTorch model is the program's, and its
report is complete. What it measures here means nothing."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

import numpy as np
import torch

from program import ProgramTest

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import microgpt_torch  # noqa: E402
import torch_baseline  # noqa: E402
import torch_models  # noqa: E402
import torch_trainer  # noqa: E402

STEPS = 3


class ReportTest(ProgramTest):
    def start(self, program):
        report = self.folder / "report.json"
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "torch_baseline.py"), "--microgpt", program,
             "--models", "tiny", "tiny-tokens", "--repetitions", "2", "--steps", str(STEPS),
             "--threads", "1", "--json", str(report)], capture_output=True, encoding="utf-8", check=False)
        return done, report

    def test_is_complete(self):
        done, path = self.start(os.environ["MICROGPT_EXE"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| 16 / 1 / 4 / 8, V = 65, batch 4 |", done.stdout)
        report = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual({"date", "host", "models", "repetitions", "steps", "threads", "versions"},
                         set(report))
        self.assertEqual(report["versions"]["torch"], torch.__version__)
        self.assertTrue(report["host"]["cpu"])
        self.assertEqual(list(report["models"]), ["tiny", "tiny-tokens"])
        for model in report["models"].values():
            with self.subTest(model["config"]):
                self.check_model(model)

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
        losses = model["torch"]["runs"][0]["losses"]
        self.assertLess(losses[-1], losses[0])

    def test_says_why_the_program_failed(self):
        done, path = self.start("/bin/false")
        self.assertEqual(done.returncode, 1)
        self.assertIn("torch_baseline: /bin/false failed (1)", done.stderr)
        self.assertFalse(path.exists())


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

    def test_every_kind_of_adam_takes_the_same_steps(self):
        trained = {}
        kinds = [kind for kind in torch_trainer.OPTIMIZERS
                 if kind != "fused" or torch_baseline.has_fused_adam()]
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
