"""The sample fleet's agents that are written in Python."""
