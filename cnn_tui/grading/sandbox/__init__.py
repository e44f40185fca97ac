"""Holding a submission: the rungs of the ladder, and what each is made of; see ``ladder``."""
