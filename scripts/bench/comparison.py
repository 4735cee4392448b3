"""Which of two programs is faster, run by run, and whether that is more than noise."""
import statistics
from dataclasses import dataclass

from bench import json_file, significance
from bench.command import Failure
from bench.google_benchmark import GoogleBenchmarkFile
from bench.report import ComparisonReport, ComparisonRow, Verdict

THRESHOLD = 0.05
SMALLEST_EFFECT = 0.01  # of the time; less is called noise
FEWEST_REPETITIONS = 4  # three against three reach p = 0.1


@dataclass
class Pair:
    """Seconds of every repetition, or of every turn."""
    what: str
    baseline: list
    contender: list

    def size(self):
        return len(self.baseline), len(self.contender)


# ---- what belongs together -----------------------------------------------------------

def points_of(run):
    """(model, point) by all that a point was measured with. The first point of weak scaling
    may be the first of strong scaling."""
    points = {}
    for model in run.models:
        strong = [(point.threads, point.batch_size, point.step_times) for point in model.strong]
        for test in ("strong", "weak"):
            for point in getattr(model, test):
                if test == "weak" and (point.threads, point.batch_size, point.step_times) in strong:
                    continue
                key = (model.n_embd, model.n_layer, model.n_head, model.block_size,
                       model.vocab_size, point.batch_size, test, point.threads,
                       model.activation, model.data)
                points[key] = model, point
    return points


def titles(keys):
    """Activation and data only where they tell two points apart."""
    short = [key[:-2] for key in keys]
    for key in keys:
        embd, layers, heads, block, vocabulary, batch, test, threads, *rest = key
        title = (f"{embd} / {layers} / {heads} / {block}, V {vocabulary}, batch {batch}, {test}, "
                 f"{threads} thread{'s' if threads > 1 else ''}")
        yield title if short.count(key[:-2]) == 1 else ", ".join([title, *rest])


def differing_digests(what, baseline, contender):
    """A note for each point whose results are others, and one for those that cannot be
    compared."""
    unlike = 0
    for title, (model, point), (other_model, other) in zip(what, baseline, contender):
        if not (point.digest and other.digest) or point.digest == other.digest:
            continue
        if (model.steps_per_repetition, len(point.step_times)) == \
                (other_model.steps_per_repetition, len(other.step_times)):
            yield f"RESULTS CHANGED: {title}: digest {point.digest}, then {other.digest}"
        else:
            unlike += 1
    if unlike:
        yield f"digests of {unlike} points say nothing: they took other numbers of steps"


def without_partner(baseline, contender):
    for names, where in ((baseline.keys() - contender.keys(), "baseline"),
                         (contender.keys() - baseline.keys(), "contender")):
        if names:
            yield f"only in the {where}, not compared: {len(names)} rows"


def run_pairs(baseline, contender):
    """The pairs of two runs, and notes for the user."""
    a, b = points_of(baseline), points_of(contender)
    common = [key for key in a if key in b]
    what = list(titles(common))
    notes = [*without_partner(a, b),
             *differing_digests(what, [a[key] for key in common], [b[key] for key in common])]
    pairs = [Pair(title, a[key][1].step_times, b[key][1].step_times)
             for title, key in zip(what, common)]
    return pairs, notes + other_machine(baseline.machine.cpu, contender.machine.cpu)


def suite_pairs(baseline, contender):
    a, b = baseline.samples(), contender.samples()
    notes = [*without_partner(a, b),
             *other_machine(baseline.context_text("cpu"), contender.context_text("cpu"))]
    return [Pair(name, a[name], b[name]) for name in a if name in b], notes


def other_machine(baseline, contender):
    return [] if baseline == contender else [
        f"baseline and contender ran on different CPUs: {baseline!r}, {contender!r}"]


# ---- verdicts ------------------------------------------------------------------------

def too_small(pair, rows):
    """Whether no times at all could give a verdict, as one of so many rows."""
    return (min(pair.size()) < FEWEST_REPETITIONS or
            rows * significance.smallest_p(*pair.size()) >= THRESHOLD)


def repetitions_needed(rows):
    size = FEWEST_REPETITIONS
    while rows * significance.smallest_p(size, size) >= THRESHOLD:
        size += 1
    return size


def verdict(pair, speedup, p_value):
    small = max(speedup, 1 / speedup) - 1 < SMALLEST_EFFECT
    if small or p_value >= THRESHOLD or min(pair.size()) < FEWEST_REPETITIONS:
        return Verdict.NOISE
    return Verdict.FASTER if speedup > 1 else Verdict.SLOWER


