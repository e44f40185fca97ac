"""Known mistakes, and how the judge recognizes them: one file per exercise.

After a check has failed, the judge asks the submission once more, on inputs chosen so
that no two mistakes give the same answers (``probes``). The mistake whose answers all
agree with the submission's is named in the check's message. It decides no verdict. Each
file has ``PROBES``: check → what is asked after it failed. Only the judge imports this room.
"""
