#!/usr/bin/env python3
"""Float64 reference trainer: same model, data rules and random stream as the
program, standard library only. Writes the loss of every step as JSON, which the
C++ tests compare with. model.py holds the mathematics.
"""
import argparse
import json
import math
import struct
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
from model import backward, forward, make_batch, tensor_shapes

MASK64 = (1 << 64) - 1


# ---- random stream -------------------------------------------------------------------

class Random:
    """xoshiro256** whose state is filled by SplitMix64."""

    def __init__(self, seed):
        self.state = []
        z = seed & MASK64
        for _ in range(4):
            z = (z + 0x9E3779B97F4A7C15) & MASK64
            x = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
            x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
            self.state.append(x ^ (x >> 31))

    def next(self):
        def rotl(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK64

        s0, s1, s2, s3 = self.state
        result = (rotl((s1 * 5) & MASK64, 7) * 9) & MASK64
        shifted = (s1 << 17) & MASK64
        s2 ^= s0
        s3 ^= s1
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ shifted, rotl(s3, 45)]
        return result

    def uniform(self):
        return (self.next() >> 11) * 2.0 ** -53

    def gauss(self, std):
        u1, u2 = self.uniform(), self.uniform()
        return std * math.sqrt(-2.0 * math.log(max(u1, 1e-30))) * math.cos(2.0 * math.pi * u2)


def to_float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


# ---- data ----------------------------------------------------------------------------

