"""The Mann-Whitney U test, and Holm's correction for several tests at once."""
import collections
import functools
import math

# Of both samples together; above, the normal approximation is close.
MOST_EXACT = 60


def doubled_ranks(values):
    """Twice the rank of each value, counted from 1; equal values share their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for i in order[begin:end]:
            ranks[i] = begin + 1 + end
        begin = end
    return ranks


@functools.lru_cache(maxsize=64)
def rank_sum_counts(ranks, size):
    """How many choices of `size` of the ranks have the sum 0, 1, 2, ...

    Polynomials whose coefficients stand side by side in one large integer: as many
    bits as there are ranks hold every count.
    """
    width = (len(ranks) + 7) // 8  # bytes
    chosen = [1] + [0] * size  # by number of ranks chosen
    for rank in ranks:
        for k in range(size, 0, -1):
            chosen[k] += chosen[k - 1] << (8 * width * rank)
    data = chosen[size].to_bytes(width * (sum(ranks) + 1), "little")
    return [int.from_bytes(data[at:at + width], "little") for at in range(0, len(data), width)]


def exact_p(ranks, size):
    """The part of all choices of `size` ranks whose sum is at least as far from the mean as
    that of the first `size`."""
    count, total = len(ranks), sum(ranks)

    def distance(rank_sum):
        return abs(count * rank_sum - size * total)

    found = distance(sum(ranks[:size]))
    counts = rank_sum_counts(tuple(sorted(ranks)), size)
    extreme = sum(n for rank_sum, n in enumerate(counts) if distance(rank_sum) >= found)
    return extreme / math.comb(count, size)


def approximate_p(ranks, size):
    """Normal approximation, corrected for ties and continuity."""
    count, other = len(ranks), len(ranks) - size
    distance = abs(sum(ranks[:size]) - size * (count + 1)) / 2
    ties = sum(n**3 - n for n in collections.Counter(ranks).values())
    variance = size * other / 12 * (count + 1 - ties / (count * (count - 1)))
    if variance <= 0:
        return 1.0
    return math.erfc(max(0.0, distance - 0.5) / math.sqrt(2 * variance))


def mann_whitney(a, b):
    """The two-sided p value of two samples, neither of them empty."""
    ranks = doubled_ranks([*a, *b])
    calculate = exact_p if len(ranks) <= MOST_EXACT else approximate_p
    return min(1.0, calculate(ranks, len(a)))


def smallest_p(a_size, b_size):
    """What two samples of these sizes can reach, when they do not overlap."""
    return min(1.0, 2 / math.comb(a_size + b_size, a_size))


def holm(p_values):
    """Corrected so that the chance of any false finding stays below the threshold."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for done, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - done) * p_values[i]))
        corrected[i] = largest
    return corrected
