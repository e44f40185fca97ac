"""The page with a run's predictions on its test images."""

from rich.text import Text
from textual.events import Resize
from textual.reactive import var

from cnn_tui.analysis.evaluation_records import Evaluation
from cnn_tui.tui.widgets.page import Page


class PredictionsPage(Page):
    """Draws an evaluation, for another width again."""

    evaluation: var[Evaluation | None] = var(None, init=False)

    def wait_for(self, run: str) -> None:
        """Say what is being judged."""
        self.evaluation = None
        self.show(Text(f"Judging {run} on its test images …", style="dim"))

    def watch_evaluation(self) -> None:
        """Show what has come; what is there stays until something comes."""
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Draw the pictures for another width."""
        super().on_resize(event)
        self._draw()

    def _draw(self) -> None:
        if self.evaluation is not None:
            from cnn_tui.render.networks.evaluation import evaluation_view

            columns = self.scrollable_content_region.width
            self.show(evaluation_view(self.evaluation, columns=columns), from_top=False)
