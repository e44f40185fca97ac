"""Holding a submission: the levels of the sandbox, and what each is made of; see ``levels``."""
