"""The learner at work: progress, hints, starting over, and checks as files are saved.

``status`` tells where every exercise stands, ``progress`` remembers it, ``hints`` opens
one hint after another, ``reset`` brings the starter back, ``versions`` adds what an older
file lacks, ``difference`` compares with the solution, ``watch`` sees files change. All of
it is torch-free.
"""
