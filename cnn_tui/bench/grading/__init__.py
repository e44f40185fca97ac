"""The benchmarks of grading: ``checks`` of one file, and a ``classroom`` of made-up learners."""
