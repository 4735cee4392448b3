#!/usr/bin/env python3
"""Writes docs/API.md from the public headers and the example.

    scripts/api_docs.py           writes it
    scripts/api_docs.py --check   says whether it is up to date, and which public
                                  declarations have no comment"""
import pathlib
import re
import sys

from api import headers

ROOT = pathlib.Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "API.md"
EXAMPLE = ROOT / "docs" / "examples" / "train_and_sample.cc"

# In the order in which a reader meets them; others follow.
ORDER = ["trainer.h", "config.h", "corpus.h", "tokenizer.h", "model.h", "generator.h",
         "evaluator.h", "checkpoint.h", "safetensors.h", "error.h", "system.h", "machine.h",
         "benchmark.h"]

INTRODUCTION = """\
# The library

<!-- Made by scripts/api_docs.py from include/microgpt; change the headers instead. -->

Everything that the program does is open to C++20 programs, through the headers in
`microgpt/` and the namespace `microgpt`. How to install the library and build with it:
[PACKAGING.md](PACKAGING.md).

## An example

[examples/train_and_sample.cc](examples/train_and_sample.cc) trains on a text, saves the
run and prints samples; [examples/meson.build](examples/meson.build) and
[examples/CMakeLists.txt](examples/CMakeLists.txt) build it.

```cpp
{example}```

## Rules

- Notation: B documents in a batch, T positions of one document, C = `n_embd`,
  NH = `n_head`, L = `n_layer`, V = `vocab_size`. Tensors are row-major float32. Losses
  are in nats.
- User errors throw `Error`, whose kind is also the exit code of the program. An object is
  as it was before a call that threw, unless its comment says otherwise.
- REQUIRES is what the caller must see to. Debug builds assert it, others do not.
- *Thread-safe*: may be called from any number of threads at once. *Thread-compatible*:
  const members may, everything else needs the object for itself. *Single-threaded*: one
  call at a time. Types that say nothing are plain values and thread-compatible.
- The library never prints, never exits, handles no signals and reads no environment
  variables; only `CheckpointFolder` writes files.

## What a process shares

Trainers, models and corpora share nothing that can change: any number of them may work
side by side, each with threads of its own, and each gives the bits that it gives alone.
These belong to the whole process, and change no result:

- the SIMD target that `SetSimdTarget` chooses;
- oneTBB's worker threads. A trainer takes as many as it has been given. Only one that is
  given more than oneTBB allows (as a rule the number of CPUs) raises oneTBB's limit for
  the process, which stays raised. A lower limit that the program itself has set
  (`tbb::global_control`) is obeyed;
- small scratch buffers of matrix products, which every thread that has worked keeps
  until it ends.
"""


class Anchors:
    """Addresses of sections, as GitHub makes them."""

    def __init__(self):
        self.counts = {}

    def next(self, title):
        address = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = self.counts[address] = self.counts.get(address, -1) + 1
        return address + (f"-{count}" if count else "")


WORD = re.compile(r"`[^`]*`|[A-Za-z][\w:.]*(?:\(\w*\)(?:\.\w+(?:\(\))?)*)?")
# Names, as English has no such words.
NAME = re.compile(r"_|::|\(|\w\.\w|^k[A-Z]|[a-z][A-Z]")


def marked(text):
    """Names as code; what Markdown would take for markup as it is."""
    parts, at = [], 0
    for found in WORD.finditer(text):
        word = found[0].rstrip(".:")
        if not word.startswith("`") and NAME.search(word):
            parts += [escaped(text[at:found.start()]), f"`{word}`"]
            at = found.start() + len(word)
    return "".join(parts) + escaped(text[at:])


def escaped(text):
    return re.sub(r"([*<>\\])", r"\\\1", text).replace("REQUIRES:", "**REQUIRES:**")


def prose(comment):
    """Paragraphs of a comment; indented lines stay as they are."""
    blocks, last = [], None
    for line in comment:
        kind = "table" if line.startswith("  ") else "text" if line else None
        if kind and kind == last:
            blocks[-1][1].append(line)
        elif kind:
            blocks.append((kind, [line]))
        last = kind
    return "\n\n".join("```text\n" + "\n".join(lines) + "\n```" if kind == "table" else
                       marked(" ".join(lines)) for kind, lines in blocks)


def dedented(text):
    lines = text.splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] if line[:indent].isspace() else line for line in lines)


def code(declarations):
    return "```cpp\n" + "\n".join(declarations) + "\n```"


def shown(declaration):
    if headers.is_function(declaration):
        return dedented(headers.signature(declaration))
    return dedented(declaration).replace(headers.EXPORT, "")


def title_of(group):
    names = []
    for declaration in group.declarations:
        name = headers.type_name(declaration)
        if name is None and headers.is_function(declaration):
            name = headers.function_name(declaration)
        if name is None:
            name = re.search(r"(\w+) =", declaration)[1]
        if name not in names:
            names.append(name)
    return ", ".join(names)


def speaks_for_itself(declarations):
    """Destructors, and what every class has."""
    return all("~" in text or "operator" in text or "&&) noexcept" in text
               for text in declarations)


def section_of(group):
    """A type, constant or function, or several under one comment."""
    parts = ["### " + title_of(group), prose(group.comment)]
    first = group.declarations[0]
    if headers.is_class(first):
        for member in headers.public_groups(group):
            told = [text for text in member.declarations if not speaks_for_itself([text])]
            if told:
                parts += [code(map(shown, told)), prose(member.comment)]
    else:
        parts.append(code(map(shown, group.declarations)))
    return "\n\n".join(part for part in parts if part)


def contents(all_headers):
    lines = ["## Contents", ""]
    anchors = Anchors()
    for header in all_headers:
        title = "microgpt/" + header.name
        lines.append(f"- [{title}](#{anchors.next(title)})")
        for group in header.groups:
            name = title_of(group)
            lines.append(f"  [{name}](#{anchors.next(name)})" +
                         ("" if group is header.groups[-1] else ","))
    return "\n".join(lines)


def document(all_headers):
    example = EXAMPLE.read_text(encoding="utf-8")
    parts = [INTRODUCTION.replace("{example}", example).rstrip(), contents(all_headers)]
    for header in all_headers:
        parts += [f"## microgpt/{header.name}", prose(header.introduction)]
        parts += map(section_of, header.groups)
    return "\n\n".join(parts) + "\n"


def undocumented(all_headers):
    for header in all_headers:
        if not header.introduction:
            yield f"{header.name}: no comment at the top"
        for group in header.groups:
            members = headers.public_groups(group) if headers.is_class(
                group.declarations[0]) else []
            for each in [group] + members:
                if not each.comment and not speaks_for_itself(each.declarations):
                    yield f"{header.name}:{each.line}: no comment: " + \
                        each.declarations[0].strip().splitlines()[0]


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    found = [header for header in headers.read_headers(ROOT) if header.groups]
    place = {name: i for i, name in enumerate(ORDER)}
    found.sort(key=lambda header: (place.get(header.name, len(ORDER)), header.name))
    text = document(found)
    if not arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    problems = list(undocumented(found))
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        problems.append("docs/API.md is not up to date; run scripts/api_docs.py")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
