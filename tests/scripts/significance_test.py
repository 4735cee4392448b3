"""scripts/bench/significance.py against enumeration, and against values from textbooks."""
import itertools
import random
import unittest

import bench_example  # noqa: F401  # pylint: disable=unused-import
from bench import significance


def enumerated(a, b):
    """The p value from every way to part the values."""
    values = [*a, *b]
    ranks = [(sum(other < value for other in values) +
              sum(other <= value for other in values) + 1) / 2 for value in values]
    mean = len(a) * sum(ranks) / len(values)
    found = abs(sum(ranks[:len(a)]) - mean)
    distances = [abs(sum(choice) - mean) for choice in itertools.combinations(ranks, len(a))]
    return sum(distance >= found - 1e-9 for distance in distances) / len(distances)


class MannWhitneyTest(unittest.TestCase):
    def test_is_enumeration(self):
        numbers = random.Random(1)
        for a_size, b_size in itertools.product(range(1, 7), range(1, 7)):
            for different in (3, 1000):  # many ties, hardly any
                a = [numbers.randrange(different) for _ in range(a_size)]
                b = [numbers.randrange(different) for _ in range(b_size)]
                with self.subTest(a=a, b=b):
                    self.assertAlmostEqual(significance.mann_whitney(a, b), enumerated(a, b), 12)

    def test_known_values(self):
        # Tables of U: 3 and 3 reach 0.1, 4 and 4 reach 2 / 70, 8 and 8 reach 2 / 12870.
        for size, smallest in ((3, 0.1), (4, 2 / 70), (8, 2 / 12870)):
            apart = list(range(size)), list(range(10, 10 + size))
            self.assertAlmostEqual(significance.mann_whitney(*apart), smallest, 12)
            self.assertAlmostEqual(significance.smallest_p(size, size), smallest, 12)
        self.assertEqual(significance.smallest_p(1, 1), 1)
        # U = 5 of samples of 5: 0.1508 (two-sided).
        self.assertAlmostEqual(significance.mann_whitney([1, 2, 3, 3.2, 10], [5, 6, 7, 8, 3.5]),
                               0.1508, 4)

    def test_is_symmetric(self):
        a, b = [1, 5, 5, 7, 9, 11], [5, 6, 12, 13]
        self.assertEqual(significance.mann_whitney(a, b), significance.mann_whitney(b, a))

    def test_equal_values(self):
        self.assertEqual(significance.mann_whitney([2] * 5, [2] * 5), 1)
        self.assertEqual(significance.mann_whitney([2] * 50, [2] * 50), 1)

    def test_approximation_follows_exact(self):
        numbers = random.Random(2)
        for shift in (0, 0.3, 0.6):
            a = [numbers.gauss(0, 1) for _ in range(30)]
            b = [round(numbers.gauss(shift, 1), 1) for _ in range(30)]  # with ties
            ranks = significance.doubled_ranks(a + b)
            self.assertAlmostEqual(significance.approximate_p(ranks, 30),
                                   significance.exact_p(ranks, 30), delta=0.004)

    def test_large_samples(self):
        self.assertLess(significance.mann_whitney(range(1000), range(500, 1500)), 1e-9)
        self.assertLess(significance.mann_whitney(range(30), range(30, 60)), 1e-15)

    def test_rarely_finds_what_is_not_there(self):
        numbers = random.Random(3)
        trials = 400
        found = sum(significance.mann_whitney([numbers.random() for _ in range(6)],
                                           [numbers.random() for _ in range(6)]) < 0.05
                    for _ in range(trials))
        self.assertLess(found, 0.08 * trials)
        self.assertGreater(found, 0.01 * trials)


class HolmTest(unittest.TestCase):
    def assert_corrected(self, p_values, wanted):
        for found, value in zip(significance.holm(p_values), wanted, strict=True):
            self.assertAlmostEqual(found, value, 12)

    def test_steps_down(self):
        self.assert_corrected([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02])
        self.assert_corrected([0.2, 0.9, 0.001], [0.4, 0.9, 0.003])
        self.assert_corrected([0.6, 0.5], [1, 1])
        self.assert_corrected([0.04], [0.04])
        self.assert_corrected([], [])


if __name__ == "__main__":
    unittest.main()
