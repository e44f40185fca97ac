"""The probes that call one function of a submission."""

from cnn_tui.grading.misconceptions.probes import FunctionProbe, probes_of
from tests.grading.claims import CLAIMS


def function_probes() -> list[FunctionProbe]:
    """Those of all exercises, each once."""
    tables = map(probes_of, CLAIMS)
    probes = {id(probe): probe for table in tables for each in table.values() for probe in each}
    return [each for each in probes.values() if isinstance(each, FunctionProbe)]
