"""What holds for all tests, before any of them is read."""

import os

# grpcio's hooks around fork() crash a child of a process in which calls are running.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
