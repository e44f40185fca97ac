"""The process that judges: pytest on hidden tests, and never the learner's code.

``verdict`` is the process, ``plugin`` the pytest plugin that gives tests their
submission and tells results, ``misuse`` says whose mistake it is that a test broke: it
follows values to their ``origins``, along the ``bindings`` of names. ``plan`` reads what a
file of hidden tests checks, without running it, and is torch-free.
"""
