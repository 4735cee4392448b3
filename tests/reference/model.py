"""The model in float64: forward passes beside their exact, hand-derived backwards.

Notation: a batch is flattened into R rows, one per predicted token; C = n_embd,
NH = n_head, HS = C / NH, V = vocabulary size. A matrix is a list of rows; a
linear weight is [out, in] and y = x W^T. Every sum of floats goes through
math.fsum, whose result depends neither on order nor on the Python version.
"""
import math
from operator import mul

NORM_EPS = 1e-5


def dot(a, b):
    return math.fsum(map(mul, a, b))


def transpose(matrix):
    return [list(column) for column in zip(*matrix)]


def add(a, b):
    """Elementwise sum of two matrices."""
    return [[p + q for p, q in zip(x, y)] for x, y in zip(a, b)]


# ---- parameters ----------------------------------------------------------------------

def tensor_shapes(args, vocab_size):
    """Name -> (out, in), in the order of initialisation."""
    c = args.n_embd
    shapes = {"wte": (vocab_size, c), "wpe": (args.block_size, c), "lm_head": (vocab_size, c)}
    for i in range(args.n_layer):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            shapes[f"layer{i}.{name}"] = (c, c)
        shapes[f"layer{i}.mlp_fc1"] = (4 * c, c)
        shapes[f"layer{i}.mlp_fc2"] = (c, 4 * c)
    return shapes


def make_batch(token_lists, block_size):
    """Flattens documents: rows = (token, position, target), spans = row ranges."""
    rows, spans = [], []
    for tokens in token_lists:
        begin, count = len(rows), min(block_size, len(tokens) - 1)
        rows += [(tokens[t], t, tokens[t + 1]) for t in range(count)]
        spans.append((begin, begin + count))
    return rows, spans


# ---- layers: each forward beside its backward ------------------------------------------

def linear(x, w):
    """y = x W^T."""
    return [[dot(row, v) for row in w] for v in x]


def linear_backward(x, w, dy):
    """Returns dx, dw."""
    return linear(dy, transpose(w)), linear(transpose(dy), transpose(x))


def rmsnorm(x):
    """Returns the normalised rows and the factor of each row."""
    scales = [1.0 / math.sqrt(dot(v, v) / len(v) + NORM_EPS) for v in x]
    return [[s * e for e in v] for v, s in zip(x, scales)], scales


def rmsnorm_backward(y, scales, dy):
    dx = []
    for v, s, dv in zip(y, scales, dy):
        mean = dot(v, dv) / len(v)
        dx.append([s * (d - e * mean) for e, d in zip(v, dv)])
    return dx


def head_slices(n_embd, n_head):
    size = n_embd // n_head
    return [slice(h * size, (h + 1) * size) for h in range(n_head)]


