"""One module for each command, named like it, imported only when the command is typed."""
