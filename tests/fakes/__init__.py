"""Servers and clocks that tests can tell what to do."""
