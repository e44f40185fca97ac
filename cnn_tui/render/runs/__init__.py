"""Training runs: the table of all of them, one in a few lines, and its curves.

``history`` holds a run's numbers in columns, ``panels`` says what can be drawn from
them, ``headline`` is a run in a few lines, ``training`` puts both together;
``watched`` is a run as it is followed, ``experiment`` several of them compared.
"""
