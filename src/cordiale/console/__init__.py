"""The console: pages on loopback for the person whose agent runs. It holds no key and no store; it asks the agent's socket."""
