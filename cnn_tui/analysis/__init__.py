"""Looking inside: layers summed up, pooling, what a unit sees, gradients, activations.

``records`` is torch-free and crosses to the front ends; ``summary.summarize``,
``pooling.pool``, ``gradients.gradient_flow`` and ``activations.activations``
compute them. ``modules.summarize_target`` takes networks apart that the catalogue
does not know; ``timing.measured`` adds how long each layer takes.
"""
