"""Bytes, frames and messages that are wrong in every way, sent to a real server."""
