"""The notifier: tells in Slack what the tables say, in order, at Slack's pace, once.

Cards and take messages are rendered from state when they are sent. Posts are looked for by their
mark before they are repeated; an outcome is an edit of a known `ts`, so repeating it is harmless.
"""
