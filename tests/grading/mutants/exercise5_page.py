"""More wrong variants of exercise 5, three architectures, written from its task page alone."""

from tests.grading.mutants.mutant import mutants_of

mutant = mutants_of("exercise5")

MUTANTS = (
    mutant(
        "parameters are counted by name only",
        "count_parameters",
        "    return sum(each.numel() for each in net.parameters() if each.requires_grad)\n",
        "    return sum(p.numel() for name, p in net.named_parameters() if "
        "p.requires_grad and name.rpartition('.')[2] in ('weight', 'bias'))\n",
    ),
)
