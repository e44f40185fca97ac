"""What the next keys of the Topics pane need: loaded late, it would hold the first of them up."""

from importlib import import_module

MODULES = (
    "cnn_tui.tui.dialogs.help",
    "cnn_tui.tui.panes.demo_form",
    "cnn_tui.tui.dialogs.choice",
    "cnn_tui.tui.dialogs.search",
    "cnn_tui.tui.dialogs.glossary",
    "cnn_tui.render.pages.demo",
    "cnn_tui.render.pages.prediction",
)
WORDS = "pooling"


def warm_up() -> None:
    """Load the dialogs, the texts that are searched, and the glossary."""
    from cnn_tui.chapter.catalogue import topics
    from cnn_tui.chapter.glossary import terms_of
    from cnn_tui.chapter.search import search

    for module in MODULES:
        import_module(module)
    search(WORDS)
    terms_of(topics()[0])
