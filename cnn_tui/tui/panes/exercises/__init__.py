"""The Exercises pane: where you stand, and what the hidden tests say.

``state`` holds what is known of each exercise and what is shown of it; ``view``
and ``pages`` draw that, ``pane`` follows the keys, and ``check_runner`` runs the checks
and watches the learner's files.
"""
