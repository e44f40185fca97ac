"""The process that runs a learner's code, and how the judge talks to it.

``launch`` starts host and judge and is torch-free; ``host`` forks a process per
submission, in which ``service`` answers requests. ``source`` reads the file, whose
bytes alone go there. ``wire`` carries them as plain data,
``client`` is the judge's end, ``calls`` spells calls out for a message.
``confined_summary`` has a host take a network apart, and ``untrusted_records`` reads
what it tells. A submission sees ``host``, ``service``, ``wire`` and
``untrusted_records`` of this room, and no other module.
"""
