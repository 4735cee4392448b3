#!/usr/bin/env python3
"""Runs a command in a terminal of its own and draws what it shows as an animated SVG.

    scripts/record_terminal.py --output run.svg -- build/src/cli/microgpt --num-steps 100

The last picture stands still where animations are not wanted or not known. Only what
this program prints is understood: text, line feeds, carriage returns, erasing to the
end of the line, moving up, bold, faint and eight colours. Exits as the command does."""
import argparse
import fcntl
import html
import os
import pty
import re
import select
import struct
import sys
import termios
import time

COLORS = ["#6e7681", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea",
          "#e6edf3"]
ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")
PLAIN = ("", False, False)  # colour, bold, faint
CELL_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 18, 14
HOLD_SECONDS = 4.0  # of the last picture
LEAST_SECONDS = 0.1  # between two pictures
SETTLE_SECONDS = 0.005  # without output, before a picture is taken


class Screen:
    """What a terminal of some size shows."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [[]]
        self.row = self.column = 0
        self.style = PLAIN

    def write(self, text):
        """Returns what is left of an escape sequence that is not complete yet."""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = ESCAPE.match(text, at)
                if match is None:
                    if len(text) - at < 16:
                        return text[at:]
                    at += 1
                    continue
                self.escape(match[1], match[2])
                at = match.end()
                continue
            self.put(text[at])
            at += 1
        return ""

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.line_feed()
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character >= " ":
            if self.column == self.columns:
                self.line_feed()
                self.column = 0
            line = self.lines[self.row]
            while len(line) <= self.column:
                line.append((" ", PLAIN))
            line[self.column] = (character, self.style)
            self.column += 1

    def line_feed(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])
        if len(self.lines) > self.rows:
            del self.lines[0]
            self.row -= 1

    def escape(self, arguments, command):
        numbers = [int(n) for n in arguments.split(";") if n.isdigit()] or [0]
        if command == "K":
            del self.lines[self.row][self.column:]
        elif command == "A":
            self.row = max(0, self.row - max(1, numbers[0]))
        elif command == "m":
            for number in numbers:
                self.change_style(number)

    def change_style(self, number):
        color, bold, faint = self.style
        if number == 0:
            self.style = PLAIN
        elif number == 1:
            self.style = (color, True, faint)
        elif number == 2:
            self.style = (color, bold, True)
        elif number == 39:
            self.style = ("", bold, faint)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            self.style = (COLORS[number % 10], bold, faint)

    def picture(self):
        return tuple(tuple(line) for line in self.lines)


def read(descriptor):
    """What a command has printed; nothing once it has closed its end."""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""


def record(command, columns, rows):
    """Pictures as (seconds, lines), and the exit code."""
    child, descriptor = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("NO_COLOR", None)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f"{command[0]}: {error.strerror}")
            os._exit(127)
    screen = Screen(columns, rows)
    begin = time.monotonic()
    pictures = [(0.0, screen.picture())]
    rest = b""
    escape = ""
    open_ = True
    while open_:
        wait = LEAST_SECONDS
        # A line that is cleared is written again at once.
        while open_ and select.select([descriptor], [], [], wait)[0]:
            data = read(descriptor)
            open_ = bool(data)
            rest += data
            wait = SETTLE_SECONDS
        text = rest.decode("utf-8", errors="ignore")
        # A character may arrive in two parts.
        rest = rest[len(text.encode("utf-8")):] if open_ else b""
        escape = screen.write(escape + text)
        seconds = time.monotonic() - begin
        late = seconds - pictures[-1][0] >= LEAST_SECONDS or not open_
        if late and screen.picture() != pictures[-1][1]:
            pictures.append((seconds, screen.picture()))
    _, status = os.waitpid(child, 0)
    return pictures, os.waitstatus_to_exitcode(status)


def styled(line):
    """A line as SVG, equal styles together."""
    parts = []
    at = 0
    while at < len(line):
        style = line[at][1]
        end = at
        while end < len(line) and line[end][1] == style:
            end += 1
        text = html.escape("".join(character for character, _ in line[at:end]), quote=False)
        color, bold, faint = style
        attributes = (f' fill="{color}"' if color else "") + (
            ' font-weight="bold"' if bold else "") + (' opacity="0.6"' if faint else "")
        parts.append(f"<tspan{attributes}>{text}</tspan>" if attributes else text)
        at = end
    return "".join(parts)


def draw(pictures, columns, title):
    rows = max(len(lines) for _, lines in pictures)
    width = round(columns * CELL_WIDTH + 2 * MARGIN)
    height = rows * LINE_HEIGHT + 2 * MARGIN
    total = pictures[-1][0] + HOLD_SECONDS
    frames = []
    steps = []
    for index, (seconds, lines) in enumerate(pictures):
        steps.append(f"{100 * seconds / total:.2f}%{{transform:translateY({-index * height}px)}}")
        for row, line in enumerate(lines):
            if line:
                y = index * height + MARGIN + (row + 1) * LINE_HEIGHT - 5
                frames.append(f'<text x="{MARGIN}" y="{y}">{styled(line)}</text>')
    last = f"translateY({-(len(pictures) - 1) * height}px)"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img">
<title>{html.escape(title)}</title>
<style>
text{{font:14px/1 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#e6edf3;\
white-space:pre}}
.film{{transform:{last};animation:film {total:.2f}s step-end infinite}}
@keyframes film{{{"".join(steps)}}}
@media (prefers-reduced-motion:reduce){{.film{{animation:none}}}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
<g class="film" xml:space="preserve">
{chr(10).join(frames)}
</g>
</svg>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, help="the SVG file")
    parser.add_argument("--columns", type=int, default=88)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--title", default="a terminal with a run of microgpt")
    parser.add_argument("--prompt", default="", help="text shown before the command's output")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    pictures, code = record(arguments.command, arguments.columns, arguments.rows)
    if arguments.prompt:
        head = tuple((character, PLAIN) for character in arguments.prompt)
        pictures = [(seconds, (head, *lines)) for seconds, lines in pictures]
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(draw(pictures, arguments.columns, arguments.title))
    return code


if __name__ == "__main__":
    sys.exit(main())
