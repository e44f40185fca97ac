"""From the files of a data set to its tensors, once: then they lie in the cache.

``prepare`` is the way in. ``published`` reads data sets that ``download`` fetches,
``folder`` a folder of images that ``layout`` understands, ``listing`` has listed and ``decode``
reads with ``pictures`` and ``depths``, ``digits`` the embedded ones, ``contributed`` those of
other packages; ``older`` gives a folder as runs of older versions know it, and
``cache`` keeps what they give. ``available`` says beforehand whether a data set can
be had, and asks servers through ``probe``.
"""
