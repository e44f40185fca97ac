"""What a submission gets in place of what a check cannot give it, so that its file still loads.

Packages that only draw or report accept every call where they are not installed,
progress bars yield what they go over, ``torch.compile`` runs eagerly, and a
``DataLoader`` reads without worker processes. All of it runs beside the learner's
code, which may change any of it, so no verdict rests on it; the judge hears which
of ``remarks.REMARKS`` hold, and nothing else.
"""
