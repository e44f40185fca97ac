"""The networks of the chapter, one file each, and their catalogue.

``catalogue`` is torch-free, and so are the ``records`` and ``entries`` that it is
made of. ``nets.build.build(name, …)`` is the one way to make a network; the files
beside it read top to bottom like the paper's figure.
"""
