"""What the completion scripts offer, asked of the shells themselves.

    completion_test.py bash|zsh|fish SCRIPT
"""
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile

# Words of a command line, the last one to be completed; what must be offered and
# what must not.
CASES = [
    (["tr"], {"train"}, {"sample"}),
    (["be"], {"bench"}, {"--beta1"}),
    (["--n-e"], {"--n-embd"}, {"--n-layer"}),
    (["train", "--beta"], {"--beta1", "--beta2"}, {"--batch-size"}),
    (["--seed", "1", "--val-"], {"--val-split", "--val-input"}, set()),
    (["sample", "--to"], {"--top-k", "--top-p"}, {"--tokens"}),
    (["bench", "--rep"], {"--report", "--repetitions", "--repetition-seconds"}, set()),
    (["info", "--che"], {"--checkpoint"}, set()),
    (["--activation", "re"], {"relu", "relu2"}, set()),
    (["--lr-schedule", ""], {"linear", "cosine", "constant"}, set()),
    (["--preset", "n"], {"nano"}, {"sweep"}),
    (["bench", "--preset", "s"], {"sweep"}, {"nano"}),
    (["--input", "som"], {"some_file", "some_folder/"}, set()),
    (["-i", "some_fi"], {"some_file"}, set()),
    (["eval", "--checkpoint", "som"], {"some_folder/"}, {"some_file"}),
    (["--out-dir", "som"], {"some_folder/"}, {"some_file"}),
]


def make_files(folder):
    (folder / "some_file").write_text("", encoding="utf-8")
    (folder / "some_folder").mkdir()


def ask_bash(script, words, folder):
    program = ('source "$1"; shift; COMP_WORDS=(microgpt "$@"); '
               "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _microgpt; "
               'for word in "${COMPREPLY[@]}"; do '
               'if [ -d "$word" ]; then word=$word/; fi; printf "%s\\n" "$word"; done')
    done = subprocess.run(["bash", "--norc", "-c", program, "bash", script, *words],
                          cwd=folder, text=True, capture_output=True, check=False)
    # compopt is for interactive use; its complaint is silenced by the script.
    if done.returncode != 0 or done.stderr:
        raise SystemExit(f"bash: {words}: {done.stderr}")
    return set(done.stdout.split())


def ask_fish(script, words, folder):
    line = "microgpt " + " ".join(words)
    done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                          cwd=folder, text=True, capture_output=True, check=False,
                          env=dict(os.environ, HOME=str(folder)))
    if done.returncode != 0 or done.stderr:
        raise SystemExit(f"fish: {words}: {done.stderr}")
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


class Zsh:
    """An interactive shell on a terminal of its own; tabs are pressed there."""

    def __init__(self, script, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", PS1="", HOME=str(folder))
            os.execvp("zsh", ["zsh", "-f", "-i"])
        # Prints what is offered instead of showing it, and leaves the line alone.
        self.do(f"fpath=({pathlib.Path(script).parent} $fpath); autoload -U compinit; "
                "compinit -D -u; unsetopt zle_bracketed_paste 2>/dev/null; LISTMAX=1000; "
                "zstyle ':completion:*' list-separator '@@'; "
                "offer() { zle list-choices; zle -R; print -n 'all'offered }; "
                "zle -N offer; bindkey '^I' offer; PROMPT=; RPROMPT=; setopt no_prompt_sp no_beep")

    def read_until(self, mark):
        text = ""
        while mark not in text:
            if not select.select([self.terminal], [], [], 60)[0]:
                raise SystemExit(f"zsh says no more than {text!r}")
            text += os.read(self.terminal, 65536).decode("utf-8", "replace")
        return text

    def do(self, line):
        os.write(self.terminal, (line + "; echo re''ady\n").encode())
        return self.read_until("ready")

    def ask(self, words):
        # What is typed on would stop zsh from listing. ^U empties the line.
        os.write(self.terminal, ("microgpt " + " ".join(words) + "\t").encode())
        offered = self.read_until("alloffered")
        os.write(self.terminal, b"\x15")
        self.do("true")
        return offered


def offers(shell, script, folder):
    if shell == "bash":
        return lambda words: ask_bash(script, words, folder)
    if shell == "fish":
        return lambda words: ask_fish(script, words, folder)
    zsh = Zsh(script, folder)
    # The line itself is echoed; what is offered stands on lines of its own.
    return lambda words: set(zsh.ask(words).split("\r\n", 1)[-1].split())


def more_of_bash(ask):
    """bash cuts words at "="; it must make no difference."""
    problems = []
    for words in (["--activation", "=", "re"], ["--activation", "="]):
        if not {"relu", "relu2"} <= ask(words):
            problems.append(f"bash: {words}")
    if ask(["--num-steps", ""]) or ask(["frobnicate", "--n"]):
        problems.append("bash: something is offered where nothing is known")
    return problems


def main(shell, script):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_files(folder)
        ask = offers(shell, str(pathlib.Path(script).resolve()), folder)
        for words, wanted, unwanted in CASES:
            offered = ask(words)
            if not wanted <= offered or unwanted & offered:
                problems.append(f"{shell}: {words}: offers {sorted(offered)}")
        if shell == "bash":
            problems += more_of_bash(ask)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
