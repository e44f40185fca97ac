"""What the Models pane asks of the engine, which is asked once where that will do."""

from pathlib import Path

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.engine.process import Engine
from cnn_tui.nets.specs import parse
from cnn_tui.tui.panes.models.state import MAPS_SHOWN, ModelsState, Question

GRADIENT_DEPTHS = (2, 4, 8, 16, 32, 64)


class NetAnswers:
    """Summaries and gradients are kept; of feature maps, the last."""

    def __init__(self, engine: Engine, workspace: Path | None) -> None:
        self.seen: Activations | None = None
        self.gradients: tuple[GradientFlow, ...] | None = None
        self._engine = engine
        self._workspace = workspace
        self._summaries: dict[Question, NetSummary] = {}

    def known(self, question: Question) -> NetSummary | None:
        """A summary, unless it has to be asked for."""
        return self._summaries.get(question)

    async def summary(self, question: Question) -> NetSummary:
        """The layers of a network."""
        if question not in self._summaries:
            self._summaries[question] = await self._engine.run("summarize", **question._asdict())
        return self._summaries[question]

    async def flow(self) -> tuple[GradientFlow, ...]:
        """The norm of the gradient by depth."""
        if self.gradients is None:
            self.gradients = await self._engine.run("gradients", depths=GRADIENT_DEPTHS)
        return self.gradients

    async def feature_maps(self, state: ModelsState) -> Activations:
        """What a network makes of an image."""
        self.seen = await self._engine.run(
            "activations",
            net=state.runs_on_image,
            layer=state.layer,
            channel=state.channel,
            most_maps=MAPS_SHOWN,
            image=state.image,
            workspace=self._workspace,
        )
        return self.seen

    def forget_target(self) -> None:
        """Another network is looked at; modules of the learner's own may have changed."""
        self.seen = None
        self._summaries = {
            asked: summary
            for asked, summary in self._summaries.items()
            if not parse(asked.target).is_own
        }
