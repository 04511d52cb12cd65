"""The REST API: routes that parse, make one call, and answer."""
