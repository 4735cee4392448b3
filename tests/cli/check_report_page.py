"""Checks a folder with report.json, report.md and report.html of a benchmark: the
JSON has the right shape and holds together, both pages show its numbers (formatted
here once more, on our own), and the HTML is one well-formed file that refers to
nothing outside. Plain Python, no packages."""
import json
import math
import pathlib
import re
import statistics
import sys
import xml.etree.ElementTree

DASH = "\u2013"
PHASES = ["forward", "loss", "backward", "reduce", "optimizer", "idle"]

SPREAD = {name: float for name in
          ["median", "min", "max", "first_quartile", "third_quartile"]}
POINT = {"threads": int, "batch_size": int, "num_shards": int, "tokens_per_step": float,
         "step_times": [float], "step_seconds": SPREAD, "tokens_per_second": SPREAD,
         "speedup": float, "efficiency": float, "gflops": float, "of_peak": float,
         "phases": [{name: float for name in PHASES}], "digest": str}
MODEL = {"n_embd": int, "n_layer": int, "n_head": int, "block_size": int,
         "vocab_size": int, "activation": str, "data": str, "num_params": int,
         "steps_per_repetition": int, "strong": [POINT], "weak": [POINT],
         "digests_equal": bool,
         "amdahl": ({"serial_seconds": float, "parallel_seconds": float,
                     "serial_fraction": float},),
         "torch": [{"version": str, "setting": str, "threads": int,
                    "tokens_per_second": float, "ratio": float}]}
MACHINE = {"cpu": str, "architecture": str, "system": str, "sockets": int,
           "physical_cores": int, "logical_cpus": int, "threads_per_core": int,
           "numa_nodes": int, "governor": str, "affinity": str, "cpu_quota": (float,),
           "memory_bytes": int,
           "caches": [{"level": int, "type": str, "bytes": int, "count": int}]}
RUN = {"label": str, "date": str, "machine": MACHINE,
       "build": {name: str for name in ["version", "commit", "compiler", "flags",
                                        "simd", "executor", "libraries"]},
       "protocol": {"repetitions": int, "repetition_seconds": float, "order": str},
       "calibration": [{"threads": int, "peak_gflops": float,
                        "read_gigabytes_per_second": float}],
       "kernels": [{"name": str, "shape": str, "gflops": float, "of_peak": float}],
       "models": [MODEL]}
SUITE = {"label": str, "date": str, "cpu": str, "simd": str, "compiler": str,
         "rows": [{"name": str, "seconds": float, "gflops": (float,),
                   "of_peak": (float,), "gigabytes_per_second": (float,),
                   "tokens_per_second": (float,)}]}
COMPARISON = {"baseline": str, "contender": str, "test": str,
              "rows": [{"what": str, "baseline_seconds": float,
                        "contender_seconds": float, "speedup": float,
                        "p_value": float, "verdict": str}]}
REPORT = {"format": int, "runs": [RUN], "suites": [SUITE],
          "comparisons": [COMPARISON]}


def shape_problems(value, shape, place):
    """A dict is an object with these keys, a list an array of such items, a tuple
    of one shape that or null."""
    if isinstance(shape, tuple):
        return [] if value is None else shape_problems(value, shape[0], place)
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            return [f"{place}: not an object with the keys {sorted(shape)}"]
        return [problem for key, inner in shape.items()
                for problem in shape_problems(value[key], inner, f"{place}.{key}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place}: not an array"]
        return [problem for i, item in enumerate(value)
                for problem in shape_problems(item, shape[0], f"{place}[{i}]")]
    if shape is float:
        good = type(value) in (int, float) and math.isfinite(value)
    else:
        good = type(value) is shape
    return [] if good else [f"{place}: {value!r} is no {shape.__name__}"]


# How the pages write numbers.

def number(value, digits=4):
    if value == 0:
        return "0"
    exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
    if exponent < -4 or exponent >= 15:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{max(0, digits - 1 - exponent)}f}"


