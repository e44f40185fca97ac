"""The process that runs a learner's code, and how the judge talks to it.

``launch`` starts host and judge and is torch-free; ``host`` forks a process per
submission, in which ``service`` answers requests: ``module_operations`` and
``object_operations`` on the ``hosted_submission``. ``source`` reads the file, whose bytes
alone go there. ``wire`` carries them as plain data: ``wire_values``, which
``wire_writer`` writes and ``wire_reader`` reads.

``client`` is the judge's end, with ``host_control`` to start and stop, ``remote_objects``
for what stays there, and ``explanations`` and ``submission_errors`` for what goes wrong;
``calls`` spells calls out for a message. ``confined_summary`` has a host take a network
apart, and ``untrusted_records`` reads what it tells. Of this room, a submission sees what
``host`` imports, and no other module.
"""
