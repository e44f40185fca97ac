"""A warm process with torch inside, for front ends that must not import torch.

``Engine.run("activations", net="lenet5")`` runs a job of ``jobs`` in a process
forked from one that has torch loaded, and answers with the job's record. What needs
no torch is answered without: ``without_torch`` knows. ``Engine.state`` says how far
it is.
"""
