"""Nexy: the server of a voice assistant for people who listen."""

__version__ = "0.1.0"
