"""A connection's file and what is kept beside it: state, catalog, status, one run at a time."""
