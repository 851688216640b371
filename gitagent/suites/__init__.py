"""An agent's suites as tests of pytest: collected by a plugin, played by a responder, held against what is expected."""
