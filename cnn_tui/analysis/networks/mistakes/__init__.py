"""Likely mistakes of a learner, read from one watched run of a network.

``find.find_notes`` looks at the calls of the run and at the module tree, and answers a
``NetNote`` for each kind of mistake; what holds in evaluation alone (an auxiliary classifier
that runs in training, say) is none. ``advice`` says what to do about a run that failed.
"""
