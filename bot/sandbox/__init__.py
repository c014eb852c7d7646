"""A small Slack on one machine: Web API, signed deliveries and a page, reached only over HTTP."""
