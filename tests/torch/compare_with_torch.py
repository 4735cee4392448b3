"""The program against PyTorch: logits, loss and every gradient of trained
checkpoints, then training itself. PyTorch works in float64 here, so what differs
is the rounding of the program."""
import json
import unittest
from collections import namedtuple

import numpy as np
import torch

from program import CZECH, PHRASES, ProgramTest
import microgpt_torch

# Largest accepted relative difference. Measured: 1.5e-6.
BOUND = 1e-5

NAMES = ("emma", "a", "maximiliana", "jo", "christopherson", "zoe")
Case = namedtuple("Case", "flags documents text", defaults=(NAMES, ""))
CASES = {
    "default": Case(()),
    "relu": Case(("--activation", "relu", "--init-std", 0.08)),
    "heads": Case(("--n-embd", 20, "--n-head", 5, "--n-layer", 3)),
    "wide": Case(("--n-embd", 32, "--n-layer", 2, "--block-size", 16, "--batch-size", 8)),
    "one position": Case(("--block-size", 1)),
    "no layer": Case(("--n-layer", 0)),
    "one head": Case(("--n-head", 1, "--n-embd", 7, "--n-layer", 2)),
    # Documents of more than 16 positions take another way through attention.
    "long": Case(("--block-size", 48, "--n-layer", 2), (*PHRASES.split("\n")[3:6], "a box"),
                 PHRASES),
    "non-ASCII": Case(("--block-size", 12), ("žlutý kůň", "日本", "é", "malý 😀 čaj pes"), CZECH),
}


def differences(found, wanted):
    """Of two arrays: norm of the difference, and its largest element, relative."""
    found, wanted = (np.asarray(array, dtype=np.float64) for array in (found, wanted))
    if found.shape != wanted.shape:
        return float("inf"), float("inf")
    error = found - wanted
    if not wanted.any():
        return (float("inf"),) * 2 if error.any() else (0.0, 0.0)
    return (np.linalg.norm(error) / np.linalg.norm(wanted),
            np.abs(error).max() / np.abs(wanted).max())


def run_torch(model, vocabulary, documents):
    """What dump_gradients writes, by PyTorch."""
    tokens, targets = microgpt_torch.make_batch(
        [vocabulary.encode(document) for document in documents], model.config.block_size)
    model.zero_grad()
    model.loss(tokens, targets).backward()
    with torch.no_grad():
        real = targets != microgpt_torch.NO_TARGET
        logits = model(tokens)[real]  # [R, V]
        losses = torch.nn.functional.cross_entropy(logits, targets[real], reduction="none")
    result = {"logits": logits.numpy(), "losses": losses.numpy()[:, None]}
    result.update((name, weights.grad.numpy()) for name, weights in model.named_parameters())
    return result


class ComparingTest(ProgramTest):
    largest = {}  # of all differences, by kind: how large and where

    def assert_close(self, kind, difference, bound, where):
        self.largest[kind] = max(self.largest.get(kind, (0, "")), (difference, where))
        self.assertLess(difference, bound, f"{kind}: {where}")

    def assert_evaluates_to(self, loss, checkpoint, documents):
        evaluated = self.evaluate(checkpoint, documents)  # with six decimals
        self.assert_close("eval", max(0, abs(evaluated - loss) - 5e-7) / loss, BOUND,
                          checkpoint.name)


