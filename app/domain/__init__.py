"""Pure rules: what a runbook is, what may happen next, what a journal proves. No clock, no SQL, no HTTP."""
