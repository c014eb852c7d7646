"""The surfaces on which a card or a form is drawn: Slack's blocks, HTML, plain text. None reads what another drew."""
