"""The page of the Models pane: networks from one side."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.engine.threads import in_background
from cnn_tui.nets.catalogue import all_nets, timeline
from cnn_tui.nets.specs import parse
from cnn_tui.render.networks.activations import activations_view
from cnn_tui.render.networks.compare import net_comparison
from cnn_tui.render.networks.receptive_field import receptive_field_table
from cnn_tui.render.networks.summary import net_card, net_choice, net_list, net_summary
from cnn_tui.tui.background import later
from cnn_tui.tui.panes.models.answers import NetAnswers
from cnn_tui.tui.panes.models.state import ModelsState
from cnn_tui.tui.widgets.page import Page

LONG = 200
"""Modules from which a table is laid out beside the event loop."""
ONLY_KNOWN_NETS = (
    "Feature maps are shown of the lab's own networks and of your runs, not of other modules. "
    "Press l for the layers."
)
PATIENCE = 0.5
"""Seconds after which a page says that it is being worked on."""


class NetPage(Page):
    """Shows what a state says, as soon as the engine has answered."""

    def __init__(self, answers: NetAnswers) -> None:
        super().__init__(id="net-page")
        self._answers = answers
        self._state = ModelsState()

    async def look(self, state: ModelsState, marked: Sequence[str]) -> None:
        """Show a network, or those that are marked, from one side."""
        self._state = state
        if state.view == "compare":
            await self._show_comparison(state, marked)
        else:
            views = {
                "layers": self._show_layers,
                "field": self._show_field,
                "activations": self._show_activations,
                "gradients": self._show_gradients,
                "timeline": self._show_timeline,
            }
            await views[state.view](state)

    def on_page_resized(self, message: Page.Resized) -> None:
        """Draw pictures and curves anew for another width."""
        if self._state.view == "activations":
            self._draw_activations()
        elif self._state.view == "gradients":
            self._draw_gradients()

    async def _show_layers(self, state: ModelsState) -> None:
        spec, question = parse(state.target), state.question(state.target)
        card = _own_card if spec.is_own else partial(net_card, spec.info)
        if self._answers.known(question) is None:
            self.show(card())
        summary = await self._answers.summary(question)
        table = net_summary(summary, state.depth, unfold=state.unfold)
        self.show(card(table), long=len(summary.modules) > LONG)

    async def _show_field(self, state: ModelsState) -> None:
        summary = await self._answers.summary(state.question(state.target))
        self.show(receptive_field_table(summary), long=len(summary.modules) > LONG)

    async def _show_comparison(self, state: ModelsState, marked: Sequence[str]) -> None:
        summaries = [await self._answers.summary(state.question(each)) for each in marked]
        self.show(net_comparison(summaries))

    async def _show_gradients(self, state: ModelsState) -> None:
        if self._answers.gradients is None:
            self.show(Text("Measuring gradients at six depths …", style="dim"))
            await in_background(
                import_module, "cnn_tui.render.networks.gradients"
            )  # brings plotext
            await self._answers.flow()
        self._draw_gradients()

    def _draw_gradients(self) -> None:
        from cnn_tui.render.networks.gradients import gradient_view

        if self._answers.gradients is not None:
            width = self.scrollable_content_region.width
            colour = not self.app.console.no_color
            self.show(gradient_view(self._answers.gradients, width=width, colour=colour))

    async def _show_timeline(self, state: ModelsState) -> None:
        self.show(
            Group(
                Text("The evolution", style="bold"),
                net_list(timeline()),
                Text("\nWhich one should I use?", style="bold"),
                net_choice(all_nets()),
            )
        )

    async def _show_activations(self, state: ModelsState) -> None:
        if parse(state.target).is_own:
            self.show(Text(ONLY_KNOWN_NETS))
            return
        running = Text(f"Running {state.runs_on_image} on an image …", style="dim")
        waiting = later(self, PATIENCE, partial(self.show, running))
        try:
            await self._answers.feature_maps(state)
        finally:
            waiting.stop()
        self._draw_activations()

    def _draw_activations(self) -> None:
        if self._answers.seen is not None:
            columns = self.scrollable_content_region.width
            self.show(activations_view(self._answers.seen, columns=columns))


def _own_card(summary: RenderableType | None = None) -> RenderableType:
    return summary or Text("Taking it apart …", style="dim")