class GradientTest(ComparingTest):
    def check(self, case_name, case):
        checkpoint = self.train("--num-steps", 50, *case.flags, text=case.text, name=case_name)
        dumped = self.folder / (case_name + ".safetensors")
        self.run_program("DUMP_GRADIENTS", checkpoint, dumped, *case.documents)
        found = microgpt_torch.read_safetensors(dumped)
        model, vocabulary = microgpt_torch.load(checkpoint)
        wanted = run_torch(model.double(), vocabulary, case.documents)
        self.assertEqual(list(found), list(wanted))
        for name, values in found.items():
            kind = name if name in ("logits", "losses") else "gradients"
            norm, element = differences(values, wanted[name])
            self.assert_close(kind + " (norm)", norm, BOUND, f"{case_name}, {name}")
            self.assert_close(kind + " (element)", element, BOUND, f"{case_name}, {name}")

        self.assert_evaluates_to(wanted["losses"].mean(), checkpoint, case.documents)
        in_float32 = run_torch(model.float(), vocabulary, case.documents)
        for name in ("logits", "losses"):
            self.assert_close(name + ", PyTorch in float32",
                              max(differences(in_float32[name], wanted[name])), 1e-4, case_name)
        return found, wanted

    def test_all_cases(self):
        for name, case in CASES.items():
            with self.subTest(name):
                self.check(name, case)

    def test_notices_small_errors(self):
        found, wanted = self.check("wide", CASES["wide"])
        for name, values in found.items():
            self.assertGreater(min(differences(values * 1.0001, wanted[name])), BOUND, name)
            one_off = values.copy()
            one_off.flat[np.abs(values).argmax()] *= 1.0001
            self.assertGreater(differences(one_off, wanted[name])[1], BOUND, name)


class TrainingTest(ComparingTest):
    """From the checkpoint before the first step to the one after the last."""

    STEPS = 20

    def train_in_torch(self, model, vocabulary, documents, batch_size):
        """The loss of every step."""
        losses = []
        adam = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.9, 0.95), eps=1e-8)
        for step in range(self.STEPS):
            adam.param_groups[0]["lr"] = 0.01 * (1 - step / self.STEPS)
            batch = [vocabulary.encode(documents[(step * batch_size + b) % len(documents)])
                     for b in range(batch_size)]
            loss = model.loss(*microgpt_torch.make_batch(batch, model.config.block_size))
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
        return losses

    def check(self, name, batch_size, *flags):
        documents = PHRASES.split()
        run = self.train("--num-steps", self.STEPS, "--batch-size", batch_size, "--no-shuffle",
                         "--metrics", name + ".jsonl", *flags,
                         text="\n".join(documents), name=name)
        lines = (self.folder / (name + ".jsonl")).read_text(encoding="utf-8").splitlines()
        found = [json.loads(line)["loss"] for line in lines[1:]]
        model, vocabulary = microgpt_torch.load(run / "generation-000001")
        wanted = self.train_in_torch(model.double(), vocabulary, documents, batch_size)
        self.assert_close("losses of steps", max(differences(found, wanted)), BOUND, name)
        trained, _ = microgpt_torch.load(run / "generation-000002")
        for tensor, values in trained.state_dict().items():
            self.assert_close("trained weights (norm)",
                              differences(values, model.state_dict()[tensor])[0], 5e-4,
                              f"{name}, {tensor}")

        tokens, targets = microgpt_torch.make_batch(
            [vocabulary.encode(document) for document in documents], model.config.block_size)
        loss = model.loss(tokens, targets).item()
        self.assertLess(loss, wanted[0] - 0.1)  # it did learn
        self.assert_evaluates_to(loss, run, documents)
        return run, model, loss, documents

    def test_one_document_per_step(self):
        self.check("single", 1)

    def test_batches(self):
        self.check("batches", 8, "--n-layer", 2, "--n-embd", 24)

    def test_relu(self):
        self.check("relu", 3, "--activation", "relu")

    def test_weights_come_back(self):
        run, model, loss, documents = self.check("there", 2)
        saved = self.folder / "weights.safetensors"
        microgpt_torch.save(model, saved)
        back = self.train("--init-from", saved, "--num-steps", 0, name="back",
                          text="\n".join(documents))
        self.assertEqual((back / "generation-000001" / "model.safetensors").read_bytes(),
                         saved.read_bytes())
        self.assertNotEqual((run / "generation-000001" / "model.safetensors").read_bytes(),
                            saved.read_bytes())
        self.assert_evaluates_to(loss, back, documents)


def tearDownModule():
    for kind, (difference, where) in ComparingTest.largest.items():
        print(f"largest relative difference, {kind}: {difference:.1e} ({where})")


if __name__ == "__main__":
    unittest.main()
