"""The five panes, and what only one of them shows.

``catalogue`` names them without importing them; each is a subclass of ``pane.Pane``.
``topic_text``, ``topic_side`` and ``demo_panel`` are parts of ``topics``, ``study_page``
of ``training``.
"""
