"""Who knocks: Slack's doors, and the views they show."""
