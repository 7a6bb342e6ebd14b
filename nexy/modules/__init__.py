"""The nine modules: each a promise (its face) and ways to keep it (its providers)."""
