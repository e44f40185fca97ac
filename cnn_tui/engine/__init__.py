"""A warm process with torch inside, for front ends that must not import torch.

``Engine.run("summarize", target="vgg16")`` runs a job of ``jobs`` in a process
forked from one that has torch loaded, and answers with the job's record.
"""
