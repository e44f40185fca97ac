"""Networks on a page: summaries, comparisons, receptive fields, gradients, activations.

``layer_table`` is the table that ``summary`` and ``compare`` share; ``evaluation``
draws what a trained network makes of images.
"""
