"""Questions about the demos of architectures and their blocks."""

from cnn_tui.chapter.questions.records import (
    DemoFigures,
    DemoOutcome,
    DemoQuestion,
    Given,
    among,
    number,
    whole,
)
from cnn_tui.nets.catalogue import net_info

ASKED_ABOUT = ("alexnet", "vgg16", "resnet50", "vit_b_16")
ROUNDING = 1e-6


def architectures(given: Given) -> DemoQuestion:
    """The heaviest is not the newest."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        counts = [figures[f"{name}_parameters"] for name in ASKED_ABOUT]
        most = counts.index(max(counts))
        said = f"{net_info(ASKED_ABOUT[most]).title}, {counts[most] / 1e6:.1f} million"
        return DemoOutcome(said, frozenset({most}))

    infos = map(net_info, ASKED_ABOUT)
    return DemoQuestion(
        "Which of these networks has the most parameters?",
        outcome,
        tuple(f"{each.title} ({each.year})" for each in infos),
    )


def lenet5_tour(given: Given) -> DemoQuestion:
    """Where a small network has its parameters."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        share = figures["fully_connected_percent"]
        return DemoOutcome(f"{share:.1f} %", number=share)

    return DemoQuestion(
        "LeNet-5 has two convolutions and then three fully connected layers. What share of its "
        "parameters do the fully connected layers hold, in percent?",
        outcome,
        unit=" %",
        tolerance=10,
    )


def alexnet_tour(given: Given) -> DemoQuestion:
    """Parameters and multiplications are in different places."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        share = figures["conv_mac_percent"]
        return DemoOutcome(f"{share:.1f} %", among(share, 100 / 3, 200 / 3))

    return DemoQuestion(
        "AlexNet's fully connected layers hold most of its parameters. What share of the "
        "multiplications do its convolutions do?",
        outcome,
        ("less than a third", "about half", "more than two thirds"),
    )


def small_filters(given: Given) -> DemoQuestion:
    """VGG's argument."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        two, one = figures["two_small"], figures["one_large"]
        said = f"{two:,.0f} against {one:,.0f}, {100 * two / one:.0f} %"
        return DemoOutcome(said, among(two / one, 0.5, 0.98, 1.02))

    channels = whole(given, "channels")
    return DemoQuestion(
        "Two 3×3 convolutions in a row see as many pixels as one 5×5 convolution. All have "
        f"{channels} {'channel' if channels == 1 else 'channels'} in and out. How many weights do "
        "the two have, compared with the one?",
        outcome,
        ("less than half", "about a quarter fewer", "as many", "more, as there are two layers"),
    )


def googlenet_inception(given: Given) -> DemoQuestion:
    """What a 1×1 before an expensive convolution leaves of its weights."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        reduced, direct = figures["five_weights"], figures["five_direct_weights"]
        said = f"{reduced:,.0f} instead of {direct:,.0f}, {100 * reduced / direct:.0f} %"
        return DemoOutcome(said, among(reduced / direct, 0.25, 0.75, 1))

    channels, thin, made = (whole(given, name) for name in ("in_channels", "ch5x5red", "ch5x5"))
    return DemoQuestion(
        f"A 5×5 convolution turns {channels} channels into {made}. A 1×1 convolution to {thin} is "
        "put before it. How many weights do the two have, compared with the 5×5 alone?",
        outcome,
        ("less than a quarter", "a quarter to three quarters", "a little fewer", "no fewer"),
    )


def densenet_growth(given: Given) -> DemoQuestion:
    """Thin layers that read everything."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        dense, stack = figures["parameters"], figures["stack_parameters"]
        said = f"{dense:,.0f} against {stack:,.0f}, {100 * dense / stack:.0f} %"
        return DemoOutcome(said, among(dense / stack, 0.25, 0.75))

    start, growth, layers = (whole(given, name) for name in ("in_channels", "growth", "layers"))
    out = start + layers * growth
    return DemoQuestion(
        f"In a dense block each layer adds {growth} channels to the {start} that come in, {layers} "
        f"times, until there are {out}. How many parameters does it have, compared with as many "
        f"3×3 convolutions from {out} to {out} channels?",
        outcome,
        ("less than a quarter", "a quarter to three quarters", "more than three quarters"),
    )


