"""What the chapter holds, without importing torch: topics and demos.

A topic is one Markdown file in ``topics/``, named by its slug, with its title,
place and references as TOML between two ``+++`` lines. Text may link to another
topic as ``[words](topic:slug)``.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnn_tui.errors import LabFault
from cnn_tui.names import match, normalize
from cnn_tui.next_steps import Action, step
from cnn_tui.options import Option

TOPICS_FOLDER = Path(__file__).parent / "topics"
FENCE = "+++\n"
COMMENT_LINES = re.compile(r"^<!--.*-->\n", re.MULTILINE)


@dataclass(frozen=True)
class Topic:
    """One page of the chapter; ``text`` is Markdown below the title.

    ``goal`` is what its reader can do afterwards, as a clause that follows "You will be able
    to"; ``before`` are the topics to know before it, ``see`` commands that show its subject.
    """

    slug: str
    title: str
    section: str
    order: int
    demos: tuple[str, ...]
    exercises: tuple[str, ...]
    nets: tuple[str, ...]
    sources: tuple[str, ...]
    text: str
    goal: str = ""
    before: tuple[str, ...] = ()
    see: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoInfo:
    """One demo: the topic that it belongs to, and what can be changed.

    Its results come with the package for every combination of the steps of its ``live``
    parameters, the others at their defaults. One that takes no torch is run at once.
    """

    name: str
    title: str
    topic: str
    parameters: tuple[Option, ...] = ()
    live: tuple[str, ...] = ()
    needs_torch: bool = True


WEIGHT = r"-?\d{1,4}(?:\.\d{1,4}|/[1-9]\d{0,3})?"
NINE_NUMBERS = rf"{WEIGHT}(?:[ ,]+{WEIGHT}){{8}}"
"""The weights of a kernel as they are typed, such as ``-1``, ``0.5`` and ``1/9``."""

SEED = Option("seed", "int", 0, "what the random numbers start from", 0, 999_999)


@cache
def demos() -> tuple[DemoInfo, ...]:
    """Every demo in the chapter's order."""
    from cnn_tui.analysis.pooling.named_inputs import input_names  # not needed to read a topic

    return (
        DemoInfo(
            "convolution",
            "A 3×3 kernel walks over a map, one output worked out by hand",
            "convolution",
            (
                Option("input", "str", "edges", "the map", choices=input_names()),
                Option(
                    "kernel",
                    "str",
                    "edge",
                    "its weights, row by row",
                    choices=("edge", "blur", "sharpen"),
                    pattern=NINE_NUMBERS,
                    expected="nine numbers such as '0 1 0 1 -4 1 0 1 0'",
                ),
                Option("stride", "int", 1, "step of the kernel", 1, 4),
                Option("padding", "int", 0, "rings of zeros around the map", 0, 2),
                Option("dilation", "int", 1, "from one weight to the next, in cells", 1, 3),
                Option("row", "int", 0, "row of the output cell to work out by hand", 0, 9),
                Option("column", "int", 0, "its column", 0, 9),
            ),
            needs_torch=False,
        ),
        DemoInfo(
            "max-and-average",
            "Max and average pooling, with the hand calculation",
            "pooling-max-and-average",
            (
                Option("input", "str", "chapter", "the map to pool", choices=input_names()),
                Option("kernel_size", "int", 2, "side of the window", 1, 4),
                Option("stride", "int", 2, "step of the window", 1, 4),
                Option("row", "int", 0, "row of the output cell to work out by hand", 0, 7),
                Option("column", "int", 0, "its column", 0, 7),
            ),
        ),
        DemoInfo(
            "translation-invariance",
            "How much of a shift max pooling absorbs",
            "pooling-translation-invariance",
            (
                Option("kernel_size", "int", 2, "side of the window, and its stride", 1, 4),
                Option("cells", "int", 4, "pooled cells in the row that is tested", 2, 8),
            ),
        ),
        DemoInfo(
            "pooling-parameters",
            "Kernel, stride and padding: output size and reduction",
            "pooling-parameters",
            (
                Option("size", "int", 8, "height and width of the input", 4, 256),
                Option("kernel_size", "int", 3, "side of your window", 1, 16),
                Option("stride", "int", 2, "step of your window", 1, 16),
                Option("padding", "int", 1, "rows and columns added on each side", 0, 8),
            ),
            needs_torch=False,
        ),
        DemoInfo(
            "global-average",
            "Global average pooling at several input sizes",
            "pooling-global-average",
            (
                Option("channels", "int", 512, "channels of the feature map", 1, 2048),
                Option("classes", "int", 10, "classes to tell apart", 1, 1000),
            ),
        ),
        DemoInfo(
            "architectures",
            "LeNet-5 to ViT: what each step changed, and its cost",
            "architectures-timeline",
        ),
        DemoInfo(
            "lenet5-tour",
            "An image through LeNet-5, stage by stage",
            "lenet5",
            (
                Option("image", "str", "digit", "digit, digits#17, cifar10#3 or a picture file"),
                Option("image_size", "int", 28, "side to which the image is brought", 16, 64),
                Option(
                    "activation", "str", "relu", "as today or as in 1998", choices=("relu", "tanh")
                ),
                SEED,
            ),
        ),
        DemoInfo(
            "alexnet-tour",
            "AlexNet in numbers: sizes, parameters, and its three versions",
            "alexnet",
            (
                Option("image_size", "int", 224, "side of the image, in pixels", 57, 512),
                Option("padding", "int", 2, "of the first convolution", 0, 5),
            ),
        ),
        DemoInfo(
            "small-filters",
            "Two 3×3 convolutions against one 5×5",
            "vgg",
            (Option("channels", "int", 64, "channels in and out", 1, 512),),
        ),
        DemoInfo(
            "googlenet-inception",
            "An Inception block: its weights with and without the 1×1",
            "googlenet",
            (
                Option("in_channels", "int", 192, "channels of the input", 1, 1024),
                Option("ch1x1", "int", 64, "channels of the 1×1 branch", 1, 512),
                Option("ch3x3red", "int", 96, "of the 1×1 before the 3×3", 1, 512),
                Option("ch3x3", "int", 128, "of the 3×3 branch", 1, 512),
                Option("ch5x5red", "int", 16, "of the 1×1 before the 5×5", 1, 512),
                Option("ch5x5", "int", 32, "of the 5×5 branch", 1, 512),
                Option("pool_proj", "int", 32, "of the 1×1 behind the pooling", 1, 512),
                Option("size", "int", 28, "height and width of the maps", 1, 256),
            ),
            needs_torch=False,
        ),
        DemoInfo(
            "residual-block",
            "A residual block's shapes, its skip, and zero weights",
            "resnet",
            (
                Option("in_channels", "int", 64, "channels of the input", 1, 512),
                Option("out_channels", "int", 128, "channels of the output", 1, 512),
                Option("stride", "int", 2, "of the block's first convolution", 1, 4),
                Option("size", "int", 32, "height and width of the input", 4, 256),
                SEED,
            ),
        ),
        DemoInfo(
            "residual-gradient",
            "The gradient that reaches the input, with and without skip",
            "skip-connections",
            (
                Option("depth", "int", 32, "blocks in the deepest stack", 1, 64),
                Option("batchnorm", "bool", False, "batch norm after every convolution"),
                Option(
                    "initialization",
                    "str",
                    "default",
                    "how the weights are drawn",
                    choices=("default", "he"),
                ),
                SEED,
            ),
            live=("depth", "batchnorm", "initialization"),
        ),
        DemoInfo(
            "densenet-growth",
            "A dense block layer by layer, against a stack of the same width",
            "densenet",
            (
                Option("in_channels", "int", 64, "channels of the input", 1, 1024),
                Option("growth", "int", 32, "channels that each layer adds, k", 1, 64),
                Option("layers", "int", 6, "layers of the block", 1, 24),
                Option("size", "int", 56, "height and width of the maps", 2, 256),
            ),
            needs_torch=False,
        ),
        DemoInfo(
            "batchnorm-statistics",
            "What batch norm does to a channel's mean and spread",
            "batchnorm-what",
            (
                Option("batch_size", "int", 32, "images in the batch", 2, 128),
                Option("input_mean", "float", 0.0, "mean of the input pixels", -100, 100),
                Option("input_std", "float", 1.0, "standard deviation of them", 0.01, 100),
                SEED,
            ),
        ),
        DemoInfo(
            "batchnorm-modes",
            "Batch norm in training and in evaluation, and a batch of one",
            "batchnorm-train-eval",
            (
                Option("batch_size", "int", 32, "images in each batch", 2, 256),
                Option("batches", "int", 50, "batches seen in training", 1, 200),
                Option("momentum", "float", 0.1, "weight of each new batch", 0.0, 1.0),
                SEED,
            ),
            live=("batch_size",),
        ),
        DemoInfo(
            "conv-bn-relu",
            "Conv, batch norm, ReLU: why the convolution needs no bias",
            "batchnorm-placement",
            (
                Option("bias", "float", 5.0, "bias given to every channel", -100, 100),
                Option("channels", "int", 64, "output channels", 1, 256),
                SEED,
            ),
        ),
        DemoInfo(
            "dropout-mask",
            "Dropout's mask and its scaling, in training and in evaluation",
            "dropout-what",
            (
                Option("p", "float", 0.5, "probability that a value is dropped", 0.0, 0.95),
                Option("trials", "int", 3, "masks to show", 1, 10),
                SEED,
            ),
            live=("p",),
        ),
        DemoInfo(
            "dropout-modes",
            "The same input through dropout in training and in evaluation",
            "dropout-what",
            (
                Option("p", "float", 0.5, "probability that a value is dropped", 0.0, 0.95),
                Option("masks", "int", 1000, "masks to average over", 10, 100_000),
                SEED,
            ),
            live=("p",),
        ),
        DemoInfo(
            "dropout-in-a-cnn",
            "Dropout in a trained CNN: units and answers waver",
            "dropout-placement",
            (
                Option("p", "float", 0.5, "probability that a unit is dropped", 0.0, 0.9),
                Option("image", "int", 3, "test image of the digits", 0, 358),
                Option("passes", "int", 200, "masks that the image is sent through", 2, 2000),
                SEED,
            ),
        ),
        DemoInfo(
            "cifar10-numbers",
            "A data set in numbers: counts, mean, std, one image normalized",
            "cifar10",
            (
                Option(
                    "data",
                    "str",
                    "digits",
                    "a data set that is prepared",
                    choices=("digits", "mnist", "fashion-mnist", "cifar10"),
                ),
                Option("image", "int", 30, "test image to normalize", 0, 9999),
            ),
        ),
        DemoInfo(
            "augmentation",
            "One image as training shows it: shifted, partly hidden, normalized",
            "data-pipeline",
            (
                Option("image", "str", "digit", "digit, digits#17, cifar10#3 or a picture file"),
                Option(
                    "augment",
                    "str",
                    "crop",
                    "what chance may do",
                    choices=("none", "crop", "crop+flip"),
                ),
                Option("cutout", "int", 4, "side of the square that is hidden", 0, 223),
                Option("epoch", "int", 0, "epoch of the training", 0, 999_999),
                SEED,
            ),
        ),
        DemoInfo(
            "cifar10net",
            "CIFAR10Net layer by layer: parameters and multiplications",
            "modern-cnn",
            (
                Option("batch_norm", "bool", True, "batch norm after every convolution"),
                Option("width", "int", 64, "channels of the first convolution", 1, 256),
                Option("image_size", "int", 32, "side of the image, in pixels", 8, 256),
            ),
        ),
        DemoInfo(
            "training-step",
            "One training step in slow motion",
            "training-loop",
            (
                Option(
                    "optimizer",
                    "str",
                    "adam",
                    "how the weights are moved",
                    choices=("sgd", "adam", "adamw"),
                ),
                Option("lr", "float", 0.002, "learning rate", 0.000001, 1.0),
                Option("batch_size", "int", 64, "digits in the batch", 2, 512),
                SEED,
            ),
            live=("optimizer", "lr"),
        ),
        DemoInfo(
            "predictions",
            "What a network answers: right, wrong, and how sure",
            "predictions",
            (
                Option("run", "str", "last", "a finished run, or none: a small net on the spot"),
                Option("epochs", "int", 3, "epochs of the net on the spot", 1, 6),
                Option("pictures", "int", 3, "right and wrong images to show of each", 1, 9),
                Option("seed", "int", 0, "of the net on the spot", 0, 999_999),
            ),
        ),
        DemoInfo(
            "compound-scaling",
            "EfficientNet's compound scaling: a calculator, and B0 to B7",
            "efficientnet",
            (
                Option("phi", "float", 1.0, "the exponent φ", 0.0, 10.0),
                Option("alpha", "float", 1.2, "depth factor", 1.0, 2.0),
                Option("beta", "float", 1.1, "width factor", 1.0, 2.0),
                Option("gamma", "float", 1.15, "resolution factor", 1.0, 2.0),
            ),
            needs_torch=False,
        ),
        DemoInfo(
            "vit-patches",
            "The Vision Transformer's view: an image cut into patches",
            "vision-transformer",
            (
                Option("image", "str", "digit", "digit, digits#17, cifar10#3 or a picture file"),
                Option("patch_size", "int", 16, "side of a patch, in pixels", 1, 512),
                Option("image_size", "int", 224, "side to which the image is brought", 8, 1024),
            ),
        ),
        DemoInfo(
            "vit-attention",
            "Attention of a tiny trained ViT: where each head looks",
            "vision-transformer",
            (
                Option("image", "int", 7, "test image of the digits", 0, 358),
                Option("layer", "int", 2, "whose attention, of the two layers", 1, 2),
                Option("token", "int", 0, "who looks: 0 the class token, else a patch", 0, 16),
            ),
        ),
        DemoInfo(
            "which-network",
            "Which network fits a budget",
            "choosing-an-architecture",
            (
                Option("million_parameters", "float", 150.0, "at most so many", 0.01, 1000),
                Option("gmacs", "float", 40.0, "billion multiplications at most", 0.0001, 1000),
            ),
        ),
    )


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic in the chapter's order."""
    pages = [_read(path) for path in TOPICS_FOLDER.glob("*.md")]
    return tuple(sorted(pages, key=lambda topic: topic.order))


