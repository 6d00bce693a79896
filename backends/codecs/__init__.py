"""Ways to make vectors smaller: one protocol, a table of methods, one module a family."""
