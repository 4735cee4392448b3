#!/usr/bin/env python3
"""A checkpoint of microgpt as a PyTorch module, with the same logits.

    scripts/microgpt_torch.py RUN --text emma    # loss of one document

RUN is a folder of --out-dir (its newest generation is taken), a generation, or a
model.safetensors with config.json and vocab.json beside it. In Python:

    model, vocabulary = load("RUN")
    tokens, targets = make_batch([vocabulary.encode("emma")], model.config.block_size)
    model.loss(tokens, targets).backward()
    save(model, "weights.safetensors")           # for microgpt --init-from

Needs numpy and PyTorch 1.13 or newer. Checksums are left to microgpt.
Exit codes: 0 ok, 2 usage or a missing package, 3 unusable checkpoint or text,
4 reading failed, 5 loss not finite.
"""
import argparse
import json
import math
import pathlib
import re
import sys
from dataclasses import dataclass

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    advice = (f"microgpt_torch needs numpy and PyTorch ({missing}); on Debian 'apt-get install "
              "python3-numpy python3-torch', elsewhere 'pip install numpy torch'")
    if __name__ == "__main__":
        sys.stderr.write(advice + "\n")
        sys.exit(2)
    raise ImportError(advice) from missing

BOS = "<bos>"
IDS = "<ids>"
NO_TARGET = -100  # F.cross_entropy leaves it out
MAX_HEADER_BYTES = 100_000_000  # as in the safetensors library


class CheckpointError(ValueError):
    """One line: the file, and what makes it unusable."""


# ---- safetensors ---------------------------------------------------------------------

def read_file(path):
    if not path.is_file():  # a FIFO would block
        raise CheckpointError(f"{path}: there is no such file")
    return path.read_bytes()


def parse_json(data, path):
    """A JSON object; no object in it has a name twice."""
    def without_duplicates(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name is given twice")
        return dict(pairs)

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=without_duplicates)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: not a JSON object")
    return value


def is_count(value):
    return type(value) is int and value >= 0  # a bool is an int too


