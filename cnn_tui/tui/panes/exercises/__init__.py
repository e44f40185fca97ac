"""The Exercises pane: where you stand, and what the hidden tests say.

``state`` holds what is known of each exercise and what is shown of it; ``pane``
follows the keys, asks for checks and watches the learner's files.
"""
