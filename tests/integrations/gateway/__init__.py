"""The gateway in simulated time: trio-websocket's own client at the other end of streams in memory."""