def describe_test(pairs, turns):
    exact = "exact" if all(sum(pair.size()) <= significance.MOST_EXACT for pair in pairs) else \
        f"exact up to {significance.MOST_EXACT} repetitions of both, else a normal approximation"
    rows = f"{len(pairs)} row{'s' if len(pairs) > 1 else ''}"
    samples = f"medians of {turns} turns" if turns > 1 else (
        "repetitions of one measurement each, which cannot know how much two measurements of the "
        "same program differ")
    text = (f"Mann-Whitney U test, two-sided, {exact}, of the {samples}; p is corrected for "
            f"{rows} (Holm-Bonferroni); noise from p = {THRESHOLD} on and below a difference of "
            f"{SMALLEST_EFFECT:.0%}")
    poor = [pair for pair in pairs if too_small(pair, len(pairs))]
    if poor:
        best = min(poor, key=lambda pair: significance.smallest_p(*pair.size()))
        p_value = min(1.0, len(pairs) * significance.smallest_p(*best.size()))
        unit = "turns" if turns > 1 else "repetitions"
        text += (f". More {unit} are needed: {len(poor)} of {rows} can be nothing but noise, as "
                 f"{best.size()[0]} {unit} against {best.size()[1]} reach p = {p_value:.2g} at "
                 f"best; {repetitions_needed(len(pairs))} on each side would do")
    return text


def compare_pairs(pairs, turns, baseline, contender):
    """The comparison of two labels. Every pair has times, all of them durations."""
    corrected = significance.holm([significance.mann_whitney(pair.baseline, pair.contender)
                                   for pair in pairs])
    rows = []
    for pair, p_value in zip(pairs, corrected):
        before, after = statistics.median(pair.baseline), statistics.median(pair.contender)
        rows.append(ComparisonRow(pair.what, before, after, before / after, p_value,
                                  verdict(pair, before / after, p_value)))
    return ComparisonReport(baseline, contender, describe_test(pairs, turns), rows)


# ---- files ---------------------------------------------------------------------------

def partners(baseline, contender, where):
    """The runs, or the files of Google Benchmark, that are compared with each other."""
    kinds = [isinstance(file, GoogleBenchmarkFile) for file in (baseline, contender)]
    if kinds[0] != kinds[1]:
        raise Failure(f"{where}: one is of microgpt bench, the other of Google Benchmark; compare "
                      "two of a kind")
    if kinds[0]:
        return [(baseline, contender)], suite_pairs
    if len(baseline.runs) != len(contender.runs) or not baseline.runs:
        raise Failure(f"{where}: {len(baseline.runs)} and {len(contender.runs)} runs; compare "
                      "reports with as many, one at least")
    return list(zip(baseline.runs, contender.runs)), run_pairs


def pairs_of_files(baseline, contender, where):
    """For each two runs, or files of Google Benchmark, their labels and pairs; notes."""
    found, all_notes = [], []
    items, pairs_of = partners(baseline, contender, where)
    for a, b in items:
        pairs, notes = pairs_of(a, b)
        for pair in pairs:
            if not all(pair.size()) or \
                    not all(map(json_file.is_duration, pair.baseline + pair.contender)):
                raise Failure(f"{where}: {pair.what}: times are missing, not positive or absurd")
        found.append((a.label, b.label, pairs))
        all_notes += notes
    return found, all_notes


def of_turns(turns):
    """One pair, of medians, for all that every turn has measured."""
    if len(turns) == 1:
        return turns[0]
    by_name = [{pair.what: pair for pair in pairs} for pairs in turns]
    return [Pair(what, [statistics.median(pairs[what].baseline) for pairs in by_name],
                 [statistics.median(pairs[what].contender) for pairs in by_name])
            for what in by_name[0] if all(what in pairs for pairs in by_name)]


def compare(turns):
    """Comparisons, and notes for the user; `turns` are of baseline, contender and what to
    call the two in an error."""
    measured, notes = zip(*(pairs_of_files(*turn) for turn in turns))
    _, _, where = turns[0]
    if len(set(map(len, measured))) > 1:
        raise Failure(f"{where}: every turn must have as many runs")
    comparisons = []
    for parts in zip(*measured):
        pairs = of_turns([pairs for _, _, pairs in parts])
        if not pairs:
            raise Failure(f"{where}: have no row in common")
        comparisons.append(compare_pairs(pairs, len(turns), *parts[0][:2]))
    return comparisons, list(dict.fromkeys(note for part in notes for note in part))