def with_spread(value, spread):
    text = number(value)
    if value == 0 or "e" in text or abs(spread) >= 1e15:
        return f"{text} ± {number(spread)}"
    decimals = len(text.split(".")[1]) if "." in text else 0
    return f"{text} ± {spread:,.{decimals}f}"


def microseconds(seconds):
    return number(seconds * 1e6)


def ratio(value):
    return f"{value:,.2f}" if abs(value) < 1e15 else number(value)


def percent(fraction):
    value = fraction * 100
    return (f"{value:,.1f}" if abs(value) < 1e15 else number(value)) + "%"


def or_dash(value, form):
    return DASH if value is None else form(value)


def clean(text):
    return re.sub(r"[\n\t\r]", " ", text).strip()


def total(values):
    """Like C++; sum() of newer Pythons is more exact."""
    result = 0.0
    for value in values:
        result += value
    return result


def model_name(model):
    return "/".join(str(model[key]) for key in
                    ["n_embd", "n_layer", "n_head", "block_size"])


# Rows that both pages must have.

def point_row(point):
    step, rate = point["step_seconds"], point["tokens_per_second"]
    half_range = (rate["third_quartile"] - rate["first_quartile"]) / 2
    return [str(point["threads"]), str(point["batch_size"]), str(point["num_shards"]),
            microseconds(step["median"]), microseconds(step["min"]),
            microseconds(step["first_quartile"]) + DASH
            + microseconds(step["third_quartile"]),
            with_spread(rate["median"], half_range), ratio(point["speedup"]),
            percent(point["efficiency"]), number(point["gflops"]),
            or_dash(point["of_peak"] or None, percent), point["digest"][:12]]


def phase_rows(point):
    threads = point["phases"]
    means = [total(thread[name] for thread in threads) / len(threads)
             for name in PHASES]
    whole = total(means)
    share = (lambda part, all_: part / all_ if all_ > 0 else 0)
    idle = ", ".join(percent(share(thread["idle"], total(thread[n] for n in PHASES)))
                     for thread in threads)
    return [[str(point["threads"])]
            + [f"{microseconds(x)} ({percent(share(x, whole))})" for x in means]
            + [microseconds(whole)],
            [str(point["threads"]), idle]]


def torch_row(model, torch):
    ours = [point["tokens_per_second"]["median"] for point in model["strong"]
            if point["threads"] == torch["threads"]]
    return [str(torch["threads"]), number(ours[0]) if ours else DASH,
            number(torch["tokens_per_second"]), ratio(torch["ratio"]),
            clean(torch["version"]), clean(torch["setting"])]


def size_row(model, counts):
    steps = {point["threads"]: point["step_seconds"]["median"]
             for point in reversed(model["strong"])}
    batch = str(model["strong"][0]["batch_size"]) if model["strong"] else DASH
    return [model_name(model), f"{model['num_params']:,}", batch] + [
        or_dash(steps.get(count), microseconds) for count in counts]


def run_rows(run, name):
    for model in run["models"]:
        yield from map(point_row, model["strong"] + model["weak"])
        for point in model["strong"]:
            if point["phases"]:
                yield from phase_rows(point)
        yield from (torch_row(model, torch) for torch in model["torch"])
    counts = sorted({point["threads"] for model in run["models"]
                     for point in model["strong"]})
    if len(run["models"]) > 1 and counts:
        yield from (size_row(model, counts) for model in run["models"])
    label = [name] if name else []
    for kernel in run["kernels"]:
        yield [clean(kernel["name"]), clean(kernel["shape"]), *label,
               number(kernel["gflops"]), or_dash(kernel["of_peak"] or None, percent)]
    for point in run["calibration"]:
        yield [*label, str(point["threads"]), number(point["peak_gflops"]),
               number(point["read_gigabytes_per_second"])]


