"""The models of torch_baseline.py, and what microgpt and PyTorch are both given:
weights and documents."""
from dataclasses import dataclass

from torch_trainer import microgpt_torch, np, torch


@dataclass(frozen=True)
class Model:
    config: microgpt_torch.Config
    batch_size: int

    def matrix_parameters(self):
        c = self.config
        return 12 * c.n_layer * c.n_embd**2 + c.vocab_size * c.n_embd

    def title(self):
        c = self.config
        return (f"{c.n_embd} / {c.n_layer} / {c.n_head} / {c.block_size}, V = {c.vocab_size}, "
                f"batch {self.batch_size}")


def make_model(n_embd, n_layer, n_head, block_size, batch_size, vocab_size=65):
    return Model(microgpt_torch.Config(vocab_size, block_size, n_embd, n_layer, n_head),
                 batch_size)


MODELS = {
    "128": make_model(128, 4, 4, 64, 16),
    "256": make_model(256, 6, 8, 128, 16),
    "384": make_model(384, 6, 6, 256, 16),
    "768": make_model(768, 12, 12, 256, 4, vocab_size=50257),
    # For the test of torch_baseline.py.
    "tiny": make_model(16, 1, 4, 8, 4),
    "tiny-tokens": make_model(16, 1, 4, 8, 4, vocab_size=200),
}


class Inputs:
    """Weights, documents [n, block_size + 1], and the flags that name them."""

    def __init__(self, model, folder):
        self.weights = str(folder / "weights.safetensors")
        self.documents = str(folder / "documents.npy")
        config = model.config
        torch.manual_seed(1)
        network = microgpt_torch.Microgpt(config)
        for name, tensor in network.named_parameters():
            if not name.endswith(("attn_wo", "mlp_fc2")):
                torch.nn.init.normal_(tensor, std=0.02)
        microgpt_torch.save(network, self.weights)
        write = write_lines if config.vocab_size <= 128 else write_tokens
        documents, flags = write(model, folder)
        np.save(self.documents, documents)
        self.flags = [*flags, "--no-shuffle", "--init-from", self.weights]


def random_ids(count, first, last):
    """Of first..last, each once and then the earlier ones far more often."""
    every = np.arange(first, last + 1)
    weights = 1 / (every - first + 1)
    ids = np.random.default_rng(1).choice(every, count, p=weights / weights.sum())
    ids[:len(every)] = every[:count]
    return ids


def write_lines(model, folder):
    """A text whose lines fill the block; its characters are the ids 1 and up."""
    config, count = model.config, 8 * model.batch_size
    ids = random_ids(count * config.block_size, 1, config.vocab_size - 1)
    documents = np.zeros((count, config.block_size + 1), np.int32)
    documents[:, 1:] = ids.reshape(count, config.block_size)
    lines = ("".join(chr(ord(" ") + i) for i in document[1:]) + "\n" for document in documents)
    path = folder / "lines.txt"
    path.write_text("".join(lines), encoding="utf-8")
    return documents, ["--input", str(path)]


def write_tokens(model, folder):
    """A file of 16-bit ids, which microgpt cuts into windows."""
    config, count = model.config, 8 * model.batch_size
    ids = random_ids(count * config.block_size + 1, 0, config.vocab_size - 1)
    path = folder / "tokens.bin"
    ids.astype("<u2").tofile(path)
    windows = np.lib.stride_tricks.sliding_window_view(ids, config.block_size + 1)
    return (windows[::config.block_size].astype(np.int32),
            ["--tokens", str(path), "--vocab-size", str(config.vocab_size)])
