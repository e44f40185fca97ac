"""Dialogs over a pane: questions, choices, forms, the search and the help.

Each answers once and is a subclass of ``dialog.Dialog``.
"""