def expected_rows(report):
    several = len(report["runs"]) > 1
    for i, run in enumerate(report["runs"]):
        name = clean(run["label"]) or f"run {i + 1}"
        yield from run_rows(run, name if several else "")
    for suite in report["suites"]:
        for row in suite["rows"]:
            yield [clean(row["name"]), microseconds(row["seconds"]),
                   or_dash(row["gflops"], number), or_dash(row["of_peak"], percent),
                   or_dash(row["gigabytes_per_second"], number),
                   or_dash(row["tokens_per_second"], number)]
    for comparison in report["comparisons"]:
        for row in comparison["rows"]:
            yield [clean(row["what"]), microseconds(row["baseline_seconds"]),
                   microseconds(row["contender_seconds"]), ratio(row["speedup"]),
                   number(row["p_value"], 2), row["verdict"]]


def expected_texts(report):
    for run in report["runs"]:
        build, machine = run["build"], run["machine"]
        yield from (clean(text) for text in
                    [run["date"], machine["cpu"], machine["system"], build["version"],
                     build["commit"], build["compiler"], build["flags"],
                     build["simd"], build["executor"], build["libraries"],
                     run["protocol"]["order"]])
        for model in run["models"]:
            yield model_name(model)
            yield f"{model['num_params']:,} parameters"
            yield from (point["digest"] for point in model["strong"])
            if fit := model["amdahl"]:
                yield (f"a step takes {microseconds(fit['serial_seconds'])} µs + "
                       f"{microseconds(fit['parallel_seconds'])} µs / threads; "
                       f"{percent(fit['serial_fraction'])} of a step")


# The pages, as rows of cells and as text.

def unescaped(markdown):
    text = re.sub(r"(?<!\\)(\*\*|`|\*)", "", markdown)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def markdown_rows(text):
    for line in text.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            yield [unescaped(cell).strip() for cell in cells]


def html_rows(page):
    for row in page.iter("tr"):
        yield ["".join(cell.itertext()).strip() for cell in row]


def reference_problems(text, page):
    problems = [f"report.html has '{found}'" for found in
                ("src=", "@import", "url(", "http:", "https:", "<script", "<link")
                if found in text]
    problems += [f"report.html refers to '{value}'" for element in page.iter()
                 for name, value in element.attrib.items()
                 if name.endswith("href") and not value.startswith("#")]
    anchors = {element.get("id") for element in page.iter()}
    problems += [f"report.html has no part {element.get('href')}"
                 for element in page.iter("a")
                 if element.get("href", "#")[1:] not in anchors]
    return problems


def access_problems(page):
    problems = []
    if page.get("lang") is None or page.find("head/title") is None:
        problems.append("report.html: no language or no title")
    if not any(meta.get("name") == "viewport" for meta in page.iter("meta")):
        problems.append("report.html: no viewport")
    for svg in page.iter("svg"):
        if svg.get("aria-hidden") != "true" and not (
                svg.get("role") == "img" and svg.get("aria-label")
                and svg.find("title") is not None):
            problems.append("report.html: a drawing without a name")
    for table in page.iter("table"):
        if table.find("caption") is None:
            problems.append("report.html: a table without a caption")
        if any(cell.get("scope") is None for cell in table.iter("th")):
            problems.append("report.html: a header of a table without a scope")
    return problems


def plot_problems(page):
    problems = []
    for element in page.iter():
        for name in ("d", "x", "y", "width", "height"):
            value = element.get(name, "")
            if re.search(r"nan|inf|e[+-]", value):
                problems.append(f"report.html: {name}=\"{value}\" in a drawing")
    return problems


def mark_problems(report, page):
    """The points of the plots say what they are."""
    titles = {element.text for element in page.findall(".//path/title")}
    problems = []
    for i, run in enumerate(report["runs"]):
        several = len(report["runs"]) > 1
        name = (clean(run["label"]) or f"run {i + 1}") if several else ""
        for model in run["models"]:
            for point in model["strong"]:
                rate = point["tokens_per_second"]["median"]
                prefix = f"{name}, " if several else ""
                for label, text in (
                        (name or "measured", number(rate)),
                        (name or "measured", number(point["speedup"])),
                        (f"{prefix}strong", number(point["efficiency"] * 100) + "%")):
                    title = f"{label}: {text} at {point['threads']}"
                    if title not in titles:
                        problems.append(f"report.html has no mark '{title}'")
    return problems


