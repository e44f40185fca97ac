"""How signals and gradients fare with depth, and how networks are scaled.

``flow.gradient_flow`` measures what reaches the input through stacks of blocks,
``depths`` reads which depths to stack, ``scaling`` is EfficientNet's compound
scaling; ``records``, ``depths`` and ``scaling`` are torch-free.
"""
