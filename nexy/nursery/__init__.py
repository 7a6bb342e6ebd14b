"""Concurrency: one client's nursery, the border to asyncio, signals."""
