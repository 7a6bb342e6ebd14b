"""Stand-ins for services on the network, on real sockets of this machine."""
