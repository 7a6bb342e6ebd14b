"""The steps from an older schema to this one, each once, in order."""
