"""Studies: the chapter's comparisons, each as several runs of several arms with several seeds.

``catalogue`` says what there is, ``plan`` which runs a study is made of, ``conduct``
trains those that are missing, and ``results`` tells what their numbers show. All
of it is torch-free: the runs are trained in a process of their own.
"""
