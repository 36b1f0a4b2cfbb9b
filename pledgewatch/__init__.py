"""The entry point: command line, settings, wiring."""
