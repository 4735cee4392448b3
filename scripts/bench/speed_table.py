"""The speed of every model and number of threads of a run, short enough for a README."""
from bench import text

HEADS = ["n_embd / layers / heads / block", "parameters", "batch", "threads", "µs per step",
         "tokens/s", "speedup", "of peak"]


def speed_table(run):
    rows = []
    for model in run.models:
        for point in model.strong:
            rows.append([f"{model.n_embd} / {model.n_layer} / {model.n_head} / "
                         f"{model.block_size}", f"{model.num_params:,}", str(point.batch_size),
                         str(point.threads), f"{point.step_seconds.median * 1e6:,.0f}",
                         f"{point.tokens_per_second.median:,.0f}", f"{point.speedup:.2f}",
                         f"{point.of_peak:.0%}" if point.of_peak else ""])
    return text.table(HEADS, rows)


def source(run):
    """One sentence on where the numbers come from."""
    equal = all(model.digests_equal for model in run.models)
    digests = "identical for all numbers of threads" if equal else "DIFFERENT"
    peaks = ", ".join(f"{rate.peak_gflops:.0f} on {rate.threads}" for rate in run.calibration)
    return (f"{run.machine.cpu or 'unknown CPU'}, {run.machine.physical_cores} cores, "
            f"{run.build.simd}, {run.build.compiler}, microgpt {run.build.version}, "
            f"{run.date[:10]}; medians of {run.protocol.repetitions} repetitions; peak GFLOP/s "
            f"by threads: {peaks}; digests {digests}.\n")
