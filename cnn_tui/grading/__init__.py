"""Grading: the exercises, and a checker that never trusts what it checks.

One way in: ``checker.check(exercise, path)``. It starts two processes beside
itself. The *judge* runs pytest on the hidden tests and has never run the
learner's code; the *host* runs the learner's code, confined, and answers the
judge's requests with plain data. ``catalogue``, ``plan``, ``records``,
``source``, ``launch``, ``checker`` and ``progress`` are torch-free.
"""
