"""nexy loadtest: users who speak, listen, interrupt and think, and what they met."""
