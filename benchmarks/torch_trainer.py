"""The model of microgpt in eager PyTorch, written for speed: the worker of
pytorch_baseline.py, which starts it in a process of its own because BLAS and its
threads are chosen when a process begins.

What makes it fast: one product for queries, keys and values; residuals added by
the products; norm and squared ReLU with a backward pass of their own (fewer passes
over memory than autograd's); one causal mask; PyTorch 2's fused attention and
fused Adam where they exist. scripts/microgpt_torch.py is the readable version and
reads the weights.

Reads a JSON object from stdin (the fields of Job), prints one: the loss and the
seconds of every step.
"""
import json
import math
import pathlib
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scripts"))
import microgpt_torch  # noqa: E402

OPTIMIZERS = ("foreach", "flat", "fused")
NO_TARGET = microgpt_torch.NO_TARGET  # behind a document that is shorter than others


@dataclass(frozen=True)
class Job:
    config: dict  # of microgpt_torch.Config
    weights: str  # safetensors file
    documents: str  # .npy, ids [documents, block_size + 1 at most]
    batch_size: int
    steps: int
    schedule_steps: int  # the rate falls to 0 over so many; at least `steps`
    learning_rate: float
    threads: int
    optimizer: str  # of OPTIMIZERS


class RmsNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True).add_(1e-5))
        y = x * scale
        ctx.save_for_backward(y, scale)
        return y

    @staticmethod
    def backward(ctx, dy):
        y, scale = ctx.saved_tensors
        mean = (dy * y).mean(-1, keepdim=True)
        return torch.addcmul(dy, y, mean, value=-1).mul_(scale)


class SquaredRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        u = F.relu(x)
        ctx.save_for_backward(u)
        return u * u

    @staticmethod
    def backward(ctx, dy):
        (u,) = ctx.saved_tensors
        return (dy * u).mul_(2)


def causal_attention(q, k, v, mask):
    """q, k, v [B, NH, T, HS] -> [B, NH, T, HS]."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    q = q / math.sqrt(q.shape[-1])
    scores = (q @ k.transpose(-2, -1)).add_(mask)  # [B, NH, T, T]
    return scores.softmax(-1) @ v


class FastModel:
    """Weights as leaves in a dictionary: names of microgpt_torch, but attn_wqkv."""

    def __init__(self, config, arrays):
        self.config = config
        self.weights = {}
        arrays = dict(arrays)
        for i in range(config.n_layer):
            parts = [arrays.pop(f"layer{i}.attn_w{x}") for x in "qkv"]
            arrays[f"layer{i}.attn_wqkv"] = np.concatenate(parts)
        for name, array in arrays.items():
            self.weights[name] = torch.tensor(array).requires_grad_()
        self.mask = torch.full((config.block_size,) * 2, -math.inf).triu_(1)
        self.activation = F.relu if config.activation == "relu" else SquaredRelu.apply

    def attention(self, x, h, layer, documents):
        """x, h [B * T, C] -> x + attention(h)."""
        c, heads = self.config.n_embd, self.config.n_head
        qkv = h @ self.weights[layer + "attn_wqkv"].t()
        # [B * T, 3C] to three of [B, NH, T, HS].
        q, k, v = qkv.view(documents, -1, 3, heads, c // heads).permute(2, 0, 3, 1, 4)
        positions = q.shape[2]
        a = causal_attention(q, k, v, self.mask[:positions, :positions])
        a = a.transpose(1, 2).reshape(-1, c)
        return torch.addmm(x, a, self.weights[layer + "attn_wo"].t())

    def mlp(self, x, h, layer):
        u = h @ self.weights[layer + "mlp_fc1"].t()
        return torch.addmm(x, self.activation(u), self.weights[layer + "mlp_fc2"].t())

    def loss(self, tokens, targets):
        """Mean cross-entropy over all targets but NO_TARGET; tokens, targets [B, T]."""
        positions = tokens.shape[1]
        x = F.embedding(tokens, self.weights["wte"]) + self.weights["wpe"][:positions]
        x = RmsNorm.apply(x.flatten(0, 1))  # [B * T, C]
        for i in range(self.config.n_layer):
            layer = f"layer{i}."
            x = self.attention(x, RmsNorm.apply(x), layer, len(tokens))
            x = self.mlp(x, RmsNorm.apply(x), layer)
        return F.cross_entropy(x @ self.weights["lm_head"].t(), targets.flatten(),
                               ignore_index=NO_TARGET)


def flatten(weights):
    """Moves all weights, and their gradients, into one tensor each; returns it."""
    tensors = list(weights.values())
    flat = torch.cat([tensor.detach().flatten() for tensor in tensors]).requires_grad_()
    flat.grad = torch.zeros_like(flat)
    begin = 0
    for tensor in tensors:
        end = begin + tensor.numel()
        tensor.data = flat.data[begin:end].view(tensor.shape)
        tensor.grad = flat.grad[begin:end].view(tensor.shape)
        begin = end
    return flat


class Optimizer:
    """Adam as microgpt has it, in the way of PyTorch that the job names."""

    def __init__(self, job, weights):
        self.job = job
        self.is_flat = job.optimizer != "foreach"
        parameters = [flatten(weights)] if self.is_flat else list(weights.values())
        how = {"foreach": job.optimizer == "foreach"}
        if job.optimizer == "fused":
            how = {"fused": True}
        self.adam = torch.optim.Adam(parameters, betas=(0.9, 0.95), eps=1e-8, **how)

    def clear(self):
        # Gradients that lie in the flat one must stay there.
        self.adam.zero_grad(set_to_none=not self.is_flat)

    def step(self, step):
        rate = self.job.learning_rate * (1 - step / self.job.schedule_steps)
        self.adam.param_groups[0]["lr"] = rate
        self.adam.step()


class Batches:
    """Batches in the order of the documents, each as long as its longest document."""

    def __init__(self, documents, batch_size):
        self.documents = documents  # [documents, block_size + 1 at most]
        self.lengths = (documents != NO_TARGET).sum(1)
        self.batch_size = batch_size

    def batch(self, step):
        """tokens, targets [B, T]. Padding is at the end, where attention never looks."""
        rows = torch.arange(step * self.batch_size, (step + 1) * self.batch_size)
        rows %= len(self.documents)
        batch = self.documents[rows, :self.lengths[rows].max()]
        return batch[:, :-1].clamp(min=0), batch[:, 1:]


def train(job):
    """The loss and the seconds of every step."""
    torch.set_num_threads(job.threads)
    config = microgpt_torch.Config(**job.config)
    model = FastModel(config, microgpt_torch.read_safetensors(job.weights))
    optimizer = Optimizer(job, model.weights)
    documents = torch.from_numpy(np.load(job.documents).astype(np.int64))
    batches = Batches(documents, job.batch_size)
    losses, seconds = [], []
    for step in range(job.steps):
        begin = time.perf_counter()
        loss = model.loss(*batches.batch(step))
        optimizer.clear()
        loss.backward()
        optimizer.step(step)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begin)
    return {"losses": losses, "seconds": seconds}


if __name__ == "__main__":
    json.dump(train(Job(**json.load(sys.stdin))), sys.stdout)
