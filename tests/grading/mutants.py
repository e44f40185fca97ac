"""Wrong variants of the references, each with the check that must catch it first."""

from dataclasses import dataclass

from tests.grading.conftest import reference


@dataclass(frozen=True)
class Mutant:
    """The reference of an exercise with ``old`` replaced by ``new``."""

    exercise: str
    name: str
    caught_by: str
    old: str
    new: str

    @property
    def source(self) -> str:
        source = reference(self.exercise)
        assert source.count(self.old) == 1, f"{self.name}: {self.old!r} is not there just once"
        return source.replace(self.old, self.new)


def _one(name: str, caught_by: str, old: str, new: str) -> Mutant:
    return Mutant("exercise1", name, caught_by, old, new)


def _three(name: str, caught_by: str, old: str, new: str) -> Mutant:
    return Mutant("exercise3", name, caught_by, old, new)


MAX = "F.max_pool2d(x, kernel_size, stride)"
AVG = "F.avg_pool2d(x, kernel_size, stride)"
DIFFERENCE = "max_pool(x, kernel_size, stride) - avg_pool(x, kernel_size, stride)"
PEAK = "(pooled.max() / x.max()).item()"
NOISE = "(noise_out.square().mean() / noise_in.square().mean()).sqrt().item()"
WHICH = '"max" if feature in KEPT_BY_MAX else "average"'

CONVOLUTION = "nn.Conv2d(channels, width, kernel_size=3, padding=1, bias=not batch_norm)"
BLOCK = "[convolution, *norm, nn.ReLU()]"
NORM = "nn.BatchNorm2d(width)"
ADAM = "torch.optim.Adam(net.parameters(), lr=learning_rate)"
LOSS = "F.cross_entropy(logits, labels[batch])"
LOSS_SUM = "loss_sum += loss.item() * len(batch)"
SHUFFLED = "torch.randperm(len(images))"
HISTORY = "history.append((loss_sum / len(images), right / len(images)))"
COMPARED = '"with" if epochs_with < epochs_without else "without"'

