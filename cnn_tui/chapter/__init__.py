"""The chapter that the lab teaches: its topics, and demos that run.

``catalogue`` (torch-free) reads the topics from ``topics/*.md`` and knows every
demo with its parameters; ``run.run_demo(name, **parameters)`` runs one and
returns a ``records.DemoResult`` (torch-free). Each demo is one small module in
``demos/``, written to be read beside its topic.
"""
