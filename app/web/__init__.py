"""The HTTP faces: they translate in and out, call the services, and hold no rule."""
