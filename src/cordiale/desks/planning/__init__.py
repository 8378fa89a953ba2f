"""What is required and what is offered: matched, proven, explained; and alerts of disaster relief in CAP. See METHOD.md."""
