"""The lab for notebooks and scripts: what ``import cnn_tui as lab`` offers.

Each function does what the command of its name does, and answers with a result:
the record of the room that did the work, which also shows itself, as a table or a
picture in a notebook (``_repr_html_``), with ``rich.print`` and with ``print``.
Importing a module of this package costs no torch; it comes with the first call
that needs it. Errors are LabErrors whose message is one sentence.
"""
