"""Speed and memory, measured from another process over a real socket."""
