"""Seeds of the reader of report.json, see make_seeds.py."""
import json
import pathlib
import sys

from json_seeds import replaced

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scripts"))
import bench_example as example  # pylint: disable=wrong-import-position


def measured(times, **changes):
    return example.model([example.point(1, times), example.point(2, times)],
                         weak=[example.point(1, times)], **changes)


def report(_generation):
    row = {"what": "a", "baseline_seconds": 1.0, "contender_seconds": 2.0, "speedup": 0.5,
           "p_value": 0.01, "verdict": "slower"}
    suite_row = {"name": "MatMul", "seconds": 1e-6, "gflops": 50.5, "of_peak": None,
                 "gigabytes_per_second": None, "tokens_per_second": None}
    whole = example.report(
        example.run(measured([0.1, 0.2]), measured([0.3], n_embd=32, num_params=15000),
                    measured([0.1], digests_equal=False, amdahl=None)),
        example.run(measured([0.2]), label="<other> & \"run\""),
        suites=[{"label": "steps", "date": "", "cpu": "", "simd": "", "compiler": "",
                 "rows": [suite_row]}],
        comparisons=[{"baseline": "a", "contender": "b", "test": "U", "rows": [row]}])
    text = json.dumps(whole)
    yield "valid_report", text
    yield "valid_indented", json.dumps(whole, indent=1) + "\n"
    yield "valid_empty", json.dumps(example.report())
    yield "valid_huge_numbers", replaced(text, "280.0", "1e300")
    yield "valid_zeros", text.replace("280.0", "0").replace("0.1", "0")
    for name, (old, new) in {
            "format": ('"format": 1', '"format": 2'),
            "format_missing": ('"format": 1, ', ''),
            "twice": ('"label": "machine"', '"label": "a", "label": "machine"'),
            "unknown": ('"label": "machine"', '"label": "machine", "more": 1'),
            "threads_text": ('"threads": 1', '"threads": "1"'),
            "threads_2_31": ('"threads": 1', '"threads": 2147483648'),
            "threads_real": ('"threads": 1', '"threads": 1.5'),
            "bytes_negative": ('"memory_bytes": ', '"memory_bytes": -'),
            "not_finite": ("280.0", "1e999"),
            "nan": ("280.0", "NaN"),
            "verdict": ('"slower"', '"better"'),
            "null": ('"cpu": "AMD EPYC"', '"cpu": null'),
            "surrogate": ('"cpu": "', '"cpu": "\\ud800'),
            "control": ('"cpu": "', '"cpu": "\n'),
            "nested": ('"runs": [', '"runs": [' + "[" * 500),
            "object": ('"caches": [', '"caches": {}, "other": ['),
    }.items():
        yield "hostile_" + name, replaced(text, old, new)
    yield "hostile_cut", text[:len(text) // 2]
    yield "hostile_rest", text + "{}"
    yield "hostile_nul", text.encode() + b"\0"
    yield "hostile_not_utf8", replaced(text.encode(), b'"cpu": "', b'"cpu": "\xff')
    yield "hostile_empty", ""
