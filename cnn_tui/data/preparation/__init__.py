"""From the files of a data set to its tensors, once: then they lie in the cache.

``prepare`` is the way in. ``published`` reads data sets that ``download`` fetches,
``folder`` a folder of images that ``listing`` has listed and ``decode`` reads with
``pictures``, ``digits`` the embedded ones, ``contributed`` those of other packages;
``cache`` keeps what they give. ``available`` says beforehand whether a data set can
be had, and asks servers through ``probe``.
"""
