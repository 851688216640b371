"""One agent's life: versions, draft, environments, ledger and compare."""
