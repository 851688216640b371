"""Routes: what answers each endpoint."""
