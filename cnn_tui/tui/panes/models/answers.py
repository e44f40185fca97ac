"""What the Models pane asks of the engine, which is asked once where that will do."""

from pathlib import Path

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.gradients.shipped import DEPTHS
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.nets.source import looked_up, refuse_missing
from cnn_tui.nets.specs import parse
from cnn_tui.tui.panes.models.state import MAPS_SHOWN, ModelsState, Question

OF_INPUTS = frozenset({"input_shape", "batch", "no_batch"})
"""What an error is about that other inputs would mend."""


class NetAnswers:
    """Summaries and gradients are kept; of feature maps, the last."""

    def __init__(self, engine: Engine, workspace: Path | None) -> None:
        self.seen: Activations | None = None
        self.gradients: tuple[GradientFlow, ...] | None = None
        self._engine = engine
        self.workspace = workspace
        self._summaries: dict[Question, NetSummary] = {}

    def known(self, question: Question) -> NetSummary | None:
        """A summary, unless it has to be computed."""
        known = self._summaries.get(question)
        if known is None:
            known = self._engine.at_once("summarize", **question._asdict())
            if known is not None:
                self._summaries[question] = known
        return known

    async def summary(self, question: Question) -> NetSummary:
        """The layers of a network."""
        known = self.known(question)
        if known is None:
            await in_background(refuse_missing, parse(question.target))
            known = await self._engine.run("summarize", **question._asdict())
            self._summaries[question] = known
        return known

    async def try_out(self, target: str) -> str:
        """Analyze a network again, whatever is known of it; raises LabError where that fails.

        One that only lacks the shape of its input will do: that can be given later. Returns
        the target, with the path of a file that was found in the workspace.
        """
        spec = await in_background(looked_up, parse(target), self.workspace)
        question = Question(str(spec) if spec.is_own else target, None, timed=False)
        self._summaries.pop(question, None)
        try:
            await self.summary(question)
        except UsageError as error:
            if not OF_INPUTS.intersection(error.fields):
                raise
        return question.target

    async def flow(self) -> tuple[GradientFlow, ...]:
        """The norm of the gradient by depth."""
        if self.gradients is None:
            self.gradients = await self._engine.run("gradients", depths=DEPTHS)
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
            workspace=self.workspace,
        )
        return self.seen

    def forget_target(self, keep: str = "") -> None:
        """Another network is looked at; all modules of the learner's but ``keep`` may be others."""
        self.seen = None
        self._summaries = {
            asked: summary
            for asked, summary in self._summaries.items()
            if asked.target == keep or not parse(asked.target).is_own
        }
