"""Runs the commands of docs/CONFIGURATION.md: they work, and those that are said to
give the same digest do.

    configuration_doc_test.py docs/CONFIGURATION.md
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAMPLE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(exe, command, folder):
    # Benchmarks are short.
    command = command.replace(" bench ", " bench --repetitions 1 --repetition-seconds 0.01 ")
    done = subprocess.run(["bash", "-c", 'microgpt() { "$MICROGPT_EXE" "$@"; }; ' + command],
                          cwd=folder, env=dict(os.environ, MICROGPT_EXE=exe), text=True,
                          capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout:
        raise SystemExit(f"{command}: exit {done.returncode}: {done.stderr}")
    return "".join(re.findall(r"^digest: (\w+)$", done.stdout, re.MULTILINE))


def main(document):
    exe = os.path.abspath(os.environ["MICROGPT_EXE"])
    text = pathlib.Path(document).read_text(encoding="utf-8")
    same = other = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "my.txt").write_text("anna\nbob\ncleo\n", encoding="utf-8")
        lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
        digests = [run(exe, line.split(" #")[0], folder) for line in lines]
        for line, digest in zip(lines[1:], digests[1:]):
            if not digest:
                continue
            if "the same digest" in line:
                same += digest == digests[0]
            else:
                other += digest != digests[0]
        (folder / "sample.toml").write_text(SAMPLE.findall(text)[0], encoding="utf-8")
        # Everything in it is understood once the input is looked for.
        done = subprocess.run([exe, "bench", "--config", "sample.toml", "--input", "none"],
                              cwd=folder, text=True, capture_output=True, check=False)
        if done.returncode != 3:
            raise SystemExit(f"sample.toml: {done.stderr}")
    if (same, other) != (1, 2):
        raise SystemExit(f"{lines}: {digests}")


if __name__ == "__main__":
    main(sys.argv[1])