def tensor_extent(entry):
    """Begin, end and shape of a header entry. Raises ValueError."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError("needs dtype, shape and data_offsets, no more and no less")
    if entry["dtype"] != "F32":
        raise ValueError(f"has dtype {entry['dtype']!r}, only F32 is read")
    for field in ("shape", "data_offsets"):
        value = entry[field]
        if not isinstance(value, list) or len(value) != 2 or not all(map(is_count, value)):
            raise ValueError(f"has a {field} that is not two whole numbers")
    begin, end = entry["data_offsets"]
    if end - begin != 4 * math.prod(entry["shape"]):
        raise ValueError("has data_offsets that do not fit its shape")
    return begin, end, tuple(entry["shape"])


def read_safetensors(path):
    """Name -> float32 matrix, in the order of the data, which must be without gaps."""
    path = pathlib.Path(path)
    data = read_file(path)
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, MAX_HEADER_BYTES):
        raise CheckpointError(f"{path}: truncated, or no safetensors file")
    header = parse_json(data[8:8 + length], path)
    header.pop("__metadata__", None)
    extents = {}
    for name, entry in header.items():
        try:
            extents[name] = tensor_extent(entry)
        except ValueError as error:
            raise CheckpointError(f"{path}: tensor {name!r} {error}") from error

    body = memoryview(data)[8 + length:]
    arrays, position = {}, 0
    for name, (begin, end, shape) in sorted(extents.items(), key=lambda item: item[1]):
        if begin != position:
            raise CheckpointError(f"{path}: tensor {name!r} overlaps another or leaves a gap")
        if end > len(body):
            raise CheckpointError(f"{path}: truncated within tensor {name!r}")
        arrays[name] = np.frombuffer(body[begin:end], "<f4").reshape(shape)
        position = end
    if position != len(body):
        raise CheckpointError(f"{path}: its last {len(body) - position} bytes belong to no tensor")
    return arrays


def save(model, path):
    """Writes the weights as microgpt does, byte for byte."""
    arrays = {name: tensor.detach().cpu().numpy().astype("<f4")
              for name, tensor in model.state_dict().items()}
    header, position = {"__metadata__": {"format": "pt"}}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [position, position + array.nbytes]}
        position += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.tobytes())


# ---- configuration and vocabulary ----------------------------------------------------

@dataclass(frozen=True)
class Config:
    vocab_size: int
    block_size: int
    n_embd: int
    n_layer: int
    n_head: int
    activation: str = "relu2"

    def shapes(self):
        """Of the tensors outside the layers."""
        return {"wte": (self.vocab_size, self.n_embd), "wpe": (self.block_size, self.n_embd),
                "lm_head": (self.vocab_size, self.n_embd)}

    def layer_shapes(self):
        """Of the tensors of one layer, [out, in]."""
        c = self.n_embd
        return {"attn_wq": (c, c), "attn_wk": (c, c), "attn_wv": (c, c), "attn_wo": (c, c),
                "mlp_fc1": (4 * c, c), "mlp_fc2": (c, 4 * c)}


def read_config(path):
    values = parse_json(read_file(path), path)

    def require(field, good):
        if not good:
            raise CheckpointError(f"{path}: {field} is {values.get(field)!r}, "
                                  "which microgpt_torch cannot use")

    lowest = {"vocab_size": 1, "n_positions": 1, "n_embd": 1, "n_layer": 0, "n_head": 1}
    for field, low in lowest.items():
        require(field, is_count(values.get(field)) and values[field] >= low)
    fixed = {"model_type": "microgpt", "n_inner": 4 * values["n_embd"], "bos_token_id": 0,
             "layer_norm_epsilon": 1e-5, "tie_word_embeddings": False}
    for field, value in fixed.items():
        require(field, values.get(field) == value)
    require("n_head", values["n_embd"] % values["n_head"] == 0)
    require("activation_function", values.get("activation_function") in ("relu2", "relu"))
    return Config(*(values[field] for field in lowest), values["activation_function"])


class Vocabulary:
    """One token per Unicode code point. BOS is 0 and stands at both ends of a document."""

    def __init__(self, characters):
        self.characters = list(characters)  # of ids 1 upward
        self.ids = {character: i for i, character in enumerate(self.characters, 1)}

    def encode(self, text):
        for character in text:
            if character not in self.ids:
                raise CheckpointError(f"U+{ord(character):04X} is not in the vocabulary of "
                                      "the checkpoint")
        return [0] + [self.ids[character] for character in text] + [0]

    def decode(self, tokens):
        return "".join(self.characters[token - 1] for token in tokens if token != 0)


class Ids:
    """Of a model of token ids: texts are numbers with blanks between them, without BOS."""

    def __init__(self, size):
        self.size = size

    def encode(self, text):
        words = text.split()
        for word in words:
            if not re.fullmatch("[0-9]+", word) or int(word) >= self.size:
                raise CheckpointError(f"{word[:40]!r} is no token id from 0 to {self.size - 1}")
        if len(words) < 2:
            raise CheckpointError("fewer than two token ids have no loss")
        return [int(word) for word in words]

    def decode(self, tokens):
        return " ".join(map(str, tokens))


def read_vocabulary(path, size):
    values = parse_json(read_file(path), path)
    if IDS in values:
        if list(values.items()) != [(IDS, size)] or not is_count(values[IDS]):
            raise CheckpointError(f"{path}: it does not say {IDS}: {size}, and that alone")
        return Ids(size)
    if not all(map(is_count, values.values())) or list(values.values()) != list(range(size)):
        raise CheckpointError(f"{path}: its ids are not 0 to {size - 1} in this order")
    first, *characters = values
    if first != BOS or any(len(character) != 1 for character in characters):
        raise CheckpointError(f"{path}: its tokens are not {BOS} and single characters")
    return Vocabulary(characters)


# ---- the model -----------------------------------------------------------------------

def rmsnorm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5)


def add_zeros(module, shapes):
    for name, shape in shapes.items():
        module.register_parameter(name, torch.nn.Parameter(torch.zeros(shape)))


class Layer(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        add_zeros(self, config.layer_shapes())

    def attention(self, h):
        # [B, T, C] to [B, NH, T, HS] and back.
        q, k, v = (F.linear(h, w).unflatten(-1, (self.config.n_head, -1)).transpose(1, 2)
                   for w in (self.attn_wq, self.attn_wk, self.attn_wv))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # [B, NH, T, T]
        future = torch.ones_like(scores, dtype=torch.bool).triu(1)
        a = scores.masked_fill(future, -math.inf).softmax(-1)
        return F.linear((a @ v).transpose(1, 2).flatten(2), self.attn_wo)

    def mlp(self, h):
        u = F.relu(F.linear(h, self.mlp_fc1))  # [B, T, 4C]
        return F.linear(u.square() if self.config.activation == "relu2" else u, self.mlp_fc2)

    def forward(self, x):
        x = x + self.attention(rmsnorm(x))
        return x + self.mlp(rmsnorm(x))


class Microgpt(torch.nn.Module):
    """All weights zero. Parameters have the names, order and shapes of a checkpoint."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        add_zeros(self, config.shapes())
        for i in range(config.n_layer):
            self.add_module(f"layer{i}", Layer(config))

    def forward(self, tokens):
        """tokens [B, T] -> logits [B, T, V]."""
        positions = tokens.shape[1]
        if positions > self.config.block_size:
            raise ValueError(f"{positions} positions, block_size is {self.config.block_size}")
        x = rmsnorm(F.embedding(tokens, self.wte) + self.wpe[:positions])
        for layer in self.children():
            x = layer(x)
        return F.linear(x, self.lm_head)  # no norm before it

    def loss(self, tokens, targets):
        """Mean cross-entropy in nats over all targets but NO_TARGET."""
        return F.cross_entropy(self(tokens).flatten(0, 1), targets.flatten(),
                               ignore_index=NO_TARGET)


