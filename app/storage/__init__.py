"""Storage: the only package that says SQL, and the writer thread that is the one place where events are committed."""
