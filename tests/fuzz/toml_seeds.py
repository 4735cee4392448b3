"""Seeds of the reader of --config, see make_seeds.py."""

FLAGS = """# a run
n_embd = 32
n-layer = 2
learning_rate = 1e-3
beta2 = 0.9_9
activation = "relu"
input = 'C:\\names.txt'
prompt = "a # \\u00e9 \\"b\\" \\\\, [1]"
no_shuffle = true
quiet = false
seed = 18446744073709551615
"""


def toml(generation):
    yield "valid_run", (generation.parent / "config.toml").read_text(encoding="utf-8")
    for name, text in {
            "empty": "", "comment": "# nothing", "blank": "\n \t\n\r\n", "flags": FLAGS,
            "crlf": FLAGS.replace("\n", "\r\n"), "mark": "\ufeff" + FLAGS,
            "no_newline": "n_embd=4", "quoted_key": "\"n_embd\" = 4\n'n_head' = 2",
            "plus": "num_steps = +1_0\nmin_lr = -0.0", "escapes": 'prompt = "\\b\\t\\n\\f\\r\\U0001f600"',
            "list": 'report = "x"\nlabel = "a"\nrepetitions = 2\nrepetition_seconds = 0.5',
            "unicode": 'label = "žlutý 😀"', "preset": 'preset = "nano"', "empty_text": 'prompt = ""',
    }.items():
        yield "valid_" + name, text
    for name, text in {
            "table": "[model]\nn_embd = 4", "tables": "[[model]]", "dotted": "model.n_embd = 4",
            "array": "threads = [1, 2]", "inline": "model = {n_embd = 4}", "bare": "activation = relu",
            "date": "label = 2026-11-29", "hex": "n_embd = 0x10", "octal": "n_embd = 007",
            "underscores": "n_embd = 1__0", "point": "beta1 = 1.", "exponent": "beta1 = 1e",
            "unclosed": 'input = "a', "unclosed_escape": 'input = "a\\"', "literal": "input = 'a",
            "several_lines": 'input = """a\nb"""', "escape": 'input = "\\x41"',
            "surrogate": 'prompt = "\\ud800"', "nul_escape": 'input = "\\u0000"',
            "beyond": 'prompt = "\\U00110000"', "short_escape": 'prompt = "\\u12',
            "twice": "n_embd = 4\nn-embd = 4", "unknown": "n_embed = 4", "config": 'config = "a"',
            "no_value": "n_embd =", "no_key": "= 4", "no_equals": "n_embd 4", "after": "n_embd = 4 5",
            "range": "n_embd = 0", "huge": "num_steps = 99999999999999999999", "real": "n_embd = 4.0",
            "type": 'n_embd = "4"', "switch": "quiet = 1", "nan": "learning_rate = nan",
            "choice": 'lr_schedule = "step"', "long_key": "x" * 5000 + " = 1",
            "long_value": "n_embd = " + "9" * 5000, "tab": "n_embd\t4",
            "key_escapes": '"\\b\\n" 4', "key_escapes_twice": '"\\n" = 1\n"\\n" = 1',
            "key_escapes_unknown": '"\\n" = 1', "choice_escapes": 'lr_schedule = "\\n"',
            "type_escapes": 'n_embd = "\\u001b"', "number_escapes": 'threads = "\\b"',
            "long_choice": 'lr_schedule = "' + "x" * 5000 + '"',
    }.items():
        yield "hostile_" + name, text
    for name, data in {
            "nul": b"n_embd = 4\n\0", "not_utf8": b"prompt = \"\xff\"", "cut": b"# \xe2\x82",
            "control": b"prompt = \"\x1b[31m\"", "bare_cr": b"n_embd = 4\rn_head = 2",
            "utf16": "n_embd = 4\n".encode("utf-16"), "half_mark": b"\xef\xbbn_embd = 4",
    }.items():
        yield "hostile_" + name, data