def attention(q, k, v, spans, n_head):
    """Causal attention inside each document. Returns out and weights[row][head]."""
    slices = head_slices(len(q[0]), n_head)
    scale = 1.0 / math.sqrt(len(q[0]) // n_head)
    out, weights = [], []
    for begin, end in spans:
        for t in range(begin, end):
            row, row_weights = [], []
            for s in slices:
                logits = [dot(q[t][s], past[s]) * scale for past in k[begin:t + 1]]
                row_weights.append(softmax(logits)[0])
                row += [dot(row_weights[-1], column) for column in
                        zip(*(past[s] for past in v[begin:t + 1]))]
            out.append(row)
            weights.append(row_weights)
    return out, weights


def attention_backward(q, k, v, weights, spans, n_head, dout):
    """Returns dq, dk, dv; a key or value collects from every later position."""
    width = len(q[0])
    slices = head_slices(width, n_head)
    scale = 1.0 / math.sqrt(width // n_head)
    dq, dk, dv = ([[0.0] * width for _ in q] for _ in range(3))
    for begin, end in spans:
        for h, s in enumerate(slices):
            # Lower triangles over (t, past), stored as full squares with zeros.
            size = end - begin
            a = [[0.0] * size for _ in range(size)]
            ds = [[0.0] * size for _ in range(size)]
            for t in range(size):
                w = weights[begin + t][h]
                da = [dot(dout[begin + t][s], past[s]) for past in v[begin:begin + t + 1]]
                mean = dot(w, da)
                a[t][:t + 1] = w
                ds[t][:t + 1] = [p * (d - mean) * scale for p, d in zip(w, da)]
            for target, coefficients, source in ((dq, ds, k), (dk, transpose(ds), q),
                                                 (dv, transpose(a), dout)):
                columns = transpose([row[s] for row in source[begin:end]])
                for t in range(size):
                    target[begin + t][s] = [dot(coefficients[t], c) for c in columns]
    return dq, dk, dv


def softmax(logits):
    """Returns the probabilities and log(sum(exp(logits)))."""
    top = max(logits)
    exps = [math.exp(z - top) for z in logits]
    total = math.fsum(exps)
    return [e / total for e in exps], top + math.log(total)


def activate(z, activation):
    if activation == "relu2":
        return [[e * e if e > 0.0 else 0.0 for e in row] for row in z]
    return [[e if e > 0.0 else 0.0 for e in row] for row in z]


def activate_backward(z, activation, dy):
    factor = (lambda e: 2.0 * e) if activation == "relu2" else (lambda e: 1.0)
    return [[d * factor(e) if e > 0.0 else 0.0 for e, d in zip(row, drow)]
            for row, drow in zip(z, dy)]


# ---- model ---------------------------------------------------------------------------

def forward(params, args, batch):
    """Returns the mean loss over the rows and what backward needs."""
    rows, spans = batch
    x, scales = rmsnorm(add([params["wte"][token] for token, _, _ in rows],
                            [params["wpe"][position] for _, position, _ in rows]))
    cache = {"x0": (x, scales), "layers": []}
    for i in range(args.n_layer):
        wq, wk, wv, wo, fc1, fc2 = layer_weights(params, i)
        h1, s1 = rmsnorm(x)
        q, k, v = linear(h1, wq), linear(h1, wk), linear(h1, wv)
        mixed, weights = attention(q, k, v, spans, args.n_head)
        x = add(x, linear(mixed, wo))
        h2, s2 = rmsnorm(x)
        z = linear(h2, fc1)
        active = activate(z, args.activation)
        x = add(x, linear(active, fc2))
        cache["layers"].append((h1, s1, q, k, v, weights, mixed, h2, s2, z, active))
    cache["out"] = x
    losses, cache["probs"] = [], []
    for logits, (_, _, target) in zip(linear(x, params["lm_head"]), rows):
        probs, log_sum = softmax(logits)
        losses.append(log_sum - logits[target])
        cache["probs"].append(probs)
    return math.fsum(losses) / len(rows), cache


def layer_weights(params, i):
    return [params[f"layer{i}.{name}"] for name in
            ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")]


def backward(params, args, batch, cache):
    """Returns the gradient of the mean loss for every tensor."""
    rows, spans = batch
    grads = {}
    dlogits = [[p / len(rows) for p in probs] for probs in cache["probs"]]
    for row, (_, _, target) in zip(dlogits, rows):
        row[target] -= 1.0 / len(rows)
    dx, grads["lm_head"] = linear_backward(cache["out"], params["lm_head"], dlogits)
    for i in reversed(range(args.n_layer)):
        wq, wk, wv, wo, fc1, fc2 = layer_weights(params, i)
        h1, s1, q, k, v, weights, mixed, h2, s2, z, active = cache["layers"][i]
        layer = f"layer{i}."
        dactive, grads[layer + "mlp_fc2"] = linear_backward(active, fc2, dx)
        dz = activate_backward(z, args.activation, dactive)
        dh, grads[layer + "mlp_fc1"] = linear_backward(h2, fc1, dz)
        dx = add(dx, rmsnorm_backward(h2, s2, dh))
        dmixed, grads[layer + "attn_wo"] = linear_backward(mixed, wo, dx)
        dq, dk, dv = attention_backward(q, k, v, weights, spans, args.n_head, dmixed)
        dhq, grads[layer + "attn_wq"] = linear_backward(h1, wq, dq)
        dhk, grads[layer + "attn_wk"] = linear_backward(h1, wk, dk)
        dhv, grads[layer + "attn_wv"] = linear_backward(h1, wv, dv)
        dx = add(dx, rmsnorm_backward(h1, s1, add(add(dhq, dhk), dhv)))
    dx = rmsnorm_backward(*cache["x0"], dx)
    for name, column in (("wte", 0), ("wpe", 1)):
        users = [[] for _ in params[name]]
        for row, d in zip(rows, dx):
            users[row[column]].append(d)
        grads[name] = [[math.fsum(e) for e in zip(*ds)] if ds else [0.0] * args.n_embd
                       for ds in users]
    return grads
