"""What the lab knows about a network and the choices it offers; torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnn_tui.options import Option, OptionValue

BATCH_NORM = "batch_norm"
"""The option that turns batch normalization on and off, in networks that have it."""

WEIGHTS = "IMAGENET1K_V1"
"""What torchvision calls the weights whose accuracy the catalogue has."""


@dataclass(frozen=True)
class ImageNetAccuracy:
    """Accuracy on ImageNet's validation images, one crop each, as torchvision publishes it.

    ``crop`` is the side of that crop; ``recipe`` says in torchvision's words how its
    ``weights`` came about, and ``recipe_url`` where to read it.
    """

    top1_percent: float
    crop: int
    recipe: str
    recipe_url: str
    weights: str = WEIGHTS


@dataclass(frozen=True)
class NetInfo:
    """One network: where it comes from, what it changed, what it eats, what it costs.

    ``year`` is its paper's; a network that the lab made after one has none.
    ``accuracy`` is what was published of trained weights of this very network.

    ``build`` is where its class or function is, as ``package.module:name``; it
    takes ``num_classes``, ``in_channels``, ``image_size``, the ``options`` and
    ``fixed``. ``source`` is the module with its layers, where ``build`` only calls
    another package. ``parameters`` counts the net at its native input with
    ``num_classes`` outputs and default options; ``macs`` are the
    multiply-accumulates of its convolutions, fully connected layers and attention
    for one such image. ``min_image_size`` is the smallest side that it can train
    on, and ``small_image_size`` the one to which a run enlarges smaller images, so
    that something is left to learn from. ``family`` is the step of the evolution
    that it belongs to, such as VGG; ``is_milestone`` says that it stands for that
    step. ``multiple_of`` names the option, if any, of which the image's side must
    be a multiple.

    Training asks for the rest: ``in_training`` are options that a run sets unless
    it is given others; ``needs_small_lr`` that, without batch normalization, a
    larger learning rate throws it off; ``fast_recipe`` what ``--recipe fast`` sets
    for it beside the recipe's own values (None: the recipe is not made for it);
    ``digits_recipe`` what suits it better than the defaults on the digits.
    """

    name: str
    title: str
    year: int | None
    authors: str
    paper: str
    family: str
    idea: str
    changed: str
    use_when: str
    in_channels: int
    image_size: int
    min_image_size: int
    small_image_size: int
    num_classes: int
    parameters: int
    macs: int
    build: str
    source: str = ""
    fixed: Mapping[str, OptionValue] = field(default_factory=dict, hash=False)
    options: tuple[Option, ...] = ()
    multiple_of: str = ""
    is_milestone: bool = False
    has_dropout: bool = False
    has_batch_norm: bool = False
    needs_small_lr: bool = False
    in_training: Mapping[str, OptionValue] = field(default_factory=dict, hash=False)
    fast_recipe: Mapping[str, OptionValue] | None = field(default=None, hash=False)
    digits_recipe: Mapping[str, OptionValue] = field(default_factory=dict, hash=False)
    accuracy: ImageNetAccuracy | None = None

    @property
    def defaults(self) -> dict[str, OptionValue]:
        """Every option's default, by name."""
        return {each.name: each.default for each in self.options if each.default is not None}
