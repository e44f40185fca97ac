"""Numbers that bound what the commands of grading take, apart from records: help needs no more."""

MAX_SEED = 2**32 - 1
LEAST_ALIKE = 0.5
"""A share of common code above which two files are alike: more than independent right solutions
of the lab's exercises share, of which some are short."""
