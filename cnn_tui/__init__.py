"""cnn-lab: a terminal lab for learning convolutional networks hands-on.

Each sub-package is a room with one job. Dependencies point one way:
``tui, cli → render → engine, bench, doctor → chapter, grading → analysis → training →
nets, data → workspace, names → errors``.
"""

__version__ = "0.1.0"
