"""Texts as microgpt cuts and numbers them, for models of a report."""
import itertools
import pathlib

from torch_trainer import NO_TARGET, np

from bench.command import Failure

BUILT_IN = "built-in names"
NAMES = pathlib.Path(__file__).resolve().parents[1] / "src/data/builtin_names.inc"


def built_in_text():
    """What stands between R"names( and )names"."""
    text = NAMES.read_text(encoding="utf-8")
    return text[text.index("(") + 1:text.rindex(")")]


class Corpus:
    """Of the `data` of a ModelReport: "built-in names, lines", or another text and its
    mode, which `path` holds."""

    def __init__(self, data, path):
        source, _, self.mode = data.rpartition(", ")
        if self.mode not in ("lines", "text"):
            raise Failure(f"{data!r}: only whole lines and texts can be given to PyTorch")
        if source == BUILT_IN:
            self.text = built_in_text()
        elif path is None:
            raise Failure(f"{data!r}: say with --input where that text is", exit_code=2)
        else:
            self.text = read_text(path)
        self.sequences = lines_of(self.text) if self.mode == "lines" else [
            self.text.removeprefix("\ufeff").replace("\r\n", "\n")]
        characters = sorted(set().union(*self.sequences))
        self.ids = {character: i for i, character in enumerate(characters, 1)}
        if not self.ids:
            raise Failure(f"{path}: holds no document")

    def vocab_size(self):
        return 1 + len(self.ids)

    def documents(self, block_size, count):
        """The first `count` or all, with NO_TARGET behind those that are shorter than the
        longest: [documents, longest]."""
        every = self.lines(block_size) if self.mode == "lines" else self.windows(block_size)
        rows = list(itertools.islice(every, count))
        documents = np.full((len(rows), max(map(len, rows))), NO_TARGET, np.int32)
        for document, row in zip(documents, rows):
            document[:len(row)] = row
        return documents

    def encode(self, text):
        return [0, *(self.ids[character] for character in text), 0]

    def lines(self, block_size):
        """The first block_size predictions of every line."""
        for line in self.sequences:
            yield self.encode(line)[:block_size + 1]

    def windows(self, block_size):
        """Of the stream; the last target of one is the first token of the next."""
        stream = self.encode(self.sequences[0])
        for begin in range(0, len(stream) - 1, block_size):
            yield stream[begin:begin + block_size + 1]

    def write(self, folder):
        """A copy for microgpt; returns the flags that name it."""
        path = folder / "text.txt"
        path.write_bytes(self.text.encode("utf-8"))
        return ["--input", str(path), "--doc-mode", self.mode]


def read_text(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise Failure(f"{path}: not UTF-8 at byte {error.start}") from error


def lines_of(text):
    *lines, rest = text.removeprefix("\ufeff").split("\n")
    # A \r at the very end is no line end.
    return [line for line in [*(line.removesuffix("\r") for line in lines), rest] if line]
