"""The models of pytorch_baseline.py, and what microgpt and PyTorch are both given:
weights and documents."""
from dataclasses import dataclass

from torch_corpus import Corpus
from torch_trainer import NO_TARGET, microgpt_torch, np, torch

from bench.command import Failure


@dataclass(frozen=True)
class Model:
    config: microgpt_torch.Config
    batch_size: int
    data: str = ""  # of a ModelReport; empty: random ids

    def matrix_parameters(self):
        c = self.config
        return 12 * c.n_layer * c.n_embd**2 + c.vocab_size * c.n_embd

    def title(self):
        c = self.config
        data = f", {self.data}" if self.data else ""
        return (f"{c.n_embd} / {c.n_layer} / {c.n_head} / {c.block_size}, V = {c.vocab_size}, "
                f"batch {self.batch_size}{data}")


def make_model(n_embd, n_layer, n_head, block_size, batch_size, vocab_size=65):
    return Model(microgpt_torch.Config(vocab_size, block_size, n_embd, n_layer, n_head),
                 batch_size)


MODELS = {
    "128": make_model(128, 4, 4, 64, 16),
    "256": make_model(256, 6, 8, 128, 16),
    "384": make_model(384, 6, 6, 256, 16),
    "768": make_model(768, 12, 12, 256, 4, vocab_size=50257),
    # For the test of pytorch_baseline.py.
    "tiny": make_model(16, 1, 4, 8, 4),
    "tiny-tokens": make_model(16, 1, 4, 8, 4, vocab_size=200),
}


def models_of(report):
    """(model, threads) of every point of a BenchReport whose batch size is that of all
    thread counts."""
    found = []
    for run in report.runs:
        for m in run.models:
            config = microgpt_torch.Config(m.vocab_size, m.block_size, m.n_embd, m.n_layer,
                                           m.n_head, m.activation)
            found += [(Model(config, point.batch_size, m.data), point.threads)
                      for point in m.strong]
    return list(dict.fromkeys(found))


class Inputs:
    """Weights, documents [n, block_size + 1], and the flags that name them; `steps` batches
    of documents are enough."""

    def __init__(self, model, folder, steps, text=None):
        self.weights = str(folder / "weights.safetensors")
        self.documents = str(folder / "documents.npy")
        config = model.config
        torch.manual_seed(1)
        network = microgpt_torch.Microgpt(config)
        for name, tensor in network.named_parameters():
            if not name.endswith(("attn_wo", "mlp_fc2")):
                torch.nn.init.normal_(tensor, std=0.02)
        microgpt_torch.save(network, self.weights)
        if model.data:
            documents, flags = write_text(model, folder, steps, text)
        elif config.vocab_size <= 128:
            documents, flags = write_lines(model, folder)
        else:
            documents, flags = write_tokens(model, folder)
        np.save(self.documents, documents)
        self.flags = [*flags, "--no-shuffle", "--init-from", self.weights]
        self.targets = (documents != NO_TARGET).sum(1) - 1  # of every document
        self.batch_size = model.batch_size

    def tokens(self, step):
        """Predictions of a step, counted from 0."""
        rows = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        return int(self.targets[rows % len(self.targets)].sum())


def random_ids(count, first, last):
    """Of first..last, each once and then the earlier ones far more often."""
    every = np.arange(first, last + 1)
    weights = 1 / (every - first + 1)
    ids = np.random.default_rng(1).choice(every, count, p=weights / weights.sum())
    ids[:len(every)] = every[:count]
    return ids


def write_text(model, folder, steps, path):
    """What the model of a report was trained on, in the order of the file."""
    corpus = Corpus(model.data, path)
    if corpus.vocab_size() != model.config.vocab_size:
        raise Failure(f"{model.title()}: {path or 'the text'} has {corpus.vocab_size()} tokens")
    documents = corpus.documents(model.config.block_size, steps * model.batch_size)
    return documents, corpus.write(folder)


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
