"""Grading: the exercises, and a checker that never trusts what it checks.

One way in: ``checker.check(exercise, path)``, or a ``checker.Checker`` where more
than one file is checked. Two processes run beside it. The *judge* runs pytest on
the hidden tests and has never run the learner's code; the *host* runs the
learner's code, held by ``sandbox``, and answers the judge's requests with plain
data. ``classroom.grade`` has a whole class checked, ``formats`` writes reports for
other tools, and ``dissect.summarize_file(path, name)`` asks a host to take a
network of the learner's own apart. ``hints``, ``progress``, ``reset``,
``difference``, ``standing`` and ``watch`` serve the learner at work.

Only what runs in one of the two processes imports torch: ``host``, ``service``,
``judge``, ``plugin``, ``client``, ``wire``, ``weights``, ``adam``, ``testing``
and the hidden tests.
"""
