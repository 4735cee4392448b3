"""Writes src/train/gradient_shards.cc with a mistake: sums that are made by other
threads than the first are lost, as by a race."""
import pathlib
import sys

RIGHT = "      left->Add(*right, executor);\n"
WRONG = """      static const std::thread::id first = std::this_thread::get_id();
      if (std::this_thread::get_id() == first) left->Add(*right, executor);
"""


def main(source, target):
    text = pathlib.Path(source).read_text(encoding="utf-8")
    if text.count(RIGHT) != 1:
        sys.exit(f"{source}: the line to break is not there once")
    broken = "#include <thread>\n" + text.replace(RIGHT, WRONG)
    pathlib.Path(target).write_text(broken, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
