"""Which panes there are; each one's module is imported on its first visit."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnn_tui.tui.pane import Pane


@dataclass(frozen=True)
class PaneInfo:
    """One pane: its title in the strip, what it is for, and ``module:class`` in this package."""

    title: str
    about: str
    where: str

    @property
    def id(self) -> str:
        """The pane's id in the app."""
        return self.title.lower()

    def load(self) -> "type[Pane]":
        """The pane's class."""
        module, _, name = self.where.partition(":")
        kind: type[Pane] = getattr(import_module(f"cnn_tui.tui.{module}"), name)
        return kind


PANES: tuple[PaneInfo, ...] = (
    PaneInfo(
        "Topics",
        "Read the chapter and run its demos beside the text.",
        "topics:TopicsPane",
    ),
    PaneInfo(
        "Models",
        "Take a network apart: for each layer its output shape, parameters, "
        "multiply-accumulates (MACs) and receptive field.",
        "models:ModelsPane",
    ),
    PaneInfo(
        "Pooling",
        "See what pooling keeps: walk the window over a map and follow the arithmetic of "
        "each output cell.",
        "pooling:PoolingPane",
    ),
    PaneInfo(
        "Training",
        "Train networks and watch their curves. A run is a process of its own: "
        "it goes on when you leave the lab.",
        "training:TrainingPane",
    ),
    PaneInfo(
        "Exercises",
        "Solve the chapter's exercises in your own editor and check them against hidden tests. "
        "Your file runs in a process of its own, with limits.",
        "exercises:ExercisesPane",
    ),
)
