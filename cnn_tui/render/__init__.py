"""Records in, Rich renderables out: drawn once, used by the command line and the TUI.

``networks`` draws what the analyses of networks answer, ``runs`` training runs,
``pages`` what is read as a page: topics, exercises, reports; ``draw`` holds what
they are drawn with. ``pooling``, ``translation``, ``data`` and ``bench`` draw the
records of the room that they are named after.
"""
