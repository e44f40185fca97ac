"""How a run is named where a network or an image could stand: ``run:NAME``; torch-free."""

RUN_PREFIX = "run:"


def run_in(spec: str) -> str | None:
    """The name of the run that ``spec`` means; None where it means anything else."""
    return spec[len(RUN_PREFIX) :] if spec.casefold().startswith(RUN_PREFIX) else None
