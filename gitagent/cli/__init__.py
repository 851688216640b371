"""The command line: reads arguments, asks questions and shows results. The only part that knows a terminal."""
