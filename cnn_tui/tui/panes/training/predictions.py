"""The page with a run's predictions: on its test images, or on pictures of the user's own."""

from collections.abc import Sequence

from rich.text import Text
from textual.events import Resize
from textual.reactive import var

from cnn_tui.analysis.evaluation_records import Evaluation, Predictions
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.tui.widgets.page import Page


class PredictionsPage(Page):
    """Draws an evaluation, or ``pictures`` in its place, for another width again."""

    evaluation: var[Evaluation | None] = var(None, init=False)
    pictures: var[Predictions | None] = var(None, init=False)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.is_of_pictures = False

    def wait_for(self, run: str) -> None:
        """Say what is being evaluated."""
        self.evaluation = self.pictures = None
        self.is_of_pictures = False
        self.show(Text(f"Evaluating {run} on its test images …", QUIET))

    def wait_for_pictures(self, files: Sequence[str]) -> None:
        """Say how many pictures are being shown to the network."""
        self.pictures = None
        self.is_of_pictures = True
        count = "1 picture" if len(files) == 1 else f"{len(files):,} pictures"
        self.show(Text(f"Showing {count} to the network …", QUIET))

    def leave_pictures(self) -> bool:
        """Go back to the evaluation; False where there is none."""
        self.is_of_pictures, self.pictures = False, None
        if self.evaluation is not None:
            self._draw(from_top=True)
        return self.evaluation is not None

    def watch_evaluation(self) -> None:
        """Show what has come; what is there stays until something comes."""
        self._draw()

    def watch_pictures(self) -> None:
        """Show what the network takes them for."""
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Draw the pictures for another width."""
        super().on_resize(event)
        self._draw()

    def _draw(self, *, from_top: bool = False) -> None:
        columns = self.scrollable_content_region.width
        if self.is_of_pictures:
            if self.pictures is not None:
                from cnn_tui.render.networks.evaluation import predictions_view

                view = predictions_view(self.pictures, columns=columns, is_named=False)
                self.show(view, from_top=from_top)
        elif self.evaluation is not None:
            from cnn_tui.render.networks.evaluation import evaluation_view

            view = evaluation_view(self.evaluation, columns=columns, is_named=False)
            self.show(view, from_top=from_top)