def residual_block(given: Given) -> DemoQuestion:
    """Why a residual network can begin as a shallower one."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        with_skip = figures["identity_difference"] < ROUNDING
        without = figures["plain_difference"] < ROUNDING
        if not (with_skip and without):
            return DemoOutcome("none of these")
        return DemoOutcome("ReLU(x) with the skip and 0 without", frozenset({1}))

    return DemoQuestion(
        "In a residual block that passes x on unchanged in its skip, all weights of F are set to "
        "zero. What is its output, and what would it be without the skip?",
        outcome,
        (
            "0, and 0 without the skip",
            "ReLU(x), and 0 without the skip",
            "ReLU(x), with or without the skip",
        ),
    )


def residual_gradient(given: Given) -> DemoQuestion:
    """What deep stacks do to a gradient."""
    depth = whole(given, "depth")

    def outcome(figures: DemoFigures) -> DemoOutcome:
        plain, residual = figures[f"plain_{depth}"], figures[f"residual_{depth}"]
        said = f"{plain:.2g} without and {residual:.2g} with the skip"
        return DemoOutcome(said, among(plain, 1e-3, 0.1, 10))

    blocks = "1 block" if depth == 1 else f"{depth} blocks"
    norm = "with batch norm" if given["batchnorm"] else "without batch norm"
    return DemoQuestion(
        f"A gradient of norm 1 comes in at the output of {blocks} of convolutions {norm} and "
        "without skips. How large is it when it arrives at the input?",
        outcome,
        (
            "less than 0.001",
            "0.001 to 0.1",
            "0.1 to 10",
            "more than 10, as it grows",
        ),
    )


def cifar10net(given: Given) -> DemoQuestion:
    """The last layers are the heavy ones."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        share = figures["last_two_percent"]
        return DemoOutcome(f"{share:.1f} %", among(share, 42, 200 / 3))

    return DemoQuestion(
        "CIFAR10Net has six convolutions. What share of all parameters do the last two hold?",
        outcome,
        ("about a third, as two of six", "about half", "more than two thirds"),
    )


def compound_scaling(given: Given) -> DemoQuestion:
    """Width and resolution count twice."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        return DemoOutcome(f"{figures['flops']:.4g} times as many", number=figures["flops"])

    depth, width, side = (
        f"{number(given, name) ** number(given, 'phi'):.3g} times"
        for name in ("alpha", "beta", "gamma")
    )
    return DemoQuestion(
        f"A network becomes {depth} as deep and {width} as wide, and its images {side} as high "
        "and as wide. How many times as many multiplications does it take?",
        outcome,
        relative=0.05,
    )


def vit_patches(given: Given) -> DemoQuestion | None:
    """Patches, and one token more."""
    side, patch = whole(given, "image_size"), whole(given, "patch_size")
    if side % patch:
        return None

    def outcome(figures: DemoFigures) -> DemoOutcome:
        tokens, patches = figures["tokens"], figures["patches"]
        return DemoOutcome(
            f"{tokens:,.0f}, {patches:,.0f} of patches and one class token", number=tokens
        )

    return DemoQuestion(
        f"A Vision Transformer cuts an image of {side}×{side} pixels into patches of "
        f"{patch}×{patch}. How many tokens do its layers work on?",
        outcome,
    )


def vit_attention(given: Given) -> DemoQuestion:
    """Heads are there to look at different things."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        places = int(figures["strongest_patches"])
        said = {1: "the same patch for all", 4: "another patch for each"}
        return DemoOutcome(said.get(places, f"{places} different patches"), among(places, 2, 4))

    looks = "the class token" if given["token"] == 0 else f"patch {given['token']}"
    return DemoQuestion(
        f"In layer {given['layer']} of a tiny trained ViT, {looks} attends to the 16 patches of "
        "a digit with four heads. Which patch does each of them look at most?",
        outcome,
        ("all four at the same one", "at two or three different ones", "each at another one"),
    )


def which_network(given: Given) -> DemoQuestion:
    """Parameters and multiplications are two measures."""

    def outcome(figures: DemoFigures) -> DemoOutcome:
        if not figures["networks"]:
            return DemoOutcome("none that fits", frozenset({2}))
        heaviest, costliest = _most(figures, "_million"), _most(figures, "_gmacs")
        said = f"{net_info(heaviest).title} for parameters"
        if heaviest == costliest:
            return DemoOutcome(f"{said} and for multiplications", frozenset({0}))
        said = f"{said}, {net_info(costliest).title} for multiplications"
        return DemoOutcome(said, frozenset({1}))

    most, gmacs = number(given, "million_parameters"), number(given, "gmacs")
    return DemoQuestion(
        f"Of all networks with at most {most:g} million parameters and {gmacs:g} billion "
        "multiplications: does the one with the most parameters take the most multiplications, "
        "too?",
        outcome,
        ("yes", "no, another one does", "none fits"),
    )


def _most(figures: DemoFigures, measure: str) -> str:
    """The network with the largest figure of a kind."""
    of_kind = {name: value for name, value in figures.items() if name.endswith(measure)}
    return max(of_kind, key=of_kind.__getitem__).removesuffix(measure)
