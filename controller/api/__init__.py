"""The controller's HTTP side: JSON, server-sent events, and the pages."""
