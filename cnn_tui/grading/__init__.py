"""Grading: the exercises, and a checker that never trusts what it checks.

One way in: ``checker.check(exercise, path)``. It starts two processes beside
itself. The *judge* runs pytest on the hidden tests and has never run the
learner's code; the *host* runs the learner's code, confined, and answers the
judge's requests with plain data. ``dissect.summarize_file(path, name)`` asks the
same host to take a network of the learner's own apart. ``catalogue``, ``plan``,
``records``, ``source``, ``launch``, ``checker``, ``dissect`` and ``progress`` are
torch-free.
"""
