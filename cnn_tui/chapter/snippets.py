"""The code of a topic: its Python blocks, and the program that they make together.

The blocks of one page build on each other in the order in which they stand there. Joined,
they are a program that runs as it is: the first block that needs torch imports it.
"""

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.chapter.page import FENCED

LANGUAGE = "python"
EXCERPT = "excerpt"
"""The language of a block that quotes the lab's own code: Python, but not of the program."""


def snippets(page: Topic) -> tuple[str, ...]:
    """The page's blocks of Python from top to bottom; most pages have one or two."""
    return tuple(block for language, block in FENCED.findall(page.text) if language == LANGUAGE)


def program(page: Topic) -> str:
    """All of the page's code as one file, which says what it is; "" for a page without code."""
    blocks = snippets(page)
    if not blocks:
        return ""
    heading = f'"""The code of the topic "{page.title}" ({page.slug}), to change and to run."""\n'
    return "\n".join((heading, *blocks))
