"""The offers there are, one module for each gateway's API: data, not code."""
