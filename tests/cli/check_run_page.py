"""Checks report.html of one training run against its metrics.jsonl and samples.jsonl:
the page is one well-formed file that refers to nothing outside; its tables and curves
show the numbers of the logs, computed here once more, on our own. Plain Python."""
import json
import math
import pathlib
import re
import sys
import xml.etree.ElementTree

from check_report_page import access_problems, html_rows, number, plot_problems, \
    reference_problems

TOP, BOTTOM = 34, 234  # of the area of a plot
SUFFIXES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def spans(rows, key, most, weight=lambda row: 1):
    """Means of spans of 1, 2, 4, ... steps, the shortest that give at most `most`."""
    rows = [row for row in rows if key(row) is not None]
    width = 1
    while len({(row["step"] - 1) // width for row in rows}) > most:
        width *= 2
    groups = {}
    for row in rows:
        groups.setdefault((row["step"] - 1) // width, []).append(row)
    points = []
    for group in groups.values():
        weights = [weight(row) for row in group]
        points.append((sum(row["step"] for row in group) / len(group),
                       sum(key(row) * w for row, w in zip(group, weights)) / sum(weights)))
    return points


def smoothed(points):
    decay = 1 - 1 / max(1.0, len(points) / 25)
    total = weights = 0.0
    result = []
    for step, value in points:
        total = decay * total + value
        weights = decay * weights + 1
        result.append((step, total / weights))
    return result


def tick_value(text):
    match = re.fullmatch(r"(-?[\d.]+(?:e[+-]\d+)?)([kMGT]?)", text)
    return float(match[1]) * SUFFIXES[match[2]]


class Plot:
    """What a drawing says: pixels to values by the texts of its ticks, which have four
    digits, so that a pixel or two are allowed."""

    def __init__(self, figure):
        self.caption = figure.find("figcaption").text
        svg = figure.find("svg")
        self.log = "(logarithmic)" in "".join(svg.itertext())
        axis = svg.find("g[@class='axis']")
        self.y_ticks = [(float(t.get("y")) - 4.5, tick_value(t.text))
                        for t in axis.iter("text") if t.get("class") == "right"]
        self.x_ticks = [(float(t.get("x")), tick_value(t.text)) for t in axis.iter("text")
                        if t.get("class") == "middle" and t.text]
        self.lines = [[tuple(map(float, pair.split())) for pair in
                       re.split("[ML]", path.get("d"))[1:]]
                      for path in svg.iter("path") if path.get("class") == "line"]

    def problems(self, line, expected):
        if len(line) != len(expected):
            return [f"{self.caption}: {len(line)} points, not {len(expected)}"]
        for pixel, point in zip(line, expected):
            wanted = (self.place(self.x_ticks, point[0], False),
                      self.place(self.y_ticks, point[1], self.log))
            # Values beyond the axis are held at its ends.
            height = min(max(wanted[1], TOP), BOTTOM)
            beyond = height != wanted[1]
            if abs(pixel[0] - wanted[0]) > 1 or abs(pixel[1] - height) > (5 if beyond else 1):
                return [f"{self.caption}: a point at {pixel}, not {wanted}, for {point}"]
        return []

    @staticmethod
    def place(ticks, value, log):
        scale = math.log10 if log else float
        (first_pixel, first), (last_pixel, last) = ticks[0], ticks[-1]
        part = (scale(value) - scale(first)) / (scale(last) - scale(first))
        return first_pixel + part * (last_pixel - first_pixel)


def curve_problems(page, rows):
    plots = {figure.find("figcaption").text: Plot(figure) for figure in page.iter("figure")}
    losses = spans(rows, lambda row: row["loss"], 1000)
    expected = {"Loss over steps": [losses, smoothed(losses)],
                "Learning rate": [spans(rows, lambda row: row["lr"], 1000)]}
    validation = spans(rows, lambda row: row.get("val_loss"), 1000)
    if validation:
        expected["Loss over steps"].append(validation)
    norms = spans(rows, lambda row: row.get("grad_norm"), 1000)
    if norms:
        expected["Gradient norm, before clipping"] = [norms]
    expected["Speed"] = [spans(rows, lambda row: row["tokens"] / row["dt_ms"] * 1e3, 200,
                               lambda row: row["dt_ms"])]
    expected["Memory"] = [[(step, value / 2**20) for step, value in
                           spans(rows, lambda row: row.get("rss_bytes"), 1000)]]
    problems = []
    for caption, lines in expected.items():
        if caption not in plots:
            problems.append(f"no figure '{caption}'")
            continue
        for i, line in enumerate(lines):
            problems += plots[caption].problems(plots[caption].lines[i], line)
    return problems


def duration(seconds):
    return number(seconds, 3) + " s" if seconds < 60 else None


def table_problems(page, name, header, rows, samples):
    found = list(html_rows(page))
    seconds = sum(row["dt_ms"] for row in rows) / 1e3
    tokens = sum(row["tokens"] for row in rows)
    recent = [row["loss"] for row in rows[-50:]]
    validations = [(row["val_loss"], row["step"]) for row in rows if "val_loss" in row]
    best = min(validations) if validations else None
    peak = max(row.get("rss_bytes", 0) for row in rows) / 2**20
    wanted = [[name, f"{rows[-1]['step']:,} of {header['config']['num_steps']:,}",
               number(sum(recent) / len(recent)), number(best[0]) if best else "\u2013",
               f"{best[1]:,}" if best else "\u2013", f"{tokens:,}", duration(seconds),
               number(tokens / seconds), f"{peak:.1f} MiB"]]
    for key, value in list(header["config"].items()) + list(header["host"].items()):
        text = value if isinstance(value, str) else json.dumps(value)
        if text and not re.search("e[+-]", text):
            wanted.append([key, text])
    for line in samples:
        wanted.append([f"{line['step']:,}", *(text.strip() for text in line["samples"])])
    return [f"no row {row}" for row in wanted if row not in found]


def main(folder):
    folder = pathlib.Path(folder).resolve()
    header, *rows = map(json.loads, (folder / "metrics.jsonl").read_text("utf-8").splitlines())
    samples = [json.loads(line) for line in
               (folder / "samples.jsonl").read_text("utf-8").splitlines()]
    html = (folder / "report.html").read_text("utf-8")
    page = xml.etree.ElementTree.fromstring(html)
    problems = reference_problems(html, page) + access_problems(page) + plot_problems(page)
    problems += table_problems(page, folder.name, header, rows, samples)
    problems += curve_problems(page, rows)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
