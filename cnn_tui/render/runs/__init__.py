"""Training runs: the table of all of them, one in a few lines or live, and its curves.

``history`` holds a run's numbers in columns, ``panels`` says what can be drawn from
them, ``headline`` is a run in a few lines, ``training`` puts both together. ``live`` prints
what a run records as it comes, ``watched`` draws one as it is followed; ``experiment`` is
several of them compared.
"""
