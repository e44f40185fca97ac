"""Which network the Models pane shows, and from which side: values, free of any widget."""

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.networks.costs import CostSettings
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.nets.catalogue import all_nets

NetView = Literal["layers", "field", "costs", "activations", "compare", "gradients", "timeline"]
"""The sides from which networks are looked at."""

OF_ONE_NET: tuple[NetView, ...] = ("layers", "field", "costs", "activations")
"""Views that follow the cursor in the list."""

VIEWS_OF_ACTION: dict[str, tuple[NetView, ...]] = {
    "step_depth": ("layers", "costs"),
    "step_layer": ("activations",),
    "step_channel": ("activations",),
    "unfold": ("layers", "costs"),
    "toggle_time": ("layers",),
    "ask_input": ("layers", "field", "costs", "compare"),
    "ask_device": ("costs",),
    "ask_image": ("activations",),
    "next_weights": ("activations",),
}
"""Actions that make sense in some of the views only."""

MAPS_SHOWN = 24
"""Feature maps on one page, which scrolls."""


class Question(NamedTuple):
    """What is asked of the engine, and so what an answer belongs to."""

    target: str
    inputs: NetInputs | None
    timed: bool
    memory: bool = False


@dataclass(frozen=True)
class ModelsState:
    """What is looked at.

    ``layer`` and ``channel`` choose feature maps, None for the list of layers;
    ``image`` and ``weights`` are what runs and on what, None for the usual.
    ``costs`` are on what they are
    estimated. ``has_source`` says whether the source was asked for, or was closed; None where a
    wide terminal decides.
    """

    view: NetView = "layers"
    target: str = field(default_factory=lambda: all_nets()[0].name)
    inputs: NetInputs | None = None
    timed: bool = False
    costs: CostSettings = field(default_factory=CostSettings)
    depth: int | None = None
    unfold: bool = False
    layer: str | None = None
    channel: int = 0
    image: str | None = None
    weights: str | None = None
    has_source: bool | None = None

    @property
    def runs_on_image(self) -> str:
        """The network or run whose feature maps are shown."""
        return self.weights or self.target

    def question(self, target: str) -> Question:
        """What there is to ask about a network; times are measured where they are shown."""
        timed = self.timed and self.view == "layers"
        return Question(target, self.inputs, timed, memory=self.view == "costs")

    def of(self, target: str) -> "ModelsState":
        """Another network, from the same side where that shows one network."""
        return replace(
            self,
            view=self.view if self.view in OF_ONE_NET else "layers",
            target=target,
            inputs=None,
            layer=None,
            channel=0,
            weights=None,
        )

    def deeper(self, step: int, summary: NetSummary) -> "ModelsState":
        """Modules that are nested deeper, or less deeply."""
        if not summary.modules:
            return self
        deepest = max(module.depth for module in summary.modules) + 1
        return replace(self, depth=min(max((self.depth or deepest) + step, 1), deepest))

    def at_layer(self, step: int, seen: Activations) -> "ModelsState":
        """The layer after the one shown, or with -1 before; before the first, the list."""
        layers = (None, *seen.layers)
        place = min(max(layers.index(self.layer) + step, 0), len(layers) - 1)
        return replace(self, layer=layers[place], channel=0)

    def at_channel(self, step: int, seen: Activations) -> "ModelsState":
        """The feature maps after those that are shown, or with -1 before."""
        channel = self.channel + step * MAPS_SHOWN
        if self.layer is None or not 0 <= channel < seen.channels:
            return self
        return replace(self, channel=channel)
