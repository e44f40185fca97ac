"""Looking inside: layer-by-layer summaries, pooling, and what a unit sees.

``records`` is torch-free and crosses to the front ends; ``summary.summarize``
and ``pooling.pool`` compute them.
"""
