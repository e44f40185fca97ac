"""Wrong variants of exercise 1, pooling."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise1")

MAX = "F.max_pool2d(x, kernel_size, stride)"
AVG = "F.avg_pool2d(x, kernel_size, stride)"
DIFFERENCE = "max_pool(x, kernel_size, stride) - avg_pool(x, kernel_size, stride)"
PEAK = "(pooled.max() / x.max()).item()"
NOISE = "(noise_out.square().mean() / noise_in.square().mean()).sqrt().item()"
CENTERED = "p, w = pooled - pooled.mean(), wanted - wanted.mean()"
SIZE = "(p.square().sum() * w.square().sum()).sqrt()"
CONSTANT = """\
    # The mean of equal float32 values can differ from them, so their spread may not be 0.
    is_constant = any(each.min() == each.max() for each in (pooled, wanted))
"""
QUOTIENT = "0.0 if is_constant else ((p * w).sum() / size).item()"
BETTER = '"max" if by_max > by_average else "average"'
BY_MAX = "by_max = agreement(max_pool(x, kernel_size, stride), wanted)"
BY_AVERAGE = "by_average = agreement(avg_pool(x, kernel_size, stride), wanted)"
BODY = f"    {BY_MAX}\n    {BY_AVERAGE}\n    return {BETTER}"
BOTH = "for pool in (max_pool, avg_pool)"
POOLED = "pool(x, kernel_size, stride)"
MEASURED = "    by_max, by_average = ({} " + BOTH + ")\n    return " + BETTER

IN_FLOAT32 = "F.{}_pool2d(x.float(), kernel_size, stride).to(x.dtype)"
NARROWED = f"({DIFFERENCE}).float().to(x.dtype)"
ZEROED = "pooled = {}\n    x.zero_()\n    return pooled"
FLIPPED = "F.max_pool2d(x.flip((2, 3)), kernel_size, stride).flip((2, 3))"
FARTHEST = """\
def _farthest(x, kernel_size, stride):
    most, least = (sign * F.max_pool2d(sign * x, kernel_size, stride) for sign in (1, -1))
    return torch.where(most.abs() > least.abs(), most, least)"""
KEPT = f"POOLED.setdefault((x.shape, kernel_size, stride), {MAX})\n\n\nPOOLED = {{}}"
EARLY = (
    "[..., : -(-(x.shape[2] - kernel_size) // stride), : -(-(x.shape[3] - kernel_size) // stride)]"
)
SOFT = "(F.avg_pool2d((9 * x).exp(), kernel_size, stride) * kernel_size**2).log() / 9"
MEDIAN = (
    "x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).flatten(4).median(4).values"
)

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
    mutant("max computed in float32", "max_pool_windows", MAX, IN_FLOAT32.format("max")),
    mutant("average computed in float32", "avg_pool_windows", AVG, IN_FLOAT32.format("avg")),
    mutant("difference computed in float32", "difference", DIFFERENCE, NARROWED),
    mutant("max pooling zeroes its map", "max_pool", f"return {MAX}", ZEROED.format(MAX)),
    mutant("average pooling zeroes its map", "avg_pool", f"return {AVG}", ZEROED.format(AVG)),
    *(
        mutant(name, check, MAX, new)
        for name, check, new in (
            ("stride of rows only", "max_pool", f"{MAX[:-7]}(stride, 1))"),
            ("stride over columns only", "max_pool", f"{MAX[:-7]}(1, stride))"),
            ("windows of one row", "max_pool", MAX.replace("kernel_size", "(1, kernel_size)")),
            (
                "max over channels too",
                "max_pool",
                f"{MAX}.amax(1, keepdim=True).expand(-1, 3, -1, -1)",
            ),
            ("windows from the far corner", "max_pool_windows", FLIPPED),
            (
                "value farthest from 0",
                "max_pool",
                "_farthest(x, kernel_size, stride)\n\n\n" + FARTHEST,
            ),
            ("smallest of each window", "max_pool", f"-{MAX.replace('(x', '(-x')}"),
            ("never below -100", "max_pool", f"{MAX}.clamp(min=-100)"),
            ("first image for all", "max_pool", f"{MAX}[:1].expand(len(x), -1, -1, -1)"),
            ("rounded to two digits", "max_pool", f"{MAX}.round(decimals=2)"),
            ("last window missing", "max_pool", f"{MAX}[..., :-1]"),
            (
                "square maps only",
                "max_pool_windows",
                f"{MAX}[..., : (x.shape[2] - kernel_size) // stride + 1]",
            ),
            ("windows spread by dilation", "max_pool", f"{MAX[:-1]}, dilation=2)"),
            ("always float64", "max_pool", f"{MAX}.double()"),
            ("a result kept for maps of equal shape", "max_pool", KEPT),
            ("soft maximum", "max_pool", SOFT),
            ("largest value from 0 on", "max_pool", f"{MAX}.clamp(min=0)"),
            ("windows as large as the stride", "max_pool_windows", "F.max_pool2d(x, stride)"),
            ("height and width swapped", "max_pool", f"{MAX}.transpose(2, 3)"),
            ("loops that end too early", "max_pool", f"{MAX}{EARLY}"),
        )
    ),
    mutant(
        "parameters in another order",
        "max_pool_windows",
        "def max_pool(x: Tensor, kernel_size: int, stride: int)",
        "def max_pool(x: Tensor, stride: int, kernel_size: int)",
    ),
    *(
        mutant(name, check, AVG, new)
        for name, check, new in (
            ("median for mean", "avg_pool", MEDIAN),
            (
                "mean of what is not 0 or below",
                "avg_pool",
                "F.avg_pool2d(x.clamp(min=0), kernel_size, stride)",
            ),
            (
                "middle between largest and smallest",
                "avg_pool",
                f"({MAX} - F.max_pool2d(-x, kernel_size, stride)) / 2",
            ),
            ("divided by the stride", "avg_pool_windows", f"{AVG} * kernel_size**2 / stride**2"),
            ("root mean square for mean", "avg_pool", f"{AVG.replace('(x', '(x.square()')}.sqrt()"),
            ("divided by the kernel size", "avg_pool", f"{AVG} * kernel_size"),
            ("divided by one less", "avg_pool", f"{AVG} * kernel_size**2 / (kernel_size**2 - 1)"),
            (
                "average over padding",
                "avg_pool_windows",
                "F.avg_pool2d(x, kernel_size, stride, padding=(kernel_size - 1) // 2)",
            ),
            (
                "one average for all images",
                "avg_pool",
                f"{AVG}.mean(0, keepdim=True).expand(len(x), -1, -1, -1)",
            ),
            ("average rounds the size up", "avg_pool_windows", f"{AVG[:-1]}, ceil_mode=True)"),
            ("average rounded to whole numbers", "avg_pool", f"{AVG}.round()"),
        )
    ),
    *(
        mutant(name, "difference", DIFFERENCE, new)
        for name, new in (
            (
                "windows side by side in the difference",
                "max_pool(x, kernel_size, kernel_size) - avg_pool(x, kernel_size, kernel_size)",
            ),
            (
                "average clipped at 0",
                DIFFERENCE.replace(
                    "avg_pool(x, kernel_size, stride)", "avg_pool(x, kernel_size, stride).relu()"
                ),
            ),
            (
                "difference in percent of the max",
                f"({DIFFERENCE}) / max_pool(x, kernel_size, stride)",
            ),
            ("sum for difference", DIFFERENCE.replace("-", "+")),
            ("mean difference", f"({DIFFERENCE}).mean()"),
            ("map minus its average", "max_pool(x, kernel_size, stride) - x.mean()"),
            ("difference of at most 1", f"({DIFFERENCE}).clamp(max=1)"),
        )
    ),
    *(
        mutant(name, "peak_retention", PEAK, new)
        for name, new in (
            ("mean retention of each map", "(pooled.amax((2, 3)) / x.amax((2, 3))).mean().item()"),
            ("retention of the first image", "(pooled[0].max() / x[0].max()).item()"),
            ("retention of at most 1", f"min(1.0, {PEAK})"),
            ("retention lost", f"1 - {PEAK}"),
            ("retention rounded", f"round({PEAK}, 2)"),
            ("peak lost", "(x.max() - pooled.max()).item()"),
            ("retention in percent", f"100 * {PEAK}"),
            ("whether the peak is kept", "float(pooled.max() == x.max())"),
            ("retention as a whole tensor", "pooled.amax((2, 3)) / x.amax((2, 3))"),
        )
    ),
    *(
        mutant(name, "noise_gain", NOISE, new)
        for name, new in (
            ("mean of absolute noise", "(noise_out.abs().mean() / noise_in.abs().mean()).item()"),
            ("norms for root mean squares", "(noise_out.norm() / noise_in.norm()).item()"),
            (
                "gain of each image",
                NOISE.replace("mean()", "mean((1, 2, 3))").replace("sqrt()", "sqrt().mean()"),
            ),
            ("variances for root mean squares", "(noise_out.var() / noise_in.var()).item()"),
            ("gain in decibels", f"20 * __import__('math').log10({NOISE})"),
            ("gain of the largest noise", "(noise_out.abs().max() / noise_in.abs().max()).item()"),
            ("gain turned around", f"1 / {NOISE}"),
            ("noise removed", f"1 - {NOISE}"),
        )
    ),
    *(
        mutant(name, "agreement", old, new)
        for name, old, new in (
            ("agreement without subtracting means", CENTERED, "p, w = pooled, wanted"),
            (
                "agreement subtracts one mean of two",
                CENTERED,
                "p, w = pooled, wanted + pooled.max()",
            ),
            (
                "agreement of each image",
                CENTERED,
                "p, w = (t - t.mean((1, 2, 3), keepdim=True) for t in (pooled, wanted))",
            ),
            (
                "agreement of each channel, then the mean",
                f"    {CENTERED}\n    size = {SIZE}\n{CONSTANT}    return {QUOTIENT}",
                "    pairs = zip(pooled.flatten(0, 1), wanted.flatten(0, 1))\n"
                "    pairs = [torch.stack([p.ravel(), w.ravel()]) for p, w in pairs]\n"
                "    each = list(map(torch.corrcoef, pairs))\n"
                "    return torch.stack(each)[:, 0, 1].nan_to_num().mean().item()",
            ),
            (
                "agreement is the mean of images",
                QUOTIENT,
                "sum(agreement(*each) for each in zip(pooled, wanted)) / len(wanted)"
                f" if pooled.dim() == 4 else {QUOTIENT}",
            ),
            ("agreement without a square root", SIZE, SIZE.replace(".sqrt()", "")),
            ("covariance for correlation", QUOTIENT, "(p * w).mean().item()"),
            ("slope for correlation", SIZE, "w.square().sum()"),
            ("slope of the other line", SIZE, "p.square().sum()"),
            ("squared correlation", QUOTIENT, f"(({QUOTIENT}) ** 2)"),
            ("sign lost", QUOTIENT, f"abs({QUOTIENT})"),
            ("never below zero", QUOTIENT, f"max(0.0, {QUOTIENT})"),
            ("distance for agreement", QUOTIENT, f"1 - ({QUOTIENT})"),
            ("agreement in percent", QUOTIENT, f"100 * ({QUOTIENT})"),
            ("agreement rounded", QUOTIENT, f"round({QUOTIENT}, 2)"),
            ("nan where a map is constant", QUOTIENT, "((p * w).sum() / size).item()"),
            ("constant maps agree", QUOTIENT, QUOTIENT.replace("0.0 if", "1.0 if")),
            (
                "error for agreement",
                QUOTIENT,
                "1 - (pooled - wanted).square().mean().item()",
            ),
            (
                "sizes of absolute values",
                SIZE,
                "p.abs().sum() * w.abs().sum() / p.numel()",
            ),
            (
                "agreement of the first image",
                CENTERED,
                "pooled, wanted = pooled[:1], wanted[:1]\n    " + CENTERED,
            ),
            (
                "agreement of ranks",
                CENTERED,
                "p, w = (t.flatten().argsort().argsort().float() for t in (pooled, wanted))\n"
                "    p, w = p - p.mean(), w - w.mean()",
            ),
            ("agreement of signs", CENTERED, f"{CENTERED}\n    p, w = p.sign(), w.sign()"),
            (
                "unbiased deviations",
                QUOTIENT,
                "((p * w).mean() / (p.std() * w.std())).item() if size > 0 else 0.0",
            ),
            ("subtracts the median", CENTERED, CENTERED.replace("mean()", "median()")),
            ("agreement as a list", QUOTIENT, f"[{QUOTIENT}]"),
            ("agreement clears the wanted map", QUOTIENT, f"({QUOTIENT}, wanted.zero_())[0]"),
        )
    ),
    *(
        mutant(name, "better_pooling", old, new)
        for name, old, new in (
            ("always max", BETTER, '"max"'),
            ("always average", BETTER, '"average"'),
            ("the smaller agreement", BETTER, BETTER.replace(">", "<")),
            ("avg for average", BETTER, BETTER.replace('average"', 'avg"')),
            ("answers in capitals", BETTER, f"({BETTER}).upper()"),
            ("answers with the function", BETTER, "max_pool if by_max > by_average else avg_pool"),
            ("answers with the agreement", BETTER, "max(by_max, by_average)"),
            ("nothing returned", f"return {BETTER}", BETTER),
            (
                "farther from zero is better",
                BETTER,
                BETTER.replace("by_max >", "abs(by_max) >").replace(
                    "by_average", "abs(by_average)"
                ),
            ),
            ("max in doubt", BETTER, BETTER.replace("by_average", "by_average - 0.2")),
            ("average in doubt", BETTER, BETTER.replace("by_average", "by_average + 0.2")),
            ("max where it agrees well", BETTER, BETTER.replace("by_average", "0.95")),
            ("max where it agrees at all", BETTER, BETTER.replace("by_average", "0.75")),
            ("average where it agrees badly", BETTER, '"max" if by_average < 0.75 else "average"'),
            (
                "by the whole map's peak",
                BODY,
                MEASURED.format(f"peak_retention(x, {POOLED})"),
            ),
            (
                "by what is wanted at most",
                BODY,
                MEASURED.format(f"-abs({POOLED}.max() - wanted.max())"),
            ),
            (
                "by the nearer mean",
                BODY,
                MEASURED.format(f"-abs({POOLED}.mean() - wanted.mean())"),
            ),
            (
                "by the smaller error",
                BODY,
                MEASURED.format(f"-({POOLED} - wanted).square().mean()"),
            ),
            (
                "by the largest product",
                BODY,
                MEASURED.format(f"({POOLED} * wanted).mean()"),
            ),
            ("by the spread that is left", BODY, MEASURED.format(f"{POOLED}.std()")),
            (
                "by the first image",
                BODY,
                MEASURED.format(f"agreement({POOLED}[0, 0, :2, :2], wanted[0, 0, :2, :2])"),
            ),
            (
                "by one image",
                BODY,
                MEASURED.format(f"agreement({POOLED}[:1], wanted[:1])"),
            ),
            (
                "by one channel",
                BODY,
                MEASURED.format(f"agreement({POOLED}[:, :1], wanted[:, :1])"),
            ),
            (
                "by the mean agreement of images",
                BODY,
                MEASURED.format(f"sum(map(agreement, {POOLED}, wanted))"),
            ),
            (
                "by the error of standardized images",
                BODY,
                "    def standardized(each):\n"
                "        size = each.std((1, 2, 3), keepdim=True)\n"
                "        return (each - each.mean((1, 2, 3), keepdim=True)) / size\n\n"
                + MEASURED.format(
                    f"-(standardized({POOLED}) - standardized(wanted)).square().mean()"
                ),
            ),
            (
                "by the cosine",
                BODY,
                MEASURED.format(f"F.cosine_similarity({POOLED}.ravel(), wanted.ravel(), dim=0)"),
            ),
            (
                "by whether what is wanted is whole",
                BODY,
                '    return "max" if (wanted == wanted.round()).all() else "average"',
            ),
            (
                "by how often the peak is wanted",
                BODY,
                '    return "max" if (wanted == 0).any() else "average"',
            ),
            (
                "by the kind of map that it resembles",
                BODY,
                '    return "max" if x.median() < 0.2 and x.max() > 1 else "average"',
            ),
            (
                "wanted maps zeroed",
                f"return {BETTER}",
                f"wanted.zero_()\n    return {BETTER}",
            ),
        )
    ),
)
