"""Grading a class: what was handed in, who grades it, and what comes of it; see ``grade``."""
