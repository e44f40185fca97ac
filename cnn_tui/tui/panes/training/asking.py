"""What the Training pane asks for and then shows: pictures for a run's network, a data report."""

from collections.abc import Sequence

from cnn_tui.analysis.images import picture_files
from cnn_tui.data.catalogue import parse
from cnn_tui.engine.threads import in_background
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.training.acting import ActingPane

ANY_FILES = "Picture files of any size, such as ~/cat.jpg or photos/*.png; spaces between several."
ANY_DATA = "digits, mnist, fashion-mnist, cifar10, or folder:PATH with one folder per class."
ASK_FILES, ASK_DATA = "Which pictures?", "Report on which data set?"
FIRST_DATA = "digits"
PREDICT_SECONDS = 120.0
REPORT_SECONDS = 1800.0
"""Every image of a large folder is opened."""


class AskingPane(ActingPane):
    """Shows pages that answer what was typed into a prompt."""

    def action_ask_files(self) -> None:
        """Ask for picture files, and show what the run's network takes them for."""
        run = self.selected
        if run is None:
            return

        async def use(line: str) -> None:
            self._show_pictures(run, await in_background(picture_files, line))

        prompt = PromptScreen(ASK_FILES, ANY_FILES, drafts=self.drafts, use=use)
        self.ask(prompt, lambda line: None)

    def action_ask_data(self) -> None:
        """Ask for a data set, that of the run first, and show what it holds."""
        run = self._detail.of_run
        given = FIRST_DATA if run is None or run.config is None else str(run.config.data)

        def take(line: str) -> None:
            if line:
                self.report_on(line)

        self.ask(PromptScreen(ASK_DATA, ANY_DATA, given, drafts=self.drafts, check=parse), take)

    def report_on(self, data: str) -> None:
        """Show what the data set of that name holds."""
        self.leave_pages()
        self.mode = "data"
        name = str(parse(data))
        self._detail.data_report.wait_for(name)
        self._detail.watch_mode()
        self.open_page(self._detail.data_report)
        self.start(self._report(name), "data-report", page="data-report")

    def leave_pages(self) -> None:
        """Wait no longer for what the pages that are left have asked for."""
        for group in ("judge", "files", "data-report"):
            self.workers.cancel_group(self, group)
        self._detail.study.leave()
        self._detail.log_page.leave()

    def _show_pictures(self, run: str, files: Sequence[str]) -> None:
        self._detail.predictions.wait_for_pictures(files)
        self.open_page(self._detail.predictions)
        self.start(self._predict(run, files), "files", page="run-judged")

    async def _predict(self, run: str, files: Sequence[str]) -> None:
        assert self.workspace is not None
        self._detail.predictions.pictures = await self.engine.run(
            "predict",
            seconds=PREDICT_SECONDS,
            run=run,
            images=tuple(files),
            workspace=self.workspace.root,
        )

    async def _report(self, data: str) -> None:
        self._detail.data_report.report = await self.engine.run(
            "data_report", seconds=REPORT_SECONDS, data=data
        )