def make_batch(documents, block_size):
    """tokens and targets [B, T] of encoded documents, of each its first block_size
    predictions. Padding is at the end, where causal attention never looks."""
    lengths = [min(len(document) - 1, block_size) for document in documents]
    tokens = torch.zeros(len(documents), max(lengths), dtype=torch.long)
    targets = torch.full_like(tokens, NO_TARGET)
    for row, (document, length) in enumerate(zip(documents, lengths)):
        tokens[row, :length] = torch.tensor(document[:length])
        targets[row, :length] = torch.tensor(document[1:length + 1])
    return tokens, targets


# ---- loading -------------------------------------------------------------------------

def find_model(path):
    path = pathlib.Path(path)
    if not path.exists():
        raise CheckpointError(f"{path}: there is no such file or folder")
    if not path.is_dir():
        return path
    generations = [folder for folder in path.iterdir()
                   if re.fullmatch(r"generation-[0-9]{6,}", folder.name)]
    if generations:
        path = max(generations, key=lambda folder: int(folder.name.split("-")[1]))
    elif not (path / "model.safetensors").exists():
        raise CheckpointError(f"{path}: holds no checkpoint; give a folder of --out-dir")
    return path / "model.safetensors"


def load(path):
    """Model and vocabulary. Raises CheckpointError, or OSError if reading fails."""
    path = find_model(path)
    config = read_config(path.with_name("config.json"))
    vocabulary = read_vocabulary(path.with_name("vocab.json"), config.vocab_size)
    arrays = read_safetensors(path)
    # Before names are made of n_layer, or memory is taken for the sizes.
    if len(arrays) != 3 + 6 * config.n_layer:
        raise CheckpointError(f"{path}: has {len(arrays)} tensors, by config.json it should "
                              f"have {3 + 6 * config.n_layer}")
    shapes = config.shapes()
    for i in range(config.n_layer):
        shapes.update((f"layer{i}.{name}", shape) for name, shape in config.layer_shapes().items())
    for name, shape in shapes.items():
        if name not in arrays:
            raise CheckpointError(f"{path}: tensor {name!r} is missing")
        if arrays[name].shape != shape:
            raise CheckpointError(f"{path}: tensor {name!r} has shape {arrays[name].shape}, by "
                                  f"config.json it should have {shape}")
    model = Microgpt(config)
    model.load_state_dict({name: torch.from_numpy(array.astype(np.float32))
                           for name, array in arrays.items()})
    return model, vocabulary


# ---- command line --------------------------------------------------------------------

class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def print_loss(path, text):
    model, vocabulary = load(path)
    tokens, targets = make_batch([vocabulary.encode(text)], model.config.block_size)
    with torch.no_grad():
        loss = model.loss(tokens, targets).double()
    if not math.isfinite(loss):
        raise ArithmeticError(f"{path}: the loss is {loss.item()}")
    print(f"loss: {loss.item():.6f}\nperplexity: {loss.exp().item():.6f}")


def main(arguments):
    parser = Parser("microgpt_torch", description=__doc__, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", metavar="RUN")
    parser.add_argument("--text", required=True,
                        help="the document whose loss to print, or its token ids")
    options = parser.parse_args(arguments)
    if not options.text:
        parser.error("--text: the document is empty")
    try:
        print_loss(options.checkpoint, options.text)
    except (CheckpointError, OSError, ArithmeticError) as error:
        print(f"microgpt_torch: {error}", file=sys.stderr)
        return {CheckpointError: 3, ArithmeticError: 5}.get(type(error), 4)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