LIST = step(Action.LIST_TOPICS)


def topic(name: str) -> Topic:
    """The topic that ``name`` means: a slug, or a beginning that only one slug has.

    Raises UsageError with the nearest slug.
    """
    pages = {each.slug: each for each in topics()}
    if name in pages:
        return pages[name]
    begun = [slug for slug in pages if normalize(slug).startswith(normalize(name))]
    return pages[begun[0] if len(begun) == 1 else match(name, pages, "topic", LIST)]


def sections() -> tuple[str, ...]:
    """The chapter's sections in order."""
    return tuple(dict.fromkeys(each.section for each in topics()))


def demo_info(name: str) -> DemoInfo:
    """The demo that ``name`` means; raises UsageError with the nearest name."""
    known = {each.name: each for each in demos()}
    return known[match(name, known, "demo", step(Action.LIST_DEMOS))]


def _read(path: Path) -> Topic:
    try:
        _, matter, text = path.read_text(encoding="utf-8").split(FENCE, 2)
        fields = tomllib.loads(matter)
        return Topic(
            slug=path.stem,
            title=fields["title"],
            section=fields["section"],
            order=fields["order"],
            demos=tuple(fields.get("demos", ())),
            exercises=tuple(fields.get("exercises", ())),
            nets=tuple(fields.get("nets", ())),
            sources=tuple(fields.get("sources", ())),
            text=COMMENT_LINES.sub("", text).strip(),
            goal=fields.get("goal", ""),
            before=tuple(fields.get("before", ())),
            see=tuple(fields.get("see", ())),
        )
    except (OSError, ValueError, KeyError) as error:
        raise LabFault(
            f"The topic file {path} is damaged ({error}): install the lab again."
        ) from error
