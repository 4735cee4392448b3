"""Seeds of the reader of metrics.jsonl and samples.jsonl, see make_seeds.py."""
import json

from json_seeds import replaced

HEADER = {"version": "1.2.3", "config": {"n_embd": 2, "num_steps": 9, "input": "a", "seed": 42},
          "host": {"cpu": "CPU", "threads": 2}, "memory": {"total_bytes": 4096}}
STEP = {"step": 1, "loss": 3.25, "lr": 0.01, "grad_norm": 1.5, "tokens": 8, "tok_per_s": 80.0,
        "dt_ms": 100.0, "val_loss": 3.5, "rss_bytes": 4096, "wall_time": 0.1}


def metrics(_generation):
    lines = [json.dumps(line) for line in
             (HEADER, STEP, {**STEP, "step": 2, "wall_time": 0.2}, {"step": 7, "loss": 2})]
    text = "\n".join(lines) + "\n"
    yield "valid_metrics", text
    yield "valid_cut", text[:-20]
    yield "valid_header", lines[0] + "\n"
    yield "valid_huge", replaced(replaced(text, "3.25", "1e149"), '"step": 7', '"step": 999999999999')
    yield "valid_foreign_config", replaced(text, '"n_embd": 2', '"n_embd": {"<": [null]}')
    yield "valid_samples", json.dumps({"step": 3, "samples": ["a<b>\n", "", "\u202e"]}) + "\n"
    for name, (old, new) in {
            "no_config": ('"config"', '"konfig"'),
            "config_text": ('"config": {', '"config": 1, "x": {'),
            "step_text": ('"step": 7', '"step": "7"'),
            "step_again": ('"step": 7', '"step": 2'),
            "step_zero": ('"step": 1,', '"step": 0,'),
            "step_real": ('"step": 7', '"step": 7.5'),
            "step_beyond": ('"step": 7', '"step": 1000000000001'),
            "loss_missing": ('"loss": 2', '"lost": 2'),
            "loss_nan": ("3.25", "NaN"),
            "loss_beyond": ("3.25", "1e151"),
            "loss_1e999": ("3.25", "1e999"),
            "rate_negative": ('"lr": 0', '"lr": -1'),
            "bytes_beyond": ('"rss_bytes": 4096', '"rss_bytes": 40962222222222222222'),
            "bytes_text": ('"rss_bytes": 4096', '"rss_bytes": "x"'),
            "nested": ('"loss": 2', '"loss": ' + "[" * 5000),
            "surrogate": ('"loss": 2', '"loss": 2, "x": "\\ud800"'),
    }.items():
        yield "hostile_" + name, replaced(text, old, new)
    yield "valid_tokens_huge", replaced(text, '"tokens": 8', '"tokens": 8e140')
    yield "hostile_not_utf8", replaced(text.encode(), b'"a"', b'"\xff"')
    yield "hostile_empty_line", text + "\n"
    yield "hostile_empty", ""
    yield "hostile_half_header", lines[0]
    yield "hostile_samples", json.dumps({"step": 3, "samples": [1]}) + "\n"