def read_text(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    return data.decode("utf-8").replace("\r\n", "\n")


def read_documents(path):
    return [line for line in read_text(path).split("\n") if line]


def shuffle(items, random):
    for i in range(len(items) - 1, 0, -1):
        j = min(int(random.uniform() * (i + 1)), i)
        items[i], items[j] = items[j], items[i]


def make_vocab(docs):
    return ["<BOS>"] + sorted(set("".join(docs)))


def encode(doc, vocab):
    """BOS characters BOS; vocab maps a character to its id."""
    return [0] + [vocab[c] for c in doc] + [0]


def windows(stream, size):
    """Every `size` predictions, with the token before them."""
    return [stream[i:i + size + 1] for i in range(0, len(stream) - 1, size)]


def init_params(args, vocab_size, random):
    """Draws in double and rounds to float32; attn_wo and mlp_fc2 draw, then become 0."""
    rounded = (lambda x: x) if args.double_init else to_float32
    params = {}
    for name, (n_out, n_in) in tensor_shapes(args, vocab_size).items():
        params[name] = [[rounded(random.gauss(args.init_std)) for _ in range(n_in)]
                        for _ in range(n_out)]
        if name.endswith(("attn_wo", "mlp_fc2")) and not args.nonzero_init:
            params[name] = [[0.0] * n_in for _ in range(n_out)]
    return params


# ---- training ------------------------------------------------------------------------

def learning_rate(args, step):
    """Of a step counted from 0."""
    full, least, warmup = args.learning_rate, args.min_lr, args.warmup_steps
    if step < warmup:
        return full * (step + 1) / (warmup + 1)
    r = (step - warmup) / (args.num_steps - warmup)
    if args.lr_schedule == "linear":
        return least + (full - least) * (1.0 - r)
    if args.lr_schedule == "cosine":
        return least + (full - least) * (1.0 + math.cos(math.pi * r)) / 2.0
    return full


def clip(grads, largest):
    """Scales all gradients together so that their L2 norm is at most `largest`."""
    norm = math.sqrt(math.fsum(e * e for w in grads.values() for row in w for e in row))
    factor = min(1.0, largest / (norm + 1e-6))
    for w in grads.values():
        w[:] = [[factor * e for e in row] for row in w]


class Adam:
    def __init__(self, params):
        self.m = {name: [[0.0] * len(w[0]) for _ in w] for name, w in params.items()}
        self.v = {name: [[0.0] * len(w[0]) for _ in w] for name, w in params.items()}

    def update(self, params, grads, args, step):
        """Changes params in place; step counts from 0."""
        b1, b2, eps = args.beta1, args.beta2, args.adam_eps
        lr = learning_rate(args, step)
        fix1, fix2 = 1.0 - b1 ** (step + 1), 1.0 - b2 ** (step + 1)
        for name, weight in params.items():
            for p, g, m, v in zip(weight, grads[name], self.m[name], self.v[name]):
                m[:] = [b1 * a + (1.0 - b1) * d for a, d in zip(m, g)]
                v[:] = [b2 * a + (1.0 - b2) * d * d for a, d in zip(v, g)]
                decayed = [e - lr * args.weight_decay * e for e in p]
                p[:] = [e - lr * (a / fix1) / (math.sqrt(b / fix2) + eps)
                        for e, a, b in zip(decayed, m, v)]


def train(args):
    text_mode = args.doc_mode == "text"
    docs = [read_text(args.input)] if text_mode else read_documents(args.input)
    if not any(docs):
        sys.exit(f"reference.py: {args.input}: no documents in this file")
    vocab = make_vocab(docs)
    ids = {c: i for i, c in enumerate(vocab) if i > 0}
    docs = [encode(doc, ids) for doc in docs]
    if text_mode:
        docs = windows(docs[0], args.block_size)
    random = Random(args.seed)
    if not args.no_shuffle:
        shuffle(docs, random)
    params = init_params(args, len(vocab), random)
    trace = {"args": {k: v for k, v in vars(args).items() if is_recorded(k, v)},
             "vocab": vocab, "loss": []}
    if args.dump_first_step:
        # Nine significant digits identify a float32 exactly and keep the file small.
        written = (lambda x: x) if args.double_init else (lambda x: float("%.9g" % x))
        trace["init"] = {name: [written(e) for row in w for e in row]
                         for name, w in params.items()}
    adam = Adam(params)
    for step in range(min(args.num_steps, args.stop_after or args.num_steps)):
        count = args.batch_size * args.grad_accum
        chosen = [docs[(step * count + b) % len(docs)] for b in range(count)]
        batch = make_batch(chosen, args.block_size)
        loss, cache = forward(params, args, batch)
        grads = backward(params, args, batch, cache)
        if args.dump_first_step and step == 0:
            trace["grad"] = {name: [e for row in grads[name] for e in row] for name in params}
        if args.grad_clip:
            clip(grads, args.grad_clip)
        adam.update(params, grads, args, step)
        trace["loss"].append(loss)
    return trace


# ---- self check ----------------------------------------------------------------------

def self_check():
    """Compares gradients with finite differences; returns the exit status."""
    worst = 0.0
    for activation in ("relu2", "relu"):
        args = parse_args(["--n-embd", "4", "--n-head", "2", "--n-layer", "2", "--block-size", "5",
                           "--init-std", "0.5", "--activation", activation, "--nonzero-init"])
        random = Random(7)
        params = init_params(args, 7, random)
        batch = make_batch([[0, 1, 2, 3, 1, 6, 5, 4], [0, 4, 0], [0, 5, 5, 6]], args.block_size)
        grads = backward(params, args, batch, forward(params, args, batch)[1])
        for name, weight in params.items():
            error = max(check_entry(params, args, batch, grads[name], weight, random)
                        for _ in range(6))
            print(f"{activation:5s} {name:16s} relative error {error:.1e}")
            worst = max(worst, error)
    print(f"worst relative error {worst:.1e}: {'ok' if worst < 1e-6 else 'TOO LARGE'}")
    return 0 if worst < 1e-6 else 1


def check_entry(params, args, batch, grad, weight, random):
    """Relative error of one random entry; entries whose difference crosses a kink
    of the activation, or whose gradient is tiny, are drawn again."""
    h = 1e-4
    for _ in range(1000):
        i, j = int(random.uniform() * len(weight)), int(random.uniform() * len(weight[0]))
        saved, losses, patterns = weight[i][j], [], set()
        for offset in (-2, -1, 1, 2):
            weight[i][j] = saved + offset * h
            loss, cache = forward(params, args, batch)
            losses.append(loss)
            patterns.add(tuple(e > 0.0 for *_, z, _ in cache["layers"] for row in z for e in row))
        weight[i][j] = saved
        if len(patterns) == 1 and abs(grad[i][j]) > 1e-4:
            numeric = (losses[0] - 8.0 * losses[1] + 8.0 * losses[2] - losses[3]) / (12.0 * h)
            return abs(numeric - grad[i][j]) / abs(grad[i][j])
    raise RuntimeError("no entry to check")


# Optimizer options; traces mention them where they are not as here.
OPTIMIZER_DEFAULTS = {"grad_accum": 1, "weight_decay": 0.0, "grad_clip": 0.0,
                      "lr_schedule": "linear", "warmup_steps": 0, "min_lr": 0.0}


def is_recorded(name, value):
    unmentioned = {**OPTIMIZER_DEFAULTS, "doc_mode": "lines"}
    return name not in ("output", "self_check") and unmentioned.get(name) != value


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description="float64 reference trainer")
    parser.add_argument("--input", help="text file, one document per line")
    parser.add_argument("--output", help="trace to write; stdout if absent")
    for flag, default in (("--n-embd", 16), ("--n-layer", 1), ("--block-size", 8),
                          ("--num-steps", 500), ("--n-head", 4), ("--learning-rate", 0.01),
                          ("--beta1", 0.9), ("--beta2", 0.95), ("--adam-eps", 1e-8),
                          ("--init-std", 0.02), ("--seed", 42), ("--batch-size", 1)):
        parser.add_argument(flag, type=type(default), default=default, help=f"default {default}")
    for name, default in OPTIMIZER_DEFAULTS.items():
        names = ("linear", "cosine", "constant") if name == "lr_schedule" else None
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default,
                            choices=names, help=f"default {default}")
    parser.add_argument("--activation", choices=("relu2", "relu"), default="relu2",
                        help="default relu2")
    parser.add_argument("--doc-mode", choices=("lines", "text"), default="lines",
                        help="text: windows of block-size predictions; default lines")
    parser.add_argument("--no-shuffle", action="store_true", help="keep the order of the file")
    parser.add_argument("--nonzero-init", action="store_true",
                        help="keep what attn_wo and mlp_fc2 drew instead of zeros")
    parser.add_argument("--double-init", action="store_true",
                        help="do not round the initial weights to float32")
    parser.add_argument("--stop-after", type=int, default=0,
                        help="end after this many steps of the schedule; 0 for all")
    parser.add_argument("--dump-first-step", action="store_true",
                        help="also write initial weights and the gradients of step 1")
    parser.add_argument("--self-check", action="store_true",
                        help="compare gradients with finite differences and exit")
    args = parser.parse_args(argv)
    if min(args.n_embd, args.n_head, args.block_size, args.num_steps, args.batch_size,
           args.grad_accum) < 1:
        parser.error("sizes and counts must be positive")
    if args.n_layer < 0 or args.n_embd % args.n_head:
        parser.error("--n-layer must not be negative and --n-head must divide --n-embd")
    return args


def main():
    args = parse_args()
    if args.self_check:
        return self_check()
    if not args.input:
        sys.exit("reference.py: --input is required")
    text = json.dumps(train(args), separators=(",", ":")).replace('],"', '],\n"') + "\n"
    if args.output:
        with open(args.output, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
