"""Records in, Rich renderables out: drawn once, used by the command line and the TUI."""
