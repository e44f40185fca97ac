"""The process of a run: how it is started, watched, stopped, and what it does first and last.

``launcher`` starts runs and ``requirements`` says which it refuses, both torch-free;
``worker`` is the process, ``execute`` what it does, ``supervise`` starts one process per
device, ``series`` trains runs one after another, ``failures`` turns what ended a run into
a sentence.
"""
