"""The room of the panes: one of them is seen, and each is built on its first visit."""

import asyncio
from collections.abc import Mapping

from textual.widgets import ContentSwitcher

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.workspace import Workspace


class PaneSwitcher(ContentSwitcher):
    """Begins with the first pane."""

    def __init__(self, engine: Engine, workspace: Workspace | None) -> None:
        self._engine = engine
        self._workspace = workspace
        self._opening = asyncio.Lock()
        self.prepared: Mapping[str, object] = {}
        """What the panes show first, by their ids; it is read once the app is painted."""
        super().__init__(self._make(0), id="panes", initial=PANES[0].id)

    @property
    def pane(self) -> Pane:
        """The open pane."""
        shown = self.visible_content
        assert isinstance(shown, Pane)
        return shown

    async def open(self, index: int) -> None:
        """Show pane ``index``, counted from 0."""
        info = PANES[index]
        async with self._opening:  # a key and the palette may ask for the same pane
            if not self.query(f"#{info.id}"):
                await in_background(info.load)  # up to a tenth of a second of imports
                await self.add_content(self._make(index))
            self.current = info.id

    def set_workspace(self, workspace: Workspace) -> None:
        """Work in ``workspace`` from now on, in all panes."""
        self._workspace, self.prepared = workspace, {}
        for pane in self.query(Pane):
            pane.workspace = workspace
            pane.workspace_made()

    def close(self) -> None:
        """End what the panes keep beside the app."""
        for pane in self.query(Pane):
            pane.close()

    def _make(self, index: int) -> Pane:
        info = PANES[index]
        pane = info.load()(info, self._engine, self._workspace)
        pane.prepared = self.prepared.get(info.id)
        return pane
