"""Which mistake the lab names in which wrong solution: it names none in any other."""

from collections.abc import Mapping

from cnn_tui.grading.misconceptions.probes import probes_of

CLAIMS: Mapping[str, Mapping[str, str]] = {
    "exercise1": {
        "max is an average": "max_pool takes the mean",
        "max of absolute values": "max_pool takes the largest",
        "max with padding": "The windows of max_pool start",
        "max ignores the stride": "max_pool ignores stride: its windows lie",
        "max rounds the size up": "The last windows of max_pool",
        "max of one image": "max_pool pools the first",
        "a sum for an average": "avg_pool returns the sum",
        "average ignores the stride": "avg_pool ignores stride: its windows lie",
        "difference turned around": "difference is turned around:",
        "difference at one window": "difference pools with kernel_size=2",
        "peaks turned around": "peak_retention is turned around:",
        "peaks of absolute values": "peak_retention compares the largest",
        "means for peaks": "peak_retention compares the means,",
        "power for root mean square": "noise_gain lacks the square",
        "spread without the mean": "noise_gain compares standard deviations:",
        "stride of rows only": "max_pool uses the stride for rows",
        "stride over columns only": "max_pool uses the stride for columns",
        "windows of one row": "The windows of max_pool are one",
        "smallest of each window": "max_pool takes the smallest",
        "first image for all": "max_pool returns the first",
        "square maps only": "max_pool has as many",
        "windows spread by dilation": "The values of a",
        "parameters in another order": "max_pool swaps kernel_size and",
        "mean of what is not 0 or below": "avg_pool leaves out values",
        "middle between largest and smallest": "avg_pool takes the middle",
        "divided by the stride": "avg_pool divides the sum of a window by stride²:",
        "root mean square for mean": "avg_pool takes the root",
        "divided by one less": "avg_pool divides the sum of a window by kernel_size²",
        "average over padding": "The map of avg_pool",
        "average rounds the size up": "The last windows of avg_pool",
        "windows side by side in the difference": "difference ignores stride: its",
        "average clipped at 0": "difference sets averages below",
        "difference in percent of the max": "difference is divided by",
        "mean difference": "difference returns the mean",
        "map minus its average": "difference subtracts the mean",
        "mean retention of each map": "peak_retention is the mean",
        "retention of the first image": "peak_retention looks at the",
        "retention of at most 1": "peak_retention is never above",
        "retention rounded": "peak_retention is rounded to",
        "peak lost": "peak_retention subtracts the two",
        "retention in percent": "peak_retention is 100 times",
        "mean of absolute noise": "noise_gain compares mean absolute",
        "norms for root mean squares": "noise_gain compares sums of",
        "gain of each image": "noise_gain is the mean",
        "gain in decibels": "noise_gain is in decibels:",
        "gain of the largest noise": "noise_gain compares the largest",
        "gain turned around": "noise_gain is turned around:",
        "noise removed": "noise_gain is what is",
        "largest value from 0 on": "max_pool returns 0 where",
        "windows as large as the stride": "The windows of max_pool are as",
        "height and width swapped": "max_pool returns maps whose",
        "loops that end too early": "max_pool misses the last",
        "divided by the kernel size": "avg_pool divides the sum of a window by kernel_size:",
        "sum for difference": "difference adds the two",
        "retention lost": "peak_retention is what is",
        "variances for root mean squares": "noise_gain compares variances: it",
    },
}
"""Exercise → wrong solution → the beginning of the sentence that names its mistake."""


def sentences(exercise: str) -> set[str]:
    """All that may be said of the mistakes of an exercise."""
    return {name for each in probes_of(exercise).values() for one in each for name in one.mistakes}


def claimed(exercise: str, messages: Mapping[str, str]) -> set[str]:
    """The mistakes that messages name."""
    return {
        each
        for each in sentences(exercise)
        if any(message.endswith(f" {each}") for message in messages.values())
    }


def expected(exercise: str, name: str) -> set[str]:
    """What must be named in that wrong solution."""
    begins = CLAIMS.get(exercise, {}).get(name)
    return {each for each in sentences(exercise) if begins and each.startswith(begins)}
