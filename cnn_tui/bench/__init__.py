"""The lab's own speed, measured beside its references in one run.

``catalogue`` says what there is and what it should keep to. ``startup``, ``summary`` and
``store`` are one benchmark each, ``training`` and ``grading`` the larger ones. They share
``turns``, ``supervise`` and ``terminal``, and report ``records`` that ``estimate`` judges.
"""
