"""The five panes, and what only one of them shows.

``catalogue`` names them without importing them; each is a subclass of ``pane.Pane`` in a
folder of its own, beside its state, its keys and what it shows. ``demo_panel`` is a part
of ``topics``.
"""
