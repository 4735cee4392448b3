#!/usr/bin/env python3
"""Writes the seeds of all harnesses again, for a new format or configuration:

    tests/fuzz/make_seeds.py build/src/cli/microgpt

Files named valid* are what the program saves, or other spellings of it that it
must read; files named hostile* break one rule each. Files of other names, which
fuzzers found, stay as they are.
"""
import pathlib
import subprocess
import sys
import tempfile

import json_seeds
import metrics_seeds
import report_seeds
import safetensors_seeds
import text_seeds
import token_seeds
import toml_seeds

SEEDS = pathlib.Path(__file__).resolve().parent / "seeds"


def train(exe, folder):
    """The newest generation of a small run. Its text is the built-in one: state.json
    would have the path of any other."""
    flags = ("--n-embd 2 --n-head 1 --n-layer 1 --block-size 2 --num-steps 3 --quiet"
             " --num-samples 0 --threads 1 --out-dir out")
    subprocess.run([exe, *flags.split()],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return max((folder / "out").glob("generation-*"))


TARGETS = (safetensors_seeds.safetensors, json_seeds.state, json_seeds.config, json_seeds.vocab,
           metrics_seeds.metrics, report_seeds.report, text_seeds.corpus, text_seeds.options,
           token_seeds.tokens, toml_seeds.toml)


def main(exe):
    with tempfile.TemporaryDirectory() as name:
        generation = train(str(pathlib.Path(exe).resolve()), pathlib.Path(name))
        for target in TARGETS:
            folder = SEEDS / target.__name__
            folder.mkdir(parents=True, exist_ok=True)
            for kind in ("valid*", "hostile*"):
                for old in folder.glob(kind):
                    old.unlink()
            for file, content in target(generation):
                data = content if isinstance(content, bytes) else content.encode("utf-8")
                (folder / file).write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1])
