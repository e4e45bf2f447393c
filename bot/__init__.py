"""What runs: settings, composition root, loops, web server, command line."""
