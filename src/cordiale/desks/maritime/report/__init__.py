"""One alert on a page: a map of its track, its speed over time, what was seen, and why that is remarkable."""
