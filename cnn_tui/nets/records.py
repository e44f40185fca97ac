"""What the lab knows about a network and the choices it offers; torch-free."""

from dataclasses import dataclass

OptionValue = bool | int | float | str
"""What an option of a network can be set to."""


@dataclass(frozen=True)
class NetOption:
    """One thing that can be chosen when a network is built.

    ``kind`` is bool, int, float or str; a str is one of ``choices``, a number
    lies from ``low`` to ``high``. ``in_training`` is what a training run uses
    unless it is told otherwise (None: the default).
    """

    name: str
    kind: str
    default: OptionValue
    help: str
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    in_training: OptionValue | None = None


@dataclass(frozen=True)
class NetInfo:
    """One network: where it comes from, what it changed, what it eats, what it costs.

    ``parameters`` counts the net at its native input with ``num_classes``
    outputs and default options; ``macs`` are the multiply-accumulates of its
    convolutions, fully connected layers and attention for one such image.
    ``min_image_size`` is the smallest side that it can train on, and
    ``small_image_size`` the one to which a run enlarges smaller images, so that
    something is left to learn from. ``family`` is the step of the evolution
    that it belongs to, such as VGG. ``multiple_of`` names the option, if any, of
    which the image's side must be a multiple.
    """

    name: str
    title: str
    year: int
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
    options: tuple[NetOption, ...] = ()
    multiple_of: str = ""

    @property
    def defaults(self) -> dict[str, OptionValue]:
        """Every option's default, by name."""
        return {option.name: option.default for option in self.options}

    @property
    def training_options(self) -> dict[str, OptionValue]:
        """The options that a training run sets unless it is told otherwise."""
        return {
            option.name: option.in_training
            for option in self.options
            if option.in_training is not None
        }
