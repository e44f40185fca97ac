"""The Training pane: the runs of the workspace, and the curves of one of them, live.

``store_reader`` reads the run store, ``state`` holds what it said, ``pane`` follows
the keys, and ``detail`` draws; ``predictions`` and ``study_page`` take the place of
the curves.
"""