MUTANTS = (
    _one("max is an average", "max_pool", MAX, AVG),
    _one("max of absolute values", "max_pool", MAX, "F.max_pool2d(x.abs(), kernel_size, stride)"),
    _one("max with padding", "max_pool", MAX, "F.max_pool2d(x, kernel_size, stride, padding=1)"),
    _one(
        "max over zero padding",
        "max_pool",
        MAX,
        "F.max_pool2d(F.pad(x, (0, 1, 0, 1)), kernel_size, stride)[..., :4, :4].clamp(min=0)",
    ),
    _one("max ignores the stride", "max_pool_windows", MAX, "F.max_pool2d(x, kernel_size)"),
    _one(
        "max rounds the size up",
        "max_pool_windows",
        MAX,
        "F.max_pool2d(x, kernel_size, stride, ceil_mode=True)",
    ),
    _one("max in float32", "max_pool_windows", MAX, "F.max_pool2d(x.float(), kernel_size, stride)"),
    _one("max as a list", "max_pool", MAX, f"{MAX}.tolist()"),
    _one("max of one image", "max_pool", MAX, f"{MAX}[0]"),
    _one("max pooling not returned", "max_pool", f"return {MAX}", MAX),
    _one("a sum for an average", "avg_pool", AVG, f"{AVG} * kernel_size**2"),
    _one("average ignores the stride", "avg_pool_windows", AVG, "F.avg_pool2d(x, kernel_size)"),
    _one(
        "difference turned around",
        "difference",
        DIFFERENCE,
        "avg_pool(x, kernel_size, stride) - max_pool(x, kernel_size, stride)",
    ),
    _one(
        "difference at one window",
        "difference",
        DIFFERENCE,
        "max_pool(x, 2, 2) - avg_pool(x, 2, 2)",
    ),
    _one("peaks turned around", "peak_retention", PEAK, "(x.max() / pooled.max()).item()"),
    _one(
        "peaks of absolute values",
        "peak_retention",
        PEAK,
        "(pooled.abs().max() / x.abs().max()).item()",
    ),
    _one("means for peaks", "peak_retention", PEAK, "(pooled.mean() / x.mean()).item()"),
    _one("power for root mean square", "noise_gain", NOISE, NOISE.replace(".sqrt()", "")),
    _one(
        "spread without the mean", "noise_gain", NOISE, "(noise_out.std() / noise_in.std()).item()"
    ),
    _one("always max", "which_pooling", WHICH, '"max"'),
    _one("feature names turned around", "which_pooling", "in KEPT_BY_MAX", "not in KEPT_BY_MAX"),
    _one("avg for average", "which_pooling", WHICH, WHICH.replace("average", "avg")),
    _three("norm after ReLU", "norm_net_evaluates", BLOCK, "[convolution, nn.ReLU(), *norm]"),
    _three("average pooling", "plain_net", "nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
    _three("no ReLU", "plain_net", BLOCK, "[convolution, *norm]"),
    _three("no padding", "plain_net", CONVOLUTION, CONVOLUTION.replace("padding=1", "padding=0")),
    _three("global max pooling", "plain_net", "nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveMaxPool2d(1)"),
    _three("no bias anywhere", "plain_net", "bias=not batch_norm", "bias=False"),
    _three("a wider stage", "plain_net", "(64, 64)", "(64, 128)"),
    _three(
        "probabilities for logits",
        "plain_net",
        "nn.Linear(channels, 10)",
        "nn.Linear(channels, 10), nn.Softmax(1)",
    ),
    _three("always norm", "plain_net", "if batch_norm else []", "if True else []"),
    _three("never norm", "norm_net_evaluates", "if batch_norm else []", "if False else []"),
    _three("group norm", "norm_net_evaluates", NORM, "nn.GroupNorm(4, width)"),
    _three(
        "instance norm",
        "norm_net_trains",
        NORM,
        "nn.InstanceNorm2d(width, affine=True, track_running_stats=True)",
    ),
    _three(
        "no running statistics",
        "norm_net_evaluates",
        NORM,
        "nn.BatchNorm2d(width, track_running_stats=False)",
    ),
    _three("norm without scale", "norm_net_evaluates", NORM, "nn.BatchNorm2d(width, affine=False)"),
    _three("another epsilon", "norm_net_evaluates", NORM, "nn.BatchNorm2d(width, eps=0.1)"),
    _three("another momentum", "running_statistics", NORM, "nn.BatchNorm2d(width, momentum=0.5)"),
    _three(
        "norm in half of the layers",
        "norm_net_evaluates",
        "if batch_norm else []",
        "if batch_norm and channels != width else []",
    ),
    _three(
        "frozen convolutions",
        "gradients",
        f"return {BLOCK}",
        f"convolution.requires_grad_(False)\n    return {BLOCK}",
    ),
    _three("mean of batch means", "history", LOSS_SUM, "loss_sum += loss.item() * len(images) / 4"),
    _three("loss summed up", "history", "loss_sum / len(images)", "loss_sum"),
    _three("accuracy in percent", "history", "right / len(images)", "100 * right / len(images)"),
    _three(
        "accuracy first",
        "history",
        HISTORY,
        "history.append((right / len(images), loss_sum / len(images)))",
    ),
    _three("only the last epoch", "history", "return history", "return history[-1:]"),
    _three("losses only", "history", HISTORY, "history.append(loss_sum / len(images))"),
    _three("softmax twice", "history", LOSS, "F.cross_entropy(logits.softmax(1), labels[batch])"),
    _three(
        "last batch dropped",
        "history",
        ".split(batch_size)",
        "[: len(images) // batch_size * batch_size].split(batch_size)",
    ),
    _three(
        "a rate of its own",
        "adam",
        ADAM,
        "torch.optim.Adam(net.parameters(), lr=learning_rate and 1e-3)",
    ),
    _three(
        "plain gradient descent",
        "adam",
        ADAM,
        "torch.optim.SGD(net.parameters(), lr=learning_rate)",
    ),
    _three("gradients pile up", "adam", "            optimizer.zero_grad()\n", ""),
    _three("never steps", "adam", "            optimizer.step()\n", ""),
    _three(
        "only the last layer learns",
        "adam",
        ADAM,
        "torch.optim.Adam(net[-1].parameters(), lr=learning_rate)",
    ),
    _three("no shuffling", "comparison", SHUFFLED, "torch.arange(len(images))"),
    _three("trains in eval mode", "comparison", "net.train()", "net.eval()"),
    _three(
        "answer turned around",
        "faster",
        COMPARED,
        '"without" if epochs_with < epochs_without else "with"',
    ),
    _three("strictly above", "faster", "reached >= accuracy", "reached > accuracy"),
    _three("accuracy fixed", "faster", "reached >= accuracy", "reached >= 0.9"),
    _three("a history that never gets there wins", "faster", 'float("inf")', "0"),
    _three("ties to norm", "faster", 'return "neither"', 'return "with"'),
)
