"""What Block Kit takes: its blocks and elements as tables, and the checks they are written with."""
