"""The lab's own speed, measured beside its references in one run."""
