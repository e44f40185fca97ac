"""Wrong variants of exercise 1, pooling."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise1")

MAX = "F.max_pool2d(x, kernel_size, stride)"
AVG = "F.avg_pool2d(x, kernel_size, stride)"
DIFFERENCE = "max_pool(x, kernel_size, stride) - avg_pool(x, kernel_size, stride)"
PEAK = "(pooled.max() / x.max()).item()"
NOISE = "(noise_out.square().mean() / noise_in.square().mean()).sqrt().item()"
WHICH = '"max" if feature in KEPT_BY_MAX else "average"'

MUTANTS = (
    mutant("max is an average", "max_pool", MAX, AVG),
    mutant("max of absolute values", "max_pool", MAX, "F.max_pool2d(x.abs(), kernel_size, stride)"),
    mutant("max with padding", "max_pool", MAX, "F.max_pool2d(x, kernel_size, stride, padding=1)"),
    mutant(
        "max over zero padding",
        "max_pool",
        MAX,
        "F.max_pool2d(F.pad(x, (0, 1, 0, 1)), kernel_size, stride)[..., :4, :4].clamp(min=0)",
    ),
    mutant("max ignores the stride", "max_pool_windows", MAX, "F.max_pool2d(x, kernel_size)"),
    mutant(
        "max rounds the size up",
        "max_pool_windows",
        MAX,
        "F.max_pool2d(x, kernel_size, stride, ceil_mode=True)",
    ),
    mutant(
        "max in float32", "max_pool_windows", MAX, "F.max_pool2d(x.float(), kernel_size, stride)"
    ),
    mutant("max as a list", "max_pool", MAX, f"{MAX}.tolist()"),
    mutant("max of one image", "max_pool", MAX, f"{MAX}[0]"),
    mutant("max pooling not returned", "max_pool", f"return {MAX}", MAX),
    mutant("a sum for an average", "avg_pool", AVG, f"{AVG} * kernel_size**2"),
    mutant("average ignores the stride", "avg_pool_windows", AVG, "F.avg_pool2d(x, kernel_size)"),
    mutant(
        "difference turned around",
        "difference",
        DIFFERENCE,
        "avg_pool(x, kernel_size, stride) - max_pool(x, kernel_size, stride)",
    ),
    mutant(
        "difference at one window",
        "difference",
        DIFFERENCE,
        "max_pool(x, 2, 2) - avg_pool(x, 2, 2)",
    ),
    mutant("peaks turned around", "peak_retention", PEAK, "(x.max() / pooled.max()).item()"),
    mutant(
        "peaks of absolute values",
        "peak_retention",
        PEAK,
        "(pooled.abs().max() / x.abs().max()).item()",
    ),
    mutant("means for peaks", "peak_retention", PEAK, "(pooled.mean() / x.mean()).item()"),
    mutant("power for root mean square", "noise_gain", NOISE, NOISE.replace(".sqrt()", "")),
    mutant(
        "spread without the mean", "noise_gain", NOISE, "(noise_out.std() / noise_in.std()).item()"
    ),
    mutant("always max", "which_pooling", WHICH, '"max"'),
    mutant("feature names turned around", "which_pooling", "in KEPT_BY_MAX", "not in KEPT_BY_MAX"),
    mutant("avg for average", "which_pooling", WHICH, WHICH.replace("average", "avg")),
)
