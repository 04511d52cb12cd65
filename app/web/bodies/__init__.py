"""What is sent to the service, checked for form, whichever face it came through."""
