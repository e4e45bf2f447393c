"""kill."""
