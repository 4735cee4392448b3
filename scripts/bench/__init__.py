"""What scripts/bench_report.py, scripts/performance_table.py and
benchmarks/pytorch_baseline.py share: files of benchmarks, and comparisons of them."""
