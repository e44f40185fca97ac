"""Networks taken apart: layers, shapes, parameters, MACs, receptive fields, time.

``summary.summarize`` takes networks of the catalogue, ``modules.summarize_target``
any other that ``targets`` names; ``trace`` and ``shapes`` watch a forward pass,
``receptive_field`` follows what a unit sees, ``folding`` puts batch norm into the
convolution before it, ``timing`` measures layers. ``records`` and ``targets`` are
torch-free.
"""
