"""What an operator, an auditor or an administrator can do; one function is one unit of work."""
