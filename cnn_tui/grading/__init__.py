"""Grading: the exercises, and a checker that never trusts what it checks.

One way in: ``checker.check(exercise, path)``, or a ``checker.Checker`` where more
than one file is checked. Two processes run beside it. The one of ``judge`` runs
pytest on the hidden tests of ``exercises`` and has never run the learner's code; the host of
``isolation`` runs the learner's code, held by ``sandbox``, and answers the judge's
requests with plain data. ``misconceptions`` name the known mistake behind a check that
failed. Hidden tests are written with ``checks``, by teachers with
``testing``. ``classroom`` has a whole class checked, ``formats`` writes reports for
other tools, ``learner`` serves the learner at work.

Only what runs in one of the two processes imports torch: ``checks``, ``misconceptions``,
``judge`` without ``plan``, the hidden tests, and of ``isolation`` what talks over the ``wire``.
"""
