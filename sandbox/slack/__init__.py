"""A local Slack: Web API, files, signed HTTP delivery, Socket Mode, modals, interactivity.

Every strict rule names where Slack says so; rules without a firm source say "(?)".
"""
