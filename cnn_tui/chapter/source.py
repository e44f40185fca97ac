"""The code of a demo as lesson material: its module, and what it uses of what demos share."""

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.nets.source import SourceFile, source_with

DEMOS = "cnn_tui.chapter.demos"
SHARED = f"{DEMOS}.shared"


def sources_of_demo(info: DemoInfo) -> tuple[SourceFile, ...]:
    """The files of a demo; raises UsageError where they cannot be read."""
    return source_with(f"{DEMOS}.{info.name.replace('-', '_')}", SHARED)
