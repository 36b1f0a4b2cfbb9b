"""The analysts' web pages and JSON API."""