def digest_problems(report, html, markdown):
    problems = []
    different = False
    for i, run in enumerate(report["runs"]):
        for model in run["models"]:
            equal = len({point["digest"] for point in model["strong"]}) <= 1
            if model["strong"] and equal != model["digests_equal"]:
                problems.append(f"runs[{i}], {model_name(model)}: digests_equal is wrong")
            different |= not equal or (bool(model["strong"])
                                       and not model["digests_equal"])
    for name, text in (("report.html", html), ("report.md", markdown)):
        if ("DIGESTS DIFFER" in text) != different:
            problems.append(f"{name}: wrong about whether digests differ")
    return problems


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300)


def point_problems(points, place):
    """What follows from the times of the repetitions."""
    problems = []
    for point in points:
        where = f"{place}, {point['threads']} threads"
        step, rate = point["step_seconds"], point["tokens_per_second"]
        if not point["step_times"]:
            problems.append(f"{where}: no step_times")
            continue
        for spread, name in ((step, "step_seconds"), (rate, "tokens_per_second")):
            order = [spread[key] for key in
                     ["min", "first_quartile", "median", "third_quartile", "max"]]
            if order != sorted(order):
                problems.append(f"{where}: {name} is not in order")
        if not close(step["median"], statistics.median(point["step_times"])):
            problems.append(f"{where}: step_seconds.median is not that of step_times")
        speedup = rate["median"] / points[0]["tokens_per_second"]["median"]
        if not close(point["speedup"], speedup):
            problems.append(f"{where}: speedup is not {speedup}")
        efficiency = speedup * points[0]["threads"] / point["threads"]
        if not close(point["efficiency"], efficiency):
            problems.append(f"{where}: efficiency is not {efficiency}")
        if len(point["phases"]) not in (0, point["threads"]):
            problems.append(f"{where}: phases of {len(point['phases'])} threads")
    return problems


def content_problems(report, page, markdown):
    problems = []
    pages = {"report.html": (list(html_rows(page)), "".join(page.itertext())),
             "report.md": (list(markdown_rows(markdown)), unescaped(markdown))}
    for name, (rows, text) in pages.items():
        problems += [f"{name} has no row {row}" for row in expected_rows(report)
                     if row not in rows]
        problems += [f"{name} does not say '{words}'" for words in
                     expected_texts(report) if words not in text]
    html, plain = (pages[name][1] for name in ("report.html", "report.md"))
    problems += digest_problems(report, html, plain)
    first, second = (
        [row for row in pages[name][0] if not set("".join(row)) <= set("-: ")]
        for name in ("report.html", "report.md"))
    if first != second:
        problems.append("report.html and report.md differ in their tables")
    return problems


def main(folder):
    folder = pathlib.Path(folder)
    json_text, markdown, html = (
        (folder / f"report.{kind}").read_text(encoding="utf-8")
        for kind in ("json", "md", "html"))
    report = json.loads(json_text)
    problems = shape_problems(report, REPORT, "report")
    if problems:
        print("\n".join(problems))
        return 1
    if report["format"] != 1:
        problems.append(f"format {report['format']} is unknown")
    try:
        page = xml.etree.ElementTree.fromstring(html)
    except xml.etree.ElementTree.ParseError as error:
        print(f"report.html is not well-formed: {error}")
        return 1
    for i, run in enumerate(report["runs"]):
        for model in run["models"]:
            for kind in ("strong", "weak"):
                problems += point_problems(
                    model[kind], f"runs[{i}], {model_name(model)}, {kind}")
    problems += reference_problems(html, page) + access_problems(page)
    problems += plot_problems(page) + mark_problems(report, page)
    problems += content_problems(report, page, markdown)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
