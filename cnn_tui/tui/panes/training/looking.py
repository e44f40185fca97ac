"""The Training pane's microscope: the inside of the network of the run under the cursor."""

from cnn_tui.training.store.folder import RunFolder
from cnn_tui.tui.panes.training.asking import AskingPane
from cnn_tui.tui.panes.training.curves_pane import NO_RUN
from cnn_tui.tui.panes.training.microscope_page import MicroscopePage

OF_MICROSCOPE = frozenset({"inspect", "quantity"})
"""What makes sense only under the microscope."""


class LookingPane(AskingPane):
    """Looks inside the network of a run, as it was recorded while it learned."""

    def action_microscope(self) -> None:
        """Show the inside of the network of the run under the cursor, or go back to its curves."""
        if self.mode == "microscope":
            self._microscope.is_of_layer = False
            self.action_back()
        elif self.selected is None or self.workspace is None:
            self.say(NO_RUN)
        else:
            self.leave_pages()
            self.mode = "microscope"
            run = self._detail.of_run
            is_off = run is not None and run.config is not None and run.config.inspect == 0
            folder = RunFolder(self.workspace.runs / self.selected)
            self._microscope.open(folder, is_running=self._is_running, is_off=is_off)
            self.open_page(self._microscope)

    def action_inspect(self, by: int) -> None:
        """Show the snapshot before or behind the one that is shown."""
        told = self._microscope.move(by)
        if told:
            self.say(told)

    def action_quantity(self) -> None:
        """Show another quantity of the layers."""
        self._microscope.next_quantity()

    def leave_pages(self) -> None:
        """Look inside no longer, and wait for nothing."""
        super().leave_pages()
        self._microscope.leave()

    @property
    def _microscope(self) -> MicroscopePage:
        return self._detail.microscope

    @property
    def _is_running(self) -> bool:
        return self._status is not None and self._status.state == "running"
