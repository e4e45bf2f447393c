"""What people see: Block Kit from domain nouns. Pure; imports domain (and `handlers.ids`) only."""
