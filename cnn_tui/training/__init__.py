"""Training runs: what is asked for, where it is kept, and the process that does it.

``config`` says what a run is asked to do, ``defaults`` and ``recipes`` with which
defaults, ``config_checks`` what cannot be used, ``config_json`` how it is kept, ``records``
what it reports, ``advice`` what its numbers show. ``store`` keeps runs in a workspace,
``process`` starts and ends their processes, ``loop`` trains, ``device`` finds out what
it trains on, ``studies`` compares several runs. All but ``loop``, ``device`` and the
process itself is torch-free: a front end starts, follows and stops runs with nothing
else. ``worker`` is the name by which scripts start the process of a run.
"""
