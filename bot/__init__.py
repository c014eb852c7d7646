"""Every door of the product (Slack, pages, the terminal), the sandbox and demo, and where all parts are joined."""
