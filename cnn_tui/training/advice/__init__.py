"""Annotations that teach: what a run's numbers show, what that is called, what to try.

``adviser`` asks the rules, which are kept by what they see: ``divergence``, ``learning``,
``overfitting``, ``validation`` and ``throughput``. ``evidence`` is what they look at, ``changes``
what they suggest.
"""
